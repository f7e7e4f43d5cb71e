"""Who and what the simulated chat begins with: two fictional companies, six people, four channels,
and what they have said to one another so far."""

from dataclasses import dataclass

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
    """Something said before the playground opened, so many minutes ago."""

    channel: str
    author: str
    text: str
    minutes_ago: int


LINES = (
    Line(
        channel="C-STEERING",
        author="U-ANA",
        text="Entente is in this channel now. It brings up our North Star once a month and says "
        "who set that up. Anything else it does here, one of us asked for.",
        minutes_ago=55,
    ),
    Line(
        channel="C-STEERING",
        author="U-HELEN",
        text="Once a month I will read. Is the wording of the North Star final?",
        minutes_ago=48,
    ),
    Line(
        channel="C-STEERING",
        author="U-TOM",
        text="For both sides, yes: Jonas read it to his team last week, word for word.",
        minutes_ago=44,
    ),
    Line(
        channel="C-GENERAL",
        author="U-TOM",
        text="The Borealis team visits on Thursday. Room 2.14, and there is cake.",
        minutes_ago=120,
    ),
    Line(
        channel="C-SHARED",
        author="U-JONAS",
        text="Good morning from Stockholm. The site list for the paediatric arm is in the folder.",
        minutes_ago=90,
    ),
    Line(
        channel="C-SHARED",
        author="U-ANA",
        text="Thank you, Jonas. We go through it on Thursday.",
        minutes_ago=82,
    ),
    Line(
        channel="C-BOREALIS",
        author="U-PRIYA",
        text="I booked the morning train for Thursday. Who else is coming along?",
        minutes_ago=70,
    ),
)
