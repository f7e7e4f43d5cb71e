"""Finding decisions by their words, on both databases."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlmodel import col, select

from bot.db.engine import Database
from bot.features.decisions import capture, log, search
from bot.features.decisions.capture import Draft
from bot.features.decisions.models import Decision
from bot.features.decisions.search import Match, fold
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer
from tests.builders import make_alliance
from tests.harness import MONDAY


def add(database: Database, viewer: Viewer, what: str, why: str = "", **more: object) -> None:
    draft = Draft(what=what, why=why, **more)  # type: ignore[arg-type]
    with database.write() as session:
        capture.save(session, viewer, draft, now=MONDAY)


def find(database: Database, viewer: Viewer, said: str) -> tuple[list[str], Match]:
    with database.read() as session:
        found = search.find(session, viewer, said)
        return [d.what for d in log.get_by_ids(session, viewer, found.ids)], found.match


def test_all_words_come_first_and_what_was_decided_before_why(database: Database) -> None:
    viewer = make_alliance(database)
    add(database, viewer, "Use the Basel site for phase 2")
    add(database, viewer, "Hire a statistician", "The Basel site asked for one")
    add(database, viewer, "Keep the Zurich site as reserve")
    assert find(database, viewer, "basel sites") == (
        ["Use the Basel site for phase 2", "Hire a statistician"],
        Match.ALL,
    )
    assert find(database, viewer, "BÁSEL phase") == (
        ["Use the Basel site for phase 2"],
        Match.ALL,
    )


def test_beginnings_slips_and_any_word_help_where_nothing_is_found(database: Database) -> None:
    viewer = make_alliance(database)
    add(database, viewer, "Hire a statistician")
    add(database, viewer, "Use the Basel site")
    assert find(database, viewer, "statist") == (["Hire a statistician"], Match.ALL)
    assert find(database, viewer, "statisticain") == (["Hire a statistician"], Match.NEAR)
    assert find(database, viewer, "basel statistician") == (
        ["Use the Basel site", "Hire a statistician"],
        Match.ANY,
    )
    assert find(database, viewer, "xylophone") == ([], Match.ANY)


def test_what_has_more_of_the_words_is_not_hidden_behind_newer_ones_with_a_common_one(
    database: Database,
) -> None:
    viewer = make_alliance(database)
    add(database, viewer, "Use the Basel site")
    add(database, viewer, "Hire a statistician")
    with database.write() as session:
        for number in range(65):
            draft = Draft(what=f"Site report {number}")
            capture.save(session, viewer, draft, now=MONDAY)
    assert find(database, viewer, "basel site autumn") == (["Use the Basel site"], Match.ANY)
    found, match = find(database, viewer, "site statistician")
    assert (found[0], match) == ("Hire a statistician", Match.ANY)
    assert len(found) == search.MOST


def test_a_common_word_leads_to_the_newest_and_one_that_is_only_in_old_ones_to_these(
    database: Database,
) -> None:
    viewer = make_alliance(database)
    add(database, viewer, "Close the Basel office")
    with database.write() as session:
        (pattern,) = session.execute(select(Decision.__table__)).mappings()  # type: ignore[attr-defined]
        rows = [
            {
                **pattern,
                "id": f"{number:024d}",
                "number": number,
                "search_row": pattern["search_row"] + number,
                "what": f"Site report {number}",
                "words": search.make_words(f"Site report {number}"),
            }
            for number in range(2, search.NEWEST[1][0] + 5)
        ]
        session.execute(insert(Decision), rows)
    found, match = find(database, viewer, "sites")
    newest = range(search.NEWEST[1][0] + 4, search.NEWEST[1][0] + 4 - search.MOST, -1)
    assert (found, match) == ([f"Site report {number}" for number in newest], Match.ALL)
    assert find(database, viewer, "basel") == (["Close the Basel office"], Match.ALL)
    assert find(database, viewer, "bas off") == (["Close the Basel office"], Match.ALL)


def test_a_word_that_is_known_may_go_on_all_the_same(database: Database) -> None:
    viewer = make_alliance(database)
    add(database, viewer, "Budget for the planning of Basel")
    add(database, viewer, "Plan the audit")
    assert find(database, viewer, "plan budget") == (
        ["Budget for the planning of Basel"],
        Match.ALL,
    )
    assert find(database, viewer, "plan aud") == (["Plan the audit"], Match.ALL)


def test_nobody_finds_what_they_may_not_see_nor_gets_its_words_offered(database: Database) -> None:
    ana = make_alliance(database)
    other = make_alliance(database, name="Other", user="UX", workspace="TX")
    borealis = replace(ana, partner_id="0" * 24, member_id="1" * 24, is_manager=False)
    add(database, ana, "Acquire Zeppelin quietly", audience=AudienceKind.PARTNER)
    assert find(database, ana, "zeppelin")[0] == ["Acquire Zeppelin quietly"]
    for stranger in (other, borealis):
        assert find(database, stranger, "zeppelin")[0] == []
        with database.read() as session:
            assert search.find(session, stranger, "zeppelni").words == ("zeppelni",)


def test_the_index_follows_rows_that_change_and_go(database: Database) -> None:
    viewer = make_alliance(database)
    add(database, viewer, "Use the Basel site")
    with database.write() as session:
        decision = session.exec(select(Decision)).one()
        decision.what = "Use the Zurich site"
        decision.words = search.make_words(decision.what)
        session.add(decision)
    assert find(database, viewer, "basel")[0] == []
    assert find(database, viewer, "zurich")[0] == ["Use the Zurich site"]
    with database.write() as session:
        session.execute(text("DELETE FROM alliances"))
    with database.read() as session:
        assert session.exec(select(col(Decision.id))).all() == []
        assert search.find(session, viewer, "zurich").ids == ()


@given(st.text(max_size=200))
def test_whatever_is_typed_folds_to_words_that_both_databases_take(said: str) -> None:
    for word in fold(said):
        assert word
        assert not set(word) & set("\"'*&|!():<> \\")


def test_hostile_words_are_words(database: Database) -> None:
    viewer = make_alliance(database)
    add(database, viewer, "Use the Basel site")
    for said in (
        'basel" OR "x',
        "basel:* | x",
        "basel & !x",
        "NOT basel",
        "'; DROP TABLE",
        "(((",
        "*",
    ):
        find(database, viewer, said)
    assert find(database, viewer, 'basel" site')[0] == ["Use the Basel site"]
