"""`onboarding`: who is where, the shares, and what a manager can do for one person."""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import (
    Block,
    Button,
    Fields,
    Heading,
    Menu,
    Note,
    Option,
    Quote,
    Table,
    Text,
    View,
    actions,
)
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.onboarding import arrivals, asking, figures, journeys, showing, tracks
from bot.features.onboarding.figures import Standing
from bot.features.onboarding.models import Feedback, Journey, JourneyState, StepState, Track
from bot.features.onboarding.tracks import TrackKind, read_steps, say_title
from bot.people import alliances
from bot.people.models import Member, Partner
from bot.people.viewer import Viewer

MOST_ROWS = 40
MOST_REMARKS = 5
NUDGED = frozenset({JourneyState.ACTIVE, JourneyState.UNREACHABLE, JourneyState.BROUGHT})
"""Whom a kind word can help."""


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """For managers how everybody is doing; for others how they are doing themselves."""
    return Answer(view=render(context))


def press_show(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    context.enter(event.value)
    return Answer(view=render(context))


def render(context: Context) -> View:
    """What the viewer may see of onboarding."""
    viewer = context.viewer
    if not viewer.is_manager or viewer.partner_id is None:
        return View(blocks=_own(context, viewer))
    shares = _shares(context, viewer)
    if figures.hides_persons(context.session, viewer.alliance_id):
        persons: tuple[Block, ...] = (Note(text=say("onboarding.hidden")),)
    else:
        persons = _persons(context, viewer.partner_id)
    return View(
        blocks=(
            Heading(text=words("onboarding.heading", alliance=context.alliance.name)),
            *shares,
            *_waiting(context, viewer.partner_id),
            *persons,
            *_remarks(context, viewer.partner_id),
            *_doors(context, viewer),
        )
    )


def _own(context: Context, viewer: Viewer) -> tuple[Block, ...]:
    found = journeys.get_journeys(context.session, viewer.member_id)
    if not found:
        return (Text(text=say("onboarding.own_none")),)
    brought, of = showing.get_progress(context.session, found[0])
    state = words(f"onboarding.mine_{found[0].state}")
    return (Text(text=say("onboarding.own", state=state, brought=brought, of=of)),)


def _shares(context: Context, viewer: Viewer) -> tuple[Block, ...]:
    shares = figures.get_shares(context.session, viewer.alliance_id)
    rows: list[tuple[str, str]] = []
    for partner in alliances.get_partners(context.session, viewer.alliance_id):
        share = shares.get(partner.id)
        if partner.joined_at is None:
            continue
        is_own = partner.id == viewer.partner_id
        if share is None or (not is_own and share.members < figures.FEWEST):
            text = words("onboarding.too_few" if share else "onboarding.nobody_yet")
        else:
            key = "onboarding.share_own" if is_own else "onboarding.share_other"
            text = words(key, percent=share.percent, done=share.done, members=share.members)
        rows.append((partner.name, text))
    days = figures.get_days_to_done(context.session, viewer.partner_id or "")
    if days is not None:
        rows.append((words("onboarding.days_label"), words("onboarding.days", count=days)))
    skipped = figures.get_most_skipped(context.session, viewer.partner_id or "")
    if skipped:
        titles = tracks.get_titles(context.session, viewer.partner_id or "")
        names = ", ".join(
            words("onboarding.skips", title=titles[name], count=number) for name, number in skipped
        )
        rows.append((words("onboarding.skipped_label"), names))
    return (
        Fields(items=tuple(rows)),
        Note(text=say("onboarding.benchmark", percent=figures.BENCHMARK)),
    )


def _waiting(context: Context, partner_id: str) -> tuple[Block, ...]:
    waiting = asking.get_waiting(context.session, partner_id)
    if not waiting:
        return ()
    partner = context.session.get_one(Partner, partner_id)
    return asking.render_question(context.session, partner, waiting).blocks


def _persons(context: Context, partner_id: str) -> tuple[Block, ...]:
    standings = [
        standing
        for standing in figures.get_standings(context.session, partner_id, now=context.now)
        if standing.state != JourneyState.ASKED
    ]
    if not standings:
        return (Text(text=say("onboarding.nobody")),)
    columns = ("onboarding.person", "onboarding.where", "onboarding.steps", "onboarding.next_on")
    table = Table(
        columns=tuple(words(key) for key in columns),
        rows=_rows(context, standings[:MOST_ROWS]),
    )
    people = {standing.member_id: standing.name for standing in standings}
    options = tuple(
        Option(value=f"{context.viewer.alliance_id}:{member_id}", label=name[:75])
        for member_id, name in list(people.items())[:100]
    )
    menu = actions(
        Menu(label=words("onboarding.choose_person"), action="onboarding.person", options=options)
    )
    more = len(standings) - MOST_ROWS
    note = (Note(text=say("status.more", count=more)),) if more > 0 else ()
    return (table, *note, *((menu,) if menu else ()))


def _rows(context: Context, standings: Sequence[Standing]) -> tuple[tuple[str, ...], ...]:
    ids = [standing.journey_id for standing in standings if standing.journey_id]
    found = context.session.exec(select(Journey).where(col(Journey.id).in_(ids))).all()
    progress = showing.get_progress_of(context.session, found)
    upcoming = {
        journey.id: say_moment(journey.next_at, context.alliance.zone)
        for journey in found
        if journey.next_at
    }
    rows = []
    for standing in standings:
        brought, of = progress.get(standing.journey_id or "", (0, 0))
        rows.append(
            (
                _say_name(standing),
                _say_state(standing),
                words("onboarding.of", brought=brought, of=of) if of else "",
                upcoming.get(standing.journey_id or "", ""),
            )
        )
    return tuple(rows)


def _say_name(standing: Standing) -> str:
    """The name, with what the notes are about where that is not their joining."""
    if standing.kind in {None, TrackKind.MEMBER}:
        return standing.name
    about = words(f"onboarding.short_{standing.kind}")
    return words("onboarding.person_on", person=standing.name, about=about)


def _say_state(standing: Standing) -> str:
    if standing.is_stuck:
        return words("onboarding.state_stuck")
    return words(f"onboarding.state_{standing.state or 'none'}")


def _remarks(context: Context, partner_id: str) -> tuple[Block, ...]:
    found = context.session.exec(
        select(Feedback)
        .where(col(Feedback.partner_id) == partner_id)
        .order_by(col(Feedback.id).desc())
        .limit(MOST_REMARKS)
    ).all()
    blocks: list[Block] = [Heading(text=words("onboarding.remarks"))] if found else []
    for remark in found:
        member = context.session.get(Member, remark.member_id) if remark.member_id else None
        blocks.append(Quote(text=remark.text))
        name = member.name if member else words("onboarding.unnamed")
        blocks.append(Note(text=say("onboarding.remark_by", person=name, month=remark.day)))
    return tuple(blocks)


def _doors(context: Context, viewer: Viewer) -> tuple[Block, ...]:
    kinds = tuple(
        Option(value=f"{viewer.alliance_id}:{kind}", label=words(f"onboarding.kind_{kind}"))
        for kind in TrackKind
    )
    hidden = figures.hides_persons(context.session, viewer.alliance_id)
    partner = context.session.get(Partner, viewer.partner_id)
    takes = partner is not None and partner.takes_newcomers
    switch = Button(
        label=words("onboarding.only_channels" if takes else "onboarding.also_workspace"),
        action="onboarding.workspace",
        value=viewer.alliance_id,
    )
    can_switch = takes or arrivals.are_told(context.session, viewer.partner_id)
    row = actions(
        Menu(label=words("onboarding.tracks"), action="onboarding.track", options=kinds),
        Button(
            label=words("onboarding.show_names" if hidden else "onboarding.hide_names"),
            action="onboarding.names",
            value=viewer.alliance_id,
        ),
        switch if can_switch else None,
    )
    return (row,) if row else ()


# -- one person ------------------------------------------------------------------------------------


def find_person(context: Context, value: str) -> tuple[Member, Journey | None]:
    """The person that `ALLIANCE:MEMBER` names, of the manager's own partner, with their newest
    journey, or the one that a third part names. Raises NotFound."""
    alliance_id, _, rest = value.partition(":")
    member_id, _, journey_id = rest.partition(":")
    context.enter(alliance_id)
    context.require(Needs.MANAGER)
    member = context.session.get(Member, member_id)
    if (
        member is None
        or member.alliance_id != alliance_id
        or member.partner_id is None
        or member.partner_id != context.viewer.partner_id
        or member.left_at is not None
    ):
        raise NotFound("members.not_found")
    if figures.hides_persons(context.session, alliance_id):
        raise NotFound("onboarding.hidden")
    found = journeys.get_journeys(context.session, member.id)
    if not journey_id:
        return member, found[0] if found else None
    journey = next((each for each in found if each.id == journey_id), None)
    if journey is None:
        raise NotFound("members.not_found")
    return member, journey


def press_person(context: Context, event: ButtonPressed) -> Answer:
    """Where one person is, and what can be done."""
    member, _ = find_person(context, event.value)
    return Answer(view=render_person(context, member))


def render_person(context: Context, member: Member) -> View:
    """One person's notes on each track they are on, with what their manager can do about it."""
    found = journeys.get_journeys(context.session, member.id)
    found = [each for each in found if "#" not in each.cause]  # of those begun anew the newest
    current = [each for each in found if each.state != JourneyState.ENDED] or found[:1]
    blocks: list[Block] = [Heading(text=member.name)]
    if not current:
        value = f"{member.alliance_id}:{member.id}"
        begin = actions(_act("onboarding.begin", "onboarding.restart", value))
        blocks += [Text(text=say("onboarding.person_none")), *((begin,) if begin else ())]
    for journey in current:
        blocks += _render_journey(context, journey)
    return View(blocks=tuple(blocks))


def _render_journey(context: Context, journey: Journey) -> Sequence[Block]:
    value = f"{journey.alliance_id}:{journey.member_id}:{journey.id}"
    brought, of = showing.get_progress(context.session, journey)
    text = say(
        "onboarding.person_at",
        about=words(f"onboarding.kind_{journey.kind}"),
        state=words(f"onboarding.state_{journey.state}"),
        brought=brought,
        of=of,
    )
    row = actions(
        _act("onboarding.nudge", "onboarding.nudge", value) if journey.state in NUDGED else None,
        _act("onboarding.skip_for", "onboarding.skip_for", value)
        if journey.state == JourneyState.ACTIVE
        else None,
        _act("onboarding.restart", "onboarding.restart", value)
        if journey.state != JourneyState.STOPPED
        else None,
    )
    return (Text(text=text), *_history(context, journey), *((row,) if row else ()))


def _act(label: str, action: str, value: str) -> Button:
    return Button(label=words(label), action=action, value=value)


def _history(context: Context, journey: Journey) -> Sequence[Block]:
    track = read_steps(context.session.get_one(Track, journey.track_id))
    titles = {step.name: say_title(step) for step in track}
    rows = []
    for given in journeys.get_given(context.session, journey):
        if given.state in {StepState.LEFT_OUT, StepState.PLANNED} or given.step not in titles:
            continue
        when = say_moment(given.sent_at, context.zone) if given.sent_at else ""
        rows.append((titles[given.step], words(f"onboarding.step_{given.state}"), when))
    if not rows:
        return ()
    columns = ("onboarding.step", "onboarding.where", "onboarding.when")
    return (Table(columns=tuple(words(key) for key in columns), rows=tuple(rows)),)
