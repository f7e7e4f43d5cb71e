"""A company in Microsoft Teams: everything that is done in Slack, in Teams' own manners."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.delivery.models import Pause
from tests.fakes.teams import Channel, TeamsUser
from tests.fakes.teams.cards import walk
from tests.scenarios.conftest import STAR
from tests.scenarios.persons import CAPTURE
from tests.scenarios.teams import TeamsWorld


def start(world: TeamsWorld) -> None:
    """Mei sets up, links the channel, and writes the North Star."""
    world.set_up()
    assert "now belongs to" in world.mention(world.mei, "link")
    assert "in force at Borealis only" in world.write(world.mei, f'north star set "{STAR}"')


def test_the_first_day_in_teams(teams_world: TeamsWorld) -> None:
    world = teams_world
    for word in ("Hi", "hello", "help"):
        assert "Here is what you can say" in world.write(world.mei, word)
    assert "Acme–Borealis is set up" in world.set_up()
    assert "now belongs to" in world.mention(world.mei, "link")
    assert "in force at Borealis only" in world.write(world.mei, f'north star set "{STAR}"')
    world.remind("north star every monday 09:00")
    world.bot.advance(timedelta(days=7))
    assert any(STAR in text for text in world.posts())


def test_whoever_adds_entente_sees_the_home_and_again_when_they_ask(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    world.leo.adds_bot()
    world.bot.settle()
    (welcome,) = world.dms(world.leo)
    assert "You are not in an alliance here yet" in welcome
    world.set_up()
    home = world.write(world.mei, "home")
    assert "Acme–Borealis" in home
    assert "Capture decision" in home
    assert "react with a pin" not in home, "reactions to people's messages never reach a bot"


def test_a_form_says_what_is_wrong_where_it_is_and_keeps_what_was_typed(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    world.open(world.mei, "setup", "Set up an alliance")
    said = world.submit(
        world.mei,
        name="Acme–Borealis",
        own_partner="Borealis",
        other_partners="borealis",
        zone="Mars/Olympus",
    )
    dialog = world.mei.dialog
    assert dialog is not None
    assert "Acme–Borealis" in dialog.values["t:name"]
    assert "named twice" in said or "time zone" in said.casefold()
    said = world.submit(world.mei, zone="Europe/Berlin", other_partners="Acme")
    assert "is set up" in said
    world.mei.closes()
    assert "Borealis" in world.write(world.mei, "status")


def test_a_button_of_the_answer_in_a_dialog_opens_the_next_form(teams_world: TeamsWorld) -> None:
    world = teams_world
    world.open(world.mei, "setup", "Set up an alliance")
    world.submit(
        world.mei, name="A", own_partner="Borealis", other_partners="Acme", zone="Europe/Berlin"
    )
    world.submit(world.mei, "Write the North Star")
    assert world.mei.dialog is not None
    assert world.mei.dialog.has_form
    said = world.submit(world.mei, "Show a preview", text=STAR)
    assert STAR in said
    said = world.submit(world.mei)
    assert "in force at Borealis only" in said


def test_answers_in_a_channel_are_for_the_one_who_asked(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    assert STAR in world.mention(world.leo, "north star")
    assert world.posts() == []
    shown = [m for m in world.teams.private(world.leo) if m.place is world.steering]
    assert shown[-1].target is world.leo.member
    assert world.dms(world.leo) == []


def test_where_nothing_can_be_targeted_the_answer_comes_to_ones_own_chat(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    world.teams.world.has_targets = False
    start(world)
    assert STAR in world.mention(world.leo, "north star")
    assert STAR in world.dms(world.leo)[-1]
    assert world.posts() == []


def test_a_tenant_that_refused_to_target_is_tried_again_after_a_day(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    start(world)
    world.teams.world.has_targets = False
    world.mention(world.leo, "north star")
    world.teams.world.has_targets = True
    world.mention(world.leo, "north star")
    assert len(world.dms(world.leo)) == 2
    world.clock.advance(timedelta(days=1))
    assert STAR in world.mention(world.leo, "north star")
    assert world.last(world.leo).place is world.steering
    assert len(world.dms(world.leo)) == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "InvalidRecipient"),
        (400, "ServiceError"),
        (403, "BotNotInConversationRoster"),
        (404, "ActivityNotFoundInConversation"),
    ],
)
def test_one_message_that_cannot_be_targeted_changes_nothing_for_others(
    teams_world: TeamsWorld, status: int, code: str
) -> None:
    world = teams_world
    start(world)
    world.teams.fails(status, code=code)
    assert STAR in world.mention(world.leo, "north star")
    assert STAR in world.dms(world.leo)[-1]
    world.mention(world.mei, "north star")
    assert world.last(world.mei).place is world.steering


def test_a_reminder_to_people_whom_entente_has_never_met(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    world.mention(world.leo, "help")
    world.mention(world.mei, 'remind add "A note" every monday 09:00 for @Leo', world.leo)
    world.press(world.mei, world.last(world.mei), "Set up a reminder")
    world.bot.advance(timedelta(days=8))
    assert any("A note" in text for text in world.dms(world.leo))
    assert not any("A note" in text for text in world.posts())


def test_a_post_is_muted_by_its_button_and_the_card_is_refreshed(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    world.remind("north star every monday 09:00")
    world.bot.advance(timedelta(days=7))
    (post,) = world.teams.posts(world.steering)
    said = world.press(world.leo, post, "Mute")
    assert "Your name is not given" in said
    assert "Ask Mei" in world.press(world.leo, post, "Change")


def test_the_charter_is_written_clause_by_clause(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    world.write(world.mei, "charter edit scope")
    (label,) = labels(world, world.mei)
    world.press(world.mei, world.last(world.mei), label)
    world.submit(world.mei, text="Phase 2 only.")
    world.mei.dialog = None
    assert "Scope: Phase 2 only." in world.mention(world.leo, "charter")
    world.write(world.mei, "charter edit")
    world.press(world.mei, world.last(world.mei), "Choose")
    assert world.mei.dialog is None


def labels(world: TeamsWorld, who: TeamsUser) -> list[str]:
    """The buttons of what a person was shown last."""
    card = world.last(who).card
    return [e["title"] for e in walk(card) if e["type"] in {"Action.Submit", "Action.Execute"}]


def test_people_take_seats_by_mention_and_ask_who_decides(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    world.mention(world.leo, "help")
    said = world.mention(world.mei, "seat @Leo on JSC as co-chair", world.leo)
    assert "There is no committee called “JSC”" in said
    world.press(world.mei, world.last(world.mei), "Set up JSC")
    world.submit(
        world.mei, decides="Budgets and sites.", rule="By consensus.", meets_on="2027-04-01"
    )
    world.mei.dialog = None
    said = world.mention(world.mei, "seat @Leo on JSC as co-chair", world.leo)
    assert "Leo sits on JSC as co-chair for Borealis" in said
    assert "Budgets and sites." in world.mention(world.leo, "who decides budgets?")
    assert "JSC: co-chair" in world.write(world.leo, "am I a member?")


def test_status_in_teams_speaks_of_teams_ways(teams_world: TeamsWorld) -> None:
    world = teams_world
    said = world.set_up()
    assert "add me to the team or chat" in said
    assert "@Entente link" in said
    assert "/invite" not in said
    assert "/alliance" not in said


def test_a_group_chat_is_linked_too(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    group = world.teams.group(world.mei, world.leo, name="Core team")
    assert "now belongs to" in world.mention(world.mei, "link", place=group)
    assert "Core team" in world.write(world.mei, "status")


def test_a_shared_channel_stays_silent_until_the_other_side_agrees(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    acme = world.teams.tenant("Acme")
    ana = world.teams.user("Ana", tenant=acme)
    shared = world.teams.channel("joint", team=world.team, members=[world.mei, ana], kind="shared")
    said = world.mention(world.mei, "link", place=shared)
    assert "has people of another organisation in it" in said
    assert "Acme: has not joined" in said
    said = world.mention(ana, "north star", place=shared)
    assert STAR not in said


def test_a_guest_is_unplaced_and_sees_nothing_of_one_side(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    acme = world.teams.tenant("Acme")
    guest = world.teams.user("Gus", tenant=acme, is_guest=True)
    world.teams.joins(guest, world.steering)
    assert STAR not in world.mention(guest, "north star")


def test_whom_a_direct_message_cannot_reach_holds_nothing_up(teams_world: TeamsWorld) -> None:
    """Across tenants a direct message fails; what is for others goes on."""
    world = teams_world
    world.teams.world.has_targets = False
    start(world)
    acme = world.teams.tenant("Acme")
    ana = world.teams.user("Ana", tenant=acme)
    shared = world.teams.channel("joint", team=world.team, members=[world.mei, ana], kind="shared")
    assert world.mention(ana, "help", place=shared) == ""
    assert "Here is what" in world.write(world.leo, "help")


def test_a_deleted_channel_and_a_removed_team_are_noticed(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    other = world.teams.channel("pilot", team=world.team, members=[world.mei])
    assert "now belongs to" in world.mention(world.mei, "link", place=other)
    world.teams.deletes(other)
    assert "archived" in world.write(world.mei, "status")
    assert world.teams.removes_bot(world.team).status == 200
    world.bot.settle()
    assert "I am not in the channel" in world.write(world.mei, "status")


def test_one_message_sent_twice_is_acted_on_once(teams_world: TeamsWorld) -> None:
    world = teams_world
    payload = world.mei._activity("message", world.mei.direct, world.teams.world.new_id())
    for _ in range(3):
        assert world.teams.post({**payload, "text": "help"}).status == 200
    world.bot.settle()
    assert len(world.dms(world.mei)) == 1


def test_a_limit_is_waited_for_and_a_lost_answer_is_sent_again(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    world.remind("north star every monday 09:00")
    world.teams.limits(9)
    world.bot.advance(timedelta(days=7))
    world.bot.advance(timedelta(minutes=2))
    assert len(world.posts()) == 1


def test_forged_presses_and_other_alliances_things_open_nothing(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    eve = world.teams.user("Eve", tenant=world.teams.tenant("Evil"))
    eve.writes("help")
    world.bot.settle()
    message = world.last(eve)
    for data in (
        {"entente": {"a": "people.use", "v": "0" * 24}},
        {"entente": {"a": "nothing.like.it", "v": ""}},
        {"entente": {"a": "invite.revoke", "v": "x" * 5000}},
        {"entente": {"a": ["x"], "v": {}}},
        {"entente": "x"},
        {},
    ):
        value = {"action": {"type": "Action.Execute", "verb": "x", "data": data}}
        response = eve._invoke("adaptiveCard/action", eve.direct, value, None, message)
        assert response.status == 200
    for form in ("setup.form", "north_star.form", "consent.form", "no.form"):
        data = {"entente": {"f": form, "o": "0" * 24, "c": {"alliance": "0" * 24}}, "t:text": "x"}
        response = eve._invoke("task/submit", eve.direct, {"data": data}, None, message)
        assert response.status == 200
    world.bot.settle()
    assert STAR not in "\n".join(world.dms(eve))
    assert STAR in world.write(world.mei, "north star")


def test_a_card_that_one_person_sees_is_refreshed_by_the_answer_alone(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    start(world)
    world.mention(world.mei, 'remind add "A note" every monday 09:00')
    card = world.last(world.mei)
    assert card.target is world.mei.member
    before = len(world.teams.world.calls)
    assert "Set up: A note" in world.press(world.mei, card, "Set up a reminder")
    assert [c for c in world.teams.world.calls[before:] if c.method == "PUT"] == []


def test_help_leaves_out_what_teams_does_not_tell(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    assert "decisions pin" not in world.write(world.mei, "help")
    assert "choose Capture decision" in world.write(world.mei, "decisions pin pushpin")


def test_what_a_form_says_where_it_cant_be_shown_is_said_as_in_teams(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    world.set_up()
    world.open(world.mei, "remind add", "Set up a reminder")
    assert world.mei.dialog is not None
    said = world.mei.dialog.card["fallbackText"]
    assert "No channel is linked yet" in said
    assert "/" not in said


TYPED = 'R&D <weekly> &lt; "B" &amp;amp; 1 < 2'


def test_what_somebody_types_arrives_as_typed(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    assert TYPED in world.write(world.mei, f"north star set “{TYPED}”")
    assert TYPED in world.mention(world.mei, "north star")
    world.leo.says(world.steering, TYPED)
    message = world.teams.messages(world.steering)[-1]
    world.mei.uses_shortcut(CAPTURE, message)
    assert world.mei.dialog is not None
    assert TYPED in "".join(world.mei.dialog.values.values())


def test_status_says_whether_everything_is_heard_in_a_channel(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    world.leo.says(world.steering, "Nobody hears this.")
    world.mention(world.leo, "help")
    assert "I hear only what mentions me so far" in world.write(world.mei, "status")
    world.teams.hears_all = True
    world.leo.says(world.steering, "We meet on Thursday.")
    world.bot.settle()
    said = world.write(world.mei, "status")
    assert "I hear every message" in said
    assert "only what mentions me" not in said


@pytest.mark.parametrize("how", ["removed and added", "upgraded"])
def test_status_forgets_that_everything_was_heard_once_the_app_comes_anew(
    teams_world: TeamsWorld, how: str
) -> None:
    world, teams = teams_world, teams_world.teams
    start(world)
    teams.hears_all = True
    world.leo.says(world.steering, "We meet on Thursday.")
    world.bot.settle()
    assert "I hear every message" in world.write(world.mei, "status")
    teams.hears_all = False
    if how == "upgraded":
        assert teams.upgrades_bot(world.team).status == 200
    else:
        assert teams.removes_bot(world.team).status == 200
        teams.adds_bot(world.team)
    world.bot.settle()
    world.remind('"A note" every monday 09:00')
    world.bot.advance(timedelta(days=8))
    assert "A note" in "".join(world.posts())
    assert "I hear only what mentions me so far" in world.write(world.mei, "status")
    teams.hears_all = True
    world.leo.says(world.steering, "We meet on Friday.")
    world.bot.settle()
    assert "I hear every message" in world.write(world.mei, "status")


def test_status_forgets_that_everything_was_heard_in_a_group_chat_that_takes_the_app_anew(
    teams_world: TeamsWorld,
) -> None:
    world, teams = teams_world, teams_world.teams
    start(world)
    group = teams.group(world.mei, world.leo, name="Pilot")
    assert "now belongs to" in world.mention(world.mei, "link", place=group)
    world.mention(world.mei, "unlink #steering")
    teams.hears_all = True
    world.leo.says(group, "We meet on Thursday.")
    world.bot.settle()
    assert "I hear every message" in world.write(world.mei, "status")
    teams.hears_all = False
    assert teams.upgrades_bot(group).status == 200
    world.bot.settle()
    assert "I hear only what mentions me so far" in world.write(world.mei, "status")
    teams.hears_all = True
    world.leo.says(group, "We meet on Friday.")
    world.bot.settle()
    assert "I hear every message" in world.write(world.mei, "status")


def test_channels_that_are_called_the_same_are_told_apart_by_their_team(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    start(world)
    other = world.teams.team("Trial", tenant=world.borealis)
    for team in (world.team, other):
        general = team.channels[0]
        general.members += [m for m in (world.mei.member,) if m not in general.members]
        assert "now belongs to" in world.mention(world.mei, "link", place=general)
    said = world.write(world.mei, "status")
    assert "#General (Alliance)" in said
    assert "#General (Trial)" in said
    assert "#steering (" not in said
    other.name = "Phase 3"
    assert world.teams.update(other.channels[0], "teamRenamed").status == 200
    world.bot.settle()
    assert "#General (Phase 3)" in world.write(world.mei, "status")


def test_a_channel_can_be_named_from_the_personal_chat(teams_world: TeamsWorld) -> None:
    world = teams_world
    world.set_up()
    world.mention(world.mei, "link")
    offered = world.write(world.mei, 'remind add "A note" every monday 09:00 in #steering')
    assert "Nothing is set up yet" in offered
    assert "#steering" in world.press(world.mei, world.last(world.mei), "Set up a reminder")
    said = world.write(world.mei, "remind add north star every monday 09:00 in #nowhere")
    assert "I know no channel “#nowhere”" in said
    assert "Say link in the channel itself" in said
    assert "belongs to this alliance already" in world.write(world.mei, "link #steering")
    assert "I have stopped in" in world.write(world.mei, "unlink #steering")


def remind_in_three_channels(world: TeamsWorld) -> list[Channel]:
    """The North Star, to each channel at the same moment."""
    start(world)
    others = [
        world.teams.channel(name, team=world.team, members=[world.mei]) for name in ("one", "two")
    ]
    for place in (world.steering, *others):
        world.mention(world.mei, "link", place=place)
        world.mention(world.mei, "remind add north star every monday 09:00", place=place)
        world.press(world.mei, world.last(world.mei), "Set up a reminder")
    return [world.steering, *others]


def test_a_limit_holds_up_its_own_conversation_only(teams_world: TeamsWorld) -> None:
    world = teams_world
    places = remind_in_three_channels(world)
    world.teams.limits(300)
    world.bot.advance(timedelta(days=7))
    assert sorted(len(world.posts(place)) for place in places) == [0, 1, 1]
    world.bot.advance(timedelta(seconds=300))
    assert [len(world.posts(place)) for place in places] == [1, 1, 1]


def test_what_two_conversations_are_refused_holds_up_the_whole_tenant(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    remind_in_three_channels(world)
    world.teams.limits(300)
    world.teams.limits(300)
    world.bot.advance(timedelta(days=7))
    (pause,) = world.bot.read(lambda session: session.exec(select(Pause)).all())
    assert (pause.platform, pause.workspace) == ("teams", world.borealis.id)
    before = len(world.teams.world.calls)
    assert world.write(world.mei, "status") == ""
    world.bot.advance(timedelta(seconds=100))
    assert [c for c in world.teams.world.calls[before:] if c.method == "POST"] == []
    world.bot.advance(timedelta(seconds=300))
    assert [len(world.posts(place)) for place in world.team.channels[1:]] == [1, 1, 1]
    assert "Acme–Borealis" in world.teams.text_of(world.last(world.mei))
