"""One alliance across two platforms: Acme in Slack, Borealis in Teams, one process, no bridge."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.people.models import Account, Channel, Member, Workspace
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams, TeamsUser
from tests.harness import MONDAY, Bot, ManualClock
from tests.scenarios.casts import begun, in_both
from tests.scenarios.conftest import STAR, World
from tests.scenarios.teams import TeamsWorld, make_world


class Both:
    """Ana manages Acme in Slack, Mei manages Borealis in Teams."""

    def __init__(self, slack: World, teams: TeamsWorld) -> None:
        self.acme = slack
        self.borealis = teams
        self.bot = slack.bot

    def join(self) -> str:
        """Mei accepts Ana's invitation."""
        said = self.acme.say(self.acme.ana, "invite Borealis")
        found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
        assert found, said
        world = self.borealis
        world.write(world.mei, f"join {found.group()}")
        world.press(world.mei, world.last(world.mei), "Accept the invitation")
        answer = world.submit(world.mei, name="Borealis Bio", countries="CH")
        world.mei.dialog = None
        return answer

    def own_code(self) -> str:
        """Ana's code for another account of her own."""
        said = self.acme.say(self.acme.ana, "invite me")
        found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
        assert found, said
        return found.group()

    def bring(self, account: TeamsUser) -> str:
        """Ana says from her account in Teams that it is hers."""
        return self.borealis.write(account, f"join {self.own_code()}")


@pytest.fixture
def both(database_url: str, clock: ManualClock) -> Iterator[Both]:
    with FakeSlack() as slack, FakeTeams() as teams:
        acme = slack.team("Acme")
        ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
        tom = slack.user("Tom", team=acme, tz="America/New_York")
        steering = slack.channel("steering", team=acme, members=[ana, tom], with_bot=True)
        with Bot(database_url, slack, clock, teams=teams) as bot:
            world = World(slack, bot, clock, acme, ana, tom, steering)
            yield Both(world, make_world(teams, bot, clock))
        assert slack.strict_errors == []
        assert teams.strict_errors == []


def test_a_code_from_slack_brings_a_company_in_teams_in(both: Both) -> None:
    both.acme.start()
    assert "Borealis Bio is now part of Acme–Borealis" in both.join()
    assert any("Mei has joined" in text for text in both.acme.dms(both.acme.ana))
    assert "Borealis Bio" in both.acme.say(both.acme.ana, "status")
    members = both.borealis.write(both.borealis.mei, "members")
    assert "Ana (alliance manager)" in members
    assert "Mei (alliance manager)" in members


def test_one_reminder_reaches_both(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    assert "now belongs to" in world.mention(world.mei, "link")
    assert "in force at Borealis Bio only" in world.write(world.mei, f'north star set "{STAR}"')
    both.acme.remind("north star every monday 09:00")
    world.remind("north star every monday 09:00")
    both.bot.advance(timedelta(days=7))
    assert any(STAR in text for text in both.acme.posts())
    assert any(STAR in text for text in world.posts())


def test_what_one_side_wrote_is_not_shown_to_the_other(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    assert STAR not in world.write(world.mei, "north star")
    assert "#steering" not in world.write(world.mei, "status")
    world.mention(world.mei, "link")
    assert "#General" not in both.acme.say(both.acme.ana, "status")


def test_people_are_their_own_partners_by_tenant_and_workspace(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    world.mention(world.mei, "link")
    world.mention(world.leo, "help")
    both.acme.say(both.acme.tom, "help")
    found = both.bot.read(
        lambda session: {
            (account.name, account.platform, workspace.external_id)
            for account in session.exec(select(Account))
            for workspace in session.exec(select(Workspace))
            if workspace.id == account.workspace_id
        }
    )
    assert ("Leo", "teams", world.borealis.id) in found
    assert ("Tom", "slack", both.acme.acme.id) in found
    placed = both.bot.read(
        lambda session: {m.name: m.partner_id for m in session.exec(select(Member))}
    )
    assert placed["Leo"] == placed["Mei"] != placed["Tom"] == placed["Ana"]


def test_the_two_sides_see_each_others_channels_as_the_partners(both: Both) -> None:
    """A link that leads to the other platform says so."""
    both.acme.start()
    both.join()
    world = both.borealis
    world.mention(world.mei, "link")
    said = world.write(world.mei, "status")
    assert "slack" not in said.casefold()
    assert "/alliance" not in said


def test_no_text_in_teams_names_another_chat_platform(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    for words in ("help", "status", "members", "charter", "remind", "roster", "north star", "home"):
        said = world.write(world.mei, words)
        assert "slack" not in said.casefold(), words


@pytest.mark.parametrize("status", [412, 429, 502, 504])
def test_what_waits_for_both_goes_on_when_one_platform_is_away(both: Both, status: int) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    world.mention(world.mei, "link")
    world.write(world.mei, f'north star set "{STAR}"')
    both.acme.remind("north star every monday 09:00")
    world.remind("north star every monday 09:00")
    both.acme.clock.now = MONDAY + timedelta(days=7)
    for _ in range(3):
        world.teams.fails(status)
    both.bot.work()
    assert any(STAR in text for text in both.acme.posts())
    assert not any(STAR in text for text in world.posts())
    both.bot.advance(timedelta(hours=2))
    assert sum(STAR in text for text in world.posts()) == 1


def test_neither_platforms_requests_open_the_others_door(both: Both) -> None:
    teams, slack = both.borealis.teams, both.acme.slack
    wrong = teams.post({"type": "message"}, url=f"{both.bot.url}/slack/events")
    assert wrong.status == 401
    body = b"{}"
    headers = {**slack.sign(body), "Content-Type": "application/json"}
    assert teams.post(body, token=None, headers=headers).status == 401


def test_one_reminder_set_up_in_slack_reaches_a_channel_of_each(both: Both) -> None:
    """A shared channel in Teams is both sides' once both have agreed, each where they are."""
    both.acme.start()
    both.join()
    slack, world = both.acme.slack, both.borealis
    visitor = world.teams.user("Ana", tenant=world.teams.tenant("Acme"))
    both.bring(visitor)
    joint = world.teams.channel(
        "joint", team=world.team, members=[world.mei, visitor], kind="shared"
    )
    assert "has people of another organisation" in world.mention(world.mei, "link", place=joint)
    world.press(world.mei, world.last(world.mei), "Read and agree: #joint")
    world.submit(world.mei)
    world.mei.dialog = None
    assert world.posts(joint) == []
    assert "#joint (in partner workspace)" in both.acme.say(both.acme.ana, "status")
    world.press(visitor, world.last(visitor), "Read and agree: #joint")
    world.submit(visitor)
    visitor.dialog = None
    (hello,) = world.posts(joint)
    assert "Acme" in hello

    both.acme.say(both.acme.ana, "remind add")
    form = slack.views(both.acme.ana)[-1]
    both.acme.ana.submits(
        form,
        kind="A text of your own",
        text="Thursday's agenda is open.",
        cadence="every monday 09:00",
        channels=["#steering", "#joint (in partner workspace)"],
    )
    both.bot.settle()
    both.bot.advance(timedelta(days=8))
    assert any("Thursday's agenda is open." in text for text in both.acme.posts())
    assert any("Thursday's agenda is open." in text for text in world.posts(joint))
    shown = world.write(world.mei, "remind list")
    assert "Thursday's agenda" in shown
    assert "#steering" not in shown


def leave_teams(both: Both) -> None:
    world = both.borealis
    world.mei.removes_bot()
    world.teams.removes_bot(world.team)
    both.bot.settle()


def removed_at(both: Both) -> object:
    tenant = both.borealis.borealis.id
    found = select(Workspace.removed_at).where(col(Workspace.external_id) == tenant)
    return both.bot.read(lambda session: session.exec(found).one())


def test_a_tenant_that_removed_entente_stays_away_until_it_is_back(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    world.mention(world.mei, "link")
    leave_teams(both)
    assert removed_at(both) is not None
    assert sum("has removed Entente" in text for text in both.acme.dms(both.acme.ana)) == 1
    world.teams.adds_bot(world.team)
    both.bot.settle()
    assert removed_at(both) is None
    both.bot.advance(timedelta(days=1))
    assert "has Entente in its workspace again" in both.acme.dms(both.acme.ana)[-1]
    assert "app_removed" not in world.write(world.mei, "status")
    world.mention(world.mei, "help")
    both.bot.settle()
    told = [text for text in both.acme.dms(both.acme.ana) if "in its workspace again" in text]
    assert len(told) == 1


def test_no_other_tenant_takes_a_channel_of_teams_over(both: Both) -> None:
    """It belongs to one tenant, and can be reached from nowhere else."""
    both.acme.start()
    both.join()
    world = both.borealis
    visitor = world.teams.user("Ana", tenant=world.teams.tenant("Acme"))
    both.bring(visitor)
    joint = world.teams.channel(
        "joint", team=world.team, members=[world.mei, visitor], kind="shared"
    )
    world.mention(world.mei, "link", place=joint)
    leave_teams(both)
    said = "\n".join([*both.acme.dms(both.acme.ana), *world.dms(visitor)])
    assert "has removed Entente" in said
    assert "go on through your own installation" not in said
    trouble = select(Channel.trouble).where(col(Channel.external_id) == joint.id)
    assert both.bot.read(lambda session: session.exec(trouble).one()) == "app_removed"


def test_a_person_with_accounts_on_both_is_one_and_gets_one_message(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    ana = world.teams.user("Ana", tenant=world.teams.tenant("Acme"))
    assert "This account is now yours" in both.bring(ana)
    assert "In force at Acme only" in world.write(ana, "north star")
    assert both.acme.say(both.acme.ana, "members").count("Ana") == 1
    (told,) = [
        m
        for m in both.acme.slack.dms(both.acme.ana)
        if "is now yours" in both.acme.slack.text_of(m)
    ]
    before = len(world.dms(ana)), len(both.acme.dms(both.acme.ana))
    both.acme.remind(f'"A note" every monday 09:00 for <@{both.acme.ana.id}>')
    both.bot.advance(timedelta(days=8))
    got = [*world.dms(ana)[before[0] :], *both.acme.dms(both.acme.ana)[before[1] :]]
    assert sum("A note" in text for text in got) == 1
    both.acme.press(both.acme.ana, told, "That was not me")
    assert "You are not in an alliance here yet" in world.write(ana, "status")


def test_a_person_is_written_to_where_they_were_last_active(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    ana = world.teams.user("Ana", tenant=world.teams.tenant("Acme"))
    both.bring(ana)

    def ask(star: str) -> tuple[int, int]:
        """Mei asks for a yes; how many messages of it came to Ana in Teams and in Slack."""
        world.write(world.mei, f'north star set "{star}"')
        world.press(world.mei, world.last(world.mei), "Ask the partners to confirm")
        world.submit(world.mei)
        world.mei.dialog = None
        both.bot.settle()
        both.bot.work()
        told = world.dms(ana), both.acme.dms(both.acme.ana)
        return tuple(sum(star in text for text in texts) for texts in told)  # type: ignore[return-value]

    both.bot.advance(timedelta(hours=2))
    both.acme.say(both.acme.ana, "status")
    both.bot.settle()
    assert ask("A first star.") == (0, 1)
    both.bot.advance(timedelta(hours=2))
    world.write(ana, "status")
    assert ask("A second star.") == (1, 0)
    both.bot.advance(timedelta(hours=2))
    both.acme.say(both.acme.ana, "help")
    both.bot.settle()
    assert ask("A third star.") == (0, 1)


def test_a_code_for_oneself_works_once_for_half_an_hour_and_for_no_other_side(both: Both) -> None:
    both.acme.start()
    both.join()
    world = both.borealis
    ana = world.teams.user("Ana", tenant=world.teams.tenant("Acme"))
    code = both.own_code()
    assert "can't accept" in world.write(world.mei, f"join {code}")
    assert "can't accept" in world.write(world.leo, f"join {code}")
    assert "now yours" in world.write(ana, f"join {code}")
    eve = world.teams.user("Eve", tenant=world.teams.tenant("Evil"))
    assert "does not work" in world.write(eve, f"join {code}")
    late = both.own_code()
    both.acme.clock.advance(timedelta(minutes=31))
    assert "does not work" in world.write(eve, f"join {late}")
    assert "Only alliance managers" in both.acme.say(both.acme.tom, "invite me")


def test_a_thread_on_the_other_platform_is_marked_as_such(
    sqlite_url: str, clock: ManualClock
) -> None:
    for cast in begun(in_both(sqlite_url, clock)):
        jonas = cast.jonas
        jonas.captures(jonas.chats("Use the Basel site for phase 2"))
        jonas.fills(why="It can start in May.", weight="noted", audience="alliance")
        jonas.close_form()
        shown = [who.asks("decisions show D-1") for who in (cast.ana, jonas)]
        assert ["(in partner workspace)" in text for text in shown] == [True, False]
