"""`decisions plan`: what comes up for decision, seen once before everybody sees it."""

import re
from dataclasses import replace
from datetime import date

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Note, Quote, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.decisions import capture, log
from bot.features.decisions.capture import Draft
from bot.features.decisions.line import read_line
from bot.features.decisions.models import Weight
from bot.features.decisions.start import Start, load
from bot.features.decisions.views import make_show
from bot.people import committees
from bot.people.models import Committee

_ON = re.compile(r"\s+on\s+(\d{4}-\d{2}-\d{2})\s*$", re.IGNORECASE)


def plan(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`decisions plan "Choose the site" for JSC on 2027-04-01`: as everybody would see it."""
    text = arguments.text.strip()
    dated = _ON.search(text)
    if dated is None or not text[: dated.start()].strip():
        raise NotUnderstood("decisions.plan_usage")
    known = committees.get_committees(context.session, context.viewer)
    said = read_line(Arguments(text[: dated.start()], arguments.tokens), [c.name for c in known])
    body = next((c for c in known if c.name == said.committee), None)
    start = Start(
        alliance=context.viewer.alliance_id,
        what=said.what,
        committee=body.id if body else "",
        planned=dated[1],
    )
    draft = _make_draft(start, body)
    capture.check(context.session, context.viewer, draft, now=context.now)
    return Answer(
        view=view(
            Text(text=say("decisions.plan_preview", **_say(draft))),
            Quote(text=draft.what),
            actions(
                Button(
                    label=words("decisions.plan_it"),
                    action="decisions.plan",
                    value=start.dump(),
                    style="primary",
                )
            ),
            Note(text=say("decisions.preview_note_one")),
        )
    )


def _make_draft(start: Start, body: Committee | None) -> Draft:
    """Raises NotUnderstood for a day that is none."""
    try:
        day = date.fromisoformat(start.planned)
    except ValueError:
        raise NotUnderstood("decisions.plan_usage") from None
    return Draft(what=start.what, weight=Weight.PLANNED, committee=body, planned_on=day)


def _say(draft: Draft) -> dict[str, str]:
    return {
        "body": draft.committee.name if draft.committee else words("decisions.body_none"),
        "date": say_day(draft.planned_on) if draft.planned_on else words("decisions.no_date"),
    }


def press_plan(context: Context, event: ButtonPressed) -> Answer:
    """Put it on the list of what comes up."""
    start = load(event.value)
    context.enter(start.alliance)
    session, viewer = context.session, context.viewer
    body = (
        committees.get_committee_or_raise(session, viewer, start.committee)
        if start.committee
        else None
    )
    same = log.get_recent_of(session, viewer, start.what.strip(), now=context.now)
    if same is not None:
        raise Conflict("decisions.saved_already", name=log.say_number(same.number))
    draft = _make_draft(replace(start, what=start.what.strip()), body)
    entry = capture.save(session, viewer, draft, now=context.now).entry
    return Answer(
        refresh=view(
            Text(text=say("decisions.planned", name=entry.name, **_say(draft))),
            actions(make_show(entry.decision)),
        )
    )
