"""Capturing: the command, the message's menu, the pin, the form, and what saving says."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormSubmitted,
    ReactionAdded,
    ShortcutInvoked,
)
from bot.core.ports import ThreadMessage, ThreadProfile, ThreadQuery
from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.delivery.outbox import Deliver
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Result
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.replies import get_reply_address
from bot.features.decisions import announcing, asking, capture, log
from bot.features.decisions.capture import Draft, Saved, compose
from bot.features.decisions.detection import Detector
from bot.features.decisions.forms import (
    NAME,
    NOW,
    Extra,
    get_start,
    make_form,
    prefill,
    read_draft,
)
from bot.features.decisions.line import Line, read_line
from bot.features.decisions.models import Decision, DecisionBook, Weight
from bot.features.decisions.start import Start, find_channel, find_source, load, start_here
from bot.features.decisions.views import make_show
from bot.people import committees
from bot.people.identity import find_members
from bot.people.models import AudienceKind, Change, ChannelState, Member
from bot.statements.sides import get_sides

UNSEEN_REACTIONS = frozenset({"teams"})
"""Platforms that tell of reactions to Entente's own messages alone."""

# Ways in


def decide(context: Context, event: CommandInvoked, arguments: Arguments) -> Result:
    """`decide`: the form; with words: what would be saved, to be looked at first."""
    start = start_here(context, event)
    known = committees.get_committees(context.session, context.viewer)
    if not arguments.text:
        if start.message and event.trigger is None:
            return Answer(view=_offer(start))
        return Answer(opens=(NAME, start.dump()))
    said = read_line(arguments, [committee.name for committee in known])
    body = next((c.id for c in known if c.name == said.committee), "")
    filled = Start(
        alliance=start.alliance,
        channel=start.channel,
        message=start.message,
        thread=start.thread,
        what=said.what,
        why=said.why,
        committee=body,
    )
    _check_line(said)
    return Answer(view=_preview(context, filled, said))


def _check_line(said: Line) -> None:
    if not said.what or len(said.what) > capture.LONGEST_WHAT:
        raise NotUnderstood("decisions.length", most=capture.LONGEST_WHAT)
    if len(said.why) > capture.LONGEST_WHY:
        raise NotUnderstood("decisions.length", most=capture.LONGEST_WHY)


def _preview(context: Context, start: Start, said: Line) -> View:
    """What one line would save; nothing is kept until a button is pressed."""
    fits = start.fits()
    body = said.committee or words("decisions.body_none")
    return view(
        Text(text=say("decisions.preview", body=body)),
        Quote(text=compose(said.what, said.why)),
        actions(
            Button(label=words("decisions.note_it"), action="decisions.note", value=start.dump())
            if fits
            else None,
            Button(
                label=words("decisions.ask_partners"),
                action="decisions.ask_line",
                value=start.dump(),
                style="primary",
            )
            if fits
            else None,
            Button(label=words("decisions.more"), opens=NAME, value=start.dump()),
        ),
        Note(text=say("decisions.preview_note" if fits else "decisions.preview_long")),
    )


def use_shortcut(context: Context, event: ShortcutInvoked) -> Answer:
    """From the menu of a message: the form, with that message's words."""
    start = start_here(context, event, message=event.message)
    text = _as_plain(event.text)
    filled = Start(
        alliance=start.alliance,
        channel=start.channel,
        message=start.message,
        thread=start.thread,
        what=text[: capture.LONGEST_WHAT],
    )
    form = make_form(context, filled, prefill(context, filled))
    return Answer(form=form)


def _as_plain(text: str) -> str:
    return " ".join(text.split())


def hear_pin(context: Context, event: Event) -> None:
    """A pin on a message of a linked channel: a private button that opens the form."""
    if not isinstance(event, ReactionAdded) or context.chosen is None:
        return
    if context.who.channel_state != ChannelState.LINKED:
        return
    book = log.get_book(context.session, context.viewer.alliance_id)
    if event.emoji.partition("::")[0] != book.pin:
        return
    start = start_here(context, event, message=event.message)
    context.deliver(
        Deliver(
            to=get_reply_address(event),
            view=_offer(start),
            alliance_id=context.viewer.alliance_id,
        )
    )


def _offer(start: Start) -> View:
    return view(
        Text(text=say("decisions.offer")),
        actions(
            Button(
                label=words("decisions.capture"),
                action="decisions.draft",
                value=start.dump(),
                style="primary",
            )
        ),
        Note(text=say("decisions.offer_note")),
    )


def press_draft(context: Context, event: ButtonPressed) -> Result:
    """The form, with the words of the message pointed at, if the platform lets them be read."""
    start = load(event.value)
    context.enter(start.alliance)
    find_channel(context.session, context.viewer, event.platform, start)
    return Fetch(queries=(_ask_thread(event, start),), then=then_open)


def _ask_thread(event: Event, start: Start) -> ThreadQuery:
    return ThreadQuery(
        workspace=event.workspace,
        channel=start.channel,
        message=start.message,
        thread=start.thread if start.thread != start.message else None,
    )


def then_open(context: Context, event: ButtonPressed, found: Found) -> Answer:
    """The form; empty where the thread can't be read."""
    start = load(event.value)
    context.enter(start.alliance)
    profile = found[0] if isinstance(found[0], ThreadProfile) else None
    heard = profile.messages if profile is not None else ()
    said = _find_said(heard, start) if start.ended else start.message
    texts = {message.message: message.text for message in heard}
    filled = Start(
        alliance=start.alliance,
        channel=start.channel,
        message=said or start.message,
        thread=(profile and profile.thread) or start.thread,
        what=_as_plain(texts.get(said, ""))[: capture.LONGEST_WHAT],
    )
    return Answer(form=make_form(context, filled, prefill(context, filled)))


def _find_said(heard: Sequence[ThreadMessage], start: Start) -> str:
    """The message that most likely says what was decided, in a discussion that ended with another;
    none where there is nothing but a yes to be read."""
    detector = Detector()
    for message in heard:
        detector.hear("", message.user, message.text, message.message)
        if message.message == start.message:
            break
    said = detector.find_said("")
    return said[1] if said is not None and len(heard) > 1 else ""


# Saving


def press_note(context: Context, event: ButtonPressed) -> Result:
    """Save one line as noted."""
    return _save_line(context, event, Weight.NOTED)


def press_ask_line(context: Context, event: ButtonPressed) -> Result:
    """Save one line, and ask the partners to confirm it."""
    return _save_line(context, event, Weight.ASKED)


def _save_line(context: Context, event: ButtonPressed, weight: Weight) -> Answer:
    start = load(event.value)
    context.enter(start.alliance)
    session, viewer = context.session, context.viewer
    body = (
        committees.get_committee_or_raise(session, viewer, start.committee)
        if start.committee
        else None
    )
    source = find_source(context, start)
    captured = log.get_of_thread(session, viewer, source.channel, start.thread)
    same = log.get_recent_of(session, viewer, start.what.strip(), now=context.now)
    if same is not None:
        raise Conflict("decisions.saved_already", name=log.say_number(same.number))
    hidden = source.channel is not None and source.channel.audience_kind == AudienceKind.PARTNER
    draft = Draft(
        what=start.what,
        why=start.why,
        weight=weight,
        committee=body,
        audience=AudienceKind.PARTNER
        if hidden and weight == Weight.NOTED
        else AudienceKind.ALLIANCE,
        source=capture.Source(
            channel=source.channel,
            message=source.message,
            thread=source.thread,
            known=frozenset(d.id for d in captured),
        ),
    )
    return _finish(context, capture.save(session, viewer, draft, now=context.now), refresh=True)


def submit_form(context: Context, event: FormSubmitted) -> Result:
    """Look at what was filled in; then at the thread; then save."""
    start = get_start(event)
    context.enter(start.alliance)
    draft = read_draft(context, event, start)
    capture.check(context.viewer, draft, now=context.now)
    if start.channel and start.message:
        return Fetch(queries=(_ask_thread(event, start),), then=then_save)
    return _save(context, event, start, None)


def then_save(context: Context, event: FormSubmitted, found: Found) -> Answer:
    """Save, with the thread's address; first say so if somebody else captured it meanwhile, or if
    one partner alone has spoken there."""
    start = get_start(event)
    context.enter(start.alliance)
    profile = found[0] if isinstance(found[0], ThreadProfile) else None
    start = replace(start, thread=(profile and profile.thread) or start.thread)
    unseen = _get_unseen(context, read_draft(context, event, start))
    if unseen:
        notice = say(
            "decisions.form_meanwhile",
            person=context.session.get_one(Member, unseen[-1].member_id).name,
            name=log.say_number(unseen[-1].number),
            what=unseen[-1].what[:200],
        )
        return Answer(form=make_form(context, start, event.values, Extra(notices=(notice,))))
    if profile is not None and not start.told and _is_asked(event):
        others = _get_silent_side(context, profile)
        if others:
            notice = say("decisions.form_one_sided", partner=context.viewer.partner_name)
            extra = Extra(notices=(notice,), first=tuple(others))
            told = replace(start, told="1")
            return Answer(form=make_form(context, told, event.values, extra))
    return _save(context, event, start, profile)


def _get_unseen(context: Context, draft: Draft) -> list[Decision]:
    source = draft.source
    captured = log.get_of_thread(context.session, context.viewer, source.channel, source.thread)
    return [decision for decision in captured if decision.id not in source.known]


def _is_asked(event: FormSubmitted) -> bool:
    return event.values.get("weight") == Weight.ASKED


def _get_silent_side(context: Context, profile: ThreadProfile) -> Sequence[Member]:
    """Counterparts to ask first, if only the viewer's own people spoke in the thread."""
    session, viewer = context.session, context.viewer
    speakers = find_members(
        session,
        viewer.alliance_id,
        platform=context.event.platform,
        users=sorted({said.user for said in profile.messages}),
    )
    partners = {member.partner_id for member in speakers.values() if member.partner_id}
    if partners != {viewer.partner_id}:
        return ()
    sides = get_sides(session, viewer.alliance_id, None, now=context.now)
    return [
        member for side in sides if side.partner_id != viewer.partner_id for member in side.electors
    ]


def _save(
    context: Context, event: FormSubmitted, start: Start, profile: ThreadProfile | None
) -> Answer:
    permalink = (profile.permalink or "") if profile is not None else ""
    draft = read_draft(context, event, start, permalink=permalink)
    first = str(event.values.get("first") or NOW)
    if first != NOW:
        return asking.save_and_ask(context, draft, first)
    saved = capture.save(context.session, context.viewer, draft, now=context.now)
    return _finish(context, saved, refresh=False)


def _finish(context: Context, saved: Saved, *, refresh: bool) -> Answer:
    decision = saved.entry.decision
    announcing.announce(context.session, saved.entry, now=context.now)
    kept = "alone" if saved.is_alone else decision.weight
    shown = view(
        Text(
            text=say(
                f"decisions.saved_{kept}",
                name=saved.entry.name,
                partner=context.viewer.partner_name,
            )
        ),
        Quote(text=decision.what),
        actions(make_show(decision)),
        Note(text=say("decisions.saved_note")),
    )
    return Answer(refresh=shown) if refresh else Answer(view=shown)


def undo_captured(context: Context, change: Change) -> Answer:
    """Take a decision back that was just captured. Whoever did it may, manager or not."""
    context.for_former = False
    context.require(Needs.MEMBER)
    decision = log.get_decision_or_raise(context.session, context.viewer, change.subject_id)
    capture.withdraw(context.session, context.viewer, decision, now=context.now)
    name = log.say_number(decision.number)
    return Answer(view=view(Text(text=say("decisions.withdrawn", name=name))))


def set_pin(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Which emoji captures a message."""
    if event.platform in UNSEEN_REACTIONS:
        raise NotUnderstood("decisions.pin_not_here")
    emoji = arguments.text.strip().strip(":")
    if not emoji or len(emoji) > 80 or any(c.isspace() for c in emoji):
        raise NotUnderstood("decisions.pin_usage")
    session: Session = context.session
    book = session.get(DecisionBook, context.viewer.alliance_id)
    book = book or DecisionBook(alliance_id=context.viewer.alliance_id)
    book.pin = emoji
    session.add(book)
    return Answer(view=view(Text(text=say("decisions.pin_set", emoji=emoji))))
