"""A company in Microsoft Teams with people and channels, and Entente listening."""

from dataclasses import dataclass

from tests.fakes.teams import Channel, Chat, FakeTeams, Message, TeamsUser, Tenant
from tests.fakes.teams.world import Team
from tests.harness import Bot, ManualClock


@dataclass
class TeamsWorld:
    """Borealis' tenant: Mei manages the alliance, Leo is a colleague in the channel steering."""

    teams: FakeTeams
    bot: Bot
    clock: ManualClock
    borealis: Tenant
    mei: TeamsUser
    leo: TeamsUser
    team: Team
    steering: Channel

    def write(self, who: TeamsUser, text: str) -> str:
        """In a person's chat with Entente; answers what they got to read for it."""
        return self._seen(who, lambda: who.writes(text))

    def mention(
        self,
        who: TeamsUser,
        text: str,
        *people: TeamsUser,
        place: Channel | Chat | None = None,
        thread: Message | None = None,
    ) -> str:
        """`@Entente …` in a channel; answers what the person alone got to read for it."""
        where = place or self.steering
        return self._seen(who, lambda: who.mentions(where, text, *people, thread=thread))

    def press(self, who: TeamsUser, message: Message, label: str, **values: object) -> str:
        """A button of a message; answers what is read then: new messages, the card itself, or the
        dialog that opened."""
        before = len(self.teams.private(who))
        response = who.presses(message, label, **values)
        assert response.status == 200, response.text
        self.bot.settle()
        new = self.teams.private(who)[before:]
        shown = [self.teams.text_of(m) for m in new] or [self.teams.text_of(message)]
        return "\n".join([*shown, *([who.dialog.text] if who.dialog else [])])

    def _seen(self, who: TeamsUser, act: object) -> str:
        before = len(self.teams.private(who))
        response = act()  # type: ignore[operator]
        assert response.status == 200, response.text
        self.bot.settle()
        return "\n".join(self.teams.text_of(m) for m in self.teams.private(who)[before:])

    def last(self, who: TeamsUser) -> Message:
        """What a person was shown last."""
        return self.teams.private(who)[-1]

    def submit(self, who: TeamsUser, label: str | None = None, **values: object) -> str:
        """Send a dialog off; answers what it shows then, and what came beside it."""
        before = len(self.teams.private(who))
        response = who.submits(label, **values)
        assert response.status == 200, response.text
        self.bot.settle()
        new = [self.teams.text_of(m) for m in self.teams.private(who)[before:]]
        return "\n".join([*([who.dialog.text] if who.dialog else []), *new])

    def open(self, who: TeamsUser, text: str, label: str) -> None:
        """Say something whose answer offers a form, and open it."""
        self.write(who, text)
        self.press(who, self.last(who), label)
        assert who.dialog is not None

    def set_up(self, **values: str) -> str:
        """Mei sets up Acme–Borealis."""
        self.open(self.mei, "setup", "Set up an alliance")
        given = {
            "name": "Acme–Borealis",
            "own_partner": "Borealis",
            "other_partners": "Acme",
            "zone": "Europe/Berlin",
            "countries": "DE",
        }
        said = self.submit(self.mei, **(given | values))
        self.mei.dialog = None
        return said

    def remind(self, line: str) -> str:
        """Mei sets up a reminder in one line."""
        self.mention(self.mei, f"remind add {line}")
        return self.press(self.mei, self.last(self.mei), "Set up a reminder")

    def posts(self, place: Channel | Chat | None = None) -> list[str]:
        """What Entente has posted in a channel."""
        return [self.teams.text_of(m) for m in self.teams.posts(place or self.steering)]

    def dms(self, who: TeamsUser) -> list[str]:
        """What Entente has written to a person."""
        return [self.teams.text_of(m) for m in self.teams.dms(who)]


def make_world(teams: FakeTeams, bot: Bot, clock: ManualClock) -> TeamsWorld:
    """Borealis, with Entente in its team."""
    borealis = teams.tenant("Borealis")
    mei = teams.user("Mei", tenant=borealis)
    leo = teams.user("Leo", tenant=borealis, tz="America/New_York")
    team = teams.team("Alliance", tenant=borealis)
    steering = teams.channel("steering", team=team, members=[mei, leo])
    return TeamsWorld(teams, bot, clock, borealis, mei, leo, team, steering)
