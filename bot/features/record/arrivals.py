"""What an imported record laid before a manager: each wording is theirs to use or to leave."""

from collections.abc import Sequence

from bot.core.errors import Conflict, NotFound
from bot.core.events import ButtonPressed
from bot.core.views import (
    Block,
    Button,
    Confirm,
    Heading,
    Note,
    Quote,
    Text,
    actions,
    view,
)
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say, words
from bot.people import history, origins
from bot.people.models import Brought, Committee
from bot.people.viewer import Viewer
from bot.statements import record

KINDS = ("north_star", "charter")
SHOWN = 4


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """For managers: the wordings that wait, a few at a time."""
    if not viewer.is_manager:
        return ()
    waiting = _get_waiting(context, viewer)
    if not waiting:
        return ()
    blocks: list[Block] = [
        Heading(text=words("record.heading")),
        Text(text=say("record.intro", count=len(waiting), partner=viewer.partner_name)),
    ]
    for brought in waiting[:SHOWN]:
        blocks += [
            Text(text=f"**{_say_what(context, brought)}**"),
            Quote(text=str(brought.content.get("text", ""))[:1500]),
        ]
        row = actions(
            Button(label=words("record.use"), action="record.use", value=brought.id),
            Button(label=words("record.leave"), action="record.leave", value=brought.id),
        )
        blocks += [row] if row else []
    return (*blocks, *_all_button(viewer, len(waiting)))


def _all_button(viewer: Viewer, count: int) -> Sequence[Block]:
    if count < 2:
        return ()
    button = actions(
        Button(
            label=words("record.use_all", count=count),
            action="record.use_all",
            value=viewer.alliance_id,
            confirm=Confirm(
                title=words("record.use_all_title"),
                text=words("record.use_all_text", count=count, partner=viewer.partner_name),
                yes=words("record.use_all_yes"),
                no=words("record.use_all_no"),
            ),
        )
    )
    note = Note(text=say("record.more", count=count - SHOWN)) if count > SHOWN else None
    return tuple(block for block in (note, button) if block is not None)


def _get_waiting(context: Context, viewer: Viewer) -> list[Brought]:
    return [b for kind in KINDS for b in origins.get_waiting(context.session, viewer, kind)]


def _say_what(context: Context, brought: Brought) -> str:
    if brought.section != "charter":
        return say("record.the_star")
    committee_id, _, clause = str(brought.content.get("subject")).rpartition("/")
    committee = context.session.get(Committee, committee_id) if committee_id else None
    body = committee.name if committee else words("charter.of_alliance")
    return say("record.the_clause", clause=words(f"charter.clause_{clause}"), body=body)


def _find(context: Context, value: str) -> Brought:
    """One that waits for the acting manager. Raises NotFound for anything else."""
    brought = context.find(Brought, value, "record.gone")
    context.require(Needs.MANAGER)
    context.session.refresh(brought, with_for_update=True)
    if (
        brought.section not in KINDS
        or brought.partner_id != context.viewer.partner_id
        or brought.done_at is not None
    ):
        raise NotFound("record.gone")
    return brought


def press_use(context: Context, event: ButtonPressed) -> Answer:
    """Put one in force at the manager's own partner."""
    brought = _find(context, event.value)
    what = _say_what(context, brought)
    _use(context, brought)
    return Answer(
        view=view(
            Text(text=say("record.used", what=what, partner=context.viewer.partner_name)),
            Quote(text=str(brought.content["text"])),
        )
    )


def _use(context: Context, brought: Brought) -> bool:
    try:
        version = record.take(context.session, context.viewer, brought, now=context.now)
    except Conflict:
        return False
    action = f"{brought.section}.set"
    history.record(context.session, context.viewer, action, version.id, now=context.now)
    return True


def press_use_all(context: Context, event: ButtonPressed) -> Answer:
    """Put all in force at the manager's own partner."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    count = sum(_use(context, brought) for brought in _get_waiting(context, context.viewer))
    if not count:
        raise NotFound("record.gone")
    partner = context.viewer.partner_name
    return Answer(view=view(Text(text=say("record.used_all", count=count, partner=partner))))


def press_leave(context: Context, event: ButtonPressed) -> Answer:
    """Leave one as it is: it is not shown any more."""
    brought = _find(context, event.value)
    brought.done_at = context.now
    context.session.add(brought)
    return Answer(view=view(Text(text=say("record.left", what=_say_what(context, brought)))))
