"""Bringing glossaries in: several files, pasted rows, and files that are another side's."""

import pytest

from bot.features.glossary.sheets import MOST_BYTES
from tests.scenarios.conftest import World
from tests.scenarios.teams import TeamsWorld
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def test_each_of_several_files_is_offered(two: Two) -> None:
    world, slack = two.world, two.world.slack
    files = [("a.csv", b"term,meaning\nAPI,Drug\n"), ("b.tsv", b"term\tmeaning\nDBL\tLock\n")]
    world.ana.shares_all(files, "term import")
    world.bot.settle()
    offer = slack.dms(world.ana)[-1]
    said = slack.text_of(offer)
    assert said.count("I read 1 row") == 2
    world.press(world.ana, offer, "terms_file.yes~2")
    assert "Lock" in world.say(world.tom, "define DBL")
    assert "Nobody here has said" in world.say(world.tom, "define API")


def test_a_file_may_be_another_sides_whose_managers_confirm_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.ana.shares("theirs.csv", b"term,meaning\nDBL,Lock\n", "term import")
    world.bot.settle()
    world.press(world.ana, slack.dms(world.ana)[-1], "Columns and audience")
    form = slack.views(world.ana)[-1]
    borealis = next(
        option["value"]
        for block in form.payload["blocks"]
        if block["block_id"] == "whose"
        for option in block["element"]["options"]
        if option["text"]["text"] == "Borealis Bio"
    )
    world.ana.submits(form, whose=borealis, audience="alliance")
    world.bot.settle()
    offer = slack.views(world.ana)[-1]
    assert "say what Borealis Bio means" in slack.text_of(offer)
    world.ana.presses(offer, "Import")
    world.bot.settle()
    assert "as somebody understands it" in world.say(world.tom, "define DBL")
    assert "Lock" in two.mention(two.jonas, "terms waiting")


def test_rows_are_pasted_into_a_form_or_below_the_words(two: Two) -> None:
    world, slack = two.world, two.world.slack
    assert "in our direct messages" in world.say(world.ana, "term import")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Paste rows")
    world.ana.submits(slack.views(world.ana)[-1], rows0="API\tDrug", rows1="DBL\tLock\nthe\tx")
    world.bot.settle()
    offer = slack.views(world.ana)[-1]
    assert "I read 3 rows" in slack.text_of(offer)
    assert "“the” is an everyday word" in slack.text_of(offer)
    world.ana.presses(offer, "Import")
    world.bot.settle()
    assert "Lock" in world.say(world.tom, "define DBL")
    said = two.mention(world.ana, "term import\nPK;Pharmacokinetics\nPD;Pharmacodynamics")
    assert "I read 2 rows" in said


def test_files_are_sent_and_rows_are_pasted_in_teams(teams_world: TeamsWorld) -> None:
    world = teams_world
    world.set_up()
    world.mention(world.mei, "link")
    said = world.mention(world.mei, "term import")
    assert "Send me the file in our direct messages" in said
    world.open(world.mei, "term import", "Paste rows")
    assert "I read 2 rows" in world.submit(world.mei, rows0="API\tDrug\nDBL\tLock")
    world.mei.dialog = None
    before = len(world.teams.private(world.mei))
    assert (
        world.mei.sends("our terms.csv", b"PK,Kinetics\nPD,Dynamics", "term import").status == 200
    )
    world.bot.settle()
    (offer,) = world.teams.private(world.mei)[before:]
    assert "I read 2 rows" in world.teams.text_of(offer)
    world.press(world.mei, offer, "Import")
    assert "Kinetics" in world.write(world.mei, "define PK")


def test_a_file_in_teams_that_is_too_large_or_lies_elsewhere_is_not_read(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    world.set_up()
    assert world.mei.sends("terms.csv", b"x" * (MOST_BYTES + 1), "term import").status == 200
    world.bot.settle()
    assert "That file is too large" in world.teams.text_of(world.last(world.mei))
    world.teams.server.files.clear()
    upload = world.mei._upload("terms.csv", b"PK,Kinetics")
    for address in ("https://evil.example/x.csv", "http://acme.sharepoint.com/x.csv"):
        payload = {
            **world.mei._activity("message", world.mei.direct, address),
            "text": "term import",
        }
        content = {**upload["content"], "downloadUrl": address}
        assert world.teams.post({**payload, "attachments": [{**upload, "content": content}]}).status
        world.bot.settle()
        assert "I can't read that file" in world.teams.text_of(world.last(world.mei))
