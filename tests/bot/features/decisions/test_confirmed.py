"""Decisions and the partners' yes, below the platforms: five partners, replacing, privacy."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound, NotUnderstood
from bot.core.ids import new_id
from bot.db.engine import Database
from bot.delivery.models import Delivery
from bot.features.catalogue import make_registry
from bot.features.decisions import capture, chasing, ears, exporting, log, moving, tasks
from bot.features.decisions.announcing import hear_settled
from bot.features.decisions.capture import Draft, Source
from bot.features.decisions.log import State
from bot.features.decisions.models import (
    Decision,
    Listening,
    ListeningKind,
    Task,
    TaskKind,
    Weight,
)
from bot.features.decisions.tasks import NewTask
from bot.people.models import Alliance, AudienceKind, Channel, Member
from bot.people.viewer import Viewer
from bot.statements import proposals, voices
from bot.statements.models import Basis, Statement, Version, VersionState
from bot.testing.world import link_channel
from tests.builders import OTHERS, join, make_alliance, make_voting_committee
from tests.harness import MONDAY

LATER = MONDAY + timedelta(hours=1)
REGISTRY = make_registry()


def confirm(session: Session, viewer: Viewer, version: Version | None) -> None:
    assert version is not None
    statement = session.get_one(Statement, version.statement_id)
    voices.confirm(session, viewer, version, statement, now=LATER)
    if version.state != VersionState.PROPOSED:
        hear_settled(REGISTRY, session, version, LATER)


@pytest.fixture
def ana(database: Database) -> Viewer:
    return make_alliance(database, others=OTHERS)


def test_three_of_five_partners_confirm_a_decision(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        jsc = make_voting_committee(session, sides, count=3)
        draft = Draft(what="Use the Basel site", weight=Weight.ASKED, committee=jsc)
        entry = capture.save(session, ana, draft, now=MONDAY).entry
        assert entry.state == State.PROPOSED
        assert entry.version is not None
        found, _ = log.get_page(session, sides["Delta"], "mine", now=LATER)
        assert [d.id for d in found] == [entry.decision.id]
        confirm(session, sides["Borealis"], entry.version)
        assert log.get_entry(session, entry.decision).state == State.PROPOSED
        confirm(session, sides["Cirrus"], entry.version)
        assert log.get_entry(session, entry.decision).state == State.CONFIRMED
        with pytest.raises(Conflict):
            confirm(session, sides["Delta"], entry.version)
        steps = [step.state for step in log.get_steps(session, entry.decision)]
        assert steps == [State.PROPOSED, State.CONFIRMED]


def test_with_one_partner_it_is_in_force_there_only(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        draft = Draft(what="Use the Basel site", weight=Weight.ASKED)
        saved = capture.save(session, ana, draft, now=MONDAY)
        assert saved.is_alone
        assert saved.entry.state == State.IN_FORCE


def test_numbers_go_on_one_by_one_and_the_chain_goes_both_ways(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        first = capture.save(session, ana, Draft(what="Basel"), now=MONDAY).entry
        second = capture.save(
            session, ana, Draft(what="Zurich", supersedes=first.decision), now=LATER
        ).entry
        assert (first.name, second.name) == ("D-1", "D-2")
        entry = log.get_entry(session, first.decision)
        assert (entry.state, entry.replaced_by) == (State.SUPERSEDED, 2)
        capture.withdraw(session, ana, second.decision, now=LATER)
        assert log.get_entry(session, first.decision).state == State.NOTED


def test_approvals_stay_with_their_partner(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        wanted = NewTask(
            kind=TaskKind.APPROVAL,
            what="Budget",
            owner_id=ana.member_id,
            partner_id=ana.partner_id or "",
        )
        draft = Draft(what="Use the Basel site", approvals=(wanted,))
        decision = capture.save(session, ana, draft, now=MONDAY).entry.decision
        borealis = sides["Borealis"]
        (task,) = tasks.get_tasks(session, ana, decision)
        assert tasks.get_tasks(session, borealis, decision) == []
        with pytest.raises(NotFound):
            tasks.get_task_or_raise(session, borealis, task.id)
        with pytest.raises(NotAllowed):
            tasks.check_owner(borealis, task)
        with pytest.raises(NotAllowed):
            owner = session.get_one(Member, borealis.member_id)
            tasks.hand_over(session, task, owner, now=LATER)
        (row,) = exporting.dump(session, borealis)
        assert row["approvals"] == []
        (own,) = exporting.dump(session, ana)
        assert own["approvals"][0]["what"] == "Budget"


def test_owners_are_asked_less_and_less_often(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        wanted = NewTask(
            kind=TaskKind.ACTION,
            what="Call",
            owner_id=ana.member_id,
            partner_id=ana.partner_id or "",
            due_on=MONDAY.date(),
        )
        capture.save(session, ana, Draft(what="Basel", actions=(wanted,)), now=MONDAY)
        asked = []
        for number in range(60):
            moment = MONDAY + timedelta(days=number)
            for task in tasks.get_due(session, moment.date(), most=10):
                tasks.note_asked(session, task, now=moment)
                asked.append(number)
        assert asked == [0, 3, 10, 24, 38, 52]


def test_once_the_alliance_has_ended_no_owner_or_author_is_asked(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        day = MONDAY.date() + timedelta(days=5)
        wanted = NewTask(
            kind=TaskKind.ACTION,
            what="Call",
            owner_id=ana.member_id,
            partner_id=ana.partner_id or "",
            due_on=day,
        )
        draft = Draft(what="Basel", actions=(wanted,), review_on=day)
        capture.save(session, ana, draft, now=MONDAY)
        assert len(tasks.get_due(session, day, most=10)) == 1
        alliance = session.get_one(Alliance, ana.alliance_id)
        alliance.ended_at = MONDAY
        session.add(alliance)
        session.flush()
        assert tasks.get_due(session, day, most=10) == []
        chasing.run(REGISTRY, session, MONDAY + timedelta(days=6))
        assert session.exec(select(Delivery)).all() == []


def test_of_two_who_capture_one_thread_the_second_is_told(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        channel = _link(session, ana)
        source = Source(channel=channel, message="2", thread="1")
        first = capture.save(session, ana, Draft(what="Basel", source=source), now=MONDAY).entry
        with pytest.raises(Conflict) as refused:
            capture.save(session, ana, Draft(what="Zurich", source=source), now=MONDAY)
        assert refused.value.key == "decisions.just_captured"
    with database.write() as session:
        known = replace(source, known=frozenset({first.decision.id}))
        capture.save(session, ana, Draft(what="Zurich", source=known), now=MONDAY)


def _link(session: Session, viewer: Viewer) -> Channel:
    return link_channel(
        session,
        viewer,
        platform="slack",
        workspace="TACME",
        channel="C1",
        name="steering",
        now=MONDAY,
    )


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(what="  "), "what"),
        (Draft(what="x" * 601), "what"),
        (Draft(what="x", why="y" * 10_000), "why"),
        (Draft(what="x", review_on=MONDAY.date()), "review_on"),
        (Draft(what="x", weight=Weight.ASKED, audience=AudienceKind.PARTNER), "audience"),
        (Draft(what="x", audience=AudienceKind.COMMITTEE), "committee"),
    ],
)
def test_what_makes_no_sense_is_refused(
    database: Database, ana: Viewer, draft: Draft, field: str
) -> None:
    with database.write() as session, pytest.raises(NotUnderstood) as refused:
        capture.save(session, ana, draft, now=MONDAY)
    assert refused.value.field == field


def test_unplaced_people_are_told_what_to_do(database: Database, ana: Viewer) -> None:
    nobody = replace(ana, partner_id=None, partner_name=None, member_id=new_id())
    with database.write() as session, pytest.raises(NotAllowed):
        capture.save(session, nobody, Draft(what="x"), now=MONDAY)


def test_files_hold_no_formulas_and_no_markup(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        hostile = Draft(what='=HYPERLINK("http://x")', why="<script>alert(1)</script>")
        capture.save(session, ana, hostile, now=MONDAY)
        rows = exporting.dump(session, ana)
    assert "'=HYPERLINK" in exporting.make_csv(rows).decode()
    record = exporting.make_record(rows[0])
    assert 'status: "accepted"' in record
    assert "\\<script>" in record


def test_a_record_comes_back_as_drafts_and_never_twice(database: Database, ana: Viewer) -> None:
    other = make_alliance(database, name="Other", user="UX", workspace="TX")
    with database.write() as session:
        capture.save(session, ana, Draft(what="Use the Basel site"), now=MONDAY)
        rows = exporting.dump(session, ana)
        assert len(moving.load(session, other, rows, LATER)) == 1
        assert moving.load(session, other, [*rows, "junk", {}, None], LATER) == []
        (decision,) = session.exec(
            select(Decision).where(col(Decision.alliance_id) == other.alliance_id)
        ).all()
        assert log.get_entry(session, decision).state == State.DRAFT
        assert session.exec(select(Task.id)).all() == []


@pytest.mark.parametrize(
    ("former", "draft", "field"),
    [
        (Draft(what="x", weight=Weight.ASKED), Draft(what="y"), "weight"),
        (Draft(what="x"), Draft(what="y", audience=AudienceKind.PARTNER), "audience"),
    ],
)
def test_nothing_takes_the_place_of_what_others_rely_on(
    database: Database, ana: Viewer, former: Draft, draft: Draft, field: str
) -> None:
    with database.write() as session:
        join(session, ana)
        stands = capture.save(session, ana, former, now=MONDAY).entry.decision
        with pytest.raises(NotUnderstood) as refused:
            capture.save(session, ana, replace(draft, supersedes=stands), now=MONDAY)
        assert refused.value.field == field


def test_what_another_side_noted_is_replaced_by_asking(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        borealis = join(session, ana)["Borealis"]
        noted = capture.save(session, ana, Draft(what="Basel"), now=MONDAY).entry.decision
        other = Draft(what="Zurich", supersedes=noted)
        with pytest.raises(NotUnderstood):
            capture.save(session, borealis, other, now=LATER)
        asked = replace(other, weight=Weight.ASKED)
        assert capture.save(session, borealis, asked, now=LATER).entry.state == State.PROPOSED
        assert log.get_entry(session, noted).state == State.NOTED


def test_what_was_one_sides_alone_is_the_alliances_once_it_is_asked_about(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        borealis = join(session, ana)["Borealis"]
        call = NewTask(
            kind=TaskKind.ACTION,
            what="Call",
            owner_id=ana.member_id,
            partner_id=ana.partner_id or "",
        )
        draft = Draft(
            what="Basel", weight=Weight.DRAFT, audience=AudienceKind.PARTNER, actions=(call,)
        )
        decision = capture.save(session, ana, draft, now=MONDAY).entry.decision
        with pytest.raises(NotFound):
            log.get_by_number(session, borealis, "D-1")
        capture.put_to_partners(session, ana, decision, now=LATER)
        assert log.get_by_number(session, borealis, "D-1").what == "Basel"
        assert [task.what for task in tasks.get_tasks(session, borealis, decision)] == ["Call"]


def test_nobody_is_asked_about_what_was_withdrawn_elsewhere(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        join(session, ana)
        call = NewTask(
            kind=TaskKind.ACTION,
            what="Call",
            owner_id=ana.member_id,
            partner_id=ana.partner_id or "",
            due_on=MONDAY.date(),
        )
        draft = Draft(what="Basel", weight=Weight.ASKED, actions=(call,))
        entry = capture.save(session, ana, draft, now=MONDAY).entry
        assert entry.version is not None
        proposals.withdraw_proposal(session, entry.version, now=LATER)
        hear_settled(REGISTRY, session, entry.version, LATER)
        assert tasks.get_due(session, LATER.date(), most=10) == []


def _approve(viewer: Viewer) -> NewTask:
    return NewTask(
        kind=TaskKind.APPROVAL,
        what="Budget",
        owner_id=viewer.member_id,
        partner_id=viewer.partner_id or "",
        due_on=MONDAY.date() + timedelta(days=1),
    )


def _ask(session: Session, viewer: Viewer, what: str, **more: Any) -> log.Entry:
    draft = Draft(what=what, weight=Weight.ASKED, **more)
    entry = capture.save(session, viewer, draft, now=MONDAY).entry
    assert entry.version is not None
    return entry


def _is_followed_up(session: Session, viewer: Viewer) -> bool:
    """Whether the owner of an approval would be asked, and reads of it."""
    later = MONDAY + timedelta(days=20)
    chasing.run(REGISTRY, session, later)
    asked = session.exec(select(Task.asked)).one() > 0
    listed = bool(tasks.get_open_of(session, viewer))
    late = bool(tasks.get_overdue(session, viewer, now=later))
    assert listed == late == asked
    return asked


def test_what_a_replaced_decision_needed_is_followed_up_no_more(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        sides = join(session, ana)
        first = _ask(session, ana, "Basel", approvals=(_approve(ana),))
        second = _ask(session, ana, "Zurich", supersedes=first.decision)
        for name in OTHERS:
            confirm(session, sides[name], first.version)
        for name in OTHERS:
            confirm(session, sides[name], second.version)
        assert log.get_entry(session, first.decision).state == State.SUPERSEDED
        assert not _is_followed_up(session, ana)


def test_what_a_decision_needs_that_was_objected_to_waits_for_a_new_wording(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        borealis = join(session, ana)["Borealis"]
        entry = _ask(session, ana, "Basel", approvals=(_approve(ana),))
        statement = session.get_one(Statement, entry.version.statement_id)
        voices.object_to(session, borealis, entry.version, statement, reason="No.", now=LATER)
        hear_settled(REGISTRY, session, entry.version, LATER)
        assert not _is_followed_up(session, ana)
        assert [task.state for task in tasks.get_tasks(session, ana, entry.decision)] == ["open"]


def test_what_is_followed_up_is_asked_about_and_listed(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        join(session, ana)
        _ask(session, ana, "Basel", approvals=(_approve(ana),))
        assert _is_followed_up(session, ana)


def test_nobody_confirms_any_more_what_was_replaced_while_it_was_open(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        sides = join(session, ana)
        first = _ask(session, ana, "Basel")
        second = _ask(session, ana, "Zurich", supersedes=first.decision)
        for name in OTHERS:
            confirm(session, sides[name], second.version)
        found, _ = log.get_page(session, sides["Delta"], "mine", now=LATER)
        assert found == []
        with pytest.raises(Conflict):
            confirm(session, sides["Delta"], first.version)


def test_what_was_replaced_is_not_replaced_again(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        first = capture.save(session, ana, Draft(what="Basel"), now=MONDAY).entry.decision
        capture.save(session, ana, Draft(what="Zurich", supersedes=first), now=LATER)
        with pytest.raises(Conflict) as refused:
            capture.save(session, ana, Draft(what="Lyon", supersedes=first), now=LATER)
        assert refused.value.values["by"] == "D-2"


def test_of_two_that_were_to_replace_one_the_later_replaces_the_earlier(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        sides = join(session, ana)
        first = capture.save(session, ana, Draft(what="Basel"), now=MONDAY).entry.decision
        zurich = _ask(session, ana, "Zurich", supersedes=first)
        lyon = _ask(session, ana, "Lyon", supersedes=first)
        for entry in (zurich, lyon):
            for name in OTHERS:
                confirm(session, sides[name], entry.version)
        states = {
            entry.decision.what: (entry.state, entry.replaced_by)
            for entry in log.get_entries(session, [first, zurich.decision, lyon.decision])
        }
        assert states == {
            "Basel": (State.SUPERSEDED, 2),
            "Zurich": (State.SUPERSEDED, 3),
            "Lyon": (State.CONFIRMED, None),
        }


def test_who_changed_sides_answers_for_neither_what_they_own_nor_what_they_captured(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        borealis = join(session, ana)["Borealis"]
        budget = NewTask(
            kind=TaskKind.APPROVAL,
            what="Budget",
            owner_id=ana.member_id,
            partner_id=ana.partner_id or "",
        )
        draft = Draft(what="Basel", approvals=(budget,))
        decision = capture.save(session, ana, draft, now=MONDAY).entry.decision
        moved = replace(ana, partner_id=borealis.partner_id, is_manager=False)
        assert len(tasks.get_open_of(session, ana)) == 1
        assert tasks.get_open_of(session, moved) == []
        with pytest.raises(NotAllowed):
            capture.check_may_change(moved, decision)


def test_a_manager_who_switched_on_before_the_channel_was_opened_anew_is_asked_again(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        channel = _link(session, ana)
        on = Listening(
            alliance_id=ana.alliance_id,
            channel_id=channel.id,
            partner_id=ana.partner_id or "",
            member_id=ana.member_id,
            kind=ListeningKind.SUGGEST,
            since=MONDAY,
        )
        session.add(on)
        session.flush()
        assert ears.get_missing(session, channel, ListeningKind.SUGGEST) == []
        channel.linked_at = LATER
        assert ears.get_missing(session, channel, ListeningKind.SUGGEST) == ["Acme"]


def test_what_was_heard_in_one_message_is_not_said_of_the_next() -> None:
    heard = {("slack", "C1"): (ears.mark("UANA", "let's go with Basel"), "D")}
    place = ("slack", "C1")
    assert ears.take(heard, place, ears.mark("UJON", "hello")) is None
    assert ears.take(heard, place, ears.mark("UANA", "let's go with Basel")) == "D"
    assert ears.take(heard, place, ears.mark("UANA", "let's go with Basel")) is None


def test_what_one_side_planned_may_end_in_what_another_notes(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        borealis = join(session, ana)["Borealis"]
        day = MONDAY.date() + timedelta(days=9)
        draft = Draft(what="Choose the site", weight=Weight.PLANNED, planned_on=day)
        plan = capture.save(session, ana, draft, now=MONDAY).entry.decision
        found, _ = log.get_page(session, borealis, "coming", now=LATER)
        assert [decision.id for decision in found] == [plan.id]
        capture.save(session, borealis, Draft(what="Basel", supersedes=plan), now=LATER)
        assert log.get_page(session, borealis, "coming", now=LATER) == ([], False)


def test_files_say_how_it_was_agreed_whom_it_serves_and_what_it_took(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        sides = join(session, ana)
        jsc = make_voting_committee(session, sides, count=2)
        entry = _ask(
            session,
            ana,
            "Basel",
            committee=jsc,
            basis=Basis.ESCALATION,
            serves="north_star",
            inform=(ana.member_id,),
        )
        confirm(session, sides["Borealis"], entry.version)
        (row,) = exporting.dump(session, ana)
        assert (row["basis"], row["serves"]) == ("escalation", "The North Star")
        assert row["needs_to_know"] == ana.member_name
        (version,) = row["chain"]
        assert (version["rule"], version["basis"]) == ("count 2", "escalation")
        assert "* Agreed by: escalation" in exporting.make_record(row)
        jsonschema.validate([row], moving.SCHEMA)
