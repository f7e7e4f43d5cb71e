"""The page's address: who one acts as in each workspace, and what they look at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypedDict, Unpack
from urllib.parse import urlencode

from adapters.local.playground import Playground, Refused

DM: Final = "dm"
HOME: Final = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one workspace's pane stands, as its address says it."""

    key: str
    person: str
    at: str
    thread: str | None = None


class Move(TypedDict, total=False):
    """What changes in a pane's standing."""

    person: str
    at: str
    thread: str | None


def get_key(workspace: str) -> str:
    """A workspace's short name in the page's address."""
    return workspace.removeprefix("T-").lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The page's address: each pane's standing, and which is in front where there is one alone.
    `alone`: there is one alone also where there would be room for all."""

    panes: tuple[Standing, ...]
    front: str
    alone: bool = False

    def to(self, key: str, *, front: bool = True, **changes: Unpack[Move]) -> str:
        """The address after one pane moved."""
        panes = tuple(replace(p, **changes) if p.key == key else p for p in self.panes)
        return replace(self, panes=panes, front=key if front else self.front).to_text()

    def to_text(self) -> str:
        """The address itself."""
        query: list[tuple[str, str]] = []
        for pane in self.panes:
            query += [(pane.key, pane.person), (f"{pane.key}.at", pane.at)]
            if pane.thread:
                query.append((f"{pane.key}.thread", pane.thread))
        query.append(("front", self.front))
        return "/?" + urlencode([*query, ("alone", "yes")] if self.alone else query)


def read_address(playground: Playground, query: Mapping[str, str]) -> Address:
    """The address that was asked for; whatever does not exist is replaced by what does."""
    world = playground.world
    panes = []
    for workspace in world.get_workspaces():
        key = get_key(workspace.id)
        people = {p.id: p for p in world.get_people() if p.workspace == workspace.id}
        person = people.get(query.get(key, "")) or next(iter(people.values()))
        # Without a workspace's name: what a link in a message leads to, wherever that is seen.
        at = query.get(f"{key}.at", query.get("at", ""))
        thread = query.get(f"{key}.thread", query.get("thread")) or None
        channels = [channel.id for channel in world.get_channels(workspace.id)]
        if at not in {DM, HOME, *channels}:
            at, thread = channels[0], None
        if thread is not None:
            try:
                thread = playground.find_spot(person.id, at, thread).thread
            except Refused:
                thread = None
        panes.append(Standing(key=key, person=person.id, at=at, thread=thread))
    keys = [pane.key for pane in panes]
    front = query.get("front", "")
    return Address(
        panes=tuple(panes),
        front=front if front in keys else keys[0],
        alone=query.get("alone") == "yes",
    )
