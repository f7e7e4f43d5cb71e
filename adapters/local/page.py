"""What the page shows: the time bar, the people to act as, the tour, and two workspaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.local.address import Address, get_key, read_address
from adapters.local.pane import Pane, get_initials, get_tone, read_pane
from adapters.local.playground import Playground
from adapters.local.records import Person
from adapters.local.schedule import Upcoming, read_schedule
from adapters.local.tour import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A person whom one can act as."""

    person: Person
    initials: str
    tone: str
    partner: str
    address: str
    unseen: int
    is_acting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStep:
    """A step of the tour, as it stands."""

    step: Step
    address: str
    pane: str
    is_done: bool
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that the template needs."""

    token: str
    front: str
    panes: Sequence[Pane]
    roles: Sequence[Role]
    tour: Sequence[TourStep]
    now: str
    zone: str
    upcoming: Sequence[Upcoming]
    failing: Sequence[str]
    alone: bool
    rearranged: str
    """The address of the same with one workspace alone, or with all side by side."""
    tabs: Sequence[tuple[str, str, str, bool]]


async def read_page(playground: Playground, query: Mapping[str, str]) -> Page:
    """The page for an address."""
    world = playground.world
    address = read_address(playground, query)
    workspaces = {get_key(w.id): w for w in world.get_workspaces()}
    panes = [
        await read_pane(playground, address, standing, workspaces[standing.key])
        for standing in address.panes
    ]
    schedule = await read_schedule(playground)
    return Page(
        token=world.get_fact("token") or "",
        front=address.front,
        panes=panes,
        roles=_read_roles(playground, address, {w.id: w.name for w in workspaces.values()}),
        tour=_read_tour(playground, address),
        now=schedule.now,
        zone=schedule.zone,
        upcoming=schedule.upcoming,
        alone=address.alone,
        rearranged=replace(address, alone=not address.alone).to_text(),
        failing=sorted(playground.pace.failing),
        tabs=[
            (pane.key, pane.workspace.name, address.to(pane.key), pane.key == address.front)
            for pane in panes
        ],
    )


def _read_roles(
    playground: Playground, address: Address, partners: Mapping[str, str]
) -> list[Role]:
    acting = {pane.key: pane.person for pane in address.panes}
    roles = []
    for person in playground.world.get_people():
        key = get_key(person.workspace)
        roles.append(
            Role(
                person=person,
                initials=get_initials(person.name),
                tone=get_tone(person.id),
                partner=partners.get(person.workspace, ""),
                address=address.to(key, person=person.id, thread=None),
                unseen=sum(playground.world.count_unseen(person.id).values()),
                is_acting=acting.get(key) == person.id,
            )
        )
    return roles


def _read_tour(playground: Playground, address: Address) -> list[TourStep]:
    done = playground.tour.get_done()
    steps = playground.tour.steps
    following = next((step.name for step in steps if step.name not in done), "")
    shown = []
    for step in steps:
        person = playground.world.get_person(step.person)
        key = get_key(person.workspace) if person else address.front
        shown.append(
            TourStep(
                step=step,
                address=address.to(key, person=step.person, at=step.place, thread=None),
                pane=key,
                is_done=step.name in done,
                is_next=step.name == following,
            )
        )
    return shown
