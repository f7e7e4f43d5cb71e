"""What changed in the book since the reader last looked, and nothing that stood there before."""

from datetime import timedelta

from bot.core.views import Block, Heading, Note, Quote, Text
from bot.db.engine import Database
from bot.features.briefing.book import Changes, Chapter, find_changes, note_visit
from tests.builders import make_alliance
from tests.harness import MONDAY

LATER = MONDAY + timedelta(days=3)


def compare(database: Database, before: list[Block], after: list[Block]) -> Changes:
    """What a reader is told who saw the one and now sees the other."""
    viewer = make_alliance(database)
    seen, shown = (Chapter(key="x", blocks=tuple(blocks)) for blocks in (before, after))
    with database.write() as session:
        note_visit(session, viewer, [seen], now=MONDAY)
        changes = find_changes(session, viewer, [shown], now=LATER)
    assert changes is not None
    return changes


def test_one_new_line_of_a_list_is_told_alone_and_without_its_dash(database: Database) -> None:
    before = Text(text="- **D-1** Use the Basel site (noted)")
    after = Text(text=f"- **D-2** Hire a statistician (noted)\n{before.text}")
    (passage,) = compare(database, [before], [after]).passages["x"]
    assert passage.text == "D-2 Hire a statistician (noted)"


def test_a_changed_clause_is_told_with_what_it_stands_below(database: Database) -> None:
    def make(words: str) -> list[Block]:
        return [
            Heading(text="Charter of JSC"),
            Text(text="**Scope**"),
            Quote(text=words),
            Note(text="confirmed by both"),
            Text(text="**Norms**"),
            Quote(text="Questions before judgements."),
        ]

    (passage,) = compare(database, make("One site"), make("Two sites")).passages["x"]
    assert (passage.title, passage.text) == ("Charter of JSC: Scope", "Two sites")


def test_what_only_moved_or_is_gone_is_no_news(database: Database) -> None:
    before: list[Block] = [Quote(text="one"), Quote(text="two"), Text(text="- a\n- b")]
    after: list[Block] = [Text(text="- b"), Quote(text="two")]
    assert compare(database, before, after).passages == {}
