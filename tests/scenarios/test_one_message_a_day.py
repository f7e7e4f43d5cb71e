"""What nobody asked for comes once a day, over all alliances and accounts of a person."""

from datetime import timedelta

from tests.scenarios.casts import found_alliance
from tests.scenarios.conftest import Home
from tests.scenarios.test_both_platforms import Both, both

__all__ = ["both"]

NOTES = ("The first note.", "The second note.", "The third note.")


def find_notes(letters: list[str]) -> list[set[str]]:
    """Which notes came together, letter by letter."""
    found = [{note for note in NOTES if note in letter} for letter in letters]
    return [notes for notes in found if notes]


def test_two_alliances_write_to_a_person_in_one_message_a_day(home: Home) -> None:
    ana = home.ana
    home.remind(f'"{NOTES[0]}" every tuesday 09:00 for @Ana', ana)
    lobby = ana.at(home.cast.make_room("lobby", ana))
    found_alliance(lobby, "setup new", name="Acme–Cora", other_partners="Cora")
    lobby.asks("use Cora")
    for note, at in ((NOTES[1], "09:00"), (NOTES[2], "15:00")):
        lobby.asks(f'remind add "{note}" every tuesday {at} for @Ana', ana)
        lobby.presses("Set up a reminder", on=note)
    home.advance(timedelta(days=1, hours=12))
    assert find_notes(ana.letters()) == [{NOTES[0], NOTES[1]}]
    home.advance(timedelta(days=1))
    assert find_notes(ana.letters()) == [{NOTES[0], NOTES[1]}, {NOTES[2]}]


def test_a_person_with_accounts_on_both_platforms_gets_one_message_a_day(both: Both) -> None:
    slack, world = both.acme, both.borealis
    slack.start()
    both.join()
    ana = world.teams.user("Ana", tenant=world.teams.tenant("Acme"))
    both.bring(ana)
    slack.say(slack.ana, f"role <@{slack.tom.id}> manager")
    both.bot.advance(timedelta(hours=2))
    slack.say(slack.ana, "status")
    for note in NOTES[:2]:
        slack.say(slack.tom, f'remind add "{note}" every tuesday 09:00 for <@{slack.ana.id}>')
        slack.press(slack.tom, slack.slack.ephemerals(user=slack.tom)[-1], "Set up a reminder")
        both.bot.advance(timedelta(hours=2))
        world.write(ana, "status")  # where the second goes
    both.bot.advance(timedelta(hours=20))
    got = find_notes(slack.dms(slack.ana)), find_notes(world.dms(ana))
    assert got == ([{NOTES[0]}], [])
    both.bot.advance(timedelta(days=1))
    got = find_notes(slack.dms(slack.ana)), find_notes(world.dms(ana))
    assert got == ([{NOTES[0]}], [{NOTES[1]}])
