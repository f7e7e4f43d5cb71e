"""From an event to its handler, in one transaction, at most once.

    dispatch(event) → account and viewer → handler → Answer, and Deliver rows → commit → answer

Nothing is fetched from a platform inside a transaction: a handler that must know more answers
`Fetch`, and goes on in a second transaction.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from bot.core.clock import Clock
from bot.core.errors import (
    NotAllowed,
    NotFound,
    PlatformError,
    RetryLater,
    Undeliverable,
    UserError,
)
from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormChanged,
    HomeOpened,
    MemberLeft,
    MessagePosted,
    PlaceKind,
    ReactionAdded,
    ShortcutInvoked,
)
from bot.core.ids import new_id
from bot.core.ports import Platforms, Profile, Query, UserProfile, UserQuery
from bot.core.views import View
from bot.db.engine import Database
from bot.delivery.inbox import is_first
from bot.delivery.outbox import ANSWER, Deliver, enqueue
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.counts import Counts
from bot.dispatch.feature import Registry, Result
from bot.dispatch.messages import words
from bot.dispatch.replies import (
    get_reply_address,
    is_retried,
    make_apology,
    make_refusal,
    open_form,
    travels_by_outbox,
)
from bot.dispatch.routing import Router
from bot.dispatch.watching import Watching, store
from bot.people import identity, readers
from bot.people.activity import Activity
from bot.people.activity import store as store_activity
from bot.people.models import Alliance, ChannelState
from bot.people.presence import NOBODY, Presence, get_presence

log = structlog.get_logger(__name__)

Hurry = Callable[[list[int]], Awaitable[object]]
"""Sends what waits in these lanes, without delay."""

ACTS = (
    ButtonPressed,
    CommandInvoked,
    FormChanged,
    HomeOpened,
    MessagePosted,
    ReactionAdded,
    ShortcutInvoked,
)
"""Events of which somebody knows that they did them."""

TRIES = 5
"""How often one event is run at most: anew with a profile, with what a handler asked for, …"""


class _ProfileNeeded(Exception):
    """The account is unknown or its profile too old; the transaction is rolled back."""


class Dispatcher:
    """Hands events to features. One a process."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        platforms: Platforms,
        *,
        clock: Clock,
        hurry: Hurry,
    ) -> None:
        self.counts = Counts()
        self.registry = registry
        self.watching = Watching(registry.watches)
        self.activity = Activity()
        self._router = Router(registry, self.watching)
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._hurry = hurry
        self._errands: set[asyncio.Task[object]] = set()

    async def dispatch(self, event: Event) -> Answer | None:
        """Handle an event; the answer is for the platform's own response.

        None: nothing to say, or it was handled before. Raises whatever keeps an event that the
        platform will send again from being handled; otherwise the person is told.
        """
        started = time.perf_counter()
        outcome = "failed"
        try:
            answer, outcome = await self._handle(event)
            return answer
        except Exception:
            # One of the three broad catches: what went wrong is logged, and the person told.
            reference = new_id()[-6:]
            log.exception("event failed", kind=type(event).__name__, reference=reference)
            if is_retried(event):
                raise
            return make_apology(event, reference)
        finally:
            seconds = time.perf_counter() - started
            self.counts.add(type(event).__name__, outcome, seconds)

    async def _handle(self, event: Event) -> tuple[Answer | None, str]:
        try:
            return await self._with_profile(event, None, None)
        except UserError as error:
            if isinstance(error, NotAllowed | NotFound):
                kind, user = type(event).__name__, event.actor.user
                log.info("refused", kind=kind, why=error.key, platform=event.platform, user=user)
            return await self._refuse(event, error), "refused"

    async def _with_profile(
        self, event: Event, fetch: Fetch | None, found: Found | None
    ) -> tuple[Answer | None, str]:
        """Run the transaction; if the person or more is unknown, ask the platform and run again."""
        profile: UserProfile | None = None
        for tries in reversed(range(1, TRIES + 1)):
            try:
                result, outcome = await self._transact(event, profile, fetch, found)
            except IntegrityError:
                if tries == 1:
                    raise
                continue  # somebody else made the same row in the same moment: it is there now
            except _ProfileNeeded:
                query = UserQuery(
                    workspace=event.workspace, user=event.actor.user, home=event.actor.workspace
                )
                (fetched,) = await self._fetch(event, (query,))
                profile = fetched if isinstance(fetched, UserProfile) else _stranger(event)
                continue
            if not isinstance(result, Fetch):
                return result, outcome
            fetch = result
            found = await self._fetch(event, result.queries, within=result.within)
            if result.between is not None:
                found = await asyncio.to_thread(result.between, found)
        raise RuntimeError("a handler keeps fetching")

    async def _transact(
        self,
        event: Event,
        profile: UserProfile | None,
        fetch: Fetch | None,
        found: Found | None,
    ) -> tuple[Result, str]:
        woken: list[int] = []
        acting: list[str] = []

        def work(session: Session) -> tuple[Result, str]:
            if not reads and not is_first(session, event.key, now=now):
                return None, "repeated"
            context = self._context(session, event, profile, now=now, reads=reads)
            if isinstance(event, ACTS) and context.who.account_id:
                acting.append(context.who.account_id)
            if fetch is not None and found is not None:
                result: Result = self._router.go_on(context, event, fetch, found)
            else:
                result = self._router.run(context, event)
            if isinstance(result, Fetch):
                session.rollback()
                return result, "fetching"
            answer = self._queue_answer(context, event, result)
            woken.extend(context.woken)
            return answer, "handled"

        now = self._clock()
        goes_on_reading = fetch is None or fetch.reads
        reads = goes_on_reading and profile is None and self._router.only_reads(event)
        run = self._database.in_read if reads else self._database.in_write
        result, outcome = await run(work)
        for account_id in acting:
            self.activity.note(account_id, now)
        if woken:
            self._go(self._hurry(sorted(set(woken))))
        return result, outcome

    async def tell(self, event: Event, shown: View) -> None:
        """Say something to the one who acted by message, where the platform's response has no room
        for it: by the outbox, so that it is not lost."""
        deliver, now = Deliver(to=get_reply_address(event), view=shown, topic=ANSWER), self._clock()
        lane = await self._database.in_write(lambda session: enqueue(session, deliver, now=now))
        self._go(self._hurry([lane]))

    def _go(self, errand: Awaitable[object]) -> None:
        task = asyncio.ensure_future(_guarded(errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def follow_watches(self) -> None:
        """Store what watches counted and who acted, and build anew what has changed; every second
        or so."""
        drained, now = self.watching.drain(), self._clock()
        if drained:
            await self._database.in_write(lambda session: store(session, drained, now))
        acted = self.activity.drain()
        if acted:
            await self._database.in_write(lambda session: store_activity(session, acted))
        self.watching.take_over(await self._database.in_read(self.watching.load))

    async def finish(self) -> None:
        """Wait until the sending that events set off is done."""
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def _fetch(
        self, event: Event, queries: Sequence[Query], *, within: float | None = None
    ) -> Found:
        platform = self._platforms.by_name.get(event.platform)

        async def fetch_one(query: Query) -> Profile | PlatformError:
            if platform is None:
                return Undeliverable("platform not connected")
            try:
                async with asyncio.timeout(within):
                    return await platform.fetch(query)
            except PlatformError as error:
                return error
            except TimeoutError:
                return RetryLater("timeout")

        return await asyncio.gather(*(fetch_one(query) for query in queries))

    def _context(
        self,
        session: Session,
        event: Event,
        profile: UserProfile | None,
        *,
        now: datetime,
        reads: bool,
    ) -> Context:
        who = self._get_presence(session, event, profile, now=now)
        context = Context(
            session=session,
            registry=self.registry,
            now=now,
            event=event,
            who=who,
            chosen=who.choose(),
            for_former=self._router.is_for_former(event),
        )
        if not reads and not isinstance(event, MemberLeft):
            _welcome_from_channel(context)
        return context

    def _get_presence(
        self, session: Session, event: Event, profile: UserProfile | None, *, now: datetime
    ) -> Presence:
        if not event.actor.user:
            return NOBODY
        if profile is not None:
            identity.save_account(session, event.platform, profile, now=now)
        place = event.place
        who = get_presence(
            session,
            platform=event.platform,
            user=event.actor.user,
            channel=place.channel if place.kind == PlaceKind.CHANNEL else None,
            now=now,
        )
        if who is None or not (profile or who.is_fresh(now, zone=event.actor.zone)):
            raise _ProfileNeeded
        return who

    def _queue_answer(self, context: Context, event: Event, answer: Answer | None) -> Answer | None:
        """Make the answer fit for how it can be given: what has no response of the platform's to
        travel in goes to the outbox, so that it is not lost."""
        if answer is not None and answer.opens is not None:
            kind = self.registry.forms[answer.opens[0]]
            answer = open_form(context, event, answer, kind)
        if answer is None or answer.view is None or not travels_by_outbox(event):
            return answer
        context.deliver(Deliver(to=get_reply_address(event), view=answer.view, topic=ANSWER))
        return None

    async def _refuse(self, event: Event, error: UserError) -> Answer | None:
        """Tell the person what is wrong and what to do next."""
        answer = make_refusal(event, error)
        if answer is None or answer.view is None or not travels_by_outbox(event):
            return answer
        deliver = Deliver(to=get_reply_address(event), view=answer.view, topic=ANSWER)
        now = self._clock()

        def work(session: Session) -> list[int]:
            first = is_first(session, event.key, now=now)
            return [enqueue(session, deliver, now=now)] if first else []

        woken = await self._database.in_write(work)
        if woken:
            self._go(self._hurry(woken))
        return None


async def _guarded(errand: Awaitable[object]) -> object:
    try:
        return await errand
    except DBAPIError as error:
        # What was queued stays queued: the worker sends it.
        log.warning("sending at once failed", reason=type(error.orig).__name__)
        return None


def _welcome_from_channel(context: Context) -> None:
    """Whoever acts in a linked channel is a member of its alliance; unplaced, if need be."""
    who = context.who
    if who.channel_state != ChannelState.LINKED or context.chosen is not None:
        return
    if who.is_bot or not who.account_id:
        return
    alliance = context.session.get(Alliance, who.channel_alliance_id)
    if alliance is None or alliance.ended_at is not None or _is_stranger(context, alliance.id):
        return
    identity.ensure_member(
        context.session, who.channel_alliance_id or "", context.account, now=context.now
    )
    context.look_again()


def _is_stranger(context: Context, alliance_id: str) -> bool:
    """Whether somebody is of an organisation that is no partner, and was let into the channel
    without its being told: that opens nothing to them."""
    channel, account = context.channel, context.account
    if channel is None or identity.place_of(context.session, alliance_id, account) is not None:
        return False
    return readers.is_strange(context.session, channel, account)


def _stranger(event: Event) -> UserProfile:
    """What is kept of somebody whom the platform would not tell us about, if they are not known."""
    return UserProfile(
        user=event.actor.user,
        workspace=event.actor.workspace,
        name=words("people.unknown_name"),
        zone=event.actor.zone,
        is_guest=event.actor.workspace is None,
        is_told=False,
    )
