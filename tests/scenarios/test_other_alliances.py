"""Two alliances in one workspace: nobody gets at the other one's things, whatever they send.

Everything that features register is tried, so a new feature is covered from its first day.
"""

import json
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as sqlmodel_select
from structlog.testing import capture_logs

from bot.core.ids import new_id
from bot.db.table import Table
from bot.dispatch.feature import Needs
from bot.people.models import Account, Invitation, Member, Partner, Role, RoleKind
from bot.people.viewer import Viewer, get_viewers
from bot.statements import proposals, voices
from bot.statements.models import RemarkKind, Statement
from tests.fakes.slack import Channel, FakeSlack, Response, User, View
from tests.fakes.slack.forms import values_of
from tests.harness import Bot
from tests.scenarios.forging import forge_change, forge_press, forge_submission
from tests.scenarios.furnishing import furnish

Json = dict[str, Any]
Rows = dict[str, list[tuple[object, ...]]]

MANIFOLD = ("versions", "decisions", "decision_tasks", "terms")
"""Tables of which each row is tried: they differ in what can be done with them."""

LEAVES_TRACES = {"seen_events", "accounts", "lanes", "deliveries"}
"""Tables in which an answer, or having been here, may leave a row."""

OPENED_BY_A_CODE = {"join.form"}
"""Forms that open for whoever said the code, and for nobody of the alliance itself."""

MEMBERS_MAY = {
    "term.form",
    "term.agree",
    "term.agree_many",
    "term.dispute",
    "term.retire",
    "meaning.form",
    "decisions.capture",
    "decisions.first_words",
    "onboarding.reach",
}
"""What any member may do in their own alliance: propose a term, put a meaning to the partners,
answer what a word means, capture a decision, find better words for one that is no more than a
draft, ask to be introduced."""

SECRETS = (
    "Zephyr",
    "Quillon",
    "Ottilie",
    "Hesper",
    "zephyr-steering",
    "a lantern in every harbour",
    "bring the blue ledger",
)
"""Words that stand only in the first alliance: names of it, its partners, people, and texts."""


@dataclass
class Side:
    """One alliance: its manager, its channel."""

    manager: User
    channel: Channel


@dataclass
class Stage:
    slack: FakeSlack
    bot: Bot
    theirs: Side
    ours: Side
    member: User
    outsider: User
    lobby: Channel
    logged: Sequence[MutableMapping[str, Any]]
    invited: User | None = None
    ids: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seen: dict[str, set[str]] = field(default_factory=dict)

    # Forged requests, signed by Slack all the same

    def presses(self, user: User, action: str, value: str, channel: Channel) -> Response:
        return forge_press(self.slack, user, action, value, channel)

    def submits(self, user: User, form: "Opened", context: Json, values: Json) -> Response:
        return forge_submission(self.slack, user, form.name, form.blocks, context, values)

    def changes(self, user: User, form: "Opened", context: Json, values: Json) -> Response:
        return forge_change(self.slack, user, form.name, form.blocks, context, values)

    # What came of them

    def shown_to(self, user: User) -> str:
        """Everything that the bot ever let a person see."""
        slack = self.slack
        messages = [*slack.ephemerals(user=user), *slack.dms(user)]
        mine = [c for c in slack.world.channels.values() if user.id in c.members and not c.is_im]
        messages += [m for channel in mine for m in slack.messages(channel) if m.by_bot]
        views = [v for v in slack.world.views.values() if v.user == user.id]
        home = slack.home(user)
        answers = [
            answer.body
            for answer in slack.deliveries
            if user.id in json.dumps(answer.delivery.payload)[:20_000]
        ]
        shown = [slack.text_of(m) + str(m.blocks) for m in messages]
        shown += [slack.text_of(v) + str(v.payload) for v in [*views, *([home] if home else [])]]
        return "\n".join([*shown, *answers])

    def counts(self) -> dict[tuple[str, str], int]:
        return dict(self.bot.entente.dispatcher.counts.by_outcome)

    def rows(self) -> Rows:
        return self.bot.read(read_rows)

    def their_rows(self) -> Rows:
        """The rows that belong to the first alliance."""
        theirs = {each for ids in self.ids.values() for each in ids}
        return self.bot.read(lambda session: read_rows(session, theirs))

    @contextmanager
    def refuses(self, kind: str) -> Iterator[list[Response]]:
        """All that is sent within is refused in words, and changes nothing."""
        rows, counts = self.rows(), self.counts()
        answers: list[Response] = []
        yield answers
        self.bot.settle()
        assert [answer.status for answer in answers] == [200] * len(answers)
        grown = {key: n - counts.get(key, 0) for key, n in self.counts().items()}
        assert {key: n for key, n in grown.items() if n} == {(kind, "refused"): len(answers)}
        assert self.rows() == rows


@dataclass(frozen=True)
class Opened:
    """A form as its rightful owner sees it."""

    name: str
    value: str
    blocks: list[Json]
    values: Json
    context: Json


def read_rows(session: Session, ids: Iterable[str] | None = None) -> Rows:
    """All rows that have none of the traces; with `ids`, those that point at one of them."""
    found: Rows = {}
    for table in Table.metadata.sorted_tables:
        if table.name in LEAVES_TRACES:
            continue
        names = [c.name for c in table.columns]
        pointing = [i for i, n in enumerate(names) if n in {"id", "subject"} or n.endswith("_id")]
        rows = [tuple(row) for row in session.execute(select(table))]
        if ids is not None:
            rows = [r for r in rows if any(each in str(r[i]) for i in pointing for each in ids)]
        found[table.name] = sorted(rows, key=repr)
    return found


def set_up(slack: FakeSlack, bot: Bot, side: Side, name: str, partners: tuple[str, str]) -> None:
    manager, channel = side.manager, side.channel
    manager.slash("/alliance", "setup", channel=channel)
    (form,) = slack.views(manager)
    manager.submits(form, name=name, own_partner=partners[0], other_partners=partners[1])
    manager.closes(form)
    manager.slash("/alliance", "link", channel=channel)
    bot.settle()


@pytest.fixture
def stage(database_url, clock):
    with capture_logs() as logged, FakeSlack() as slack:
        acme = slack.team("Acme")
        with Bot(database_url, slack, clock) as bot:
            ottilie = slack.user("Ottilie", team=acme)
            hesper = slack.user("Hesper", team=acme)
            ben = slack.user("Ben", team=acme)
            olga = slack.user("Olga", team=acme)
            ivo = slack.user("Ivo", team=acme)
            theirs = Side(
                ottilie, slack.channel("zephyr-steering", team=acme, members=[ottilie, hesper])
            )
            ours = Side(ben, slack.channel("marlow-steering", team=acme, members=[ben]))
            lobby = slack.channel("lobby", team=acme, members=[ben, olga, ivo, hesper])
            set_up(slack, bot, theirs, "Zephyr Pact", ("Zephyr North", "Quillon"))
            set_up(slack, bot, ours, "Marlow Ring", ("Marlow East", "Marlow West"))
            hesper.says(theirs.channel, "<@BOT> help")
            for words in (
                "north star set “a lantern in every harbour”",
                "charter import\n# Scope\n\nbring the blue ledger",
                "remind add “bring the blue ledger” every monday 09:00",
            ):
                ottilie.slash("/alliance", words, channel=theirs.channel)
            ottilie.presses(slack.ephemerals(user=ottilie)[-1], "remind.add")
            for somebody in (olga, ivo):
                somebody.slash("/alliance", "help", channel=lobby)
            bot.settle()
            with bot.entente.database.write() as session:
                ottilies = put_to_partners(session, now=clock())
                invite_third(session, ottilies, ivo, now=clock())
                furnish(
                    session, ottilies, colleague="Hesper", text="bring the blue ledger", now=clock()
                )
            made = Stage(slack, bot, theirs, ours, hesper, olga, lobby, logged, ivo)
            made.ids, made.notes = bot.read(collect_ids), bot.read(collect_notes)
            made.seen = collect_values(made)
            yield made
            bot.settle()
            assert slack.strict_errors == []
            assert [k for k, n in made.counts().items() if k[1] == "failed" and n] == []
            assert not any(secret in str(line) for line in logged for secret in SECRETS)


def put_to_partners(session: Session, *, now: datetime) -> Viewer:
    """In the first alliance Quillon joins; each side puts a wording to the other, and Quillon says
    something to Ottilie's. Answers Ottilie as viewer."""
    tables = Table.metadata.tables
    accounts = tables["accounts"]
    (account,) = session.execute(
        select(accounts.c.id).where(accounts.c.name == "Ottilie")
    ).scalars()
    (ottilie,) = get_viewers(session, account)
    quillon = session.exec(sqlmodel_select(Partner).where(col(Partner.name) == "Quillon")).one()
    quillon.joined_at = now
    member = Member(
        alliance_id=ottilie.alliance_id, partner_id=quillon.id, name="Quentin", joined_at=now
    )
    session.add_all([quillon, member])
    session.flush()
    theirs = replace(
        ottilie,
        account_id="",
        member_id=member.id,
        member_name="Quentin",
        partner_id=quillon.id,
        partner_name="Quillon",
    )
    session.add(
        Role(
            alliance_id=ottilie.alliance_id,
            partner_id=quillon.id,
            member_id=member.id,
            kind=RoleKind.MANAGER,
            since=now,
        )
    )
    session.flush()
    proposals.propose(
        session, theirs, "north_star", text="a lantern in every harbour, lit", now=now
    )
    own = proposals.propose(
        session, ottilie, "charter", subject="/scope", text="bring the blue ledger", now=now
    )
    statement = session.get_one(Statement, own.statement_id)
    voices.remark(session, theirs, own, statement, kind=RemarkKind.QUESTION, note="Why?", now=now)
    return ottilie


def invite_third(session: Session, viewer: Viewer, user: User, *, now: datetime) -> None:
    """A third partner is asked in, and somebody who is in no alliance has said the code."""
    account = session.exec(
        sqlmodel_select(Account).where(col(Account.external_id) == user.id)
    ).one()
    partner = Partner(alliance_id=viewer.alliance_id, name="Quillon South")
    session.add(partner)
    session.flush()
    session.add(
        Invitation(
            alliance_id=viewer.alliance_id,
            partner_id=partner.id,
            member_id=viewer.member_id,
            account_id=account.id,
            shares_workspace=True,
            name="Quillon South",
            code_hash="0" * 64,
            created_at=now,
            expires_at=now + timedelta(days=7),
        )
    )
    session.flush()


def collect_notes(session: Session) -> list[str]:
    """The numbers of the notes that newcomers of the first alliance got."""
    table = Table.metadata.tables["onboarding_steps"]
    return [str(each) for each in session.execute(select(table.c.id)).scalars()]


def collect_ids(session: Session) -> dict[str, list[str]]:
    """The ids of everything that belongs to the first alliance, by table."""
    tables = Table.metadata.tables
    first = session.execute(
        select(tables["alliances"].c.id).where(tables["alliances"].c.name == "Zephyr Pact")
    ).scalar_one()
    found = {"alliances": [str(first)]}
    for table in Table.metadata.sorted_tables:
        if "alliance_id" in table.columns and "id" in table.columns and table.name != "deliveries":
            query = select(table.c.id).where(table.c.alliance_id == first)
            ids = [str(each) for each in session.execute(query).scalars()]
            # Numbers would be found everywhere: only what nobody could have typed by chance.
            found[table.name] = [each for each in ids if len(each) == 24]
    statements = found["statements"]
    versions = tables["versions"]
    query = select(versions.c.id).where(versions.c.statement_id.in_(statements))
    found["versions"] = list(session.execute(query).scalars())
    found["remarks"] = list(session.execute(select(tables["remarks"].c.id)).scalars())
    return {name: ids for name, ids in found.items() if ids}


def collect_values(stage: Stage) -> dict[str, set[str]]:
    """The values of the buttons that the first alliance's manager gets to see, by action: those
    of whatever only shows something, and of what those in turn show."""
    manager, channel = stage.theirs.manager, stage.theirs.channel
    registry = stage.bot.entente.dispatcher.registry
    for command in registry.commands.values():
        if command.reads:
            manager.slash("/alliance", command.phrase, channel=channel)
            for view in stage.slack.views(manager):
                manager.closes(view)
    manager.opens_home()
    stage.bot.settle()
    opening: dict[str, set[str]] = {}
    for action, values in read_values(stage, manager).items():
        if action in registry.buttons and registry.buttons[action].reads:
            stage.presses(manager, action, min(values), channel)
            for view in stage.slack.views(manager):
                opening.setdefault(view.callback_id, set()).add(min(values))
                manager.closes(view)
    stage.bot.settle()
    seen = read_values(stage, manager)
    return {
        action: seen.get(action, set()) | opening.get(action, set()) for action in seen | opening
    }


def read_values(stage: Stage, user: User) -> dict[str, set[str]]:
    """The values of all buttons and menus in front of a person, by action."""
    home = stage.slack.home(user)
    shown = [message.blocks for message in stage.slack.ephemerals(user=user)]
    seen: dict[str, set[str]] = {}
    for block in [b for blocks in (*shown, home.blocks if home else []) for b in blocks]:
        for element in block.get("elements", []):
            for each in (element, *element.get("options", ())):
                if element.get("action_id") and each.get("value"):
                    seen.setdefault(element["action_id"].split("~")[0], set()).add(each["value"])
    return seen


def every_value(stage: Stage, action: str) -> list[str]:
    """What could name a thing of the first alliance in a button, its own real values included."""
    (alliance,) = stage.ids["alliances"]
    named = [ids[0] for ids in stage.ids.values()] + stage.notes
    named += [each for table in MANIFOLD for each in stage.ids[table]]
    named += [f"remark:{each}" for each in stage.ids["remarks"]]
    seen = sorted(stage.seen.get(action, ()))
    return list(
        dict.fromkeys([*named, f"new:{alliance}", json.dumps({"alliance": alliance}), *seen])
    )


def open_forms(stage: Stage) -> list[Opened]:
    """Every form that the first alliance's manager can open, for whatever value opens it; and what
    opens for somebody who was asked in."""
    opened: list[Opened] = []
    for name in stage.bot.entente.dispatcher.registry.forms:
        owner, channel = stage.theirs.manager, stage.theirs.channel
        if name in OPENED_BY_A_CODE:
            assert stage.invited is not None
            owner, channel = stage.invited, stage.lobby
        for value in every_value(stage, name):
            opened += open_form(stage, owner, channel, name, value)
    return opened


def open_form(stage: Stage, owner: User, channel: Channel, name: str, value: str) -> list[Opened]:
    """What a value opens for somebody, if anything; closed again."""
    before = {view.id for view in stage.slack.views(owner)}
    stage.presses(owner, name, value, channel)
    shown = [view for view in stage.slack.views(owner) if view.id not in before]
    for view in shown:
        owner.closes(view)
    return [_as_opened(name, value, view) for view in shown]


def _as_opened(name: str, value: str, view: View) -> Opened:
    values = values_of(view.blocks, view.entered)
    metadata = json.loads(view.private_metadata or "{}")
    return Opened(name, value, view.blocks, values, metadata)


def intruders(stage: Stage) -> list[tuple[User, Channel]]:
    return [
        (stage.ours.manager, stage.ours.channel),
        (stage.outsider, stage.lobby),
    ]


def test_the_stage_has_something_to_hide(stage):
    assert set(stage.ids) >= {
        "alliances",
        "partners",
        "members",
        "channels",
        "reminders",
        "statements",
        "versions",
    }
    shown = stage.shown_to(stage.theirs.manager)
    assert [secret for secret in SECRETS if secret not in shown] == []


def test_no_button_reaches_into_another_alliance(stage):
    registry = stage.bot.entente.dispatcher.registry
    for user, channel in intruders(stage):
        for action in registry.buttons:
            with stage.refuses("ButtonPressed") as answers:
                for value in every_value(stage, action):
                    answers.append(stage.presses(user, action, value, channel))
    assert_kept_secret(stage)
    assert any(line["event"] == "refused: not a member" for line in stage.logged)


def test_no_form_opens_for_another_alliance(stage):
    registry = stage.bot.entente.dispatcher.registry
    for user, channel in intruders(stage):
        for name in registry.forms:
            with stage.refuses("ButtonPressed") as answers:
                for value in every_value(stage, name):
                    if value.startswith(("{", "[")):
                        continue
                    answers.append(stage.presses(user, name, value, channel))
        assert stage.slack.views(user) == []
    assert_kept_secret(stage)


def test_no_form_of_another_alliance_can_be_sent_off_or_kept_open(stage):
    forms = open_forms(stage)
    opened = {form.name for form in forms}
    assert opened == set(stage.bot.entente.dispatcher.registry.forms)
    own = stage.bot.read(lambda session: own_alliance(session, "Marlow Ring"))
    for user in (stage.ours.manager, stage.outsider):
        for form in forms:
            contexts = [form.context]
            if any(value and key != "alliance" for key, value in form.context.items()):
                contexts.append({**form.context, "alliance": own})
            with stage.refuses("FormSubmitted") as answers:
                for context in contexts:
                    answers.append(stage.submits(user, form, context, form.values))
            assert {answer.json["response_action"] for answer in answers} <= {"errors", "update"}
            rows = stage.rows()
            for context in contexts:
                assert stage.changes(user, form, context, form.values).status == 200
            stage.bot.settle()
            assert stage.rows() == rows
    assert_kept_secret(stage)


def own_alliance(session: Session, name: str) -> str:
    table = Table.metadata.tables["alliances"]
    return str(session.execute(select(table.c.id).where(table.c.name == name)).scalar_one())


def test_things_of_another_alliance_cannot_be_put_into_ones_own(stage):
    own = stage.bot.read(lambda session: own_alliance(session, "Marlow Ring"))
    plan = {
        "alliance": own,
        "kind": "text",
        "cadence": "every monday 09:00",
        "channels": [],
        "members": [],
        "text": "hello",
        "zone": "Europe/Berlin",
        "on_holiday": "shift",
    }
    ben, channel = stage.ours.manager, stage.ours.channel
    with stage.refuses("ButtonPressed") as answers:
        for key, table in (("channels", "channels"), ("members", "members")):
            for each in stage.ids[table]:
                value = json.dumps({**plan, key: [each]})
                answers.append(stage.presses(ben, "remind.add", value, channel))
    assert_kept_secret(stage)


def test_no_command_reaches_into_another_alliance(stage):
    registry = stage.bot.entente.dispatcher.registry
    before = stage.their_rows()
    assert before["reminders"]
    assert before["versions"]
    named = [stage.ids["reminders"][0], stage.ids["partners"][0], "“Zephyr Pact”"]
    for user, channel in intruders(stage):
        for phrase in registry.commands:
            for name in named:
                answer = user.slash("/alliance", f"{phrase} {name}", channel=channel)
                assert answer.status == 200
                for view in stage.slack.views(user):
                    user.closes(view)
    stage.bot.settle()
    assert stage.their_rows() == before
    assert_kept_secret(stage, typed=("Zephyr",))


def test_no_mention_or_direct_message_reaches_into_another_alliance(stage):
    before = stage.their_rows()
    named = stage.ids["reminders"][0]
    phrases = list(stage.bot.entente.dispatcher.registry.commands)
    for phrase in phrases:
        stage.ours.manager.says(stage.ours.channel, f"<@BOT> {phrase} {named}")
        # Slack adds no names to channels in messages: one that is shown is a leak.
        stage.ours.manager.dm(f"{phrase} {stage.theirs.channel.mention}")
        stage.outsider.dm(f"{phrase} {stage.theirs.channel.mention}")
    stage.bot.settle()
    assert stage.their_rows() == before
    assert_kept_secret(stage)


def test_an_outsider_is_told_in_words_that_they_are_in_no_alliance(stage):
    for phrase, command in stage.bot.entente.dispatcher.registry.commands.items():
        if command.needs == Needs.NOTHING:
            continue
        before = len(stage.slack.ephemerals(user=stage.outsider))
        stage.outsider.slash("/alliance", phrase, channel=stage.lobby)
        said = stage.slack.ephemerals(user=stage.outsider)
        assert len(said) == before + 1, phrase
        assert stage.slack.text_of(said[-1]).strip(), phrase


def test_the_home_view_shows_ones_own_alliance_alone(stage):
    for user in (stage.ours.manager, stage.outsider):
        assert user.opens_home().status == 200
    stage.bot.settle()
    assert "Marlow Ring" in stage.slack.text_of(stage.slack.home(stage.ours.manager))
    assert "Marlow" not in stage.slack.text_of(stage.slack.home(stage.outsider))
    assert_kept_secret(stage)


def test_what_exists_elsewhere_and_what_exists_nowhere_are_told_alike(stage):
    registry = stage.bot.entente.dispatcher.registry
    ben, channel = stage.ours.manager, stage.ours.channel
    nowhere = new_id()

    def said(action: str, value: str) -> str:
        stage.presses(ben, action, value, channel)
        stage.bot.settle()
        return stage.slack.text_of(stage.slack.ephemerals(user=ben)[-1])

    for action in (*registry.buttons, *registry.forms):
        expected = said(action, nowhere)
        for table, ids in stage.ids.items():
            for each in ids if table in MANIFOLD else ids[:1]:
                assert said(action, each) == expected, f"{action} tells that {table} exist"


def test_a_plain_member_cannot_do_what_managers_do(stage):
    registry = stage.bot.entente.dispatcher.registry
    hesper, channel = stage.member, stage.theirs.channel
    managers = [c for c in registry.commands.values() if c.needs == Needs.MANAGER]
    assert managers
    with stage.refuses("CommandInvoked") as answers:
        for command in managers:
            for rest in ("", " 1", f" {channel.mention}", " x every monday 09:00"):
                answers.append(
                    hesper.slash("/alliance", f"{command.phrase}{rest}", channel=channel)
                )
    (alliance,), reminders = stage.ids["alliances"], stage.ids["reminders"]
    values = [alliance, f"new:{alliance}", *reminders, json.dumps({"alliance": alliance})]
    buttons = [f"remind.{verb}" for verb in ("add", "pause", "resume", "remove", "slower", "keep")]
    with stage.refuses("ButtonPressed") as answers:
        for action in sorted({*buttons, *registry.forms} - MEMBERS_MAY):
            for value in values:
                answers.append(stage.presses(hesper, action, value, channel))
    forms = open_forms(stage)
    with stage.refuses("FormSubmitted") as answers:
        for form in forms:
            if form.name not in MEMBERS_MAY:
                answers.append(stage.submits(hesper, form, form.context, form.values))
    refusals = [
        stage.slack.text_of(m) for m in stage.slack.ephemerals(user=hesper) if "Only" in m.text
    ]
    assert any("Only alliance managers can do this" in text for text in refusals)


ODD = "👩‍👩‍👧‍👦 '; DROP TABLE alliances; -- <!channel> <@U0> <http://x|y> *_~`&amp;<>"
HOSTILE = {
    "long": "word " * 2_000,
    "odd": f"{ODD} {{0}} {{alliance}} %s \x01\x1b[31m\x7f\u202e\u200b\ufeff",
    "json": '{"alliance": {"x": []}, "kind": []}',
    "nul": "a\0b\0",
    "nul in json": '{"alliance": "a\\u0000b"}',
    "number": "9" * 400,
    "blank": " \n\t\u00a0\u2003 ",
}


def test_hostile_values_get_a_clear_answer(stage):
    """From a manager, for whom nothing is refused before the value itself is read."""
    forms = {(form.name, *filter(None, form.context)): form for form in open_forms(stage)}
    before = stage.bot.read(lambda session: len(read_rows(session)["alliances"]))
    troubles = []
    for name, hostile in HOSTILE.items():
        failed, strict = failures(stage), len(stage.slack.strict_errors)
        for what, answer in hostile_requests(stage, hostile, forms.values()):
            if answer.status != 200 or failures(stage) != failed:
                troubles.append(f"{name} in {what}: {answer.status} {answer.body[:80]}")
                failed = failures(stage)
        stage.bot.settle()
        troubles += [f"{name}: {blame}" for blame in stage.slack.strict_errors[strict:]]
    assert troubles == [], "\n".join(troubles)
    assert stage.bot.read(lambda session: len(read_rows(session)["alliances"])) >= before


def failures(stage: Stage) -> int:
    return sum(n for (_, outcome), n in stage.counts().items() if outcome == "failed")


def hostile_requests(
    stage: Stage, hostile: str, forms: Iterable[Opened]
) -> Iterator[tuple[str, Response]]:
    """A value everywhere that one can stand; each request with what it was."""
    registry = stage.bot.entente.dispatcher.registry
    ottilie, channel = stage.theirs.manager, stage.theirs.channel
    for phrase in ("", *registry.commands):
        yield phrase, ottilie.slash("/alliance", f"{phrase} {hostile}", channel=channel)
        for view in stage.slack.views(ottilie):
            ottilie.closes(view)
    (alliance,) = stage.ids["alliances"]
    plan = {"kind": "text", "cadence": "every monday 09:00", "members": [], "on_holiday": "shift"}
    plan |= {"alliance": alliance, "channels": stage.ids["channels"], "text": "t", "zone": "UTC"}
    for action in (*registry.buttons, *registry.forms):
        yield action, stage.presses(ottilie, action, hostile, channel)
    for key, present in plan.items():
        forged = json.dumps({**plan, key: [hostile] if isinstance(present, list) else hostile})
        yield f"a plan's {key}", stage.presses(ottilie, "remind.add", forged, channel)
    for form in forms:
        everywhere = {name: typed(inputs, hostile) for name, inputs in form.values.items()}
        yield f"{form.name} open", stage.changes(ottilie, form, form.context, everywhere)
        for name in form.values:
            values = {**form.values, name: everywhere[name]}
            what = f"{form.name} {name}"
            yield what, stage.submits(ottilie, form, form.context, values)
        for key in form.context:
            context = {**form.context, key: hostile}
            what = f"{form.name} context {key}"
            yield what, stage.changes(ottilie, form, context, form.values)
            yield what, stage.submits(ottilie, form, context, form.values)


def typed(inputs: Json, hostile: str) -> Json:
    """The state of one block with something else in it."""
    changed = {}
    for name, element in inputs.items():
        match element.get("type"):
            case "checkboxes" | "multi_static_select":
                changed[name] = {**element, "selected_options": [{"value": hostile}]}
            case "multi_users_select":
                changed[name] = {**element, "selected_users": [hostile[:80]]}
            case "static_select" | "radio_buttons":
                changed[name] = {**element, "selected_option": {"value": hostile}}
            case "datepicker":
                changed[name] = {**element, "selected_date": hostile}
            case "timepicker":
                changed[name] = {**element, "selected_time": hostile}
            case _:
                changed[name] = {**element, "value": hostile}
    return changed


def assert_kept_secret(stage: Stage, typed: Sequence[str] = ()) -> None:
    """Neither the other alliance's manager nor the outsider has seen any of the secrets."""
    for user in (stage.ours.manager, stage.outsider):
        shown = stage.shown_to(user)
        leaked = [s for s in SECRETS if s in shown and s not in typed]
        where = [line[:300] for line in shown.splitlines() if leaked and leaked[0] in line]
        assert leaked == [], f"{user.name} has seen {leaked}: {where[:3]}"
