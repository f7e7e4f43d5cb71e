"""What people do in the page, one method each: into the chat, to the dispatcher, and back."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.local.cast import BOT
from adapters.local.checks import check_values
from adapters.local.hub import Hub
from adapters.local.pace import Pace
from adapters.local.parse import (
    COMMAND,
    Spot,
    find_item,
    get_command,
    parse_account,
    parse_change,
    parse_file,
    parse_home,
    parse_membership,
    parse_message,
    parse_press,
    parse_reaction,
    parse_shortcut,
    parse_slash,
    parse_submission,
    write_mentions,
)
from adapters.local.platform import PLATFORM
from adapters.local.records import Message, Person, Surface
from adapters.local.respond import Reply, respond
from adapters.local.tour import Tour
from adapters.local.world import World
from bot.core.clock import Clock
from bot.core.events import Event, MessagePosted, PlaceKind, SharedFile
from bot.core.forms import Form
from bot.core.views import Text, View, view
from bot.db.engine import Database
from bot.dispatch.answers import Answer
from bot.dispatch.dispatcher import Dispatcher
from bot.people.channels import get_linked_ids

LONGEST = 40_000
"""Characters of one message, as in Slack."""

LONGEST_NAME = 120
"""Characters of a file's name."""

CHAT = ""
"""The author of what the chat itself says, as a platform would."""

REACTIONS = {
    "+1": ("👍", "thumbs up"),
    "heart": ("❤️", "heart"),
    "eyes": ("👀", "looking"),
    "white_check_mark": ("✅", "done"),
    "pushpin": ("📌", "pin"),
}

STEPS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


class Refused(Exception):
    """What the page asked for can't be done; `status` is HTTP's, the text is for the person."""

    def __init__(self, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(slots=True, kw_only=True)
class Playground:
    """The chat, Entente behind it, and the time that passes there."""

    world: World
    hub: Hub
    clock: Clock
    database: Database
    dispatcher: Dispatcher
    pace: Pace
    tour: Tour

    # -- who and where -------------------------------------------------------------------------

    def get_person(self, person: str) -> Person:
        """Somebody whom one can act as. Raises Refused."""
        found = self.world.get_person(person)
        if found is None or found.is_bot:
            raise Refused("There is nobody of that name here.", status=404)
        return found

    def find_spot(self, person: str, channel: str, thread: str | None = None) -> Spot:
        """Where somebody is: `dm`, or a channel that they can see. Raises Refused."""
        who = self.get_person(person)
        if channel in {"dm", who.direct}:
            spot = Spot(person=who, channel=None)
        else:
            visible = {c.id: c for c in self.world.get_channels(who.workspace)}
            if channel not in visible:
                raise Refused("There is no such channel here.", status=404)
            spot = Spot(person=who, channel=visible[channel])
        if thread is None:
            return spot
        root = self.world.get_message(thread)
        if root is None or root.channel != spot.id or root.private_to not in (None, who.id):
            raise Refused("That thread is gone.", status=404)
        return Spot(person=who, channel=spot.channel, thread=root.thread or root.id)

    def _require_member(self, spot: Spot) -> None:
        if spot.channel is None and not self.world.takes_direct(spot.person.id):
            raise Refused("Open the direct messages with Entente first.", status=403)
        if spot.channel and not self.world.is_member(spot.channel.id, spot.person.id):
            raise Refused(f"Join #{spot.channel.name} first.", status=403)

    def find_message(self, person: str, message: str) -> tuple[Message, Spot]:
        """A message that somebody can see, and where it stands. Raises Refused."""
        found = self.world.get_message(message)
        if found is None or found.private_to not in (None, person):
            raise Refused("That message is gone.", status=404)
        return found, self.find_spot(person, found.channel, found.thread)

    # -- saying --------------------------------------------------------------------------------

    async def say(self, spot: Spot, text: str) -> Reply:
        """A message, or a slash command."""
        text = text.strip()
        if not text:
            raise Refused("Write something first.")
        if len(text) > LONGEST:
            raise Refused(f"A message holds up to {LONGEST:,} characters; this has {len(text):,}.")
        self._require_member(spot)
        people = [p for p in (*self.world.get_people(), self.world.get_person(BOT)) if p]
        text = write_mentions(text, people, self.world.get_channels(spot.person.workspace))
        if text.startswith("/"):
            return await self._run_slash(spot, text)
        return await self._post(spot, text)

    async def share(self, spot: Spot, name: str, encoded: str, text: str = "") -> Reply:
        """A file for Entente, in Base64. Raises Refused."""
        if spot.channel is not None:
            raise Refused("Files go to Entente directly. Open the direct messages first.")
        name = " ".join(name.split())[:LONGEST_NAME]
        try:
            content = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise Refused("That file did not arrive whole. Please try again.") from None
        if not name or not content:
            raise Refused("That file is empty.")
        identifier = self.world.keep_file(name, content)
        said = f"{text}\n[{name}]".strip()
        message = self.world.post(
            channel=spot.id, author=spot.person.id, text=said, at=self.clock()
        )
        self.world.see(spot.person.id, spot.id)
        self.hub.publish()
        file = SharedFile(file=identifier, name=name)
        return await self._dispatch(spot, parse_file(spot, file, message, text.strip()))

    async def _run_slash(self, spot: Spot, text: str) -> Reply:
        words = get_command(text)
        if words is not None and spot.has_commands:
            return await self._dispatch(spot, parse_slash(spot, words))
        if words is not None:
            return self._tell(
                spot,
                f"This channel belongs to another company, so `{COMMAND}` does not work here for "
                "you. Mention @Entente instead: it understands the same words.",
            )
        if text.split()[:2] == ["/invite", f"<@{BOT}>"] and spot.channel is not None:
            return await self.change_membership(spot, BOT, joins=True)
        return self._tell(
            spot, f"The commands here are `{COMMAND}` and, in a channel, `/invite @Entente`."
        )

    async def _post(self, spot: Spot, text: str) -> Reply:
        message = self.world.post(
            channel=spot.id,
            author=spot.person.id,
            text=text,
            thread=spot.thread,
            at=self.clock(),
        )
        self.world.see(spot.person.id, spot.id)
        self.hub.publish()
        event = parse_message(spot, text, message)
        if isinstance(event, MessagePosted):
            wanted = await self._wants(event)
            return await self._dispatch(spot, event) if wanted else Reply()
        if spot.channel is not None and not self.world.is_member(spot.channel.id, BOT):
            return self._tell(
                spot, "Entente is not in this channel. To add it, say `/invite @Entente`."
            )
        return await self._dispatch(spot, event)

    async def _wants(self, event: MessagePosted) -> bool:
        """Entente hears what people say among themselves in linked channels alone, and of that
        only what a feature asks for."""
        linked = await self.database.in_read(lambda session: get_linked_ids(session, PLATFORM))
        place = event.place.channel or ""
        if place not in linked:
            return False
        await self.dispatcher.follow_watches()
        wanted = self.dispatcher.watching.wants(PLATFORM, place, event.actor.user, event.text)
        # What was counted is there for whoever looks next; elsewhere that takes a second.
        await self.dispatcher.follow_watches()
        return wanted

    def _tell(self, spot: Spot, markdown: str) -> Reply:
        """The chat's own words to the one who acted."""
        self.world.post(
            channel=spot.id,
            author=CHAT,
            view=view(Text(text=markdown)),
            thread=spot.thread,
            private_to=spot.person.id,
            at=self.clock(),
        )
        self.hub.publish()
        return Reply()

    # -- pressing, choosing, filling in --------------------------------------------------------

    async def press(self, person: str, surface: str, position: str, option: str) -> Reply:
        """A button or a menu, on a message (`M12`), on the home view (`home`), in a dialog."""
        who = self.get_person(person)
        if surface.startswith("M"):
            message, spot = self.find_message(person, surface)
            return await self._press(
                spot, message.view, position, option, message=message.id, kind=spot.place.kind
            )
        identifier = f"home:{who.id}" if surface == "home" else surface
        found = self.world.get_surface(identifier, person=who.id)
        kind = PlaceKind.HOME if surface == "home" else PlaceKind.FORM
        spot = Spot(person=who, channel=None)
        shown = found.view if found else None
        return await self._press(spot, shown, position, option, message=None, kind=kind)

    async def _press(
        self,
        spot: Spot,
        shown: View | None,
        position: str,
        option: str,
        *,
        message: str | None,
        kind: PlaceKind,
    ) -> Reply:
        item = find_item(shown, position) if shown is not None else None
        if item is None:
            raise Refused("That button is gone. Look again: the page has changed.", status=404)
        if item.kind == "menu" and option not in {choice.value for choice in item.options}:
            raise Refused("Choose one of the options first.")
        event = parse_press(spot, item, option, message=message, kind=kind)
        return await self._dispatch(spot, event)

    def _find_form(self, person: str, surface: str) -> tuple[Spot, Surface, Form]:
        found = self.world.get_surface(surface, person=self.get_person(person).id)
        if found is None or found.form is None:
            raise Refused("That form is closed. Please open it again.", status=404)
        spot = Spot(person=self.get_person(person), channel=None)
        return spot, found, found.form

    async def change(self, person: str, surface: str, values: Any) -> Reply:
        """An input of an open form changed."""
        spot, found, form = self._find_form(person, surface)
        event = parse_change(spot, form, values)
        return await self._dispatch(spot, event, surface=found)

    async def submit(self, person: str, surface: str, values: Any) -> Reply:
        """A form was sent off."""
        spot, found, form = self._find_form(person, surface)
        event = parse_submission(spot, form, values)
        problems = check_values(form, event.values)
        if problems:
            return Reply(errors=problems)
        return await self._dispatch(spot, event, surface=found)

    # -- the rest ------------------------------------------------------------------------------

    async def react(self, person: str, message: str, emoji: str) -> Reply:
        """Add a reaction, or take it back."""
        found, spot = self.find_message(person, message)
        if emoji not in REACTIONS:
            raise Refused("There is no such reaction here.")
        self._require_member(spot)
        added = self.world.react(found.id, person, emoji)
        self.hub.publish()
        heard = spot.channel is None or self.world.is_member(spot.channel.id, BOT)
        if not (added and heard):
            return Reply()
        return await self._dispatch(spot, parse_reaction(spot, found.id, emoji))

    async def choose(self, person: str, message: str, shortcut: str) -> Reply:
        """Choose an entry of a message's own menu."""
        found, spot = self.find_message(person, message)
        self._require_member(spot)
        if shortcut not in self.dispatcher.registry.shortcuts:
            raise Refused("There is no such entry here.", status=404)
        if not spot.has_commands:
            raise Refused(
                "This channel belongs to another company, so its messages have no menu for you. "
                "Mention @Entente in a reply instead."
            )
        text = found.view.plain_text() if found.view is not None else found.text
        return await self._dispatch(spot, parse_shortcut(spot, shortcut, found.id, text))

    async def change_membership(self, spot: Spot, member: str, *, joins: bool) -> Reply:
        """Join or leave a channel; Entente is told of what happens where it is. Direct messages are
        opened or closed, of which it hears nothing until one of its own is refused."""
        if spot.channel is None:
            move = self.world.open_direct if joins else self.world.close_direct
            if move(spot.person.id):
                self.hub.publish()
            return Reply()
        change = self.world.join if joins else self.world.leave
        heard = self.world.is_member(spot.channel.id, BOT) or member == BOT
        if not change(spot.channel.id, member):
            return self._tell(spot, "Nothing to do: that is so already.") if joins else Reply()
        self.world.post(
            channel=spot.id,
            author=member,
            text="joined the channel." if joins else "left the channel.",
            at=self.clock(),
        )
        self.hub.publish()
        if not heard:
            return Reply()
        return await self._dispatch(spot, parse_membership(spot, member, joined=joins))

    def require_account(self, person: str) -> None:
        """Raise Refused for somebody whose account is switched off."""
        if not self.world.has_account(person):
            name = self.get_person(person).name
            raise Refused(f"The account of {name} is switched off.", status=403)

    async def switch_account(self, person: str, *, works: bool) -> Reply:
        """Switch somebody's account off, as when they leave the company, or on again."""
        who = self.get_person(person)
        if not self.world.switch(who.id, works=works):
            return Reply()
        return await self._dispatch(
            Spot(person=who, channel=None), parse_account(who, is_active=works)
        )

    async def step(self, name: str) -> None:
        """Move the clock ahead: to the next event, or by an hour, a day, a week."""
        if name == "next":
            if not await self.pace.advance_to_next():
                raise Refused("Nothing is scheduled. Set up a reminder first.", status=409)
        elif name in STEPS:
            await self.pace.advance(STEPS[name])
        else:
            raise Refused("The clock can't be moved like that.")

    async def read_home(self, person: Person) -> View:
        """Somebody's home view, as it is now."""
        answer = await self.dispatcher.dispatch(parse_home(person))
        shown = answer.home if answer is not None and answer.home is not None else View(blocks=())
        self.world.open_surface(person.id, view=shown, surface=f"home:{person.id}")
        return shown

    async def _dispatch(self, spot: Spot, event: Event, *, surface: Surface | None = None) -> Reply:
        answer: Answer | None = await self.dispatcher.dispatch(event)
        self.tour.note_event(event, answer)
        reply = respond(self.world, spot, event, answer, surface=surface, at=self.clock())
        self.hub.publish()
        return reply
