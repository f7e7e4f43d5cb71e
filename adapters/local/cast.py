"""Who and what the simulated chat begins with: two fictional companies, six people, four channels,
and what they have said to one another so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from adapters.local.records import Channel, Person, Workspace

BOT = "U-ENTENTE"
ACME, BOREALIS = "T-ACME", "T-BOREALIS"

WORKSPACES = (
    Workspace(id=ACME, name="Acme"),
    Workspace(id=BOREALIS, name="Borealis"),
)

_BERLIN, _STOCKHOLM = "Europe/Berlin", "Europe/Stockholm"

PEOPLE = (
    Person(id="U-ANA", workspace=ACME, name="Ana Keller", role="Alliance manager", zone=_BERLIN),
    Person(id="U-TOM", workspace=ACME, name="Tom Okafor", role="Member", zone=_BERLIN),
    Person(
        id="U-HELEN", workspace=ACME, name="Helen Brandt", role="Steering committee", zone=_BERLIN
    ),
    Person(id="U-MEI", workspace=ACME, name="Mei Tanaka", role="Newcomer", zone=_BERLIN),
    Person(
        id="U-JONAS",
        workspace=BOREALIS,
        name="Jonas Lindqvist",
        role="Alliance manager",
        zone=_STOCKHOLM,
    ),
    Person(id="U-PRIYA", workspace=BOREALIS, name="Priya Nair", role="Member", zone=_STOCKHOLM),
)

ENTENTE = Person(id=BOT, workspace=ACME, name="Entente", role="App", zone="UTC", is_bot=True)

CHANNELS = (
    Channel(
        id="C-STEERING",
        workspace=ACME,
        name="steering",
        topic="The Acme side of the joint steering committee",
    ),
    Channel(id="C-GENERAL", workspace=ACME, name="general", topic="Everybody at Acme"),
    Channel(
        id="C-SHARED",
        workspace=ACME,
        name="acme-borealis",
        topic="Both partners are here",
        is_shared=True,
    ),
    Channel(id="C-BOREALIS", workspace=BOREALIS, name="general", topic="Everybody at Borealis"),
)

MEMBERS = {
    "C-STEERING": ("U-ANA", "U-TOM", "U-HELEN", BOT),
    "C-GENERAL": ("U-ANA", "U-TOM", "U-HELEN"),
    "C-SHARED": ("U-ANA", "U-TOM", "U-JONAS", "U-PRIYA", BOT),
    "C-BOREALIS": ("U-JONAS", "U-PRIYA"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something said before the playground opened, on the last working morning that was over."""

    channel: str
    author: str
    text: str
    at: time


LINES = (
    Line(
        channel="C-STEERING",
        author="U-ANA",
        text="Entente is in this channel now. It brings up our North Star once a month and says "
        "who set that up. Anything else it does here, one of us asked for.",
        at=time(9, 5),
    ),
    Line(
        channel="C-STEERING",
        author="U-HELEN",
        text="Once a month I will read. Is the wording of the North Star final?",
        at=time(9, 12),
    ),
    Line(
        channel="C-STEERING",
        author="U-TOM",
        text="For both sides, yes: Jonas read it to his team last week, word for word.",
        at=time(9, 16),
    ),
    Line(
        channel="C-GENERAL",
        author="U-TOM",
        text="The Borealis team visits on Thursday. Room 2.14, and there is cake.",
        at=time(8, 10),
    ),
    Line(
        channel="C-SHARED",
        author="U-JONAS",
        text="Good morning from Stockholm. The site list for the paediatric arm is in the folder.",
        at=time(8, 40),
    ),
    Line(
        channel="C-SHARED",
        author="U-ANA",
        text="Thank you, Jonas. We go through it on Thursday.",
        at=time(8, 48),
    ),
    Line(
        channel="C-BOREALIS",
        author="U-PRIYA",
        text="I booked the morning train for Thursday. Who else is coming along?",
        at=time(9, 0),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody and everything that a simulated chat begins with."""

    people: Sequence[Person]
    channels: Sequence[Channel]
    members: Mapping[str, Sequence[str]]
    lines: Sequence[Line] = ()
    workspaces: Sequence[Workspace] = field(default=WORKSPACES)


CAST: Final = Cast(people=PEOPLE, channels=CHANNELS, members=MEMBERS, lines=LINES)

_SILENT_BY: Final = time(10)


def _get_day(now: datetime) -> date:
    """The last working day whose morning was over by `now`."""
    local = now.astimezone(ZoneInfo(_BERLIN))
    day = local.date() if local.time() >= _SILENT_BY else local.date() - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day


def get_moment(line: Line, *, now: datetime) -> datetime:
    """When a line was said, in UTC."""
    return datetime.combine(_get_day(now), line.at, ZoneInfo(_BERLIN)).astimezone(UTC)
