"""What confirmations register."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import true
from sqlmodel import Session, col, select

from bot.core.records import items_of, text_of
from bot.core.views import Block
from bot.dispatch.context import Context
from bot.dispatch.feature import (
    ButtonAction,
    Command,
    Feature,
    FormKind,
    HomeSection,
    Needs,
    RecordSection,
    Topic,
)
from bot.features.confirmations import answers, chase, proposing, remarks, voicing
from bot.features.confirmations.views import render_waiting
from bot.people import origins
from bot.people.models import Brought, Member, Partner
from bot.people.viewer import Viewer
from bot.statements.models import Statement, Version, Voice, VoiceKind
from bot.statements.versions import readable_by
from bot.statements.waiting import get_waiting

NAME = "confirmations"


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """What waits for my confirmation."""
    return render_waiting(context, get_waiting(context.session, viewer, now=context.now))


def dump(session: Session, viewer: Viewer) -> Any:
    """Who confirmed or objected to what, for whom, when and how: history that proves, by the hash
    of the version it names, and confirms nothing where it is loaded."""
    rows = session.exec(
        select(Voice, Version, Statement)
        .join(Version, col(Version.id) == col(Voice.version_id))
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            readable_by(viewer),
            true() if viewer.left_at is None else col(Voice.at) <= viewer.left_at,
        )
        .order_by(col(Voice.at), col(Voice.id))
    ).all()
    given = [
        {
            "id": voice.id,
            "statement": {"kind": statement.kind, "subject": statement.subject},
            "version": version.number,
            "hash": voice.hash,
            "partner": session.get_one(Partner, voice.partner_id).name,
            "person": session.get_one(Member, voice.member_id).name,
            "said": voice.kind,
            "reason": voice.reason,
            "platform": voice.platform,
            "at": voice.at.isoformat(),
            "given_in": voice.given_in,
            "given_on": voice.given_on.isoformat() if voice.given_on else "",
        }
        for voice, version, statement in rows
    ]
    return [*given, *_get_history(session, viewer)]


_TEXT = {"type": "string", "maxLength": 3000}
SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "History: nobody is bound by it where it is imported.",
    "items": {
        "type": "object",
        "required": ["statement", "partner", "said"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "maxLength": 64},
            "statement": {"type": "object", "additionalProperties": _TEXT},
            "version": {"type": "integer"},
            "said": {"enum": [kind.value for kind in VoiceKind]},
            **dict.fromkeys(
                ("hash", "partner", "person", "reason", "platform", "at", "given_in", "given_on"),
                _TEXT,
            ),
        },
    },
}


def load(session: Session, viewer: Viewer, data: Any, now: datetime) -> Sequence[str]:
    """Keep who confirmed what elsewhere, as history of each partner's own: it counts for nothing
    here, and goes along when the record is taken on."""
    for item in items_of(data):
        said = (text_of(item, key) for key in ("hash", "partner", "person", "said", "at"))
        origin = origins.make_origin(item, *said)
        own = select(Voice.id).where(col(Voice.hash) == text_of(item, "hash")).limit(1)
        if session.exec(own).first() is None or not text_of(item, "hash"):
            # A reason may have been for a committee's ears; who may read it here, nobody knows.
            content = {**item, "reason": ""}
            origins.note(session, viewer, NAME, origin, now=now, content=content)
    return ()


def _get_history(session: Session, viewer: Viewer) -> Sequence[Mapping[str, Any]]:
    rows = session.exec(
        select(Brought)
        .where(
            col(Brought.alliance_id) == viewer.alliance_id,
            col(Brought.partner_id) == viewer.partner_id,
            col(Brought.section) == NAME,
        )
        .order_by(col(Brought.brought_at), col(Brought.id))
    ).all()
    # Whose it is may be called otherwise by now.
    return [
        {**brought.content, "id": brought.origin, "partner": viewer.partner_name}
        for brought in rows
    ]


FEATURE = Feature(
    name="confirmations",
    commands=(
        Command(phrase="confirm", handle=answers.show_list, help="confirm.help", reads=True),
        Command(
            phrase="confirm lapse",
            handle=answers.set_lapse,
            help="confirm.help_lapse",
            usage="confirm lapse 30",
            needs=Needs.MANAGER,
        ),
    ),
    buttons=(
        ButtonAction(name="confirmations.confirm", handle=answers.press_confirm),
        ButtonAction(name="confirmations.all", handle=answers.press_all),
        ButtonAction(name="confirmations.page", handle=answers.press_page, reads=True),
        ButtonAction(name="confirmations.read", handle=answers.press_read, reads=True),
        ButtonAction(name="confirmations.withdraw", handle=answers.press_withdraw),
        ButtonAction(name="confirmations.talk", handle=answers.press_talk),
    ),
    forms=(
        FormKind(
            name="confirmations.propose",
            open=proposing.open_propose,
            submit=proposing.submit_propose,
            change=proposing.change_propose,
            label="confirm.propose_button",
        ),
        FormKind(
            name="confirmations.suggest",
            open=remarks.open_suggest,
            submit=remarks.submit_suggest,
            label="confirm.suggest",
        ),
        FormKind(
            name="confirmations.reword",
            open=proposing.open_reword,
            submit=proposing.submit_reword,
            label="confirm.take_over",
        ),
        FormKind(
            name="confirmations.object",
            open=voicing.open_object,
            submit=voicing.submit_object,
            label="confirm.object",
        ),
        FormKind(
            name="confirmations.ask",
            open=remarks.open_ask,
            submit=remarks.submit_ask,
            label="confirm.ask",
        ),
        FormKind(
            name="confirmations.answer",
            open=remarks.open_answer,
            submit=remarks.submit_answer,
            label="confirm.answer",
        ),
        FormKind(
            name="confirmations.elsewhere",
            open=voicing.open_elsewhere,
            submit=voicing.submit_elsewhere,
            label="confirm.elsewhere",
        ),
    ),
    topics=(*chase.TOPICS, Topic(name=answers.LAPSE, render=answers.render_lapse)),
    jobs=(chase.JOB,),
    home=(HomeSection(order=5, render=render_home),),
    record=(RecordSection(order=90, name=NAME, dump=dump, load=load, schema=SCHEMA),),
    undo={
        "confirmation.asked": proposing.undo_asked,
        "confirmation.given": answers.undo_given,
        "confirmation.lapse_set": answers.undo_lapse,
    },
    undo_unmanaged=frozenset({"confirmation.asked", "confirmation.given"}),
    foresee=chase.foresee,
)
