"""Saving: what a form or one line holds, put on record, and what that says."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.core.errors import Conflict
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.ports import ThreadProfile
from bot.core.views import Note, Quote, Text, actions, view
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Result
from bot.dispatch.messages import say
from bot.features.decisions import announcing, asking, capture, log
from bot.features.decisions.capture import Draft, Saved
from bot.features.decisions.forms import (
    NOW,
    Extra,
    get_named,
    get_start,
    make_form,
    read_draft,
    say_one_sided,
)
from bot.features.decisions.models import Decision, Weight
from bot.features.decisions.opening import ask_thread
from bot.features.decisions.start import Start, find_channel, find_source, load
from bot.features.decisions.views import make_show
from bot.people import committees
from bot.people.identity import find_members
from bot.people.models import AudienceKind, Change, Member
from bot.statements.sides import get_sides


def press_note(context: Context, event: ButtonPressed) -> Result:
    """Save one line as noted."""
    return _read_thread(context, event, then_note)


def press_ask_line(context: Context, event: ButtonPressed) -> Result:
    """Save one line, and ask the partners to confirm it."""
    return _read_thread(context, event, then_ask)


def _read_thread(
    context: Context,
    event: ButtonPressed,
    then: Callable[[Context, ButtonPressed, Found], Answer],
) -> Result:
    """First the address of what the line was about, if it was said in a thread."""
    start = load(event.value)
    context.enter(start.alliance)
    find_channel(context.session, context.viewer, event.platform, start)
    if start.channel and start.message:
        return Fetch(queries=(ask_thread(event, start),), then=then)
    return then(context, event, ())


def then_note(context: Context, event: ButtonPressed, found: Found) -> Answer:
    """Save it as noted, with the thread's address."""
    return _save_line(context, event, Weight.NOTED, found)


def then_ask(context: Context, event: ButtonPressed, found: Found) -> Answer:
    """Save it with the thread's address, and ask the partners to confirm it."""
    return _save_line(context, event, Weight.ASKED, found)


def _save_line(context: Context, event: ButtonPressed, weight: Weight, found: Found) -> Answer:
    start = load(event.value)
    context.enter(start.alliance)
    session, viewer = context.session, context.viewer
    body = (
        committees.get_committee_or_raise(session, viewer, start.committee)
        if start.committee
        else None
    )
    profile = next((each for each in found if isinstance(each, ThreadProfile)), None)
    source = find_source(context, start, permalink=(profile and profile.permalink) or "")
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
        source=replace(source, known=frozenset(d.id for d in captured)),
    )
    return _finish(context, capture.save(session, viewer, draft, now=context.now), refresh=True)


def submit_form(context: Context, event: FormSubmitted) -> Result:
    """Look at what was filled in; then at the thread; then save."""
    start = get_start(event)
    context.enter(start.alliance)
    draft = read_draft(context, event, start)
    capture.check(context.session, context.viewer, draft, now=context.now)
    if start.channel and start.message:
        return Fetch(queries=(ask_thread(event, start),), then=then_save)
    return _save(context, event, start, None)


def then_save(context: Context, event: FormSubmitted, found: Found) -> Answer:
    """Save, with the thread's address; first say so if somebody else captured it meanwhile, or if
    one partner alone has spoken there."""
    start = get_start(event)
    context.enter(start.alliance)
    profile = found[0] if isinstance(found[0], ThreadProfile) else None
    start = replace(start, thread=(profile and profile.thread) or start.thread)
    draft = read_draft(context, event, start)
    unseen = _get_unseen(context, draft)
    if unseen:
        notice = say(
            "decisions.form_meanwhile",
            person=context.session.get_one(Member, unseen[-1].member_id).name,
            name=log.say_number(unseen[-1].number),
            what=unseen[-1].what[:200],
        )
        return Answer(form=make_form(context, start, event, Extra(notices=(notice,))))
    if profile is not None and not start.told and draft.weight == Weight.ASKED:
        others = _get_silent_side(context, profile, draft)
        if others:
            told = replace(start, told="1")
            return Answer(form=make_form(context, told, event, say_one_sided(context, others)))
    return _save(context, event, start, profile)


def _get_unseen(context: Context, draft: Draft) -> list[Decision]:
    source = draft.source
    captured = log.get_of_thread(context.session, context.viewer, source.channel, source.thread)
    return [decision for decision in captured if decision.id not in source.known]


def _get_silent_side(context: Context, profile: ThreadProfile, draft: Draft) -> Sequence[Member]:
    """Counterparts to ask first, of those who are to confirm it, if only the viewer's own people
    spoke in the thread."""
    session, viewer = context.session, context.viewer
    if not _is_one_sided(context, profile, draft):
        return ()
    body = draft.committee.id if draft.committee else None
    sides = get_sides(session, viewer.alliance_id, body, now=context.now)
    return [
        member for side in sides if side.partner_id != viewer.partner_id for member in side.electors
    ]


def _is_one_sided(context: Context, profile: ThreadProfile, draft: Draft) -> bool:
    """Whether it is certain: in a channel of the viewer's own side, or by all that was said."""
    viewer, channel = context.viewer, draft.source.channel
    if channel is not None and channel.audience_kind == AudienceKind.PARTNER:
        return True
    speakers = find_members(
        context.session,
        viewer.alliance_id,
        platform=context.event.platform,
        users=sorted({said.user for said in profile.messages}),
    )
    partners = {member.partner_id for member in speakers.values() if member.partner_id}
    return partners == {viewer.partner_id} and not profile.is_partial


def _save(
    context: Context, event: FormSubmitted, start: Start, profile: ThreadProfile | None
) -> Answer:
    permalink = (profile.permalink or "") if profile is not None else ""
    draft = read_draft(context, event, start, permalink=permalink)
    first = str(event.values.get("first") or NOW)
    if first != NOW:
        return asking.save_and_ask(context, draft, first)
    saved = capture.save(context.session, context.viewer, draft, now=context.now)
    unknown = len(get_named(event)) - len(draft.inform)
    return _finish(context, saved, refresh=False, unknown=unknown)


def _finish(context: Context, saved: Saved, *, refresh: bool, unknown: int = 0) -> Answer:
    """Announce it, and say what was saved; `unknown`: people named who are not in the alliance."""
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
        Text(text=say("decisions.inform_unknown", count=unknown)) if unknown > 0 else None,
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
