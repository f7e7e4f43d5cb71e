"""From what people do in the page to events."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.local.cast import BOT
from adapters.local.platform import PLATFORM
from adapters.local.records import Channel, Person
from bot.core.events import (
    AccountChanged,
    Actor,
    ButtonPressed,
    CommandInvoked,
    FormChanged,
    FormSubmitted,
    FormValue,
    HomeOpened,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    Place,
    PlaceKind,
    ReactionAdded,
    SharedFile,
    ShortcutInvoked,
    Via,
)
from bot.core.forms import ChoiceInput, Form, PeopleInput
from bot.core.ids import new_id
from bot.core.views import Button, Menu, View

COMMAND = "/alliance"
_MENTION = re.compile(rf"<@{BOT}(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where somebody is in the chat: a channel, or (none) the direct messages with Entente."""

    person: Person
    channel: Channel | None
    thread: str | None = None

    @property
    def id(self) -> str:
        """The id under which the chat keeps what is said here."""
        return self.channel.id if self.channel else self.person.direct

    @property
    def workspace(self) -> str:
        """The installation that hears it: a shared channel's is its host's."""
        return self.channel.workspace if self.channel else self.person.workspace

    @property
    def place(self) -> Place:
        """The same for the core."""
        kind = PlaceKind.CHANNEL if self.channel else PlaceKind.DIRECT
        return Place(kind=kind, channel=self.id, thread=self.thread)

    @property
    def has_commands(self) -> bool:
        """In another company's shared channel people have no slash command."""
        return self.workspace == self.person.workspace


def write_mentions(text: str, people: Iterable[Person], channels: Iterable[Channel]) -> str:
    """`@Ana Keller` and `#steering` as people type them, with the ids that the core reads."""
    names = [(f"@{p.name}", f"<@{p.id}>") for p in people]
    names += [(f"@{p.name.split()[0]}", f"<@{p.id}>") for p in people if p.name.split()]
    names += [(f"#{c.name}", f"<#{c.id}>") for c in channels]
    tokens = {name.casefold(): token for name, token in reversed(names)}
    if not tokens:
        return text
    longest_first = sorted(tokens, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return re.sub(
        rf"(?<![\w<]){'(?:' + pattern + ')'}(?![\w-])",
        lambda found: tokens.get(found.group().casefold(), found.group()),
        text,
        flags=re.IGNORECASE,
    )


def get_command(text: str) -> str | None:
    """What follows `/alliance`; None if the text is no such command."""
    first, _, rest = text.strip().partition(" ")
    return rest.strip() if first.casefold() == COMMAND else None


def parse_slash(spot: Spot, words: str) -> CommandInvoked:
    """`/alliance …`."""
    return CommandInvoked(
        **_common(spot), via=Via.SLASH, text=words, trigger=new_id(), place=spot.place
    )


def parse_message(spot: Spot, text: str, message: str) -> CommandInvoked | MessagePosted:
    """Something said: to Entente directly, with a mention of it, or among people."""
    common = _common(spot, key=f"{PLATFORM}:{message}")
    if spot.channel is None:
        said = _MENTION.sub("", text, count=1).strip()
        return CommandInvoked(**common, via=Via.DIRECT, text=said, place=spot.place)
    if _MENTION.search(text):
        said = _MENTION.sub("", text, count=1).strip()
        return CommandInvoked(**common, via=Via.MENTION, text=said, place=spot.place)
    return MessagePosted(**common, message=message, text=text, place=spot.place)


def parse_file(spot: Spot, file: SharedFile, message: str, text: str) -> CommandInvoked:
    """A file that was sent to Entente directly."""
    common = _common(spot, key=f"{PLATFORM}:{message}")
    return CommandInvoked(**common, via=Via.DIRECT, text=text, place=spot.place, files=(file,))


def parse_press(
    spot: Spot, item: Button | Menu, option: str, *, message: str | None, kind: PlaceKind
) -> ButtonPressed:
    """A press on a button, or a choice from a menu."""
    value = item.value if isinstance(item, Button) else option
    action = item.opens or item.action if isinstance(item, Button) else item.action
    in_chat = kind in {PlaceKind.CHANNEL, PlaceKind.DIRECT}
    return ButtonPressed(
        **_common(spot),
        action=action,
        value=value,
        message=message,
        trigger=new_id(),
        place=spot.place if in_chat else Place(kind=kind),
    )


def parse_change(spot: Spot, form: Form, values: Any) -> FormChanged:
    """An input of an open form changed."""
    return FormChanged(
        **_common(spot),
        form=form.name,
        values=read_values(form, values),
        context=dict(form.context),
        place=Place(kind=PlaceKind.FORM),
    )


def parse_submission(spot: Spot, form: Form, values: Any) -> FormSubmitted:
    """A form was sent off."""
    return FormSubmitted(
        **_common(spot),
        form=form.name,
        values=read_values(form, values),
        context=dict(form.context),
        place=Place(kind=PlaceKind.FORM),
    )


def parse_reaction(spot: Spot, message: str, emoji: str) -> ReactionAdded:
    """A reaction to a message."""
    return ReactionAdded(**_common(spot), message=message, emoji=emoji, place=spot.place)


def parse_shortcut(spot: Spot, shortcut: str, message: str, text: str) -> ShortcutInvoked:
    """An entry of a message's own menu was chosen."""
    return ShortcutInvoked(
        **_common(spot),
        shortcut=shortcut,
        message=message,
        text=text,
        trigger=new_id(),
        place=spot.place,
    )


def parse_home(person: Person) -> HomeOpened:
    """Somebody opened Entente's home."""
    spot = Spot(person=person, channel=None)
    return HomeOpened(**_common(spot), place=Place(kind=PlaceKind.HOME))


def parse_account(person: Person, *, is_active: bool) -> AccountChanged:
    """Somebody's account was switched off, or on again."""
    spot = Spot(person=person, channel=None)
    return AccountChanged(
        **_common(spot) | {"actor": Actor(user="")},
        place=Place(kind=PlaceKind.HOME),
        user=person.id,
        is_active=is_active,
    )


def parse_membership(spot: Spot, member: str, *, joined: bool) -> MemberJoined | MemberLeft:
    """Somebody (Entente, perhaps) joined or left a channel."""
    kind = MemberJoined if joined else MemberLeft
    actor = Actor(user=member, workspace=spot.person.workspace)
    common = _common(spot) | {"actor": actor}
    return kind(**common, is_self=member == BOT, place=spot.place)


def _common(spot: Spot, *, key: str | None = None) -> dict[str, Any]:
    return {
        "key": key or f"{PLATFORM}:{new_id()}",
        "platform": PLATFORM,
        "workspace": spot.workspace,
        "actor": Actor(user=spot.person.id, workspace=spot.person.workspace),
    }


def read_values(form: Form, values: Any) -> dict[str, FormValue]:
    """What the form's own inputs hold; anything else that was sent is left out."""
    given: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
    return {item.name: _read_value(item, given.get(item.name)) for item in form.inputs()}


def _read_value(item: object, value: object) -> FormValue:
    several = isinstance(item, PeopleInput) or (isinstance(item, ChoiceInput) and item.multiple)
    if several:
        found = value if isinstance(value, list) else [value] if value else []
        return tuple(str(one) for one in found[:200])
    if isinstance(value, list):
        value = value[0] if value else None
    return str(value) if value not in (None, "") else None


def find_item(view: View, position: str) -> Button | Menu | None:
    """The button or menu at a position (`block.item`) of a view."""
    block, _, item = position.partition(".")
    if not (block.isascii() and block.isdigit() and item.isascii() and item.isdigit()):
        return None
    if int(block[:6]) >= len(view.blocks):
        return None
    found = view.blocks[int(block[:6])]
    if found.kind != "actions" or int(item[:6]) >= len(found.items):
        return None
    return found.items[int(item[:6])]
