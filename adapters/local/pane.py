"""One workspace as one of its people sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32
from zoneinfo import ZoneInfo

from adapters.local.address import DM, HOME, Address, Standing
from adapters.local.cast import BOT, PEOPLE
from adapters.local.parse import COMMAND
from adapters.local.playground import CHAT, REACTIONS, Playground
from adapters.local.records import Channel, Message, Person, Workspace
from bot.core.views import View
from bot.dispatch.dates import say_day
from bot.dispatch.messages import words

_TONES = {person.id: number for number, person in enumerate(PEOPLE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """One kind of reaction to a message."""

    emoji: str
    sign: str
    label: str
    names: str
    count: int
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as one person sees it."""

    message: Message
    author: str
    partner: str
    initials: str
    tone: str
    when: str
    day: str
    starts_day: bool
    replies: int
    thread_address: str
    reactions: Sequence[Reaction]
    is_private: bool
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One entry of a pane's list: a channel, the direct messages, or Home."""

    at: str
    label: str
    address: str
    unseen: int
    is_here: bool
    is_joined: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Something the compose box can complete."""

    trigger: str
    insert: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One workspace as one of its people sees it."""

    key: str
    workspace: Workspace
    person: Person
    places: Sequence[Place]
    standing: Standing
    title: str
    topic: str
    channel: Channel | None
    is_member: bool
    has_commands: bool
    has_account: bool = True
    messages: Sequence[Shown] = ()
    home: View | None = None
    back: str = ""
    suggestions: Sequence[Suggestion] = ()
    shortcuts: Sequence[tuple[str, str]] = ()
    suffixes: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)


async def read_pane(
    playground: Playground, address: Address, standing: Standing, workspace: Workspace
) -> Pane:
    """What a pane shows. Looking is noted: what is shown counts as seen."""
    world = playground.world
    person = playground.get_person(standing.person)
    channels = {channel.id: channel for channel in world.get_channels(workspace.id)}
    channel = channels.get(standing.at)
    here = person.direct if standing.at == DM else standing.at
    if standing.at != HOME:
        world.see(person.id, here)
    host = channel is None or channel.workspace == person.workspace
    pane = Pane(
        key=standing.key,
        workspace=workspace,
        person=person,
        places=_read_places(playground, address, standing, person, list(channels.values())),
        standing=standing,
        title=_title(standing, channel),
        topic=_topic(standing, channel),
        channel=channel,
        is_member=world.is_member(channel.id, person.id)
        if channel is not None
        else world.takes_direct(person.id),
        has_commands=host,
        has_account=world.has_account(person.id),
    )
    if standing.at == HOME:
        return replace(pane, home=await playground.read_home(person))
    names = {p.id: p.name for p in world.get_people()} | {BOT: "Entente"}
    names |= {c.id: c.name for c in channels.values()}
    return replace(
        pane,
        messages=_read_messages(playground, address, standing, here, person),
        back=address.to(standing.key, thread=None) if standing.thread else "",
        suggestions=_read_suggestions(playground, pane),
        shortcuts=_read_shortcuts(playground) if host else (),
        suffixes=_read_suffixes(playground),
        names=names,
    )


def _title(standing: Standing, channel: Channel | None) -> str:
    if channel is not None:
        return f"#{channel.name}"
    return "Home" if standing.at == HOME else "Entente"


def _topic(standing: Standing, channel: Channel | None) -> str:
    if channel is not None:
        return channel.topic
    return "What Entente shows you" if standing.at == HOME else "Just you and Entente"


def _read_places(
    playground: Playground,
    address: Address,
    standing: Standing,
    person: Person,
    channels: Sequence[Channel],
) -> list[Place]:
    unseen = playground.world.count_unseen(person.id)
    found = [
        Place(
            at=channel.id,
            label=f"#{channel.name}",
            address=address.to(standing.key, at=channel.id, thread=None),
            unseen=unseen.get(channel.id, 0) if standing.at != channel.id else 0,
            is_here=standing.at == channel.id,
            is_joined=playground.world.is_member(channel.id, person.id),
        )
        for channel in channels
    ]
    for at, label, waiting in ((DM, "Entente", unseen.get(person.direct, 0)), (HOME, "Home", 0)):
        found.append(
            Place(
                at=at,
                label=label,
                address=address.to(standing.key, at=at, thread=None),
                unseen=0 if standing.at == at else waiting,
                is_here=standing.at == at,
            )
        )
    return found


def _read_messages(
    playground: Playground, address: Address, standing: Standing, here: str, person: Person
) -> list[Shown]:
    world, thread = playground.world, standing.thread
    found = world.get_messages(here, viewer=person.id, thread=thread)
    replies = world.count_replies(here, viewer=person.id) if thread is None else {}
    reactions = world.get_reactions(here)
    partners = {w.id: w.name for w in world.get_workspaces()}
    shown, day = [], ""
    for message in found:
        author = world.get_person(message.author)
        local = message.at.astimezone(ZoneInfo(person.zone))
        today = say_day(local.date())
        shown.append(
            Shown(
                message=message,
                author=author.name if author else "Chat",
                partner=_say_partner(author, partners),
                initials=get_initials(author.name) if author else "i",
                tone=get_tone(message.author),
                when=f"{local:%H:%M}",
                day=today,
                starts_day=today != day,
                replies=replies.get(message.id, 0),
                thread_address=address.to(standing.key, thread=message.id),
                reactions=_read_reactions(playground, reactions.get(message.id, {}), person),
                is_private=message.private_to is not None and not here.startswith("D-"),
                is_mine=message.author == person.id,
            )
        )
        day = today
    return shown


def _say_partner(author: Person | None, partners: Mapping[str, str]) -> str:
    if author is None:
        return ""
    return "App" if author.is_bot else partners.get(author.workspace, "")


def _read_reactions(
    playground: Playground, found: Mapping[str, Sequence[str]], person: Person
) -> list[Reaction]:
    names = {p.id: p.name for p in playground.world.get_people()}
    return [
        Reaction(
            emoji=emoji,
            sign=REACTIONS[emoji][0],
            label=REACTIONS[emoji][1],
            names=", ".join(names.get(user, user) for user in users),
            count=len(users),
            is_mine=person.id in users,
        )
        for emoji, users in found.items()
        if emoji in REACTIONS
    ]


def _read_suggestions(playground: Playground, pane: Pane) -> list[Suggestion]:
    found: list[Suggestion] = []
    commands = playground.dispatcher.registry.commands.values()
    if pane.has_commands:
        found += [
            Suggestion(
                trigger="/",
                insert=f"{COMMAND} {command.phrase} ",
                label=f"{COMMAND} {command.usage or command.phrase}",
                hint=words(command.help),
            )
            for command in commands
            if command.help
        ]
    if pane.channel is not None:
        found.append(
            Suggestion(
                trigger="/", insert="/invite @Entente", label="/invite @Entente", hint="add it here"
            )
        )
    people = [("Entente", "the app"), *((p.name, p.role) for p in playground.world.get_people())]
    found += [
        Suggestion(trigger="@", insert=f"@{name} ", label=f"@{name}", hint=hint)
        for name, hint in people
    ]
    found += [
        Suggestion(trigger="#", insert=f"{place.label} ", label=place.label, hint="channel")
        for place in pane.places
        if place.label.startswith("#")
    ]
    return found


def _read_shortcuts(playground: Playground) -> list[tuple[str, str]]:
    shortcuts = playground.dispatcher.registry.shortcuts.values()
    return [(shortcut.name, words(shortcut.label)) for shortcut in shortcuts]


def _read_suffixes(playground: Playground) -> list[str]:
    """How the names of files end of which Entente makes something."""
    return sorted({end for kind in playground.dispatcher.registry.files for end in kind.suffixes})


def get_initials(name: str) -> str:
    """The letters in a person's picture."""
    parts = name.split()
    return "".join(
        part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)
    ).upper()


def get_tone(person: str) -> str:
    """Which colours a person's picture has; the name stands beside it."""
    if person in {BOT, CHAT}:
        return "app" if person == BOT else "chat"
    return f"t{_TONES.get(person, crc32(person.encode())) % 6}"
