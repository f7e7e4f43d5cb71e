"""Installing Entente in a workspace: from our page to Slack's, and back with a code.

The `state` that travels along is ours (encrypted and dated), belongs to one browser (by a cookie),
and works once (https://docs.slack.dev/authentication/installing-with-oauth, RFC 6749 §10.12).
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.slack.pages import render_page
from adapters.slack.parse import PLATFORM
from adapters.slack.paths import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.scopes import SCOPES
from adapters.slack.tokens import Tokens, read_expiry
from adapters.slack.vault import Unreadable, Vault
from bot.core.clock import Clock
from bot.core.events import Actor, AppInstalled, Place, PlaceKind
from bot.core.ids import new_id
from bot.db.engine import Database
from bot.delivery.inbox import is_first
from bot.dispatch.messages import words
from bot.people import installations as table
from bot.people.installations import NewInstallation

log = structlog.get_logger(__name__)

PURPOSE = "slack state"
LASTS = timedelta(minutes=10)
"""How long a state works: as long as Slack's code does."""

COOKIE = "entente_install"
TIMEOUT = 10.0

OUT_OF_REACH = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Exception):
    """Why nothing was installed: a key of the message catalogue, and an HTTP status."""

    key: str
    status: int


class OAuth:
    """The two pages. `announce` hands an installation that is there to whoever wants to know."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        tokens: Tokens,
        vault: Vault,
        *,
        clock: Clock,
        client_id: str,
        client_secret: str,
        redirect_url: str,
        authorize_url: str,
        announce: Callable[[AppInstalled], Awaitable[object]],
        follow: Callable[[], Awaitable[object]],
    ) -> None:
        self._database = database
        self._client = client
        self._tokens = tokens
        self._vault = vault
        self._clock = clock
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_url = redirect_url
        self._authorize_url = authorize_url
        self._announce = announce
        self._follow = follow

    def make_routes(self) -> Sequence[Route]:
        """The routes of the two pages."""
        return (
            Route(INSTALL_PATH, self.begin, methods=["GET"]),
            Route(REDIRECT_PATH, self.end, methods=["GET"]),
        )

    async def begin(self, request: Request) -> Response:
        """Say what Entente asks for, and lead to Slack."""
        browser = _read_cookie(request) or secrets.token_urlsafe(32)
        query = {
            "client_id": self._client_id,
            "scope": ",".join(sorted(SCOPES)),
            "redirect_uri": self._redirect_url,
            "state": self._make_state(browser),
        }
        page = render_page(
            words("install.title"),
            words("install.intro"),
            words("install.privacy"),
            words("install.scopes"),
            reasons=SCOPES,
            link=(words("install.button"), f"{self._authorize_url}?{urlencode(query)}"),
        )
        page.set_cookie(
            COOKIE,
            browser,
            max_age=int(LASTS.total_seconds()),
            path="/slack/",
            secure=urlsplit(self._redirect_url).scheme == "https",
            httponly=True,
            # Slack sends people back by a link: a strict cookie would stay at home.
            samesite="lax",
        )
        return page

    async def end(self, request: Request) -> Response:
        """Take the code that Slack sends people back with."""
        try:
            new, name = await self._install(request.query_params, _read_cookie(request))
        except Refusal as refusal:
            log.info("installation refused", reason=refusal.key)
            return self._refuse(refusal)
        is_back = await self._save(new)
        await self._follow()
        await self._announce(make_installed(new.workspace, is_back=is_back))
        log.info("installed", workspace=new.workspace)
        page = render_page(
            words("install.done_title"),
            words("install.done_back" if is_back else "install.done", workspace=name),
            words("install.next"),
            link=(words("install.open"), f"https://slack.com/app_redirect?{_open(new)}"),
        )
        page.delete_cookie(COOKIE, path="/slack/")
        return page

    def _refuse(self, refusal: Refusal) -> Response:
        again = (words("install.again"), INSTALL_PATH)
        title = words("install.refused_title")
        return render_page(title, words(refusal.key), link=again, status=refusal.status)

    def _make_state(self, browser: str) -> str:
        content = f"{secrets.token_urlsafe(16)}.{_hash(browser)}"
        return self._vault.close(content, now=self._clock())

    async def _install(
        self, given: Mapping[str, str], browser: str | None
    ) -> tuple[NewInstallation, str]:
        await self._check_state(given.get("state", ""), browser)
        if given.get("error"):
            raise Refusal(key="install.declined", status=200)
        if not given.get("code"):
            raise Refusal(key="install.no_code", status=400)
        answer = await self._exchange(given["code"])
        return self._read(answer)

    async def _check_state(self, state: str, browser: str | None) -> None:
        """Raise Refusal unless the state is ours, fresh, this browser's, and used for the first
        time."""
        if not state or len(state) > 1000:
            raise Refusal(key="install.no_state", status=400)
        now = self._clock()
        try:
            content = self._vault.open_within(state, LASTS, now=now)
        except Unreadable:
            raise Refusal(key="install.bad_state", status=400) from None
        nonce, _, owner = content.partition(".")
        if browser is None or not hmac.compare_digest(owner, _hash(browser)):
            raise Refusal(key="install.other_browser", status=400)
        # Spent before anything is asked for: of two that come at once, one goes on.
        key = f"slack:oauth:{_hash(nonce)}"
        if not await self._database.in_write(lambda session: is_first(session, key, now=now)):
            raise Refusal(key="install.used_state", status=400)

    async def _exchange(self, code: str) -> Any:
        given = {
            "code": code,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "redirect_uri": self._redirect_url,
        }
        try:
            return await self._client.api_call("oauth.v2.access", data=given)
        except SlackApiError as error:
            log.warning("code not taken", reason=str(error.response.get("error")))
            raise Refusal(key="install.bad_code", status=400) from None
        except OUT_OF_REACH as error:
            log.warning("code not exchanged", reason=type(error).__name__)
            raise Refusal(key="install.unreachable", status=502) from None

    def _read(self, answer: Any) -> tuple[NewInstallation, str]:
        team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
        everywhere = bool(answer.get("is_enterprise_install"))
        place = enterprise if everywhere else team
        token, bot_user = answer.get("access_token"), answer.get("bot_user_id")
        if answer.get("token_type") != "bot" or not (token and bot_user and place.get("id")):
            log.warning("answer of another kind", kind=str(answer.get("token_type")))
            raise Refusal(key="install.bad_code", status=400)
        name = str(place.get("name") or place["id"])
        new = NewInstallation(
            platform=PLATFORM,
            external_id=str(place["id"]),
            workspace=str(enterprise.get("id") or place["id"]),
            name=str(enterprise.get("name") or name),
            is_organisation=everywhere,
            bot_user=str(bot_user),
            bot_id=None,
            scopes=str(answer.get("scope") or ""),
            secret=self._tokens.close(str(token), answer.get("refresh_token")),
            expires_at=read_expiry(answer, now=self._clock()),
            granted_at=read_date(answer.headers) or self._clock(),
        )
        return new, name

    async def _save(self, new: NewInstallation) -> bool:
        """Keep it; whether Entente had been there before and was removed."""
        now = self._clock()

        def save(session: Session) -> bool:
            before = table.get_workspace(session, PLATFORM, new.workspace)
            was_removed = before is not None and before.removed_at is not None
            table.save(session, new, now=now)
            return was_removed

        return await self._database.in_write(save)


def make_installed(workspace: str, *, is_back: bool) -> AppInstalled:
    """What tells the features that Entente is in a workspace."""
    return AppInstalled(
        key=f"slack:installed:{new_id()}",
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=""),
        place=Place(kind=PlaceKind.HOME),
        is_back=is_back,
    )


def _open(new: NewInstallation) -> str:
    return urlencode({"team": new.external_id, "channel": new.bot_user})


def _read_cookie(request: Request) -> str | None:
    found = request.cookies.get(COOKIE, "")
    return found if 20 <= len(found) <= 100 else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_date(headers: Mapping[str, str]) -> datetime | None:
    """The time by Slack's clock at which it answered: its events carry the same clock's."""
    given = {name.lower(): value for name, value in headers.items()}.get("date", "")
    try:
        found = parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC)


def get_authorize_url(api_url: str) -> str:
    """Slack's page on which an installation is allowed, beside its API."""
    return api_url.rstrip("/").removesuffix("/api") + "/oauth/v2/authorize"
