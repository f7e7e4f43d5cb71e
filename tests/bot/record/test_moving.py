"""Taking a whole alliance elsewhere: nothing lost, nothing doubled, nothing confirmed."""

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from sqlalchemy import inspect
from sqlmodel import Session, col, select

from adapters.cli.moving import read_file, write_file
from adapters.local import sample
from bot.core.errors import SettingsError
from bot.db.engine import Database
from bot.db.table import Table
from bot.dispatch.feature import Registry
from bot.features.briefing.front import read_links
from bot.features.briefing.models import Front
from bot.features.decisions import capture, log, moving
from bot.features.decisions.capture import Draft
from bot.features.decisions.models import Decision, Weight
from bot.features.glossary.models import Term, TermMeaning
from bot.people import origins
from bot.people.models import (
    Account,
    Alliance,
    Brought,
    Committee,
    Consent,
    Member,
    Partner,
    Role,
    Seat,
)
from bot.people.viewer import Viewer
from bot.record.dumping import dump, dump_whole, merge
from bot.record.reading import FileProblems
from bot.record.schema import make_schema
from bot.record.writing import to_markdown
from bot.schedules.models import Reminder, ReminderClock
from bot.statements import record as statements
from bot.statements.models import Statement, Version, Voice
from bot.statements.versions import compute_hash
from tests.bot.record.conftest import AGREEMENT, TOGETHER, viewer_of
from tests.harness import MONDAY

NAME = "Acme–Borealis"
PRIVATE = "portfolio board, which meets on the second Tuesday"
"""What Acme's charter keeps to Acme."""


@pytest.fixture
def file(settled: Database, registry: Registry, tmp_path: Path) -> Path:
    target = tmp_path / "alliance.yaml"
    write_file(settled, registry, NAME, target, now=MONDAY)
    return target


@pytest.fixture
def elsewhere(sqlite_template: Path, tmp_path: Path) -> Database:
    shutil.copy(sqlite_template, tmp_path / "elsewhere.db")
    return Database(f"sqlite:///{tmp_path}/elsewhere.db")


def _bring(database: Database, registry: Registry, file: Path) -> Any:
    return read_file(database, registry, file, now=MONDAY)


def _count(database: Database) -> dict[str, int]:
    there = set(inspect(database.engine).get_table_names())
    with database.read() as session:
        return {
            table.name: len(session.execute(table.select()).all())
            for table in Table.metadata.sorted_tables
            if table.name in there
        }


def test_the_file_fits_the_published_schema(registry: Registry, file: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(make_schema(registry))
    content = yaml.safe_load(file.read_text())
    jsonschema.validate(content, make_schema(registry))
    assert set(content) == {"entente", *(section.name for section in registry.record)}


def test_the_file_holds_all_of_it_and_nothing_of_any_platform(
    settled: Database, file: Path
) -> None:
    text = file.read_text()
    assert PRIVATE in " ".join(text.split())
    assert "data protection officer" in text
    assert TOGETHER in text
    for secret in ("U-ANA", "T-ACME", "C-STEERING", "external_id", "bot_user", "token"):
        assert secret not in text
    assert file.stat().st_mode & 0o077 == 0


def test_the_chain_of_hashes_can_be_checked_from_the_file(settled: Database, file: Path) -> None:
    content = yaml.safe_load(file.read_text())
    with settled.read() as session:
        known = {version.hash: version for version in session.exec(select(Version))}
        for kind in ("north_star", "charter"):
            for version in (v for s in content[kind] for v in s["versions"]):
                assert compute_hash(known[version["hash"]]) == version["hash"]
                assert known[version["hash"]].text == version["text"]


def test_what_comes_counts_for_nothing_before_somebody_says_so(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    arrival = _bring(elsewhere, registry, file)
    assert arrival.is_new
    assert set(arrival.codes) == {"Acme", "Borealis"}
    with elsewhere.read() as session:
        for table in (Account, Role, Seat, Consent, Statement, Version, Voice, ReminderClock):
            assert session.exec(select(table)).all() == [], table
        alliance = session.exec(select(Alliance)).one()
        assert (alliance.name, alliance.zone, alliance.days) == (
            NAME,
            "Europe/Berlin",
            [0, 1, 2, 3, 4],
        )
        partners = session.exec(select(Partner).order_by(col(Partner.name))).all()
        assert [(p.name, p.countries, p.joined_at) for p in partners] == [
            ("Acme", ["DE"], None),
            ("Borealis", ["SE"], None),
        ]
        assert {c.name for c in session.exec(select(Committee))} == {"JSC", "Paediatric team"}
        assert all(member.left_at is not None for member in session.exec(select(Member)))
        assert {r.state for r in session.exec(select(Reminder))} == {"paused"}


def test_what_stands_before_the_briefing_book_comes_for_its_own_side_to_share_anew(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    (front,) = yaml.safe_load(file.read_text())["briefing"]
    assert (front["partner"], front["audience"]) == ("Acme", "alliance")
    assert front["links"] == [
        {"title": "Protocols", "address": "https://files.example/protocols"},
        {"title": "https://files.example/minutes", "address": "https://files.example/minutes"},
    ]
    lines = _bring(elsewhere, registry, file).done
    assert len([line for line in lines if "for Acme alone until its manager" in line]) == 1
    with elsewhere.write() as session:
        kept = session.exec(select(Front)).one()
        partner = session.get_one(Partner, kept.partner_id)
        assert (kept.agreement, partner.name) == (AGREEMENT, "Acme")
        assert (kept.audience_kind, kept.audience_id) == ("partner", partner.id)
        assert read_links(kept.links) == [
            ("Protocols", "https://files.example/protocols"),
            ("https://files.example/minutes", "https://files.example/minutes"),
        ]
        kept.agreement = "Written here since."
        session.add(kept)
    _bring(elsewhere, registry, file)
    with elsewhere.read() as session:
        assert session.exec(select(Front)).one().agreement == "Written here since."


def test_each_partners_own_things_wait_for_that_partner_alone(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    _bring(elsewhere, registry, file)
    with elsewhere.read() as session:
        partners = {p.name: p.id for p in session.exec(select(Partner))}
        brought = session.exec(select(Brought)).all()
        found = {b.partner_id for b in brought if PRIVATE in " ".join(str(b.content).split())}
        assert found == {partners["Acme"]}
        officer = {b.partner_id for b in brought if "data protection officer" in str(b.content)}
        assert officer == {partners["Borealis"]}
        seats = {(b.content["person"], b.partner_id) for b in brought if b.section == "seats"}
        assert ("Helen Brandt", partners["Acme"]) in seats
        assert ("Priya Nair", partners["Borealis"]) in seats
        assert len(seats) == 4
        reminders = {r.partner_id for r in session.exec(select(Reminder)) if "Papers" in r.text}
        assert reminders == {partners["Borealis"]}


def test_the_same_file_brings_nothing_twice(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    _bring(elsewhere, registry, file)
    before = _count(elsewhere)
    again = _bring(elsewhere, registry, file)
    assert not again.is_new
    assert list(again.done) == []
    assert _count(elsewhere) == before


def test_a_wording_that_changed_comes_anew_and_the_rest_stays(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    _bring(elsewhere, registry, file)
    star = "give children with Marlow syndrome an ordinary school day"
    file.write_text(file.read_text().replace(star, "an ordinary day for every child", 1))
    assert list(_bring(elsewhere, registry, file).done) == ["North Star: waits for Acme's manager."]


def test_an_alliance_brought_back_to_where_it_lives_changes_nothing(
    settled: Database, registry: Registry, file: Path
) -> None:
    before = _count(settled)
    arrival = _bring(settled, registry, file)
    assert not arrival.is_new
    assert list(arrival.done) == []
    after = _count(settled)
    # Two people who have left, in whose name it was looked at, and their note.
    assert after.pop("members") - before.pop("members") == 2
    assert after.pop("brought") - before.pop("brought") == 2
    assert after == before


def _decisions(database: Database) -> dict[str, Decision]:
    with database.read() as session:
        return {f"D-{d.number}": d for d in session.exec(select(Decision))}


def _keeper_of(session: Session, name: str) -> Viewer:
    """In whose name a partner's things were brought."""
    partner = session.exec(select(Partner).where(col(Partner.name) == name)).one()
    return origins.get_keeper(session, partner, "x", now=MONDAY)


def test_decisions_arrive_under_their_numbers_as_drafts_with_what_they_were(
    settled: Database, registry: Registry, file: Path, elsewhere: Database, tmp_path: Path
) -> None:
    arrival = _bring(elsewhere, registry, file)
    there, here = _decisions(settled), _decisions(elsewhere)
    assert {n: d.what for n, d in here.items()} == {n: d.what for n, d in there.items()}
    assert {d.weight for d in here.values()} == {"draft"}
    assert {d.audience_kind for d in here.values()} == {"partner"}
    (told,) = [line for line in arrival.done if line.startswith("D-3:")]
    assert told == (
        "D-3: No visit begins before the family has its plain-language summary in its own… "
        "(a draft of Borealis's; nobody has been asked)"
    )
    with elsewhere.read() as session:
        keeper = _keeper_of(session, "Acme")
        said = moving.say_history(session, keeper, here["D-1"])
        assert "There it was confirmed by the partners, and Helen Brandt wrote it down" in said
        assert "on 8 February 2027" in said
        assert log.take_number(session, here["D-1"].alliance_id) == 5
    again = tmp_path / "again.yaml"
    write_file(elsewhere, registry, NAME, again, now=MONDAY)
    first, second = (yaml.safe_load(path.read_text())["decisions"] for path in (file, again))
    by_number = {item["number"]: item for item in second}
    for item in first:
        kept = ("what", "state", "captured_by", "captured_at", "chain", "committee", "partner")
        assert {k: by_number[item["number"]][k] for k in kept} == {k: item[k] for k in kept}


def test_a_decision_that_was_changed_here_is_left_alone_when_the_file_comes_again(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    _bring(elsewhere, registry, file)
    with elsewhere.write() as session:
        decision = session.exec(select(Decision).where(col(Decision.number) == 2)).one()
        decision.what = "One safety report a quarter, drafted by Acme."
        session.add(decision)
    assert list(_bring(elsewhere, registry, file).done) == []
    assert len(_decisions(elsewhere)) == 4
    assert _decisions(elsewhere)["D-2"].what == "One safety report a quarter, drafted by Acme."


def test_what_a_decision_replaces_and_when_it_is_looked_at_again_come_along(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    content = yaml.safe_load(file.read_text())
    fourth = next(item for item in content["decisions"] if item["number"] == "D-4")
    fourth |= {"replaces": "D-1", "review_on": "2027-06-01"}
    budget = {"what": "Budget", "owner": "Helen Brandt", "partner": "Acme", "state": "open"}
    theirs = {"what": "Ethics board", "owner": "Priya Nair", "partner": "Borealis"}
    fourth["approvals"] = [budget, theirs]
    file.write_text(yaml.safe_dump(content))
    _bring(elsewhere, registry, file)
    here = _decisions(elsewhere)
    assert here["D-4"].supersedes_id == here["D-1"].id
    assert here["D-4"].review_on == date(2027, 6, 1)
    with elsewhere.read() as session:
        told = [
            moving.say_history(session, _keeper_of(session, partner), here["D-4"])
            for partner in ("Acme", "Borealis")
        ]
        assert ["Needed there: Budget (Helen Brandt)" in said for said in told] == [True, False]
        kept = session.exec(select(Brought).where(col(Brought.local_id) == here["D-4"].id)).one()
        assert "Ethics board" not in str(kept.content)


def test_a_number_that_is_taken_here_is_not_given_twice(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    content = yaml.safe_load(file.read_text())
    decisions = content["decisions"]
    content["decisions"] = []
    file.write_text(yaml.safe_dump(content))
    _bring(elsewhere, registry, file)
    with elsewhere.write() as session:
        partner = session.exec(select(Partner).where(col(Partner.name) == "Acme")).one()
        keeper = origins.get_keeper(session, partner, "x", now=MONDAY)
        capture.save(session, keeper, Draft(what="Ours", weight=Weight.DRAFT), now=MONDAY)
    content["decisions"] = decisions
    file.write_text(yaml.safe_dump(content))
    _bring(elsewhere, registry, file)
    found = _decisions(elsewhere)
    assert found["D-1"].what == "Ours"
    assert len(found) == 5
    assert [found[f"D-{n}"].what for n in (5, 2, 3, 4)] == [d["what"] for d in decisions]


def test_who_confirmed_what_is_kept_as_history_and_goes_along(
    registry: Registry, file: Path, elsewhere: Database, tmp_path: Path
) -> None:
    _bring(elsewhere, registry, file)
    again = tmp_path / "again.yaml"
    write_file(elsewhere, registry, NAME, again, now=MONDAY)
    first, second = (yaml.safe_load(p.read_text())["confirmations"] for p in (file, again))
    assert len(first) > 20

    def key(item: dict[str, Any]) -> str:
        return str(sorted(item.items(), key=str))

    assert sorted(second, key=key) == sorted(first, key=key)
    with elsewhere.read() as session:
        assert session.exec(select(Voice)).all() == []


def _meanings(database: Database) -> dict[str, dict[str, str]]:
    """What each partner means by each term; two terms of one name would be told."""
    found: dict[str, dict[str, str]] = {}
    with database.read() as session:
        for term in session.exec(select(Term)):
            assert term.name not in found, term.name
            found[term.name] = {
                session.get_one(Partner, meaning.partner_id).name: meaning.text
                for meaning in session.exec(
                    select(TermMeaning).where(col(TermMeaning.term_id) == term.id)
                )
            }
    return found


@pytest.mark.parametrize("origin", ["exported", "the sample itself"])
def test_terms_arrive_with_every_sides_meaning_and_agreed_ones_as_proposals_to_both(
    registry: Registry, file: Path, elsewhere: Database, origin: str
) -> None:
    if origin == "the sample itself":
        shutil.copy(Path(sample.__file__).with_name(sample.FILE), file)
    _bring(elsewhere, registry, file)
    found = _meanings(elsewhere)
    assert len(found) == 12
    assert found["API"]["Acme"].startswith("The active pharmaceutical ingredient")
    assert found["API"]["Borealis"].startswith("The interface")
    day = "Six hours of lessons and breaks, on site, with no visit to a clinic in between."
    assert found["school day"] == {"Acme": day, "Borealis": day}
    with elsewhere.read() as session:
        assert {m.confirmed_by_id for m in session.exec(select(TermMeaning))} == {None}
        assert {t.agreed_text for t in session.exec(select(Term))} == {""}


def test_a_term_that_was_changed_here_is_left_alone_when_the_file_comes_again(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    _bring(elsewhere, registry, file)
    with elsewhere.write() as session:
        term = session.exec(select(Term).where(col(Term.name) == "site")).one()
        for meaning in session.exec(select(TermMeaning).where(col(TermMeaning.term_id) == term.id)):
            meaning.text = f"Something else by now: {meaning.text}"
            session.add(meaning)
    before = _meanings(elsewhere)
    assert list(_bring(elsewhere, registry, file).done) == []
    assert _meanings(elsewhere) == before


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        (
            "cadence: first monday of the month 09:00",
            "cadence: when it rains",
            "expected a cadence",
        ),
        ("zone: Europe/Berlin", "zone: Middle/Earth", "zone: expected a zone such as"),
        ("partner: Borealis", "partner: Cobalt", "expected a name that stands under partners"),
        ("clause: scope", "clause: magic", "expected why or star or scope"),
        ("name: Borealis\n", "name: acme\n", "name: expected each partner once"),
        ("committee: JSC", "committee: ABC", "expected a name that stands under committees"),
        ("end: '17:00'", "end: '08:00'", "expected a time after start"),
        ("- SE", "- XX", "expected a country's letters"),
        (
            "audience: alliance\n    spelled_out",
            "audience: nonsense\n    spelled_out",
            "expected partner or",
        ),
        ("review_on: ''\n    agreed:", "review_on: soon\n    agreed:", "a day such as 2027-03-01"),
        ("review_on: ''\n    agreed:", "review_on: '2027-02-30'\n    agreed:", "a day such as"),
        ("text: A plant where the enzyme is made or filled.", "text: '  '", "expected some text"),
        (
            "committee: Paediatric team\n    partner: Borealis\n    captured_by",
            "committee: Nowhere\n    partner: Borealis\n    captured_by",
            "under committees",
        ),
        ("state: confirmed\n    weight", "state: carved\n    weight", "expected planned or"),
        ("planned_on: ''", "planned_on: some day", "a day such as 2027-03-01"),
        ("replaces: ''", "replaces: the first", "a number such as D-4"),
    ],
)
def test_all_or_nothing_with_the_line_at_fault(
    registry: Registry, file: Path, elsewhere: Database, found: str, instead: str, said: str
) -> None:
    text = file.read_text()
    assert found in text
    line = text[: text.index(found)].count("\n") + 1
    file.write_text(text.replace(found, instead, 1))
    before = _count(elsewhere)
    with pytest.raises(FileProblems) as told:
        _bring(elsewhere, registry, file)
    assert said in str(told.value)
    told_line = int(re.search(r"line (\d+)", str(told.value)).group(1))
    assert told_line == line
    assert _count(elsewhere) == before


def test_a_name_alone_never_opens_an_alliance_that_lives_here(
    settled: Database, registry: Registry, tmp_path: Path
) -> None:
    forged = tmp_path / "forged.yaml"
    forged.write_text(
        f"entente: 1\nalliance: {{name: {NAME}, zone: Europe/Berlin}}\npartners: [{{name: Acme}}]\n"
    )
    with pytest.raises(FileProblems, match="expected another name"):
        _bring(settled, registry, forged)


def test_one_person_gets_what_they_may_see_and_no_more(
    settled: Database, registry: Registry
) -> None:
    with settled.read() as session:
        ana = dump(registry, session, viewer_of(session, "Ana Keller"))
        jonas = dump(registry, session, viewer_of(session, "Jonas Lindqvist"))
        whole = dump_whole(
            registry, session, viewer_of(session, "Ana Keller").alliance_id, now=MONDAY
        )
    assert PRIVATE in " ".join(str(ana).split())
    assert PRIVATE not in " ".join(str(jonas).split())
    assert "data protection officer" not in str(ana)
    for kind in ("north_star", "charter", "reminders", "decisions", "terms"):
        assert len({item["id"] for item in whole[kind]}) == len(whole[kind])
        ids = {item["id"] for item in ana[kind]} | {item["id"] for item in jonas[kind]}
        assert ids == {item["id"] for item in whole[kind]}


def test_what_two_people_see_becomes_one_whole() -> None:
    one = {"a": [{"id": "1", "x": 1, "in": [{"id": "p"}]}], "b": {"c": 1}}
    other = {"a": [{"id": "2"}, {"id": "1", "y": 2, "in": [{"id": "q"}]}], "b": {"d": 2}, "e": 3}
    assert merge(one, other) == {
        "a": [{"id": "1", "x": 1, "y": 2, "in": [{"id": "p"}, {"id": "q"}]}, {"id": "2"}],
        "b": {"c": 1, "d": 2},
        "e": 3,
    }
    assert merge(one, one) == one


def test_people_read_it_without_ids_and_nothing_in_it_becomes_markup(
    settled: Database, registry: Registry
) -> None:
    with settled.read() as session:
        record = dump(registry, session, viewer_of(session, "Ana Keller"))
    record["north_star"][0]["versions"][0]["text"] = "<script>alert(1)</script> # **not** a heading"
    text = to_markdown(record, title="Acme & Borealis")
    assert text.startswith("# Acme \\& Borealis\n")
    assert "## North star" in text
    assert "<script>" not in text
    assert "\\*\\*not\\*\\*" in text
    for item in record["charter"]:
        assert item["id"] not in text
        assert item["versions"][0]["hash"] not in text


def test_what_came_is_used_once(registry: Registry, file: Path, elsewhere: Database) -> None:
    _bring(elsewhere, registry, file)
    with elsewhere.write() as session:
        partner = session.exec(select(Partner).where(col(Partner.name) == "Acme")).one()
        keeper = origins.get_keeper(session, partner, "x", now=MONDAY)
        waiting = origins.get_waiting(session, keeper, "charter")
        assert len(waiting) == 11
        assert [b.content["text"] for b in waiting].count(TOGETHER) == 1
        version = statements.take(session, keeper, waiting[0], now=MONDAY)
        assert version.text == waiting[0].content["text"]
        assert len(origins.get_waiting(session, keeper, "charter")) == 10


def test_no_file_is_written_over_and_no_alliance_guessed(
    settled: Database, registry: Registry, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="exists already"):
        write_file(settled, registry, NAME, file, now=MONDAY)
    with pytest.raises(SettingsError, match=f"There is no alliance Nobody.*{NAME}"):
        write_file(settled, registry, "Nobody", tmp_path / "b.yaml", now=MONDAY)
    assert not (tmp_path / "b.yaml").exists()
    with pytest.raises(SettingsError, match="can't be read"):
        _bring(settled, registry, tmp_path / "none.yaml")


def _waiting(database: Database) -> set[tuple[str, ...]]:
    """What waits for managers: for whose, what kind, about what, and how it reads."""
    with database.read() as session:
        names = {p.id: p.name for p in session.exec(select(Partner))}
        bodies = {c.id: c.name for c in session.exec(select(Committee))}
        found = session.exec(select(Brought).where(col(Brought.done_at).is_(None))).all()
        return {
            (
                names[brought.partner_id or ""],
                brought.section,
                _name_subject(str(brought.content.get("subject", "")), bodies),
                str(brought.content.get("text", "")),
                str(brought.content.get("person", "")),
                str(brought.content.get("committee", "")),
            )
            for brought in found
            if brought.section in {"north_star", "charter", "seats"}
        }


def _name_subject(subject: str, bodies: dict[str, str]) -> str:
    body, _, clause = subject.rpartition("/")
    return f"{bodies.get(body, body)}/{clause}"


@pytest.fixture
def farther(sqlite_template: Path, tmp_path: Path) -> Database:
    shutil.copy(sqlite_template, tmp_path / "farther.db")
    return Database(f"sqlite:///{tmp_path}/farther.db")


def test_what_waits_for_a_manager_moves_on_as_a_proposal_and_nothing_twice(
    registry: Registry, file: Path, elsewhere: Database, farther: Database, tmp_path: Path
) -> None:
    _bring(elsewhere, registry, file)
    waiting = _waiting(elsewhere)
    assert {section for _, section, *_ in waiting} == {"north_star", "charter", "seats"}
    again = tmp_path / "again.yaml"
    write_file(elsewhere, registry, NAME, again, now=MONDAY)
    content = yaml.safe_load(again.read_text())
    jsonschema.validate(content, make_schema(registry))
    for kind in ("north_star", "charter"):
        for item in content[kind]:
            states = [version["state"] for version in item["versions"]]
            assert states.count("proposed") == 1
            assert not {"in_force", "confirmed"} & set(states)
    seats = [seat for body in content["committees"] for seat in body["seats"]]
    assert seats
    assert all(seat["proposed"] for seat in seats)
    _bring(farther, registry, again)
    assert _waiting(farther) == waiting
    before = _count(elsewhere)
    assert list(_bring(elsewhere, registry, again).done) == []
    assert _count(elsewhere) == before
    _bring(farther, registry, again)
    assert _waiting(farther) == waiting


def test_what_waits_moves_on_under_the_names_that_partners_have_by_then(
    registry: Registry, file: Path, elsewhere: Database, farther: Database, tmp_path: Path
) -> None:
    _bring(elsewhere, registry, file)
    with elsewhere.write() as session:
        partner = session.exec(select(Partner).where(col(Partner.name) == "Borealis")).one()
        partner.name = "Borealis Bio"
        session.add(partner)
    again = tmp_path / "again.yaml"
    write_file(elsewhere, registry, NAME, again, now=MONDAY)
    _bring(farther, registry, again)
    assert _waiting(farther) == _waiting(elsewhere)


def test_what_waits_for_one_sides_manager_is_that_sides_to_export(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    _bring(elsewhere, registry, file)
    with elsewhere.read() as session:
        mine, theirs = (
            str(dump(registry, session, _keeper_of(session, name))) for name in ("Acme", "Borealis")
        )
    assert PRIVATE in " ".join(mine.split())
    assert PRIVATE not in " ".join(theirs.split())


def test_what_a_manager_was_through_with_is_exported_no_more(
    registry: Registry, file: Path, elsewhere: Database
) -> None:
    _bring(elsewhere, registry, file)
    with elsewhere.write() as session:
        keeper = _keeper_of(session, "Acme")
        (star,) = origins.get_waiting(session, keeper, "north_star")
        star.done_at = MONDAY
        session.add(star)
    with elsewhere.read() as session:
        assert "north_star" not in dump(registry, session, _keeper_of(session, "Acme"))
