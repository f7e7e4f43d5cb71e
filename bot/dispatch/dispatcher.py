"""From an event to its handler, in one transaction, at most once.

    dispatch(event) → account and viewer → handler → Answer, and Deliver rows → commit → answer

Nothing is fetched from a platform inside a transaction: a handler that must know more answers
`Fetch`, and goes on in a second transaction.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from bot.core.clock import Clock
from bot.core.errors import NotUnderstood, PlatformError, Undeliverable, UserError
from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    MemberLeft,
    PlaceKind,
    Via,
)
from bot.core.ids import new_id
from bot.core.ports import Platforms, Profile, Query, UserProfile, UserQuery
from bot.core.views import Button, Text, View, actions, view
from bot.db.engine import Database
from bot.delivery.inbox import is_first
from bot.delivery.outbox import Deliver
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context, choose_viewer
from bot.dispatch.feature import Needs, Registry, Result
from bot.dispatch.grammar import Arguments, match_phrase, suggest
from bot.dispatch.messages import Markdown, say, words
from bot.people import identity
from bot.people.models import Account, ChannelState
from bot.people.viewer import get_viewers

log = structlog.get_logger(__name__)

Hurry = Callable[[list[int]], Awaitable[object]]
"""Sends what waits in these lanes, without delay."""

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class _ProfileNeeded(Exception):
    """The account is unknown or its profile too old; the transaction is rolled back."""


@dataclass(slots=True)
class Counts:
    """Events by kind and outcome, and how long they took, since the process started."""

    by_outcome: dict[tuple[str, str], int] = field(default_factory=dict)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def add(self, kind: str, outcome: str, seconds: float) -> None:
        """Count one event."""
        key = (kind, outcome)
        self.by_outcome[key] = self.by_outcome.get(key, 0) + 1
        self.seconds += seconds
        place = next((i for i, edge in enumerate(BUCKETS) if seconds <= edge), len(BUCKETS))
        self.buckets[place] += 1


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
            if _is_retried(event):
                raise
            return _apology(event, reference)
        finally:
            seconds = time.perf_counter() - started
            self.counts.add(type(event).__name__, outcome, seconds)

    async def _handle(self, event: Event) -> tuple[Answer | None, str]:
        try:
            return await self._with_profile(event, None, None)
        except UserError as error:
            return await self._refuse(event, error), "refused"

    async def _with_profile(
        self, event: Event, fetch: Fetch | None, found: Found | None
    ) -> tuple[Answer | None, str]:
        """Run the transaction; if the person or more is unknown, ask the platform and run again."""
        profile: UserProfile | None = None
        for _ in range(4):
            try:
                result, outcome = await self._transact(event, profile, fetch, found)
            except IntegrityError:
                # Somebody else made the same row in the same moment: it is there now.
                result, outcome = await self._transact(event, profile, fetch, found)
            except _ProfileNeeded:
                query = UserQuery(workspace=event.workspace, user=event.actor.user)
                (fetched,) = await self._fetch(event, (query,))
                profile = fetched if isinstance(fetched, UserProfile) else _stranger(event)
                continue
            if not isinstance(result, Fetch):
                return result, outcome
            fetch, found = result, await self._fetch(event, result.queries)
        raise RuntimeError("a handler keeps fetching")

    async def _transact(
        self,
        event: Event,
        profile: UserProfile | None,
        fetch: Fetch | None,
        found: Found | None,
    ) -> tuple[Result, str]:
        woken: list[int] = []

        def work(session: Session) -> tuple[Result, str]:
            if not reads and not is_first(session, event.key, now=now):
                return None, "repeated"
            context = self._context(session, event, profile, now=now, reads=reads)
            if fetch is not None and found is not None:
                result: Result = fetch.then(context, event, found)
            else:
                result = self._run(context, event)
            if isinstance(result, Fetch):
                session.rollback()
                return result, "fetching"
            answer = self._queue_answer(context, event, result)
            woken.extend(context.woken)
            return answer, "handled"

        now = self._clock()
        reads = fetch is None and profile is None and self._only_reads(event)
        run = self._database.in_read if reads else self._database.in_write
        result, outcome = await run(work)
        if woken:
            self._go(self._hurry(sorted(set(woken))))
        return result, outcome

    def _go(self, errand: Awaitable[object]) -> None:
        task = asyncio.ensure_future(_guarded(errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def finish(self) -> None:
        """Wait until the sending that events set off is done."""
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def _fetch(self, event: Event, queries: Sequence[Query]) -> Found:
        platform = self._platforms.by_name.get(event.platform)

        async def fetch_one(query: Query) -> Profile | PlatformError:
            if platform is None:
                return Undeliverable("platform not connected")
            try:
                return await platform.fetch(query)
            except PlatformError as error:
                return error

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
        account = self._get_account(session, event, profile, now=now)
        context = Context(
            session=session,
            registry=self.registry,
            now=now,
            event=event,
            account=account,
            viewers=get_viewers(session, account.id),
        )
        context.chosen = choose_viewer(context)
        if not reads and not isinstance(event, MemberLeft):
            _welcome_from_channel(context)
        return context

    def _get_account(
        self, session: Session, event: Event, profile: UserProfile | None, *, now: datetime
    ) -> Account:
        if not event.actor.user:
            # Some happenings have nobody who did them: an account of nobody, never stored.
            return Account(platform=event.platform, external_id="", name="", checked_at=now)
        if profile is not None:
            return identity.save_account(session, event.platform, profile, now=now)
        account = identity.get_account(session, event.platform, event.actor.user)
        if account is None or identity.needs_profile(account, now):
            raise _ProfileNeeded
        return account

    # -- choosing the handler ------------------------------------------------------------------

    def _only_reads(self, event: Event) -> bool:
        if isinstance(event, HomeOpened):
            return True
        if isinstance(event, CommandInvoked) and event.via == Via.SLASH:
            found = match_phrase(event.text, list(self.registry.commands))
            return found is not None and self.registry.commands[found[0]].reads
        if isinstance(event, ButtonPressed):
            button = self.registry.buttons.get(event.action)
            return event.action in self.registry.forms or (button is not None and button.reads)
        return isinstance(event, FormChanged) and not isinstance(event, FormSubmitted)

    def _run(self, context: Context, event: Event) -> Result:
        for listener in self.registry.listeners.get(type(event), ()):
            listener.handle(context, event)
        if isinstance(event, CommandInvoked):
            return self._run_command(context, event)
        if isinstance(event, ButtonPressed):
            return self._run_button(context, event)
        if isinstance(event, FormSubmitted):
            return self._run_submit(context, event)
        if isinstance(event, FormChanged):
            return self._run_change(context, event)
        if isinstance(event, HomeOpened):
            return Answer(home=self.render_home(context))
        return None

    def _run_command(self, context: Context, event: CommandInvoked) -> Result:
        found = match_phrase(event.text, list(self.registry.commands))
        if found is None:
            return self._explain(context, event)
        command = self.registry.commands[found[0]]
        asked = self._settle_viewer(context, command.needs)
        if asked is not None:
            return asked
        context.require(command.needs)
        return command.handle(context, event, found[1])

    def _explain(self, context: Context, event: CommandInvoked) -> Result:
        if not event.text.strip():
            return self.registry.commands["help"].handle(context, event, Arguments())
        near = suggest(event.text, [c.phrase for c in self.registry.commands.values() if c.help])
        shown = event.text.strip()[:60]
        if not near:
            raise NotUnderstood("help.unknown", typed=shown)
        options = ", ".join(f"`{phrase}`" for phrase in near)
        raise NotUnderstood("help.unknown_near", typed=shown, near=Markdown(options))

    def _settle_viewer(self, context: Context, needs: Needs) -> Answer | None:
        """Ask which alliance is meant, where a person is in several and has not said."""
        if needs == Needs.NOTHING or context.chosen is not None or len(context.viewers) < 2:
            return None
        found = identity.get_alliances(
            context.session, [viewer.alliance_id for viewer in context.viewers]
        )
        return Answer(
            view=view(
                Text(text=say("alliance.which")),
                actions(
                    *(
                        Button(label=alliance.name[:75], action="people.use", value=alliance.id)
                        for alliance in found[:25]
                    )
                ),
            )
        )

    def _run_button(self, context: Context, event: ButtonPressed) -> Result:
        form = self.registry.forms.get(event.action)
        if form is not None:
            return Answer(form=form.open(context, event.value))
        button = self.registry.buttons.get(event.action)
        if button is None:
            raise NotUnderstood("help.old_button")
        result = button.handle(context, event)
        if event.place.kind == PlaceKind.HOME and not button.reads and isinstance(result, Answer):
            return replace(result, home=self.render_home(context))
        return result

    def _run_submit(self, context: Context, event: FormSubmitted) -> Result:
        form = self.registry.forms.get(event.form)
        if form is None:
            raise NotUnderstood("help.old_button")
        result = form.submit(context, event)
        if isinstance(result, Answer) and not result.errors:
            # The form may have been opened from the home view, which shows what it changed.
            return replace(result, home=self.render_home(context))
        return result

    def _run_change(self, context: Context, event: FormChanged) -> Result:
        form = self.registry.forms.get(event.form)
        if form is None or form.change is None:
            return None
        return Answer(form=form.change(context, event))

    def render_home(self, context: Context) -> View:
        """The home view of the acting person: what each feature contributes."""
        asked = self._settle_viewer(context, Needs.MEMBER)
        if asked is not None and asked.view is not None:
            return asked.view
        if context.chosen is None:
            return view(
                Text(text=say("home.stranger")),
                actions(Button(label=words("setup.button"), opens="setup.form", style="primary")),
            )
        viewer = context.viewer
        blocks = [b for section in self.registry.home for b in section.render(context, viewer)]
        return View(blocks=tuple(blocks))

    # -- answering -----------------------------------------------------------------------------

    def _queue_answer(self, context: Context, event: Event, answer: Answer | None) -> Answer | None:
        """Make the answer fit for how it can be given: what has no response of the platform's to
        travel in goes to the outbox, so that it is not lost."""
        if answer is None:
            return None
        answer = self._open_form(context, event, answer)
        if isinstance(event, CommandInvoked) and event.via != Via.SLASH and answer.view is not None:
            context.deliver(Deliver(to=context.to_actor(), view=answer.view))
            return Answer(form=answer.form) if answer.form else None
        return answer

    def _open_form(self, context: Context, event: Event, answer: Answer) -> Answer:
        if answer.opens is None:
            return answer
        name, value = answer.opens
        kind = self.registry.forms[name]
        if getattr(event, "trigger", None):
            return Answer(view=answer.view, form=kind.open(context, value))
        label = words(kind.label) if kind.label else words("help.open_form")
        button = Button(label=label, value=value, opens=name, style="primary")
        return Answer(view=view(Text(text=say("help.form_here")), actions(button)))

    async def _refuse(self, event: Event, error: UserError) -> Answer | None:
        """Tell the person what is wrong and what to do next."""
        text = _error_text(error)
        if isinstance(event, FormSubmitted):
            return Answer(errors={error.field or "": text})
        answer = Answer(view=view(Text(text=text)))
        if not isinstance(event, CommandInvoked) or event.via == Via.SLASH:
            return answer if isinstance(event, CommandInvoked | ButtonPressed) else None

        def work(session: Session) -> list[int]:
            now = self._clock()
            if not is_first(session, event.key, now=now):
                return []
            account = identity.get_account(session, event.platform, event.actor.user)
            if account is None:
                return []
            context = Context(
                session=session, registry=self.registry, now=now, event=event, account=account
            )
            context.deliver(Deliver(to=context.to_actor(), view=answer.view))
            return context.woken

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
    channel = context.channel
    if channel is None or channel.state != ChannelState.LINKED or context.chosen is not None:
        return
    if context.account.is_bot or not context.account.external_id:
        return
    identity.ensure_member(context.session, channel.alliance_id, context.account, now=context.now)
    context.viewers = get_viewers(context.session, context.account.id)
    context.chosen = choose_viewer(context)


def _stranger(event: Event) -> UserProfile:
    """What is kept of somebody whom the platform would not tell us about."""
    return UserProfile(
        user=event.actor.user,
        workspace=event.actor.workspace,
        name=words("people.unknown_name"),
        is_guest=event.actor.workspace is None,
    )


def _is_retried(event: Event) -> bool:
    """Whether the platform sends an event again that was not acknowledged."""
    if isinstance(event, CommandInvoked):
        return event.via != Via.SLASH
    return not isinstance(event, ButtonPressed | FormChanged)


def _error_text(error: UserError) -> str:
    try:
        return say(error.key, **error.values)
    except KeyError:
        log.exception("text missing", key=error.key)
        return say("help.unknown", typed="?")


def _apology(event: Event, reference: str) -> Answer:
    text = say("help.broken", reference=reference)
    if isinstance(event, FormChanged):
        return Answer(errors={"": text})
    return Answer(view=view(Text(text=text)))
