"""Who is brought in, when, and what stops it: on both databases."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import col, func, select

from bot.core.errors import Undeliverable
from bot.core.views import Text
from bot.db.engine import Database
from bot.delivery.models import Delivery
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.dispatch.feature import Step
from bot.features.onboarding import arrivals, asking, attendance, figures, journeys, sending
from bot.features.onboarding.models import Journey, JourneyState, StepState, Track
from bot.features.onboarding.tracks import TrackKind, TrackStep, save_track
from bot.people import departures, identity, optouts, partings
from bot.people.models import Account, Alliance, Member, MemberAccount, Partner, Workspace
from bot.testing.world import make_view
from tests.bot.features.onboarding.stage import NOTES, Stage, day_of

WEEK = timedelta(days=7)


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    made = Stage(database, channels=5)
    yield made
    assert made.platform.objections == []


def days(stage: Stage, user: str = "U-MEI") -> list[str]:
    return [day_of(m.at) for m in stage.sent(user)]


def test_one_note_a_working_day_and_the_question_at_the_end(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(WEEK + WEEK)
    assert days(stage) == [f"2027-03-0{day}" for day in (1, 2, 3, 4, 5)]
    texts = [m.text for m in stage.sent("U-MEI")]
    assert "Welcome, U-MEI" in texts[0]
    assert ["text-1" in texts[1], "text-2" in texts[2], "text-3" in texts[3]] == [True] * 3
    assert "what was missing" in texts[4]
    (journey,) = stage.journeys()
    assert journey.state == JourneyState.DONE


def test_whoever_joins_five_channels_at_once_is_welcomed_once(stage: Stage) -> None:
    for number in range(5):
        stage.join("U-MEI", f"C{number}")
    stage.advance(timedelta(days=1))
    assert len(stage.sent("U-MEI")) == 1


def test_two_alliances_are_two_tracks_and_one_note_a_day(stage: Stage) -> None:
    stage.make_alliance("Zenith", channels=1)
    stage.join("U-MEI", "C0")
    stage.join("U-MEI", "Z0")
    stage.advance(timedelta(days=20))
    assert len(stage.journeys()) == 2
    assert len(days(stage)) == 10
    assert len(set(days(stage))) == 10


def test_leaving_and_coming_back_within_the_hour_changes_nothing(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.leave("U-MEI")
    stage.advance(timedelta(minutes=40))
    assert stage.sent("U-MEI") == []
    stage.join("U-MEI")
    stage.advance(timedelta(hours=6))
    assert len(stage.sent("U-MEI")) == 1


def test_who_leaves_gets_no_more_and_goes_on_when_back(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(days=2))
    got = len(stage.sent("U-MEI"))
    assert got == 2
    stage.leave("U-MEI")
    stage.advance(WEEK)
    assert len(stage.sent("U-MEI")) == got
    stage.compare(["U-MEI"])
    stage.advance(timedelta(days=1))
    assert "text-2" in stage.sent("U-MEI")[-1].text


def test_leaving_one_of_two_channels_is_not_leaving(stage: Stage) -> None:
    stage.join("U-MEI", "C0")
    stage.join("U-MEI", "C1")
    stage.tick()
    stage.leave("U-MEI", "C0")
    stage.advance(timedelta(days=1))
    assert len(stage.sent("U-MEI")) == 1


def test_a_week_in_which_nothing_ran_is_not_made_up_for(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=2))
    stage.clock.advance(WEEK)
    stage.advance(timedelta(days=2))
    assert days(stage) == ["2027-03-01", "2027-03-08", "2027-03-09", "2027-03-10"]


def test_a_worker_that_comes_back_at_night_waits_for_the_morning(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.clock.now = datetime(2027, 3, 2, 2, 0, tzinfo=UTC)
    stage.advance(timedelta(hours=12), every=timedelta(minutes=10))
    (note,) = stage.sent("U-MEI")
    assert note.at >= datetime(2027, 3, 2, 8, 0, tzinfo=UTC)


def test_a_clock_that_goes_back_brings_nothing_again(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(days=2))
    before = [m.text for m in stage.sent("U-MEI")]
    stage.clock.advance(-timedelta(days=2))
    stage.advance(timedelta(days=5))
    texts = [m.text for m in stage.sent("U-MEI")]
    assert texts[: len(before)] == before
    assert len(texts) == len(set(texts)) == 5


def test_her_own_zone_and_her_partners_holidays_count(stage: Stage) -> None:
    with stage.database.write() as session:
        member = session.exec(select(Member).limit(1)).one()
        partner = identity.place_of(
            session, member.alliance_id, session.exec(select(Account)).one()
        )
        assert partner is not None
        acme = session.get_one(Partner, partner)
        acme.countries = ["DE"]
        session.add(acme)
    stage.clock.now = datetime(2027, 3, 25, 22, 0, tzinfo=UTC)
    stage.join("U-KIM", zone="America/New_York")
    stage.advance(WEEK, every=timedelta(minutes=10))
    # Good Friday, a weekend and Easter Monday are passed over; nine o'clock is New York's.
    first = stage.sent("U-KIM")[0].at
    assert first == datetime(2027, 3, 30, 13, 10, tzinfo=UTC)


def test_people_who_were_there_before_are_their_managers_to_decide_about(stage: Stage) -> None:
    stage.compare([f"U-{n}" for n in range(30)])
    for _ in range(3):
        stage.tick()
        stage.run_jobs()
    states = [journey.state for journey in stage.journeys()]
    assert states == [JourneyState.ASKED] * 30
    stage.advance(timedelta(hours=2))
    stage.run_jobs()
    (asked,) = stage.sent(stage.ana)
    assert "30 people of Acme" in asked.text
    with stage.database.write() as session:
        journeys.accept(session, stage.viewer.partner_id or "", None, now=stage.clock())
    stage.advance(timedelta(hours=4))
    assert all(len(stage.sent(f"U-{n}")) == 1 for n in range(30))


def test_a_team_that_joins_within_an_hour_waits_for_the_manager(stage: Stage) -> None:
    for number in range(arrivals.BULK + 2):
        stage.join(f"U-{number}")
    stage.tick()
    stage.advance(timedelta(hours=3))
    assert {journey.state for journey in stage.journeys()} == {JourneyState.ASKED}
    assert all(stage.sent(f"U-{number}") == [] for number in range(arrivals.BULK + 2))


def test_bots_and_second_accounts_of_a_person_get_nothing(stage: Stage) -> None:
    stage.join("U-BOT")
    person = stage.platform.people["U-BOT"]
    stage.platform.people["U-BOT"] = replace(person, is_bot=True)
    stage.join("U-MEI")
    stage.advance(timedelta(hours=2))
    assert stage.sent("U-BOT") == []
    with stage.database.write() as session:
        member = session.exec(select(Member).where(col(Member.name) == "U-MEI")).one()
        stage.platform.add_person("U-MEI-2", "U-MEI-2")
        account = identity.save_account(
            session, "fake", stage.platform.people["U-MEI-2"], now=stage.clock()
        )
        session.add(MemberAccount(member_id=member.id, account_id=account.id))
    stage.join("U-MEI-2", "C1")
    stage.advance(timedelta(days=1))
    assert len(stage.journeys()) == 1


def test_people_whom_nobody_placed_wait(stage: Stage) -> None:
    stage.join("U-GUEST")
    stage.platform.people["U-GUEST"] = replace(stage.platform.people["U-GUEST"], is_guest=True)
    stage.advance(timedelta(hours=3))
    assert stage.journeys() == []
    with stage.database.write() as session:
        guest = session.exec(select(Member).where(col(Member.name) == "U-GUEST")).one()
        guest.partner_id = stage.viewer.partner_id
        session.add(guest)
    stage.advance(timedelta(hours=3))
    assert len(stage.sent("U-GUEST")) == 1


def test_a_step_with_nothing_to_say_is_left_out_the_same_day(database: Database) -> None:
    steps = (
        TrackStep(name="one", text="text-0"),
        TrackStep(name="none", day=1, parts=("glossary_that_is_not",)),
        TrackStep(name="two", day=1, text="text-1"),
    )
    stage = Stage(database, steps=steps)
    stage.join("U-MEI")
    stage.advance(timedelta(days=1, hours=4))
    assert days(stage) == ["2027-03-01", "2027-03-02"]
    assert "text-1" in stage.sent("U-MEI")[1].text
    states = {given.step: given.state for given in stage.given()}
    assert states["none"] == StepState.LEFT_OUT


def test_who_is_under_way_stays_on_their_track(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(days=1))
    with stage.database.write() as session:
        changed = (TrackStep(name="new", text="something else"), *NOTES[2:])
        save_track(session, stage.viewer, TrackKind.MEMBER, changed, now=stage.clock())
    stage.join("U-BEN")
    stage.advance(WEEK)
    assert ["text-1" in m.text for m in stage.sent("U-MEI")].count(True) == 1
    assert not any("text-1" in m.text for m in stage.sent("U-BEN"))


def test_who_wants_nothing_unasked_is_left_alone_and_who_is_away_until_back(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.join("U-BEN")
    stage.tick()
    with stage.database.write() as session:
        named = {m.name: m.id for m in session.exec(select(Member))}
        optouts.opt_out(session, named["U-MEI"], optouts.ALL, now=stage.clock())
        until = datetime(2027, 3, 10, tzinfo=UTC)
        optouts.opt_out(session, named["U-BEN"], optouts.AWAY, now=stage.clock(), until=until)
    stage.advance(timedelta(days=10))
    assert stage.sent("U-MEI") == []
    assert days(stage, "U-BEN")[0] == "2027-03-10"


def test_an_unreachable_person_is_met_in_a_channel_once_a_day(stage: Stage) -> None:
    for user in ("U-MEI", "U-BEN"):
        stage.join(user)
    stage.tick()
    stage.clock.advance(timedelta(minutes=15))
    stage.unreachable(times=2)
    stage.advance(timedelta(hours=3))
    posts = [m.text for m in stage.platform.sent if m.channel == "C0"]
    assert len(posts) == 1
    assert "U-MEI" not in posts[0]
    assert "Open mine" in posts[0]
    assert {j.state for j in stage.journeys()} == {JourneyState.UNREACHABLE}


def test_where_no_channel_helps_their_manager_gets_the_text(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.clock.advance(timedelta(minutes=15))
    stage.platform.refuses(Undeliverable("account_inactive"))
    stage.advance(timedelta(hours=3))
    (told,) = stage.sent(stage.ana)
    assert "can't reach U-MEI" in told.text
    assert "text-0" in told.text


def test_a_note_that_is_being_sent_is_not_given_by_a_press_as_well(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    stage.clock.advance(timedelta(hours=22))
    with stage.database.write() as session:
        sending.fire(stage.registry, session, stage.clock())
    stage.crash_after_claim()
    first = stage.given()[0]
    answer = stage.press("U-MEI", "next", str(first.id))
    assert answer is not None
    assert answer.refresh is not None
    assert "on its way to you" in answer.refresh.plain_text()
    stage.advance(timedelta(hours=3))
    assert ["text-1" in m.text for m in stage.sent("U-MEI")].count(True) == 1


def test_whoever_stopped_and_asks_for_a_note_later_gets_it(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    welcome = str(stage.given()[0].id)
    stage.press("U-MEI", "stop", welcome)
    stage.press("U-MEI", "later", f"1:{welcome}")
    stage.advance(timedelta(days=1))
    assert days(stage) == ["2027-03-01", "2027-03-02"]


def test_a_note_kept_back_for_long_is_tried_once_a_day(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    with stage.database.write() as session:
        home = session.exec(select(Workspace)).one()
        departures.leave(session, home, now=stage.clock())
    stage.clock.advance(timedelta(minutes=15))
    for _ in range(5):
        stage.tick()
    tried = stage.read(lambda s: s.exec(select(func.count()).select_from(Delivery)).one())
    assert tried == 1


def test_a_note_left_out_of_a_bundle_comes_later(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.clock.now = datetime(2027, 3, 1, 15, 55, tzinfo=UTC)
    with stage.database.write() as session:
        sending.fire(stage.registry, session, stage.clock())
    stage.clock.now = datetime(2027, 3, 1, 17, 30, tzinfo=UTC)
    with stage.database.write() as session:
        mei = session.exec(select(Member.id).where(col(Member.name) == "U-MEI")).one()
        address = get_member_address(session, mei)
        assert address is not None
        other = Deliver(
            to=address,
            view=make_view("something else"),
            alliance_id=stage.viewer.alliance_id,
            unasked=True,
        )
        enqueue(session, other, now=stage.clock())
    stage.tick()
    assert [m.text for m in stage.sent("U-MEI")] == ["something else"]
    stage.advance(timedelta(days=1))
    assert "Welcome, U-MEI" in stage.sent("U-MEI")[1].text


def test_people_whom_the_platform_does_not_show_hold_nobody_up(stage: Stage) -> None:
    hidden = [f"U-0{n}" for n in range(arrivals.PROFILES * 2)]
    stage.compare([*hidden, "U-MEI"])
    for user in hidden:
        del stage.platform.people[user]
    stage.advance(timedelta(hours=1), every=timedelta(minutes=1))
    assert len(stage.journeys()) == 1


def test_what_her_manager_may_not_see_is_not_passed_on(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.registry.steps["secret"] = Step(
        name="secret",
        title="onboarding.title_welcome",
        render=lambda _session, viewer, _now: (Text(text=f"{viewer.member_name} reads this"),),
    )
    with stage.database.write() as session:
        track = session.get_one(Track, stage.journeys()[0].track_id)
        track.steps = [{**track.steps[0], "parts": ["secret"]}, *track.steps[1:]]
        session.add(track)
    stage.clock.advance(timedelta(minutes=15))
    stage.platform.refuses(Undeliverable("account_inactive"))
    stage.advance(timedelta(hours=3))
    (told,) = stage.sent(stage.ana)
    assert "text-0" in told.text
    assert "reads this" not in told.text


def test_few_who_were_there_before_wait_without_a_question(stage: Stage) -> None:
    stage.compare(["U-MEI", "U-BEN"])
    stage.tick()
    stage.advance(timedelta(hours=6))
    stage.run_jobs()
    assert {journey.state for journey in stage.journeys()} == {JourneyState.ASKED}
    assert stage.sent(stage.ana) == []


def test_a_manager_who_does_not_answer_is_asked_twice_and_no_more(stage: Stage) -> None:
    stage.compare([f"U-{n}" for n in range(30)])
    stage.tick()
    for _ in range(30):
        stage.advance(timedelta(days=1), every=timedelta(hours=8))
        stage.run_jobs()
    assert len(stage.sent(stage.ana)) == 2


def test_when_an_alliance_ends_newcomers_wait_until_it_is_taken_back(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    ended = replace(stage.viewer, is_manager=True)
    with stage.database.write() as session:
        partings.end(session, ended, now=stage.clock())
    stage.join("U-BEN")
    stage.advance(timedelta(days=2))
    assert len(stage.sent("U-MEI")) == 1
    with stage.database.write() as session:
        session.get_one(Alliance, stage.viewer.alliance_id).ended_at = None
    stage.advance(timedelta(days=1))
    assert days(stage) == ["2027-03-01", "2027-03-03", "2027-03-04"]
    assert days(stage, "U-BEN") == ["2027-03-03", "2027-03-04"]


def test_who_did_not_fit_into_the_form_waits_on(stage: Stage) -> None:
    stage.compare([f"U-{n:03}" for n in range(asking.MOST_OPTIONS + 20)])
    for _ in range(8):
        stage.tick()
    with stage.database.read() as session:
        waiting = asking.get_waiting(session, stage.viewer.partner_id or "")
    assert len(waiting) == asking.MOST_OPTIONS + 20
    context = {"alliance": stage.viewer.alliance_id}
    answer = stage.submit(stage.ana, "choose", context, members=(waiting[0].id, waiting[1].id))
    assert answer.view is not None
    assert "20 people" in answer.view.plain_text()
    states = Counter(journey.state for journey in stage.journeys())
    assert (states["active"], states["asked"], states["declined"]) == (2, 20, 98)


def test_what_is_wrong_with_a_note_stands_beside_its_input(stage: Stage) -> None:
    context = {"step": f"{stage.viewer.alliance_id}:member:n1"}
    long = stage.submit(stage.ana, "step", context, title="Note 1", day="95", read="no")
    assert list(long.errors) == ["day"]
    same = stage.submit(
        stage.ana, "step", context, title="Note 1", day="1", text="text-1", read="no"
    )
    assert list(same.errors) == ["title"]


def test_how_everybody_is_doing_takes_few_queries(stage: Stage) -> None:
    for number in range(7):
        stage.join(f"U-{number}")
    stage.advance(timedelta(days=14), every=timedelta(hours=6))
    partner = stage.viewer.partner_id or ""
    with stage.database.read() as session:
        queries: list[str] = []
        event.listen(
            session.connection(), "before_cursor_execute", lambda *said: queries.append(said[2])
        )
        standings = figures.get_standings(session, partner, now=stage.clock())
    assert sum(standing.is_stuck for standing in standings) == 0
    assert len(queries) <= 3


def test_who_has_not_reacted_for_five_working_days_is_stuck(stage: Stage) -> None:
    slow = tuple(replace(step, day=step.day * 10) for step in NOTES)
    with stage.database.write() as session:
        save_track(session, stage.viewer, TrackKind.MEMBER, slow, now=stage.clock())
    for user in ("U-MEI", "U-BEN"):
        stage.join(user)
    stage.advance(timedelta(days=6), every=timedelta(hours=3))
    stage.press("U-BEN", "open", str(stage.given()[-1].id))
    stage.advance(timedelta(days=3), every=timedelta(hours=3))
    with stage.database.read() as session:
        found = figures.get_standings(session, stage.viewer.partner_id or "", now=stage.clock())
    assert [(s.name, s.is_stuck) for s in found if s.journey_id] == [
        ("U-MEI", True),
        ("U-BEN", False),
    ]


def test_the_shares_count_who_is_through(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.join("U-BEN")
    stage.advance(WEEK)
    with stage.database.write() as session:
        second = session.exec(select(Journey).order_by(col(Journey.id).desc()).limit(1)).one()
        second.state = JourneyState.STOPPED
        session.add(second)
        session.flush()
        shares = figures.get_shares(session, stage.viewer.alliance_id)
    share = shares[stage.viewer.partner_id or ""]
    assert (share.members, share.done, share.percent) == (3, 1, 33)


def test_people_whom_nobody_can_look_up_hold_up_no_others(stage: Stage) -> None:
    unknown = [f"U-GONE-{number:02}" for number in range(arrivals.PROFILES + 5)]
    with stage.database.write() as session:
        channel = stage._channel(session, "C0")
        attendance.note_joined(session, channel.id, unknown, now=stage.clock())
    stage.tick()
    stage.join("U-MEI")
    stage.advance(timedelta(hours=2))
    assert len(stage.sent("U-MEI")) == 1
