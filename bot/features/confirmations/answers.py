"""The buttons of a request: confirm one or all, read, withdraw, talk it through."""

from datetime import datetime

from sqlmodel import Session

from bot.core.errors import Conflict, NotAllowed, NotFound, UserError
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Block, Note, Text, View, person, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Address, Deliver, get_member_address
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import Markdown, say
from bot.dispatch.notices import get_change, say_who, tell_managers_of, tell_other_managers
from bot.dispatch.replies import say_error
from bot.dispatch.standings import name_voices, name_waiting
from bot.features.confirmations.found import (
    Found,
    check_author,
    find,
    find_for_side,
    get_author,
    get_newest,
)
from bot.features.confirmations.views import (
    SHOWN,
    make_list,
    render_list,
    render_page,
    render_version,
)
from bot.people import history
from bot.people.models import Alliance, Change, Member, Partner
from bot.statements import proposals, voices
from bot.statements.models import Statement, Version, VersionState, Voice, VoiceKind

SHORTEST, LONGEST = 3, 180

LAPSE = "confirmations.lapse"
"""The topic of what other managers hear of that; its subject is the change's id."""


def show_list(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """What waits for me, and what I put forward."""
    return Answer(view=render_list(context))


def press_page(context: Context, event: ButtonPressed) -> Answer:
    """The next page of what waits for me."""
    alliance_id, _, offset = event.value.partition("|")
    context.enter(alliance_id)
    start = int(offset) if offset.isascii() and offset.isdigit() else 0
    return Answer(view=render_page(context, start))


def set_lapse(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """After how many days an unanswered request lapses, in this alliance."""
    context.require(Needs.MANAGER)
    alliance = context.alliance
    said = next((w for w in arguments.words if w.isascii() and w.isdigit()), "")
    days = int(said[:4]) if said else 0
    if not SHORTEST <= days <= LONGEST:
        return Answer(view=view(Text(text=say("confirm.lapse_usage", count=alliance.lapse_days))))
    before = alliance.lapse_days
    alliance.lapse_days = days
    context.session.add(alliance)
    change = history.record(
        context.session,
        context.viewer,
        "confirmation.lapse_set",
        alliance.id,
        now=context.now,
        before={"days": before},
        after={"days": days},
    )
    if days != before:
        tell_other_managers(context, change, LAPSE)
    return Answer(view=view(Text(text=say("confirm.lapse_set", count=days))))


def render_lapse(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What another manager hears of it."""
    change = get_change(session, message)
    if isinstance(change, Skip):
        return change
    alliance = session.get_one(Alliance, change.alliance_id)
    values = say_who(session, change) | {"count": str(change.after.get("days", ""))}
    return view(
        Text(text=say("confirm.lapse_told", **values)),
        Note(text=say("changed.why", alliance=alliance.name)),
    )


def undo_lapse(context: Context, change: Change) -> Answer:
    """As many days as before."""
    context.alliance.lapse_days = int(str(change.before.get("days", 30)))
    context.session.add(context.alliance)
    return Answer(view=view(Text(text=say("confirm.lapse_set", count=context.alliance.lapse_days))))


def press_confirm(context: Context, event: ButtonPressed) -> Answer:
    """One yes. If the wording changed meanwhile, the present one is shown instead."""
    found = find(context, event.value)
    newer = get_newest(context, found)
    if newer != found and newer.version.state == VersionState.PROPOSED:
        shown = render_version(context, newer)
        lead = Text(text=say("confirm.not_open_new"))
        return Answer(view=View(blocks=(lead, *shown.blocks)))
    return Answer(refresh=view(*_confirm(context, found)))


def _confirm(context: Context, found: Found) -> tuple[Block, ...]:
    voice = voices.confirm(
        context.session,
        context.viewer,
        found.version,
        found.statement,
        now=context.now,
    )
    history.record(context.session, context.viewer, "confirmation.given", voice.id, now=context.now)
    return say_given(context, found)


def say_given(context: Context, found: Found) -> tuple[Block, ...]:
    """What a yes has brought; the feature whose statement it is hears it too, once settled."""
    partner = context.viewer.partner_name or ""
    given = Text(text=say("confirm.given", title=found.title, partner=partner))
    if found.version.state == VersionState.PROPOSED:
        waiting = name_waiting(context.session, found.version, now=context.now)
        return (
            given,
            Text(text=say("confirm.given_waiting", waiting=waiting)),
            Text(text=say("confirm.undo")),
        )
    note_settled(context, found.version)
    names = name_voices(context.session, found.version)
    return given, Text(text=say("confirm.given_settled", names=names))


def note_settled(context: Context, version: Version) -> None:
    """Let the feature whose statement it is hear that a version is no longer open."""
    statement = context.session.get_one(Statement, version.statement_id)
    kind = context.registry.statements.get(statement.kind)
    if kind is not None and kind.settled is not None:
        kind.settled(context.registry, context.session, version, context.now)


def press_all(context: Context, event: ButtonPressed) -> Answer:
    """A yes to one of those that were listed, or to each; what can't be confirmed any more is said,
    and what still waits stays listed. Raises the last reason if that is so of all."""
    blocks: list[Block] = []
    refusals: list[UserError] = []
    for version_id in event.value.split(",")[:SHOWN]:
        try:
            blocks += _confirm(context, find(context, version_id))[:2]
        except (Conflict, NotFound, NotAllowed) as error:
            refusals.append(error)
    if not blocks and refusals:
        raise refusals[-1]
    blocks += [Text(text=say_error(error)) for error in refusals]
    return Answer(refresh=View(blocks=(*blocks, *make_list(context))))


def undo_given(context: Context, change: Change) -> Answer:
    """Take my answer back, while others are still asked. Whoever gave it may, manager or not."""
    context.for_former = False
    context.require(Needs.MEMBER)
    voice = context.session.get(Voice, change.subject_id)
    if voice is None:
        raise NotFound("confirm.not_found")
    partner = context.session.get_one(Partner, voice.partner_id)
    version = voices.take_back(context.session, voice)
    found = find_for_side(context, version.id)
    text = say("confirm.undone", title=found.title, partner=partner.name)
    return Answer(view=view(Text(text=text)))


def press_read(context: Context, event: ButtonPressed) -> Answer:
    """The whole wording and its standing."""
    return Answer(view=render_version(context, find(context, event.value)))


def press_withdraw(context: Context, event: ButtonPressed) -> Answer:
    """The author takes it back; who was asked is told."""
    found = find(context, event.value)
    check_author(context, found.version)
    proposals.withdraw_proposal(context.session, found.version, now=context.now)
    note_settled(context, found.version)
    return Answer(refresh=view(Text(text=say("confirm.withdrawn", title=found.title))))


def press_talk(context: Context, event: ButtonPressed) -> Answer:
    """The author would like to talk with whoever objected: tells them, and names each to the other.
    The button's value is the objection's id."""
    voice = context.session.get(Voice, event.value)
    if voice is None or voice.kind != VoiceKind.OBJECTED:
        raise NotFound("confirm.not_found")
    found = find(context, voice.version_id)
    check_author(context, found.version)
    objector = context.session.get_one(Member, voice.member_id)
    to = get_member_address(context.session, objector.id)
    me = get_member_address(context.session, context.viewer.member_id)
    text = say(
        "confirm.talk_asked",
        person=context.viewer.member_name,
        partner=context.viewer.partner_name,
        title=found.title,
        mention=mention(me, context.viewer.member_name),
    )
    if to is not None:
        content = view(Text(text=text), *get_conflict_clause(context, found))
        context.deliver(Deliver(to=to, view=content, alliance_id=context.viewer.alliance_id))
    done = say("confirm.talk_done", person=objector.name, mention=mention(to, objector.name))
    return Answer(view=view(Text(text=done), *get_conflict_clause(context, found)))


def mention(address: Address | None, name: str) -> Markdown:
    """A person as a mention that each platform shows its way."""
    if address is None or address.user is None:
        return Markdown(f"**{name}**")
    return Markdown(person(address.platform, address.user, name))


def get_conflict_clause(context: Context, found: Found) -> tuple[Block, ...]:
    """How this body agreed to deal with disagreement."""
    return tuple(
        block
        for clause in context.registry.on_conflict
        for block in clause(context.session, context.viewer, found.version.committee_id)
    )


def tell_author(context: Context, found: Found, content: View) -> str:
    """A direct message to whoever put it forward, or to their side's managers if they are gone from
    it; answers the author's name, or the side's."""
    author, side = get_author(context.session, found.version)
    if author.left_at is None and author.partner_id == side.id:
        address = get_member_address(context.session, author.id)
        if address is not None:
            to = Deliver(to=address, view=content, alliance_id=context.viewer.alliance_id)
            context.deliver(to)
        return author.name
    tell_managers_of(context, context.viewer.alliance_id, {side.id}, content)
    return side.name
