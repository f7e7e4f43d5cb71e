"""The weekly list, and testing one another's understanding."""

from datetime import timedelta

import pytest

from tests.fakes.slack import User
from tests.scenarios.conftest import World
from tests.scenarios.test_checks import allow, form_option
from tests.scenarios.test_glossary import contest
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    """Both sides agreed to counting in the shared channel, and to nothing more."""
    world.start()
    both = Two(world)
    both.open()
    allow(both, world.ana, "count")
    allow(both, both.jonas, "private")
    return both


def chat(two: Two, who: User, *texts: str) -> None:
    for text in texts:
        who.says(two.shared, text)
    two.world.bot.settle()


def test_the_weekly_list_is_cleared_by_buttons(two: Two) -> None:
    world, slack = two.world, two.world.slack
    chat(two, world.ana, "the DSMB meets", "ask the DSMB", "a PDF for the CEO", "use `QQQ` QQQ")
    chat(two, two.jonas, "DSMB again", "our SUSAR list", "the SUSAR list", "WE ALL SHOUT ZZZ NOW")
    world.bot.advance(timedelta(days=1))
    chat(two, two.jonas, "and the DSMB")
    said = world.say(world.ana, "term weekly")
    assert "DSMB* · partners: 2 · days: 2" in said
    assert "SUSAR* · partners: 1" in said
    for word in ("PDF", "CEO", "QQQ", "ZZZ", "Ana", "Jonas"):
        assert word not in said
    answer = slack.ephemerals(user=world.ana)[-1]
    assert "Every Monday at 09:00" in world.press(world.ana, answer, "Send me this every Monday")
    world.bot.advance(timedelta(days=7))
    (listed,) = [m for m in slack.dms(world.ana) if "Words of the week" in slack.text_of(m)]
    assert "DSMB" in slack.text_of(listed)
    press_row(world, world.ana, listed, "weekly.ignore", "SUSAR")
    press_row(world, world.ana, listed, "term.form", "DSMB")
    world.ana.submits(slack.views(world.ana)[-1], meaning="Data safety monitoring board.")
    world.bot.settle()
    said = world.say(world.ana, "term weekly")
    assert "DSMB" not in said
    assert "SUSAR" not in said
    assert "SUSAR" in two.mention(two.jonas, "term weekly")
    press = slack.ephemerals(user=world.ana)[-1]
    world.press(world.ana, press, "Stop sending this")
    world.bot.advance(timedelta(days=8))
    assert sum("Words of the week" in text for text in world.dms(world.ana)) == 1


def press_row(world: World, who: User, message: object, action: str, word: str) -> None:
    """A press on the button of one row."""
    for block in message.blocks:  # type: ignore[attr-defined]
        for element in block.get("elements", []):
            if not isinstance(element, dict) or element["type"] != "button":
                continue
            if action in element["action_id"] and element.get("value", "").endswith(f":{word}"):
                who.presses(message, element["action_id"])
                world.bot.settle()
                return
    raise AssertionError(f"no {action} for {word}")


def test_what_one_side_writes_among_itself_is_its_own(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "term checks")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Checks in #steering")
    world.ana.submits(slack.views(world.ana)[-1], mode="count")
    world.bot.settle()
    for _ in range(3):
        world.tom.says(world.steering, "the XQZ project")
        world.bot.settle()
    assert "XQZ" in world.say(world.ana, "term weekly")
    assert "XQZ" not in two.mention(two.jonas, "term weekly")


def test_a_word_is_asked_of_ones_own_people_alone(two: Two) -> None:
    world, slack = two.world, two.world.slack
    chat(two, world.ana, "the DSMB meets", "ask the DSMB")
    world.say(world.tom, "term")
    world.say(world.ana, "term weekly")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Ask a member")
    form = slack.views(world.ana)[-1]
    answer = world.ana.submits(form, people=[two.jonas.id])
    assert "at least one person of your own side" in answer.text
    world.ana.submits(form, people=[world.tom.id])
    world.bot.settle()
    assert any("what does “DSMB” mean?" in text for text in world.dms(world.tom))


def gather(two: Two, each: int = 4) -> tuple[list[User], list[User]]:
    """So many people of either side whom Entente knows, the managers among them."""
    world, slack = two.world, two.world.slack
    acme = [world.ana, world.tom, *(slack.user(f"A{n}", team=world.acme) for n in range(each - 2))]
    borealis = [two.jonas, *(slack.user(f"B{n}", team=two.jonas.team) for n in range(each - 1))]
    for person in (*acme, *borealis):
        if person not in (world.ana, two.jonas):
            person.joins(two.shared)
        two.mention(person, "what is API?")
    return acme, borealis


def test_eight_people_show_where_partners_differ(two: Two) -> None:
    world, slack = two.world, two.world.slack
    contest(two)
    acme, borealis = gather(two)
    said = world.say(world.ana, "term check API")
    assert "I ask 8 people" in said
    assert "already" in world.say(world.ana, "term check API")
    world.bot.advance(timedelta(hours=8))
    meanings = ["drug substance"] * 4 + ["software interface"] * 3 + ["drug substance"]
    for number, (person, meaning) in enumerate(zip((*acme, *borealis), meanings, strict=True)):
        asked = asked_of(two, person)
        person.presses(asked, "Answer in private")
        world.bot.settle()
        form = slack.views(person)[-1]
        if number == 7:
            person.submits(form, words="It is the substance that is the drug")
        else:
            person.submits(form, choice=form_option(form, meaning))
        world.bot.settle()
        if number == 0:
            person.presses(asked, "Answer in private")
            answer = person.submits(slack.views(person)[-1], choice="other")
            assert "answered this already" in answer.text
        if number == 6:
            assert not any("100 pairs" in text for text in world.dms(world.ana))
    world.bot.advance(timedelta(days=1))
    assert "are closed" in world.press(two.jonas, asked_of(two, two.jonas), "Answer in private")
    (result,) = [text for text in world.dms(world.ana) if "100 pairs" in text]
    assert "8 people answered" in result
    assert "Inside Acme: 100 of 100" in result
    assert "Inside Borealis Bio: 50 of 100" in result
    assert "Between the partners: 25 of 100" in result
    assert any("100 pairs" in text for text in world.dms(two.jonas))
    assert not any("100 pairs" in text for text in world.dms(world.tom))


def asked_of(two: Two, who: User) -> object:
    slack = two.world.slack
    return next(m for m in reversed(slack.dms(who)) if "Two taps" in slack.text_of(m))


def test_too_few_answers_show_no_figure_and_the_check_ends(two: Two) -> None:
    world, slack = two.world, two.world.slack
    contest(two)
    gather(two)
    world.say(world.ana, "term check API")
    world.bot.advance(timedelta(hours=2))
    asked = asked_of(two, world.ana)
    world.ana.presses(asked, "Answer in private")
    world.bot.settle()
    form = slack.views(world.ana)[-1]
    world.ana.submits(form, choice=form_option(form, "drug substance"))
    world.bot.settle()
    world.bot.advance(timedelta(days=9))
    (result,) = [text for text in world.dms(world.ana) if "What people mean by" in text]
    assert "1 person answered" in result
    assert "Inside Acme: too few" in result
    assert "Between the partners: too few" in result
    assert "of 100 pairs chose" not in result
    answered = sum("What people mean by" in text for text in world.dms(two.jonas))
    assert "are closed" in world.press(two.jonas, asked_of(two, two.jonas), "Answer in private")
    world.bot.advance(timedelta(days=9))
    assert sum("What people mean by" in text for text in world.dms(two.jonas)) == answered


def test_nobody_is_asked_where_no_figure_could_come_of_it(two: Two) -> None:
    world = two.world
    contest(two)
    assert "Nobody was asked" in world.say(world.ana, "term check API")
    gather(two)
    contest(two, "DBL")
    assert "I ask 8 people" in world.say(world.ana, "term check API")
    assert "Nobody was asked" in world.say(world.ana, "term check DBL")


def test_the_reminder_kind_asks_a_sample_of_each_partner_and_posts_nothing(two: Two) -> None:
    world, slack = two.world, two.world.slack
    contest(two)
    contest(two, "DBL")
    acme, borealis = gather(two, 5)
    world.say(world.ana, "remind add")
    form = slack.views(world.ana)[-1]
    world.ana.chooses(form, "kind", "meaning_check")
    world.bot.settle()
    form = slack.views(world.ana)[-1]
    assert "takes no channel and no people" in slack.text_of(form)
    world.ana.submits(form, cadence="every monday 09:00")
    world.bot.settle()
    before = two.posts(), world.posts()
    world.bot.advance(timedelta(days=9))
    assert (two.posts(), world.posts()) == before
    asked = [p for p in (*acme, *borealis) if any("Two taps" in t for t in world.dms(p))]
    assert len(asked) == 10
    assert any("I ask 10 people about “API”" in text for text in world.dms(world.ana))
    world.bot.advance(timedelta(days=7))
    assert any("I can't ask about “DBL” now" in text for text in world.dms(world.ana))


def test_a_reminder_that_asks_people_refuses_places(two: Two) -> None:
    world = two.world
    contest(two)
    line = "remind add meaning check every monday 09:00"
    refused = world.say(world.ana, f"{line} in <#{world.steering.id}>")
    assert "takes no channel and no people" in refused
    assert "what “API” means here" in world.say(world.ana, line)


def test_a_row_is_gone_from_the_list_once_it_is_dealt_with(two: Two) -> None:
    world, slack = two.world, two.world.slack
    chat(two, two.jonas, *["our SUSAR list"] * 3, *["the XQZ"] * 2)
    two.mention(two.jonas, "term weekly")
    listed = slack.ephemerals(user=two.jonas)[-1]
    press_row(world, two.jonas, listed, "weekly.ignore", "SUSAR")
    said = slack.text_of(slack.ephemerals(user=two.jonas)[-1])
    assert "does not come up in your list any more" in said
    assert "SUSAR* · partners" not in said
    assert "XQZ* · partners" in said
    assert "comes up in your list again" in two.mention(two.jonas, "undo")
    said = two.mention(two.jonas, "term weekly")
    assert "SUSAR* · partners" in said
    listed = slack.ephemerals(user=two.jonas)[-1]
    press_row(world, two.jonas, listed, "weekly.ignore", "SUSAR")
    shown = slack.ephemerals(user=two.jonas)[-1]
    assert "no explanation of these: SUSAR" in world.press(two.jonas, shown, "Ignored words: 1")
    menu = slack.ephemerals(user=two.jonas)[-1]
    two.jonas.chooses(menu, "weekly.restore", option_of(menu, "SUSAR"))
    world.bot.settle()
    assert "SUSAR* · partners" in two.mention(two.jonas, "term weekly")


def option_of(message: object, words: str) -> str:
    for block in message.blocks:  # type: ignore[attr-defined]
        for element in block.get("elements", []):
            for option in element.get("options", []) if isinstance(element, dict) else ():
                if words in option["text"]["text"]:
                    return str(option["value"])
    raise AssertionError(words)


def test_terms_that_need_a_look_are_put_right_by_their_buttons(two: Two) -> None:
    world, slack = two.world, two.world.slack
    contest(two)
    world.say(world.ana, "term add")
    world.ana.submits(
        slack.views(world.ana)[-1], name="DBL", meaning="Lock", review_on="2027-03-05"
    )
    world.bot.settle()
    world.bot.advance(timedelta(days=20))
    said = world.say(world.ana, "term weekly")
    assert "API" in said
    assert "DBL* is due" in said
    listed = slack.ephemerals(user=world.ana)[-1]
    said = world.press(world.ana, listed, "It still fits")
    assert "DBL* is due" not in said
    assert "21 March 2028" in said
    listed = slack.ephemerals(user=world.ana)[-1]
    assert "stays away from your list" in world.press(world.ana, listed, "Not now")
    assert "API" not in world.say(world.ana, "term weekly")
    assert "API" in two.mention(two.jonas, "term weekly")
    world.bot.advance(timedelta(days=29))
    assert "API" in world.say(world.ana, "term weekly")


def test_a_term_that_most_dismiss_is_told_again_when_a_manager_wants_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    contest(two)
    allow(two, world.ana, "private")
    for number in range(5):
        person = slack.user(f"A{number}", team=world.acme)
        person.joins(two.shared)
        two.mention(person, "what is API?")
        person.says(two.shared, "the API section")
        world.bot.settle()
        world.press(person, slack.ephemerals(user=person)[-1], "Less of this")
    said = world.say(world.ana, "term weekly")
    assert "told 5 times, dismissed 5 times" in said
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Tell people again")
    assert "dismissed 5 times" not in world.say(world.ana, "term weekly")
    world.tom.joins(two.shared)
    before = len(slack.ephemerals(user=world.tom))
    world.tom.says(two.shared, "the API section")
    world.bot.settle()
    assert len(slack.ephemerals(user=world.tom)) == before + 1
