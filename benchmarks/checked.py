"""8. Messages in a channel with checks on: Entente's door against a bare Bolt app."""

import random

from benchmarks import databases
from benchmarks.load import Measured, measure
from benchmarks.made_up import make_forms
from benchmarks.report import Ratio, Report
from benchmarks.seed import World
from benchmarks.serve_bolt import bolt
from benchmarks.serve_entente import entente
from benchmarks.stub_slack import stub_slack
from benchmarks.turned_away import CONNECTIONS, ROUNDS, Medians
from bot.db.engine import Database
from bot.features.glossary import changing
from bot.features.glossary.changing import Wording
from bot.features.glossary.consents import Mode
from bot.features.glossary.models import CheckConsent, FormKind
from bot.people.viewer import get_viewers

TERMS = 1_000
DISCOURAGED = 10
"""One term of so many has a word to be avoided, which the author would be told about."""


def run() -> Report:
    """Measure."""
    report = Report(
        name="checked",
        title="Messages in a channel with checks on",
        how="The same messages, in a channel whose managers agreed to the glossary's checks: each "
        f"is searched for {TERMS:,} terms and for acronyms that nobody has defined, and none "
        "deserves a hint. Against the same bare Bolt app, which does nothing with them; medians of "
        "five rounds, taken in turn.",
        columns=("Server", "Connections", "Requests a second", "p50 ms", "p99 ms", "Failed"),
    )
    with stub_slack() as slack, databases.sqlite() as address:
        database = Database(address)
        _switch_on(World(database))
        database.close()
        with entente(address, slack) as ours, bolt(slack) as theirs:
            for connections in CONNECTIONS:
                _compare(report, ours, theirs, connections)
    return report


def _switch_on(world: World) -> None:
    """A glossary, and its manager's yes to checks in the channel."""
    with world.database.write() as session:
        (viewer,) = get_viewers(session, world.account)
        for number, form in enumerate(make_forms(random.Random(TERMS), TERMS)):
            avoided = [] if number % DISCOURAGED else [f"{form} thing"]
            wording = Wording(
                name=form, meaning=f"Meaning {number}", forms={FormKind.DISCOURAGED: avoided}
            )
            changing.add(session, viewer, wording, now=world.moment)
        session.add(
            CheckConsent(
                channel_id=world.channel,
                partner_id=world.partner,
                member_id=world.member,
                mode=Mode.PRIVATE,
                given_at=world.moment,
            )
        )


def _compare(report: Report, ours: int, theirs: int, connections: int) -> None:
    found: dict[int, list[Measured]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for port in (ours, theirs):
            found[port].append(measure(port, connections=connections))
    us, them = Medians.of(found[ours]), Medians.of(found[theirs])
    report.rows.append(("Entente", str(connections), *us.cells()))
    report.rows.append(("Bolt", str(connections), *them.cells()))
    what = f"Requests a second with checks on, Entente / Bolt, {connections} connections"
    report.ratios.append(Ratio(what=what, value=us.rate / them.rate, aim=2.5))
