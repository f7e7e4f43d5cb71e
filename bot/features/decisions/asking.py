"""One person's word first: a draft goes to a counterpart before everybody is asked."""

from dataclasses import replace

from sqlmodel import Session

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Actions, Button, Note, Quote, Text, View, actions, view
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.decisions import announcing, capture, log
from bot.features.decisions.capture import LONGEST_WHAT, LONGEST_WHY, Draft, compose
from bot.features.decisions.log import State
from bot.features.decisions.models import Decision, Weight
from bot.features.decisions.views import make_show, render_wording
from bot.people.models import Member

WORDS = "decisions.first_words"
REWORD = "decisions.reword"


def find(context: Context, decision_id: str) -> Decision:
    """The decision with this id; the acting person is in its alliance from here on. Raises
    NotFound, told alike whether it exists or not."""
    context.find(Decision, decision_id, "decisions.not_found")
    return log.get_decision_or_raise(context.session, context.viewer, decision_id)


def save_and_ask(context: Context, draft: Draft, member_id: str) -> Answer:
    """Keep the draft, and send it to one counterpart. Raises NotFound for somebody who is none, or
    who may not see it."""
    session, viewer = context.session, context.viewer
    kept = replace(draft, weight=Weight.DRAFT)
    saved = capture.save(session, viewer, kept, now=context.now)
    decision = saved.entry.decision
    member = session.get(Member, member_id)
    is_counterpart = member is not None and member.partner_id not in {None, viewer.partner_id}
    if (
        member is None
        or not is_counterpart
        or not announcing.may_see(session, decision, member_id, now=context.now)
    ):
        raise NotFound("decisions.first_unknown", field="first")
    question = view(
        Text(
            text=say(
                "decisions.first_asked",
                person=viewer.member_name,
                partner=viewer.partner_name,
            )
        ),
        *render_wording(decision),
        actions(
            Button(
                label=words("decisions.first_yes"),
                action="decisions.first_yes",
                value=decision.id,
                style="primary",
            ),
            Button(label=words("confirm.suggest"), opens=WORDS, value=decision.id),
        ),
        Note(text=say("decisions.first_why", person=viewer.member_name)),
    )
    tell(context, member.id, question)
    return Answer(
        view=view(
            Text(text=say("decisions.first_sent", name=saved.entry.name, person=member.name)),
            actions(make_show(decision)),
        )
    )


def tell(context: Context, member_id: str, content: View) -> None:
    """A direct message to a member, where they can be reached."""
    address = get_member_address(context.session, member_id)
    if address is not None:
        context.deliver(Deliver(to=address, view=content, alliance_id=context.viewer.alliance_id))


def _find_draft(context: Context, decision_id: str) -> Decision:
    decision = find(context, decision_id)
    if log.get_entry(context.session, decision).state != State.DRAFT:
        raise Conflict("decisions.not_draft", name=log.say_number(decision.number))
    return decision


def press_yes(context: Context, event: ButtonPressed) -> Answer:
    """The counterpart finds the wording right: its author hears so, and may ask everybody."""
    decision = _find_draft(context, event.value)
    name = log.say_number(decision.number)
    tell(
        context,
        decision.member_id,
        view(
            Text(text=say("decisions.first_agreed", person=context.viewer.member_name, name=name)),
            _make_next(decision),
        ),
    )
    return Answer(refresh=view(Text(text=say("decisions.first_thanks", name=name))))


def _make_next(decision: Decision) -> Actions | None:
    return actions(
        Button(
            label=words("decisions.ask_now"),
            action="decisions.ask_now",
            value=decision.id,
            style="primary",
        ),
        Button(label=words("decisions.reword"), opens=REWORD, value=decision.id),
    )


def open_words(context: Context, value: str) -> Form:
    """Better words, from the counterpart."""
    decision = _find_draft(context, value)
    return _make_wording_form(WORDS, decision, submit=words("confirm.suggest_submit"))


def _make_wording_form(name: str, decision: Decision, *, submit: str) -> Form:
    return Form(
        name=name,
        title=words("decisions.reword"),
        submit=submit[:24],
        context={"decision": decision.id},
        items=(
            TextInput(
                name="what",
                label=words("decisions.label_what"),
                value=decision.what,
                multiline=True,
                max_length=LONGEST_WHAT,
            ),
            TextInput(
                name="why",
                label=words("decisions.label_why"),
                value=decision.why[:LONGEST_WHY],
                multiline=True,
                required=False,
                max_length=LONGEST_WHY,
            ),
        ),
    )


def submit_words(context: Context, event: FormSubmitted) -> Answer:
    """Send the better words to the author."""
    decision = _find_draft(context, event.context.get("decision", ""))
    what, why = _read(event)
    name = log.say_number(decision.number)
    tell(
        context,
        decision.member_id,
        view(
            Text(text=say("decisions.first_words", person=context.viewer.member_name, name=name)),
            Quote(text=compose(what, why)),
            _make_next(decision),
        ),
    )
    return Answer(view=view(Text(text=say("decisions.first_thanks", name=name))))


def _read(event: FormSubmitted) -> tuple[str, str]:
    what = capture.close_up(str(event.values.get("what") or ""))
    why = str(event.values.get("why") or "").strip()
    if not what or len(what) > LONGEST_WHAT:
        raise NotUnderstood("decisions.length", field="what", most=LONGEST_WHAT)
    if len(why) > LONGEST_WHY:
        raise NotUnderstood("decisions.length", field="why", most=LONGEST_WHY)
    return what, why


def open_reword(context: Context, value: str) -> Form:
    """The author's form: other words, then everybody is asked."""
    decision = _find_draft(context, value)
    capture.check_may_change(context.viewer, decision)
    return _make_wording_form(REWORD, decision, submit=words("decisions.ask_now"))


def submit_reword(context: Context, event: FormSubmitted) -> Answer:
    """Take over the words and ask everybody."""
    decision = _find_draft(context, event.context.get("decision", ""))
    capture.check_may_change(context.viewer, decision)
    decision.what, decision.why = _read(event)
    capture.index_words(decision)
    return Answer(view=_ask(context, decision))


def press_ask(context: Context, event: ButtonPressed) -> Answer:
    """Ask the partners to confirm what was kept, in force at one partner, or lapsed."""
    decision = find(context, event.value)
    capture.check_may_change(context.viewer, decision)
    state = log.get_entry(context.session, decision).state
    if state not in {State.DRAFT, State.IN_FORCE, State.LAPSED}:
        raise Conflict("decisions.not_draft", name=log.say_number(decision.number))
    return Answer(view=_ask(context, decision))


def _ask(context: Context, decision: Decision) -> View:
    session: Session = context.session
    version = capture.put_to_partners(session, context.viewer, decision, now=context.now)
    if version is not None:
        capture.follow_wording(session, decision, version)
    log.note_step(
        session,
        decision,
        State.PROPOSED if version else State.IN_FORCE,
        now=context.now,
        member_id=context.viewer.member_id,
    )
    announcing.announce(session, log.get_entry(session, decision), now=context.now)
    key = "decisions.saved_asked" if version else "decisions.saved_alone"
    name, partner = log.say_number(decision.number), context.viewer.partner_name
    return view(Text(text=say(key, name=name, partner=partner)))
