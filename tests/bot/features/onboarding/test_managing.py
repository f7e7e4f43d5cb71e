"""What managers see and do: how everybody is doing, a kind word, beginning anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.core.views import View
from bot.db.engine import Database
from bot.dispatch.answers import Answer
from bot.features.onboarding import figures
from bot.features.onboarding.models import JourneyState, StepState
from bot.features.onboarding.tracks import TrackKind, save_track
from bot.people import committees
from bot.people.models import Member, Partner
from bot.testing.world import add_member
from tests.bot.features.onboarding.stage import NOTES, Stage, day_of

WEEK = timedelta(days=7)


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    made = Stage(database)
    yield made
    assert made.platform.objections == []


def shown(answer: Answer | None) -> str:
    assert answer is not None
    view = answer.view or answer.refresh
    assert isinstance(view, View)
    return view.plain_text()


def person(stage: Stage, name: str) -> str:
    """What names somebody in a manager's button."""
    member = stage.read(lambda s: s.exec(select(Member.id).where(col(Member.name) == name)).one())
    return f"{stage.viewer.alliance_id}:{member}"


def given(stage: Stage, step: str) -> str:
    return str(next(each.id for each in stage.given() if each.step == step))


def keep(stage: Stage, **asks: bool) -> None:
    """Acme's notes, with those that ask to be read."""
    steps = tuple(replace(step, acknowledge=asks.get(step.name, False)) for step in NOTES)
    with stage.database.write() as session:
        save_track(session, stage.viewer, TrackKind.MEMBER, steps, now=stage.clock())


def get_share(stage: Stage) -> figures.Share:
    shares = stage.read(lambda s: figures.get_shares(s, stage.viewer.alliance_id))
    return shares[stage.viewer.partner_id or ""]


def test_whoever_did_not_mark_what_asks_for_it_is_not_through(stage: Stage) -> None:
    keep(stage, n1=True)
    stage.join("U-MEI")
    stage.join("U-BEN")
    stage.advance(timedelta(days=2), every=timedelta(hours=3))
    stage.press("U-BEN", "read", given_of(stage, "U-BEN", "n1"))
    stage.advance(WEEK, every=timedelta(hours=4))
    states = {name: state_of(stage, name) for name in ("U-MEI", "U-BEN")}
    assert states == {"U-MEI": JourneyState.BROUGHT, "U-BEN": JourneyState.DONE}
    assert get_share(stage).done == 1
    answer = stage.press("U-MEI", "mine", stage.viewer.alliance_id)
    assert "text-1" in shown(answer)
    stage.press("U-MEI", "read", given_of(stage, "U-MEI", "n1"))
    stage.tick()
    assert get_share(stage).done == 2


def given_of(stage: Stage, name: str, step: str) -> str:
    member = person(stage, name).split(":")[1]
    return str(next(g.id for g in stage.given() if (g.member_id, g.step) == (member, step)))


def state_of(stage: Stage, name: str) -> str:
    member = person(stage, name).split(":")[1]
    return next(journey.state for journey in stage.journeys() if journey.member_id == member)


def test_being_through_with_another_track_is_no_share(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    (journey,) = stage.journeys()
    with stage.database.write() as session:
        other = save_track(session, stage.viewer, TrackKind.CATCH_UP, NOTES, now=stage.clock())
        journey.kind, journey.cause, journey.track_id = "catch_up", "seat:x", other.id
        journey.state = JourneyState.DONE
        session.merge(journey)
    assert get_share(stage).done == 0


def test_nobody_begins_anew_what_somebody_stopped_themselves(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    stage.press("U-MEI", "stop", str(stage.given()[0].id))
    refused = shown(stage.press(stage.ana, "restart", person(stage, "U-MEI")))
    assert "Only they can take that back" in refused
    stage.advance(timedelta(days=3))
    assert len(stage.sent("U-MEI")) == 1
    assert "Begin anew" not in shown(stage.press(stage.ana, "person", person(stage, "U-MEI")))


def test_beginning_anew_brings_all_of_it_once_more(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(days=2), every=timedelta(hours=3))
    stage.press(stage.ana, "restart", person(stage, "U-MEI"))
    stage.advance(WEEK, every=timedelta(hours=4))
    texts = [m.text for m in stage.sent("U-MEI")]
    assert len([text for text in texts if "Welcome" in text]) == 2
    assert len({day_of(m.at) for m in stage.sent("U-MEI")}) == len(texts)
    stage.press(stage.ana, "restart", person(stage, "U-MEI"))
    assert stage.say(stage.ana, "onboarding").count("U-MEI ·") == 1
    detail = shown(stage.press(stage.ana, "person", person(stage, "U-MEI")))
    assert detail.count("New members:") == 1


def test_who_wants_nothing_unasked_goes_on_when_they_do_again(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    stage.say("U-MEI", "mute all")
    stage.advance(timedelta(days=3), every=timedelta(hours=4))
    assert len(stage.sent("U-MEI")) == 1
    stage.say("U-MEI", "unmute all")
    stage.advance(timedelta(days=2), every=timedelta(hours=4))
    assert "text-1" in stage.sent("U-MEI")[1].text


def test_a_kind_word_opens_what_waits_and_comes_once_in_five_days(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    assert "hears from me" in shown(stage.press(stage.ana, "nudge", person(stage, "U-MEI")))
    again = shown(stage.press(stage.ana, "nudge", person(stage, "U-MEI")))
    assert "Once every five days" in again
    stage.advance(timedelta(days=1), every=timedelta(hours=3))
    told = next(m.text for m in stage.sent("U-MEI") if "Ana asks me to say" in m.text)
    assert "Open mine" in told


def test_a_note_left_out_for_somebody_never_comes_and_counts_as_no_skip(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    stage.press(stage.ana, "skip_for", person(stage, "U-MEI"))
    stage.advance(WEEK, every=timedelta(hours=4))
    assert not any("text-1" in m.text for m in stage.sent("U-MEI"))
    assert {g.step: g.state for g in stage.given()}["n1"] == StepState.LEFT_OUT
    assert stage.read(lambda s: figures.get_most_skipped(s, stage.viewer.partner_id or "")) == []


def test_the_figures_say_how_long_it_takes_and_what_is_skipped(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(days=1, hours=3), every=timedelta(hours=3))
    stage.press("U-MEI", "skip", given(stage, "n1"))
    stage.advance(WEEK, every=timedelta(hours=4))
    said = stage.say(stage.ana, "onboarding")
    assert "4 days, typically" in said
    assert "Note 1 (1×)" in said


@pytest.mark.parametrize("people", [figures.FEWEST - 1, figures.FEWEST])
def test_the_other_side_sees_a_share_from_five_people_up(stage: Stage, people: int) -> None:
    with stage.database.write() as session:
        borealis = session.exec(select(Partner).where(col(Partner.name) == "Borealis")).first()
        borealis = borealis or Partner(
            alliance_id=stage.viewer.alliance_id, name="Borealis", created_at=stage.clock()
        )
        borealis.joined_at = stage.clock()
        session.add(borealis)
        session.flush()
        for number in range(people):
            member = add_member(
                session,
                stage.viewer,
                platform="fake",
                workspace="W1",
                user=f"U-B{number}",
                person=f"Bea {number}",
                now=stage.clock(),
            )
            member.partner_id = borealis.id
    said = stage.say(stage.ana, "onboarding")
    assert "Bea" not in said
    assert ("fewer than five people" in said) == (people < figures.FEWEST)


def test_what_was_missing_reaches_her_own_managers_a_day_later_without_a_name(
    stage: Stage,
) -> None:
    stage.join("U-MEI")
    stage.advance(WEEK, every=timedelta(hours=4))
    question = given(stage, "question")
    stage.submit("U-MEI", "remark", {"given": question}, text="Who orders samples?", named="no")
    stage.advance(timedelta(hours=12))
    assert stage.sent(stage.ana) == []
    stage.advance(timedelta(days=2), every=timedelta(hours=3))
    (told,) = stage.sent(stage.ana)
    assert "Who orders samples?" in told.text
    assert "U-MEI" not in told.text


def test_a_note_for_one_committee_is_made_in_the_form_and_read_by_its_members(
    stage: Stage,
) -> None:
    with stage.database.write() as session:
        committees.add_committee(session, stage.viewer, "JSC", now=stage.clock())
    context = {"step": f"{stage.viewer.alliance_id}:member:n1"}
    values = {"title": "Note 1", "day": "1", "text": "text-1", "read": "no", "role": "all"}
    wrong = stage.submit(stage.ana, "step", context, **values, committee="Nobody")
    assert list(wrong.errors) == ["committee"]
    right = stage.submit(stage.ana, "step", context, **values, committee="JSC")
    assert "only for JSC" in shown(right)
    stage.join("U-MEI")
    stage.advance(WEEK, every=timedelta(hours=4))
    assert not any("text-1" in m.text for m in stage.sent("U-MEI"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- {name: a, parts: [not_here]}", "nothing I know"),
        ("- {name: a, text: b, committee: Nobody}", "no committee of that name"),
    ],
)
def test_a_part_or_committee_that_is_not_here_is_named(stage: Stage, line: str, said: str) -> None:
    context = {"track": f"{stage.viewer.alliance_id}:member"}
    answer = stage.submit(stage.ana, "yaml", context, yaml=line)
    assert said in answer.errors["yaml"]


def seat(stage: Stage, name: str) -> None:
    """Somebody is given a seat on the JSC."""
    stage.run_jobs()
    stage.clock.advance(timedelta(minutes=1))
    with stage.database.write() as session:
        jsc = committees.add_committee(session, stage.viewer, "JSC", now=stage.clock())
        member = session.exec(select(Member).where(col(Member.name) == name)).one()
        committees.seat(session, stage.viewer, jsc, member, kind="member", since=stage.clock())
    stage.clock.advance(timedelta(minutes=30))
    stage.run_jobs()


def test_whoever_is_on_two_tracks_is_shown_on_both_and_helped_on_either(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    seat(stage, "U-MEI")
    said = stage.say(stage.ana, "onboarding")
    assert "U-MEI · under way" in said
    assert "U-MEI (on a committee) · under way" in said
    shown_person = shown(stage.press(stage.ana, "person", person(stage, "U-MEI")))
    assert "New members: under way, 1 of 4 notes" in shown_person
    assert "New committee members: under way" in shown_person
    joined = next(journey for journey in stage.journeys() if journey.kind == "member")
    stage.press(stage.ana, "skip_for", f"{person(stage, 'U-MEI')}:{joined.id}")
    assert {g.step for g in stage.given() if g.state == StepState.LEFT_OUT} == {"n1"}
    refused = shown(stage.press(stage.ana, "skip_for", f"{person(stage, 'U-MEI')}:{'f' * 24}"))
    assert "U-MEI" not in refused


def test_taking_back_a_new_beginning_goes_on_with_what_was_there(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    seat(stage, "U-MEI")
    joined = next(journey for journey in stage.journeys() if journey.kind == "member")
    stage.press(stage.ana, "restart", f"{person(stage, 'U-MEI')}:{joined.id}")
    stage.say(stage.ana, "undo")
    states = {journey.id: journey.state for journey in stage.journeys()}
    assert states[joined.id] == JourneyState.ACTIVE
    assert sorted(states.values()) == ["active", "active", "ended"]
    stage.advance(WEEK, every=timedelta(hours=4))
    assert [text for m in stage.sent("U-MEI") if "Welcome" in (text := m.text)][1:] == []
    assert any("text-3" in m.text for m in stage.sent("U-MEI"))


def test_notes_are_called_by_what_they_say_and_not_by_their_names(stage: Stage) -> None:
    steps = (NOTES[0], replace(NOTES[1], name="own_1", title="", text="*Ordering* samples\nmore"))
    with stage.database.write() as session:
        save_track(session, stage.viewer, TrackKind.MEMBER, steps, now=stage.clock())
    stage.join("U-MEI")
    stage.advance(timedelta(days=1, hours=4), every=timedelta(hours=2))
    skipped = shown(stage.press("U-MEI", "skip", given(stage, "own_1")))
    assert "Skipped: Ordering samples." in skipped
    assert "Ordering samples (1×)" in stage.say(stage.ana, "onboarding")
