"""What a manager does for one person: `onboard @user`, nudge, restart, skip; names on or off."""

from datetime import timedelta

from bot.core.errors import Conflict, NotAllowed, NotFound
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.ports import UserProfile, UserQuery
from bot.core.views import Button, Note, Text, actions, view
from bot.db.revisions import bump
from bot.delivery.outbox import get_member_address
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Result
from bot.dispatch.grammar import Arguments, TokenKind, match_phrase
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.onboarding import asking, figures, giving, journeys, own, planning
from bot.features.onboarding.models import Journey, JourneyState, StepState
from bot.features.onboarding.overview import NUDGED, find_person, render_person
from bot.features.onboarding.tracks import TrackKind
from bot.people import channels, history, identity, optouts, roles
from bot.people.models import Change, Member, Partner

BETWEEN_NUDGES = timedelta(days=5)


def onboard(context: Context, event: CommandInvoked, arguments: Arguments) -> Result:
    """`onboard @user` for managers; without a name, one's own next note."""
    users = arguments.of_kind(TokenKind.PERSON)
    if not users:
        return own.show_own(context)
    context.require(Needs.MANAGER)
    unknown = [user for user in users if _find_member(context, user) is None]
    if unknown:
        queries = tuple(UserQuery(workspace=event.workspace, user=user) for user in unknown)
        return Fetch(queries=queries, then=_meet)
    return _onboard_all(context, users)


def _find_member(context: Context, user: str) -> Member | None:
    return identity.find_member(
        context.session,
        context.viewer.alliance_id,
        platform=context.event.platform,
        user=user,
    )


def _meet(context: Context, event: CommandInvoked, found: Found) -> Answer:
    context.require(Needs.MANAGER)
    for profile in found:
        if not isinstance(profile, UserProfile) or profile.is_bot:
            raise NotFound("members.not_found")
        account = identity.save_account(
            context.session, context.event.platform, profile, now=context.now
        )
        identity.ensure_member(
            context.session, context.viewer.alliance_id, account, now=context.now
        )
    matched = match_phrase(event.text, ["onboard"])
    return _onboard_all(context, matched[1].of_kind(TokenKind.PERSON) if matched else [])


def _onboard_all(context: Context, users: list[str]) -> Answer:
    members = [member for user in users if (member := _find_member(context, user)) is not None]
    if not members:
        raise NotFound("members.not_found")
    for member in members:
        if member.partner_id is None:
            raise Conflict("onboarding.place_first", person=member.name)
        roles.check_own(context.viewer, member)
        _check_wanted(context, member, TrackKind.MEMBER)
    begun = [member for member in members if _begin(context, member)]
    if not begun:
        raise Conflict("onboarding.under_way", person=", ".join(m.name for m in members))
    names = ", ".join(member.name for member in begun)
    return Answer(view=view(Text(text=say("onboarding.begun", person=names))))


def _check_wanted(context: Context, member: Member, kind: str) -> None:
    """Raise Conflict if somebody stopped these notes themselves: only they take that back."""
    found = journeys.get_journeys(context.session, member.id)
    if any(each.state == JourneyState.STOPPED and each.kind == kind for each in found):
        raise Conflict("onboarding.stopped_themselves", person=member.name)


def _begin(context: Context, member: Member) -> bool:
    """Begin, or go on with, a member's own track. False if it is under way."""
    found = [j for j in journeys.get_journeys(context.session, member.id) if j.kind == "member"]
    if not found:
        journeys.begin(
            context.session,
            member.alliance_id,
            member.partner_id or "",
            [member.id],
            kind=TrackKind.MEMBER,
            cause="join",
            now=context.now,
        )
        _record_begun(context, member)
        return True
    journey = found[0]
    if journey.state in {JourneyState.ACTIVE, JourneyState.UNREACHABLE}:
        return False
    if journey.state in own.OVER:
        journeys.restart(context.session, journey, now=context.now)
        _record_begun(context, member, replaced=journey)
        return True
    journey.state, journey.begun_at = JourneyState.ACTIVE, context.now
    planning.reopen(context.session, journey)
    _record_begun(context, member, begun=journey)
    return True


def _record_begun(
    context: Context,
    member: Member,
    *,
    begun: Journey | None = None,
    replaced: Journey | None = None,
    state: str = "",
) -> None:
    """What began, by default the newest; and what it took the place of, with how that stood."""
    begun = begun or journeys.get_journeys(context.session, member.id)[0]
    before: dict[str, object] = {}
    if replaced is not None:
        before = {"journey": replaced.id, "state": state or replaced.state}
    history.record(
        context.session,
        context.viewer,
        "onboarding.begun",
        member.id,
        now=context.now,
        before=before,
        after={"journey": begun.id},
    )


def _record(context: Context, action: str, member_id: str) -> None:
    history.record(context.session, context.viewer, action, member_id, now=context.now)


def undo_begun(context: Context, change: Change) -> Answer:
    """Stop what was just begun, and go on with what it took the place of; what went out already
    stays."""
    member = context.session.get_one(Member, change.subject_id)
    roles.check_own(context.viewer, member)
    found = {each.id: each for each in journeys.get_journeys(context.session, member.id)}
    begun = found.get(str(change.after.get("journey")))
    former = found.get(str(change.before.get("journey")))
    if begun is None or begun.state not in {JourneyState.ACTIVE, JourneyState.UNREACHABLE}:
        raise Conflict("undo.changed_since")
    begun.state, begun.is_open, begun.next_at = JourneyState.DECLINED, False, None
    context.session.add(begun)
    if former is not None:
        _go_on_with(context, former, begun, state=str(change.before.get("state")))
    return Answer(view=view(Text(text=say("onboarding.begun_undone", person=member.name))))


def _go_on_with(context: Context, former: Journey, begun: Journey, *, state: str) -> None:
    cause, begun.cause = begun.cause, f"{begun.cause}#{begun.edition}"
    begun.state = JourneyState.ENDED
    context.session.flush()
    former.cause, former.state = cause, state
    former.is_open = state == JourneyState.ACTIVE
    context.session.add(former)
    context.session.flush()


def press_restart(context: Context, event: ButtonPressed) -> Answer:
    """From the beginning, with the newest track."""
    member, journey = find_person(context, event.value)
    _check_wanted(context, member, journey.kind if journey else TrackKind.MEMBER)
    if journey is None:
        _begin(context, member)
    else:
        state = journey.state
        begun = journeys.restart(context.session, journey, now=context.now)
        _record_begun(context, member, begun=begun, replaced=journey, state=state)
    return Answer(view=view(Text(text=say("onboarding.begun", person=member.name))))


def press_skip_for(context: Context, event: ButtonPressed) -> Answer:
    """Leave the next step out for somebody."""
    member, journey = find_person(context, event.value)
    if journey is None or journey.step is None or journey.state != JourneyState.ACTIVE:
        raise Conflict("onboarding.nothing_to_skip", person=member.name)
    if journey.next_at is None:
        raise Conflict("onboarding.on_its_way", person=member.name)
    giving.take(context.session, journey, journey.step, StepState.LEFT_OUT, now=context.now)
    planning.reopen(context.session, journey)
    return Answer(view=render_person(context, member))


def press_nudge(context: Context, event: ButtonPressed) -> Answer:
    """A kind word to somebody who has not reacted; to whom nothing arrived, another try."""
    member, journey = find_person(context, event.value)
    if journey is None or journey.state not in NUDGED:
        raise Conflict("onboarding.nothing_to_skip", person=member.name)
    if journey.told_at is not None and journey.told_at > context.now - BETWEEN_NUDGES:
        raise Conflict("onboarding.nudged_already", person=member.name)
    if optouts.has_opted_out(context.session, member.id, optouts.ALL, now=context.now):
        raise Conflict("onboarding.muted", person=member.name)
    if journey.state == JourneyState.UNREACHABLE:
        journey.state, journey.trouble = JourneyState.ACTIVE, None
        planning.reopen(context.session, journey)
    else:
        _nudge(context, member, journey)
    journey.told_at = context.now
    context.session.add(journey)
    return Answer(view=view(Text(text=say("onboarding.nudged", person=member.name))))


def _nudge(context: Context, member: Member, journey: Journey) -> None:
    address = get_member_address(context.session, member.id)
    if address is None:
        raise Conflict("onboarding.nothing_to_skip", person=member.name)
    content = view(
        Text(
            text=say(
                "onboarding.nudge_text",
                person=context.viewer.member_name,
                alliance=context.alliance.name,
            )
        ),
        actions(
            Button(
                label=words("onboarding.open_mine"),
                action="onboarding.mine",
                value=member.alliance_id,
                style="primary",
            )
        ),
        Note(text=say("onboarding.nudge_why", person=context.viewer.member_name)),
    )
    tell_unasked(context.session, member.alliance_id, member.id, view=content, now=context.now)


def press_names(context: Context, event: ButtonPressed) -> Answer:
    """Show nobody's progress by name in this alliance any more, or again: each partner can want
    that, and its own managers alone take it back."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    partner = context.session.get_one(Partner, context.viewer.partner_id)
    practice = asking.ensure_practice(context.session, partner, now=context.now)
    hidden = figures.hides_persons(context.session, event.value)
    if hidden and not practice.hides_persons:
        raise NotAllowed("onboarding.hidden_by_other")
    practice.hides_persons = not practice.hides_persons
    context.session.add(practice)
    _record(context, "onboarding.names", partner.id)
    key = "onboarding.names_off" if practice.hides_persons else "onboarding.names_on"
    return Answer(view=view(Text(text=say(key))))


def undo_names(context: Context, change: Change) -> Answer:
    """Take the switch back."""
    partner = context.session.get_one(Partner, context.viewer.partner_id)
    practice = asking.ensure_practice(context.session, partner, now=context.now)
    practice.hides_persons = not practice.hides_persons
    context.session.add(practice)
    key = "onboarding.names_off" if practice.hides_persons else "onboarding.names_on"
    return Answer(view=view(Text(text=say(key))))


def press_workspace(context: Context, event: ButtonPressed) -> Answer:
    """Bring in who joins the partner's workspace, too, or only who joins a channel again."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    _record(context, "onboarding.workspace", context.viewer.partner_id or "")
    return _turn_workspace(context)


def undo_workspace(context: Context, change: Change) -> Answer:
    """Take the switch back."""
    return _turn_workspace(context)


def _turn_workspace(context: Context) -> Answer:
    partner = context.session.get_one(Partner, context.viewer.partner_id)
    partner.takes_newcomers = not partner.takes_newcomers
    context.session.add(partner)
    bump(context.session, channels.CHANNELS_SCOPE)
    key = "onboarding.workspace_on" if partner.takes_newcomers else "onboarding.workspace_off"
    return Answer(view=view(Text(text=say(key, partner=partner.name))))
