"""An alliance on a platform in memory, with the real worker behind a clock that the test moves."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.core.errors import Undeliverable
from bot.core.events import ButtonPressed, Event, FormSubmitted, FormValue, Via
from bot.core.ports import Platforms
from bot.db.engine import Database
from bot.delivery.claiming import claim
from bot.delivery.postman import Postman
from bot.dispatch.answers import Answer
from bot.dispatch.dispatcher import Dispatcher
from bot.dispatch.prepare import make_prepare
from bot.features.catalogue import make_registry
from bot.features.onboarding import attendance, sending, tracks
from bot.features.onboarding.models import Attendance, Given, Journey
from bot.features.onboarding.tracks import TrackKind, TrackStep
from bot.people.models import Channel
from bot.people.viewer import Viewer
from bot.testing.platform import FakePlatform, Posted
from bot.testing.world import link_channel, make_alliance, make_command, make_event
from jobs.worker import Worker
from tests.harness import MONDAY, ManualClock

T = TypeVar("T")

NOTES = tuple(TrackStep(name=f"n{n}", day=n, title=f"Note {n}", text=f"text-{n}") for n in range(4))
"""A track of four notes, one a day."""


class Stage:
    """Acme with Ana as its manager, and linked channels."""

    def __init__(
        self, database: Database, *, channels: int = 1, steps: Sequence[TrackStep] = NOTES
    ) -> None:
        self.database = database
        self.clock = ManualClock(MONDAY)
        self.platform = FakePlatform(now=self.clock)
        self.registry = make_registry()
        self.ana = self.platform.add_person("U-ANA", "Ana", zone="Europe/Berlin")
        self.viewer = self.make_alliance("Acme–Borealis", channels=channels, steps=steps)
        self.worker = self._make_worker()

    def make_alliance(
        self, name: str, *, channels: int = 1, steps: Sequence[TrackStep] = NOTES
    ) -> Viewer:
        """An alliance founded by Ana, with channels `C0`, `C1`, … of its own (`name`'s first
        letter before them for a second one)."""
        head = "C" if not hasattr(self, "viewer") else name[0]
        with self.database.write() as session:
            viewer = make_alliance(
                session, platform="fake", workspace="W1", user=self.ana, now=self.clock(), name=name
            )
            for number in range(channels):
                channel = f"{head}{number}"
                self.platform.add_channel(channel)
                link_channel(
                    session,
                    viewer,
                    platform="fake",
                    workspace="W1",
                    channel=channel,
                    name=channel,
                    now=self.clock(),
                )
            if steps:
                tracks.save_track(session, viewer, TrackKind.MEMBER, steps, now=self.clock())
        return viewer

    def _make_worker(self) -> Worker:
        platforms = Platforms({"fake": self.platform})
        postman = Postman(self.database, platforms, make_prepare(self.registry), clock=self.clock)
        return Worker(self.database, self.registry, postman, clock=self.clock, platforms=platforms)

    # -- people ------------------------------------------------------------------------------------

    def join(self, user: str, channel: str = "C0", *, zone: str = "Europe/Berlin") -> None:
        """Somebody joins; the platform says so."""
        self.platform.add_person(user, user, zone=zone)
        with self.database.write() as session:
            found = self._channel(session, channel)
            attendance.note_joined(session, found.id, [user], now=self.clock())

    def leave(self, user: str, channel: str = "C0") -> None:
        """Somebody leaves."""
        with self.database.write() as session:
            attendance.note_left(session, self._channel(session, channel), [user], now=self.clock())

    @staticmethod
    def _channel(session: Session, channel: str) -> Channel:
        return session.exec(select(Channel).where(col(Channel.external_id) == channel)).one()

    def compare(self, users: Sequence[str], channel: str = "C0") -> None:
        """The daily comparison finds these in a channel."""
        for user in users:
            self.platform.add_person(user, user)
        with self.database.write() as session:
            attendance.compare(session, self._channel(session, channel), users, now=self.clock())

    def press(self, user: str, action: str, value: str) -> Answer | None:
        """Somebody presses a button in their direct messages."""
        return self._dispatch(
            make_event(
                ButtonPressed,
                user=user,
                workspace="W1",
                platform="fake",
                action=f"onboarding.{action}",
                value=value,
            )
        )

    def say(self, user: str, text: str) -> str:
        """Somebody types a command; what they are answered."""
        command = make_command(text, user=user, workspace="W1", platform="fake", via=Via.SLASH)
        answer = self._dispatch(command)
        assert answer is not None
        assert answer.view is not None
        return answer.view.plain_text()

    def submit(self, user: str, form: str, context: dict[str, str], **values: FormValue) -> Answer:
        """Somebody sends off a form."""
        answer = self._dispatch(
            make_event(
                FormSubmitted,
                user=user,
                workspace="W1",
                platform="fake",
                form=f"onboarding.{form}",
                context=context,
                values=values,
            )
        )
        assert answer is not None
        return answer

    def _dispatch(self, event: Event) -> Answer | None:
        platforms = Platforms({"fake": self.platform})
        postman = Postman(self.database, platforms, make_prepare(self.registry), clock=self.clock)

        async def hurry(lanes: list[int]) -> object:
            return await postman.deliver_due(only=lanes)

        dispatcher = Dispatcher(
            self.database, self.registry, platforms, clock=self.clock, hurry=hurry
        )

        async def act() -> Answer | None:
            answer = await dispatcher.dispatch(event)
            await dispatcher.finish()
            return answer

        return asyncio.run(act())

    # -- time --------------------------------------------------------------------------------------

    def tick(self) -> None:
        """The worker does what is due."""

        async def work() -> None:
            await self.worker.fire()
            for errand in self.registry.errands.values():
                if errand.name == "onboarding_profiles":
                    await self.worker._run_errand(errand)
            await self.worker.fire()
            await self.worker.deliver()
            await self.worker.fire()

        asyncio.run(work())

    def run_jobs(self) -> None:
        """The recurring jobs, too."""

        async def work() -> None:
            for job in self.registry.jobs.values():
                await self.worker._run_job(job)

        asyncio.run(work())
        self.tick()

    def advance(self, by: timedelta, *, every: timedelta = timedelta(hours=1)) -> None:
        """Time passes while the worker ticks."""
        end = self.clock.now + by
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + every, end)
            self.tick()

    def crash_in_transaction(self) -> None:
        """The process dies before it commits."""
        try:
            with self.database.write() as session:
                sending.fire(self.registry, session, self.clock())
                raise _CrashError
        except _CrashError:
            self.worker = self._make_worker()

    def crash_after_claim(self) -> None:
        """The process dies with messages in its hands."""
        with self.database.write() as session:
            claim(
                session,
                worker="dead",
                now=self.clock(),
                lease=timedelta(seconds=60),
                limit=10,
            )
        self.worker = self._make_worker()

    # -- looking -----------------------------------------------------------------------------------

    def sent(self, user: str) -> list[Posted]:
        return [m for m in self.platform.sent if m.channel == f"D-{user}"]

    def read(self, work: Callable[[Session], T]) -> T:
        with self.database.read() as session:
            return work(session)

    def journeys(self) -> list[Journey]:
        return self.read(lambda s: list(s.exec(select(Journey).order_by(col(Journey.id)))))

    def given(self) -> list[Given]:
        return self.read(lambda s: list(s.exec(select(Given).order_by(col(Given.id)))))

    def attending(self) -> set[str]:
        return self.read(lambda s: set(s.exec(select(Attendance.person))))

    def unreachable(self, times: int = 1) -> None:
        self.platform.refuses(Undeliverable("cannot_dm_bot"), times=times)


class _CrashError(Exception):
    """What ends a process in these tests."""


def day_of(moment: datetime, zone: str = "Europe/Berlin") -> str:
    """The local day of a moment."""
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()
