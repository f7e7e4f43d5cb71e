"""The delivery loop: claim, check again, send, store the receipt.

One postman a process. It may be killed or paused at any line: what it held is looked for on the
platform, and sent if it is not there, by whoever claims the lane after the lease.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.core.clock import Clock
from bot.core.errors import PlatformError, RetryLater, Undeliverable
from bot.core.ids import new_id
from bot.core.ports import Outgoing, Platform, Platforms, Receipt, Unsearchable
from bot.core.views import Divider, View
from bot.db.engine import Database
from bot.delivery.claiming import NextDay, claim, get_next_morning, give_back
from bot.delivery.lanes import Claimed, Fate, Outcome
from bot.delivery.outbox import ANSWER, get_deployment_key, is_hint
from bot.delivery.rerouting import find_way, move, put_back
from bot.delivery.settling import failure, settle
from bot.people.channels import Standing, get_standings, note_trouble, note_well

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Skip:
    """The message need not go out any more, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """The message goes out only then."""

    until: datetime


MOST_BLOCKS: Final = 40
MOST_TEXT: Final = 6_000
"""Blocks and characters of a message that bundles several: what any platform shows whole."""

LATE: Final = "late"
"""Why a message is skipped that was held up for too long."""

LOOPS: Final = 2
"""How many batches may be under way at once."""

FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 2.0
"""Seconds between tries to store receipts."""

Standings = Mapping[tuple[str, str], Standing]
"""Channels by platform and its id for them."""

Content = View | Skip | Later

Prepare = Callable[[Session, Claimed, datetime, Standings], Content]
"""Checks a message once more and says what it shows, at the moment of sending."""


Unsent = Callable[[Session, Claimed, datetime], None]
"""Hears of a message that will reach nobody."""


@dataclass(slots=True)
class Counts:
    """Deliveries by outcome since the process started."""

    by_fate: dict[str, int] = field(default_factory=dict)

    def add(self, fate: str) -> None:
        """Count one."""
        self.by_fate[fate] = self.by_fate.get(fate, 0) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Messages held under one name since a moment of the monotonic clock."""

    key: str
    holder: str
    claimed_at: float
    held: list[Claimed]
    standings: dict[tuple[str, str], Standing] = field(default_factory=dict)


class Postman:
    """Sends what is due. `concurrency`: how many messages may be under way at once."""

    def __init__(
        self,
        database: Database,
        platforms: Platforms,
        prepare: Prepare,
        *,
        clock: Clock,
        next_day: NextDay = get_next_morning,
        concurrency: int = 8,
        lease: timedelta = timedelta(seconds=60),
        unsent: Unsent | None = None,
    ) -> None:
        self.counts = Counts()
        self._database = database
        self._platforms = platforms
        self._prepare = prepare
        self._clock = clock
        self._next_day = next_day
        self._concurrency = concurrency
        self._lease = lease
        self._unsent = unsent
        self._key: str | None = None
        self._stopping = False

    async def deliver_due(self, *, only: Sequence[int] | None = None) -> int:
        """Send until nothing is due (in these lanes); answers how many attempts were made.

        Several loops run side by side, so that one channel that hangs holds up few others.
        """
        loops = 1 if only else LOOPS
        # All are waited for, also when one fails: what is under way is never left behind.
        results = await asyncio.gather(
            *(self._deliver_loop(only) for _ in range(loops)), return_exceptions=True
        )
        attempts = 0
        for result in results:
            if isinstance(result, BaseException):
                raise result
            attempts += result
        return attempts

    async def _deliver_loop(self, only: Sequence[int] | None) -> int:
        attempts = 0
        batch = await self._claim(only)
        while batch is not None:
            outcomes = await self._send_all(batch)
            attempts += len(outcomes)
            batch = await self._store(batch, outcomes, only)
        return attempts

    async def _claim(self, only: Sequence[int] | None) -> _Batch | None:
        if self._stopping:
            return None
        key = await self._deployment_key()
        claimed_at = time.monotonic()
        return await self._database.in_write(
            lambda session: self._claim_within(session, only, key=key, claimed_at=claimed_at)
        )

    def _claim_within(
        self, session: Session, only: Sequence[int] | None, *, key: str, claimed_at: float
    ) -> _Batch | None:
        # A name for this claim alone: a lane that another loop of this very process took over
        # after the lease is not ours any more either.
        holder = new_id()
        held = claim(
            session,
            worker=holder,
            now=self._clock(),
            lease=self._lease,
            limit=max(self._concurrency // LOOPS, 1),
            only=only,
            next_day=self._next_day,
        )
        return _Batch(key=key, holder=holder, claimed_at=claimed_at, held=held) if held else None

    async def _send_all(self, batch: _Batch) -> list[Outcome]:
        contents = await self._database.in_read(lambda session: self._contents(session, batch))
        return await asyncio.gather(
            *(
                self._attempt(message, content, key=batch.key, claimed_at=batch.claimed_at)
                for message, content in zip(batch.held, contents, strict=True)
            )
        )

    async def _store(
        self, batch: _Batch, outcomes: list[Outcome], only: Sequence[int] | None
    ) -> _Batch | None:
        """Store what became of a batch and claim the next, in one transaction. A database that is
        away is waited for until the lease ends, since a lost receipt makes a message uncertain."""
        wait = FIRST_WAIT
        while True:
            claimed_at = time.monotonic()

            def turn(session: Session, claimed_at: float = claimed_at) -> _Batch | None:
                self._settle(session, outcomes, batch)
                if self._stopping:
                    return None
                return self._claim_within(session, only, key=batch.key, claimed_at=claimed_at)

            try:
                following = await self._database.in_write(turn)
                break
            except DBAPIError as error:
                if claimed_at - batch.claimed_at > self._lease.total_seconds():
                    raise
                log.warning("receipts wait", reason=type(error.orig).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        for outcome in outcomes:
            self.counts.add(outcome.fate.value)
        return following

    def _settle(self, session: Session, outcomes: Sequence[Outcome], batch: _Batch) -> None:
        ways = [(each, find_way(session, each)) for each in outcomes]
        outcomes = [put_back(each) if way else each for each, way in ways]
        settle(session, outcomes, worker=batch.holder)
        for each, way in ways:
            if way is not None:
                move(session, each.message, way, now=each.at)
        for outcome in outcomes:
            for message in outcome.message.all():
                if outcome.fate in {Fate.FAILED, Fate.SKIPPED} or (
                    message.skipped and outcome.fate is Fate.SENT
                ):
                    self._tell_unsent(session, message)
        posts = [outcome for outcome in outcomes if _is_post(outcome.message)]
        for platform in {outcome.message.platform for outcome in posts}:
            here = [o for o in posts if o.message.platform == platform]
            failed = {
                o.message.channel or "": o.reason or "" for o in here if o.fate is Fate.FAILED
            }
            mended = [
                o.message.channel or ""
                for o in here
                if o.fate is Fate.SENT and _was_in_trouble(o.message, batch.standings)
            ]
            if failed:
                note_trouble(session, platform, failed)
            if mended:
                note_well(session, platform, mended)

    def _tell_unsent(self, session: Session, message: Claimed) -> None:
        if self._unsent is None:
            return
        try:
            with session.begin_nested():
                self._unsent(session, message, self._clock())
        except DBAPIError:
            raise
        except Exception:
            # Part of the delivery loop's broad catch: receipts are stored whatever a feature makes
            # of a message that was not sent.
            log.exception("unsent message broke", delivery=message.id)

    def stop(self) -> None:
        """Claim nothing more; what is under way is finished and stored."""
        self._stopping = True

    async def _deployment_key(self) -> str:
        if self._key is None:
            self._key = await self._database.in_write(get_deployment_key)
        return self._key

    def _contents(self, session: Session, batch: _Batch) -> list[Content | PlatformError]:
        parts = (part for message in batch.held for part in message.all())
        batch.standings.update(
            get_standings(session, ((p.platform, p.channel) for p in parts if p.channel))
        )
        return [self._content(session, message, batch.standings) for message in batch.held]

    def _content(
        self, session: Session, message: Claimed, standings: Standings
    ) -> Content | PlatformError:
        try:
            return self._content_of(session, message, standings)
        except DBAPIError:
            raise
        except Exception as error:
            # Of the three broad catches the delivery loop's: one message that can't be rendered
            # must not hold up the others.
            log.exception("message broke", delivery=message.id)
            return Undeliverable(f"internal error: {type(error).__name__}")

    def _content_of(self, session: Session, message: Claimed, standings: Standings) -> Content:
        parts: list[View] = []
        for number, part in enumerate(message.all()):
            content = self._one_content(session, part, standings)
            if isinstance(content, Later):
                return content  # What travels together waits together.
            if isinstance(content, Skip):
                part.skipped = content.reason
            elif parts and not _has_room([*parts, content]):
                message.left_over = message.bundle[number - 1 :]
                break
            else:
                parts.append(content)
        return _join(parts) if parts else Skip(message.skipped or "empty")

    def _one_content(self, session: Session, message: Claimed, standings: Standings) -> Content:
        now = self._clock()
        if message.expires_at is not None and message.expires_at < now:
            return Skip(LATE)
        content = self._prepare(session, message, now, standings)
        expires_at = message.expires_at
        if isinstance(content, Later) and expires_at is not None and expires_at < content.until:
            return Skip(LATE)
        return content

    async def _attempt(
        self,
        message: Claimed,
        content: Content | PlatformError,
        *,
        key: str,
        claimed_at: float,
    ) -> Outcome:
        if isinstance(content, PlatformError):
            return failure(message, content, now=self._clock(), jitter=0)
        platform = self._platforms.by_name.get(message.platform)
        if platform is None:
            error = RetryLater("platform not connected here")
            return failure(message, error, now=self._clock(), jitter=random.random())  # noqa: S311
        try:
            return await self._send(message, content, platform, key=key, claimed_at=claimed_at)
        except PlatformError as error:
            log.info("attempt failed", delivery=message.id, reason=error.reason)
            return failure(message, error, now=self._clock(), jitter=random.random())  # noqa: S311
        except Exception as error:
            # One of the three broad catches: the loop must outlive any single message.
            log.exception("attempt broke", delivery=message.id)
            broken = Undeliverable(f"internal error: {type(error).__name__}")
            return failure(message, broken, now=self._clock(), jitter=0)

    async def _send(
        self,
        message: Claimed,
        content: Content,
        platform: Platform,
        *,
        key: str,
        claimed_at: float,
    ) -> Outcome:
        outgoing = Outgoing(
            key=f"{key}-{message.id}",
            workspace=message.workspace,
            channel=message.channel,
            user=message.user or message.private_to,
            thread=message.thread,
            view=content if isinstance(content, View) else View(blocks=()),
            is_answer=message.topic == ANSWER,
            is_hint=is_hint(message.topic),
        )
        uncertain = False
        if message.must_look:
            found, uncertain = await self._look(platform, outgoing, message)
            if found is not None:
                for part in message.all():
                    part.skipped = None  # What arrived then may have held it.
                return self._sent(message, found, platform)
        if isinstance(content, Skip):
            return Outcome(
                message=message, fate=Fate.SKIPPED, at=self._clock(), reason=content.reason
            )
        if isinstance(content, Later):
            return Outcome(
                message=message,
                fate=Fate.AGAIN,
                at=self._clock(),
                reason="out of hours",
                retry_at=content.until,
                is_put_off=True,
            )
        if message.left_over:
            await self._unbundle(message)
        self._check_lease(platform, claimed_at)
        receipt = await platform.send(outgoing)
        log.debug("answered", delivery=message.id)
        outcome = self._sent(message, receipt, platform)
        return outcome if not uncertain else _as_uncertain(outcome)

    async def _unbundle(self, message: Claimed) -> None:
        """Give back what one message has no room for, before it goes out without."""
        left = message.left_over
        try:
            await self._database.in_write(lambda session: give_back(session, left))
        except DBAPIError as error:
            raise RetryLater("database away") from error
        message.bundle = message.bundle[: -len(left)]

    @staticmethod
    async def _look(
        platform: Platform, outgoing: Outgoing, message: Claimed
    ) -> tuple[Receipt | None, bool]:
        """The message if an earlier attempt arrived; and whether that could not be told."""
        try:
            since = (message.started_at or message.created_at) - timedelta(minutes=5)
            return await platform.find(outgoing, since=since), False
        except Unsearchable:
            return None, True

    def _check_lease(self, platform: Platform, claimed_at: float) -> None:
        """Refuse to begin what could end after the lease, when somebody else may be at it, or after
        this process."""
        if self._stopping:
            raise RetryLater("stopping")
        spent = time.monotonic() - claimed_at
        latest = self._lease.total_seconds() - platform.request_timeout
        if spent > latest:
            raise RetryLater("lease ran out before sending")

    def _sent(self, message: Claimed, receipt: Receipt, platform: Platform) -> Outcome:
        now = self._clock()
        free_at = platform.pace.when_free(now, before=message.free_at)
        return Outcome(message=message, fate=Fate.SENT, at=now, free_at=free_at, receipt=receipt)


def _is_post(message: Claimed) -> bool:
    """For all of a channel to read."""
    return message.channel is not None and message.private_to is None


def _was_in_trouble(message: Claimed, standings: Standings) -> bool:
    standing = standings.get((message.platform, message.channel or ""))
    return standing is not None and standing.trouble is not None


def _as_uncertain(outcome: Outcome) -> Outcome:
    """Sent, though an earlier attempt may have arrived too."""
    return replace(outcome, reason="an earlier attempt may have arrived too", uncertain=True)


def _has_room(parts: Sequence[View]) -> bool:
    """Whether one message shows all of these."""
    blocks = sum(len(part.blocks) + 1 for part in parts)
    return blocks <= MOST_BLOCKS and sum(len(part.plain_text()) for part in parts) <= MOST_TEXT


def _join(parts: Sequence[View]) -> View:
    if len(parts) == 1:
        return parts[0]
    blocks = [block for part in parts for block in (*part.blocks, Divider())]
    return View(blocks=tuple(blocks[:-1]), summary=parts[0].summary)
