"""What somebody who was asked says before answering: better words, or a question; and the author's
answer to it."""

from bot.core.errors import NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Actions, Button, Note, Quote, Text, actions, view
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_differences
from bot.features.confirmations.answers import tell_author
from bot.features.confirmations.found import (
    Found,
    find,
    find_remark,
    get_author,
    get_newest,
    get_reader,
)
from bot.features.confirmations.inputs import (
    check_may_answer,
    get_first_part,
    make_wording_inputs,
    read_text,
    read_wording,
)
from bot.features.confirmations.views import make_answers
from bot.people.models import Member, Partner
from bot.statements import voices
from bot.statements.models import Remark, RemarkKind, VersionState
from bot.statements.versions import get_differences


def open_suggest(context: Context, value: str) -> Form:
    """The wording, to be changed."""
    found = find(context, value)
    check_may_answer(context, found)
    author, _ = get_author(context.session, found.version)
    return Form(
        name="confirmations.suggest",
        title=words("confirm.suggest_title"),
        submit=words("confirm.suggest_submit"),
        context={"version": found.version.id},
        items=(
            Text(text=say("confirm.suggest_intro", person=author.name)),
            *make_wording_inputs(context, found, found.version.text),
            TextInput(
                name="note",
                label=words("confirm.suggest_note"),
                multiline=True,
                required=False,
                max_length=1000,
            ),
        ),
    )


def submit_suggest(context: Context, event: FormSubmitted) -> Answer:
    """Send it to the author, and to nobody else."""
    found = find(context, event.context.get("version", ""))
    text, note = read_wording(context, found, event), read_text(event, "note", required=False)
    if text == found.version.text:
        raise NotUnderstood("confirm.same_words", field=get_first_part(context, found))
    said = voices.remark(
        context.session,
        context.viewer,
        found.version,
        found.statement,
        kind=RemarkKind.SUGGESTION,
        text=text,
        note=note,
        now=context.now,
    )
    changes = say_differences(get_differences(found.version.text, text))
    content = view(
        Text(text=say("confirm.suggestion", title=found.title, **get_reader(context.viewer))),
        Quote(text=text),
        Text(text=say("confirm.suggestion_changes", changes=changes)),
        Text(text=say("confirm.suggestion_note", note=note)) if note else None,
        actions(
            Button(
                label=words("confirm.take_over"),
                opens="confirmations.reword",
                value=f"remark:{said.id}",
                style="primary",
            ),
            Button(label=words("confirm.answer"), opens="confirmations.answer", value=said.id),
        ),
        Note(text=say("confirm.suggestion_why", title=found.title)),
    )
    author = tell_author(context, found, content)
    return Answer(view=view(Text(text=say("confirm.suggested", person=author))))


def open_ask(context: Context, value: str) -> Form:
    """A question to the author."""
    found = find(context, value)
    check_may_answer(context, found)
    author, _ = get_author(context.session, found.version)
    return Form(
        name="confirmations.ask",
        title=words("confirm.ask_title"),
        submit=words("confirm.ask_submit"),
        context={"version": found.version.id},
        items=(
            Text(text=say("confirm.ask_intro", person=author.name, title=found.title)),
            TextInput(name="question", label=words("confirm.ask_label"), multiline=True),
        ),
    )


def submit_ask(context: Context, event: FormSubmitted) -> Answer:
    """Send it to the author."""
    found = find(context, event.context.get("version", ""))
    question = read_text(event, "question")
    said = voices.remark(
        context.session,
        context.viewer,
        found.version,
        found.statement,
        kind=RemarkKind.QUESTION,
        note=question,
        now=context.now,
    )
    content = view(
        Text(text=say("confirm.question", title=found.title, **get_reader(context.viewer))),
        Quote(text=question),
        actions(
            Button(
                label=words("confirm.answer"),
                opens="confirmations.answer",
                value=said.id,
                style="primary",
            )
        ),
        Note(text=say("confirm.question_why", title=found.title)),
    )
    author = tell_author(context, found, content)
    return Answer(view=view(Text(text=say("confirm.asked", person=author))))


def open_answer(context: Context, value: str) -> Form:
    """The author's answer to a question or a suggestion."""
    remark, _ = find_remark(context, value)
    return Form(
        name="confirmations.answer",
        title=words("confirm.answer_title"),
        submit=words("confirm.ask_submit"),
        context={"remark": remark.id},
        items=(
            Text(text=say("confirm.answer_intro", **_name_remarker(context, remark))),
            Quote(text=remark.note or remark.text),
            TextInput(name="answer", label=words("confirm.answer_label"), multiline=True),
        ),
    )


def _name_remarker(context: Context, remark: Remark) -> dict[str, str]:
    return {
        "person": context.session.get_one(Member, remark.member_id).name,
        "partner": context.session.get_one(Partner, remark.partner_id).name,
    }


def _make_next(context: Context, found: Found, partner: str) -> Actions | None:
    """What the asker may do now: answer, or read the wording that came in its place."""
    newest = get_newest(context, found).version
    if newest.state != VersionState.PROPOSED:
        return None
    if newest.id == found.version.id:
        return make_answers(newest, partner)
    return actions(
        Button(label=words("confirm.read"), action="confirmations.read", value=newest.id)
    )


def submit_answer(context: Context, event: FormSubmitted) -> Answer:
    """Send it to whoever asked, with the request's buttons at hand."""
    remark, found = find_remark(context, event.context.get("remark", ""))
    remark.answer, remark.answered_at = read_text(event, "answer"), context.now
    context.session.add(remark)
    names = _name_remarker(context, remark)
    address = get_member_address(context.session, remark.member_id)
    if address is not None:
        content = view(
            Text(text=say("confirm.answer_got", title=found.title, **get_reader(context.viewer))),
            Quote(text=remark.answer),
            _make_next(context, found, names["partner"]),
        )
        context.deliver(Deliver(to=address, view=content, alliance_id=context.viewer.alliance_id))
    return Answer(view=view(Text(text=say("confirm.answered", person=names["person"]))))
