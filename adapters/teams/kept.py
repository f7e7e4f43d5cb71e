"""What waits for one person where Teams shows nothing to one person alone: behind a button that
all see, and that opens it for nobody else."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from adapters.teams.models import TeamsKept
from bot.core.clock import Clock
from bot.core.ids import new_id
from bot.core.views import Button, Divider, Note, Text, View, actions, view
from bot.db.engine import Database
from bot.dispatch.feature import RecurringJob, Registry
from bot.dispatch.messages import say, words

LASTS: Final = timedelta(days=7)
MOST: Final = 10
"""How much one button opens, the newest first."""

BATCH: Final = 500

OPENS: Final = "teams.kept"
"""What the button asks for."""


class Kept:
    """Messages that wait, each under the name of the line whose button opens it."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def name_answer(self) -> str:
        """A line of its own, for the answer to what somebody said."""
        return new_id()

    def name_day(self, channel: str) -> str:
        """The one line of the day for all that nobody in the channel has just asked for."""
        return f"{channel[:60]}:{self._clock():%Y%m%d}"

    async def has(self, line: str) -> bool:
        """Whether something waits under this name."""
        return await self._database.in_read(
            lambda s: (
                s.exec(select(TeamsKept.id).where(col(TeamsKept.line) == line)).first() is not None
            )
        )

    async def put(self, line: str, person: str, shown: View) -> None:
        """Let a view wait for a person."""
        row = TeamsKept(
            line=line, person=person, view=shown.model_dump(mode="json"), at=self._clock()
        )
        await self._database.in_write(lambda session: session.add(row))

    async def open(self, line: str, person: str) -> View:
        """What waits under this name for this person; that there is nothing for anybody else."""
        found = await self._database.in_read(
            lambda s: s.exec(
                select(TeamsKept.view)
                .where(
                    col(TeamsKept.line) == line,
                    col(TeamsKept.person) == person,
                    col(TeamsKept.at) > self._clock() - LASTS,
                )
                .order_by(col(TeamsKept.id).desc())
                .limit(MOST)
            ).all()
        )
        parts = [View.model_validate(each) for each in found]
        if not parts:
            return view(Text(text=say("teams.nothing_waits")))
        blocks = [block for part in parts for block in (*part.blocks, Divider())]
        return View(blocks=tuple(blocks[:-1]))


def make_line(line: str, *, is_answer: bool) -> View:
    """What all read: that something waits, and not for whom."""
    button = Button(label=words("teams.open_kept"), opens=OPENS, value=line, style="primary")
    text = say("teams.answer_waits") if is_answer else say("teams.something_waits")
    return view(Text(text=text), actions(button), Note(text=say("teams.waits_why")))


def _prune(registry: Registry, session: Session, now: datetime) -> bool:
    """Delete what waited long enough."""
    old = select(TeamsKept.id).where(col(TeamsKept.at) < now - LASTS).limit(BATCH)
    done = session.connection().execute(delete(TeamsKept).where(col(TeamsKept.id).in_(old)))
    return done.rowcount >= BATCH


PRUNE = RecurringJob(name="teams_kept", every=timedelta(days=1), run=_prune)
