"""Versions of statements."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Conflict
from bot.db.engine import Database
from bot.people.viewer import Viewer
from bot.statements import versions
from bot.statements.models import VersionState
from bot.statements.versions import Difference, get_differences
from tests.builders import make_alliance
from tests.harness import MONDAY


def _put(database: Database, viewer: Viewer, text: str, hours: int) -> None:
    with database.write() as session:
        versions.put_in_force(
            session, viewer, "north_star", text=text, now=MONDAY + timedelta(hours=hours)
        )


def test_a_new_version_takes_the_place_of_the_one_before(database: Database) -> None:
    ana = make_alliance(database)
    _put(database, ana, "One.", 1)
    _put(database, ana, "Two.", 2)
    with database.read() as session:
        newer, older = versions.get_history(session, ana, "north_star")
        assert (newer.number, newer.state, newer.text) == (2, VersionState.IN_FORCE, "Two.")
        assert (older.number, older.state) == (1, VersionState.SUPERSEDED)
        assert versions.get_in_force(session, ana, "north_star") == newer


def test_the_chain_of_hashes_shows_any_change(database: Database) -> None:
    ana = make_alliance(database)
    _put(database, ana, "One.", 1)
    _put(database, ana, "Two.", 2)
    with database.read() as session:
        newer, older = versions.get_history(session, ana, "north_star")
        assert newer.previous_hash == older.hash == versions.compute_hash(older)
        assert newer.hash == versions.compute_hash(newer)
        newer.text = "Two!"
        assert newer.hash != versions.compute_hash(newer)


def test_the_same_words_again_are_refused(database: Database) -> None:
    ana = make_alliance(database)
    _put(database, ana, "One.", 1)
    with pytest.raises(Conflict):
        _put(database, ana, "One.", 2)


def test_withdrawing_brings_back_the_one_before(database: Database) -> None:
    ana = make_alliance(database)
    _put(database, ana, "One.", 1)
    _put(database, ana, "Two.", 2)
    with database.write() as session:
        newer, older = versions.get_history(session, ana, "north_star")
        assert versions.withdraw(session, newer) == older
    with database.read() as session:
        found = versions.get_in_force(session, ana, "north_star")
        assert found is not None
        assert found.text == "One."
    with pytest.raises(Conflict), database.write() as session:
        versions.withdraw(session, versions.get_history(session, ana, "north_star")[0])


def test_nobody_of_another_alliance_or_partner_sees_it(database: Database) -> None:
    ana = make_alliance(database)
    eve = make_alliance(database, name="Other", own_partner="Evil", user="UEVE")
    _put(database, ana, "One.", 1)
    with database.read() as session:
        assert versions.get_in_force(session, eve, "north_star") is None
        assert list(versions.get_history(session, eve, "north_star")) == []


def test_differences_name_what_went_and_what_came() -> None:
    assert get_differences("give children a day", "give every child a day") == [
        Difference("children", "every child")
    ]
    assert get_differences("a b", "a b c") == [Difference("", "c")]
    assert get_differences("same", "same") == []


@given(st.text(max_size=80), st.text(max_size=80))
def test_equal_words_have_no_differences_and_other_words_have_some(old: str, new: str) -> None:
    differences = get_differences(old, new)
    assert (old.split() == new.split()) == (differences == [])
