"""The words that a newcomer reads first."""

from sqlmodel import select

from bot.core.views import Fields
from bot.db.engine import Database
from bot.features.glossary import changing
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import Term, TermStatus
from bot.features.glossary.sections import FOR_NEWCOMERS, render_step
from tests.bot.statements.test_proposals import join
from tests.builders import make_alliance
from tests.harness import MONDAY


def test_ten_at_most_contested_first_and_those_of_her_own_side_before_others(
    database: Database,
) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        jonas = join(session, ana)["Borealis"]
        for number in range(FOR_NEWCOMERS):
            wording = Wording(name=f"Agreed {number}", meaning="this", is_shared=True)
            changing.add(session, ana, wording, now=MONDAY)
        for viewer, name in ((jonas, "Alpha"), (ana, "Zeta")):
            changing.add(
                session, viewer, Wording(name=name, meaning="that", is_shared=True), now=MONDAY
            )
        for term in session.exec(select(Term)).all():
            is_agreed = term.name.startswith("Agreed")
            term.status = TermStatus.AGREED if is_agreed else TermStatus.CONTESTED
            session.add(term)
    with database.read() as session:
        fields = next(b for b in render_step(session, ana, MONDAY) if isinstance(b, Fields))
    names = [name for name, _ in fields.items]
    assert names[:2] == ["Zeta", "Alpha"]
    assert len(names) == FOR_NEWCOMERS
