"""Who Entente is in each workspace: a cache that events and messages are looked up in.

Nothing here is about who may do what. Slack names what an event came through in several places,
and in a shared channel not always the same; `hear` knows them in their order of trust.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Entente in one workspace (a team), or in all of an organisation on Enterprise Grid.

    `workspace` is whose people are there: the organisation on Enterprise Grid, else the team.
    """

    id: str
    external_id: str
    workspace: str
    bot_user: str
    bot_id: str | None = None
    is_organisation: bool = False
    token: str = field(repr=False)
    closed: str = field(default="", repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a payload calls an installation."""

    team: str | None
    enterprise: str | None
    is_organisation: bool = False

    @property
    def external_id(self) -> str:
        """What it was installed in."""
        chosen = self.enterprise if self.is_organisation else self.team
        return chosen or self.team or self.enterprise or ""

    @property
    def workspace(self) -> str:
        """Whose people are there."""
        return self.enterprise or self.team or ""


class Installations:
    """The installations that this process knows."""

    def __init__(self, found: Iterable[Installed] = ()) -> None:
        self.bot_users: frozenset[str] = frozenset()
        self._by_id: dict[str, Installed] = {}
        self._by_workspace: dict[str, tuple[Installed, ...]] = {}
        self._by_bot: dict[str, Installed] = {}
        self.replace(found)

    def replace(self, found: Iterable[Installed]) -> None:
        """Know these and no others."""
        self._by_id = {each.external_id: each for each in found}
        by_workspace: dict[str, list[Installed]] = {}
        for each in self._by_id.values():
            by_workspace.setdefault(each.workspace, []).append(each)
        # What is installed for all of an organisation reaches furthest.
        self._by_workspace = {
            workspace: tuple(sorted(these, key=lambda one: not one.is_organisation))
            for workspace, these in by_workspace.items()
        }
        self._by_bot = {each.bot_user: each for each in self._by_id.values()}
        self.bot_users = frozenset(self._by_bot)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Installed]:
        return iter(self._by_id.values())

    def get(self, external_id: str) -> Installed | None:
        """The installation in a team, or in a whole organisation."""
        return self._by_id.get(external_id)

    def get_bot(self, user: str) -> Installed | None:
        """The installation whose own user this is."""
        return self._by_bot.get(user)

    def of_workspace(self, workspace: str) -> tuple[Installed, ...]:
        """Those among whose people a workspace's are."""
        found = self._by_workspace.get(workspace)
        if found is None and (one := self._by_id.get(workspace)) is not None:
            return (one,)
        return found or ()

    def hear(self, payload: Payload) -> Installed | None:
        """The installation a payload came through, if it is known."""
        for named in read_names(payload):
            found = self._by_id.get(named.external_id)
            if found is None and named.enterprise:
                found = self._by_id.get(named.enterprise)
            if found is not None:
                return found
        return None


def read_names(payload: Payload) -> Iterator[Named]:
    """What a payload may mean by its installation, the surest first.

    A form knows what opened it; an event, whom Slack sent it to; the rest tell where the person
    is (https://docs.slack.dev/apis/events-api/#authorizations).
    """
    view = payload.get("view")
    organisation = _id(payload.get("enterprise")) or _text(payload.get("enterprise_id"))
    everywhere = str(payload.get("is_enterprise_install")).lower() == "true"
    if isinstance(view, Mapping) and view.get("app_installed_team_id"):
        installed_in = str(view["app_installed_team_id"])
        # With an installation for the whole organisation, this is the organisation's id.
        yield Named(team=installed_in, enterprise=None)
    authorizations = payload.get("authorizations")
    if isinstance(authorizations, list):
        for each in authorizations:
            if isinstance(each, Mapping):
                yield Named(
                    team=_text(each.get("team_id")),
                    enterprise=_text(each.get("enterprise_id")),
                    is_organisation=each.get("is_enterprise_install") is True,
                )
    context_team = _text(payload.get("context_team_id"))
    if context_team:
        yield Named(team=context_team, enterprise=_text(payload.get("context_enterprise_id")))
    team = _id(payload.get("team")) or _text(payload.get("team_id"))
    if team or organisation:
        yield Named(team=team, enterprise=organisation, is_organisation=everywhere)
    user = payload.get("user")
    if isinstance(user, Mapping) and user.get("team_id"):
        yield Named(team=str(user["team_id"]), enterprise=organisation)


def _id(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")
    return _text(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
