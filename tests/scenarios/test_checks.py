"""Quiet checks while people chat: who is told what, who is not, and what becomes of it."""

from datetime import timedelta

import pytest

from tests.fakes.slack import User
from tests.fakes.slack.records import View
from tests.scenarios.conftest import World
from tests.scenarios.forging import press_forged
from tests.scenarios.teams import TeamsWorld
from tests.scenarios.test_glossary import bring, contest
from tests.scenarios.test_two_partners import Two

CONTESTED = "“API” means different things here."


def allow(two: Two, who: User, mode: str) -> str:
    """A manager says how far their side agrees to checks in the shared channel."""
    slack = two.world.slack
    two.mention(who, "term checks")
    two.world.press(who, slack.ephemerals(user=who)[-1], "Checks in #acme-borealis")
    who.submits(slack.views(who)[-1], mode=mode)
    two.world.bot.settle()
    return slack.text_of(slack.views(who)[-1])


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.open()
    world.tom.joins(both.shared)
    contest(both)
    return both


@pytest.fixture
def checked(two: Two) -> Two:
    """The same, with hints to the author that both sides agreed to."""
    allow(two, two.world.ana, "private")
    allow(two, two.jonas, "private")
    return two


def told(two: Two, who: User, text: str, thread: str | None = None) -> str:
    """What somebody is told, unasked, for a message in the shared channel."""
    slack = two.world.slack
    before = len(slack.ephemerals(user=who))
    who.says(two.shared, text, thread)
    two.world.bot.settle()
    return "\n".join(slack.text_of(m) for m in slack.ephemerals(user=who)[before:])


def test_nothing_is_checked_before_every_side_agreed(two: Two) -> None:
    world = two.world
    assert told(two, world.ana, "we file the API section on Friday") == ""
    said = allow(two, world.ana, "private")
    assert "It waits for Borealis Bio" in said
    assert any("Your side's yes is missing" in text for text in world.dms(two.jonas))
    assert told(two, world.ana, "the API section again") == ""
    assert "hints that only the author sees" in allow(two, two.jonas, "thread")
    assert CONTESTED in told(two, world.ana, "the API section, once more")
    allow(two, two.jonas, "off")
    assert told(two, world.tom, "the API section") == ""


def test_the_author_alone_is_told_once_and_clarifies(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    message = world.ana.says(checked.shared, "we'll file the API section on Friday")
    world.bot.settle()
    hint = slack.ephemerals(user=world.ana)[-1]
    said = slack.text_of(hint)
    assert CONTESTED in said
    assert "At Acme: The drug substance; at Borealis Bio: A software interface" in said
    assert "Ana (Acme), Jonas (Borealis Bio) agreed to it" in said
    assert "Your message isn't stored." in said
    world.press(world.ana, hint, "Preview a clarification")
    form = slack.views(world.ana)[-1]
    assert not any("Entente for" in text for text in checked.posts())
    assert "Entente for Ana: “API” here means: The drug substance." in slack.text_of(form)
    world.ana.submits(form)
    world.bot.settle()
    (post,) = [m for m in slack.messages(checked.shared) if "Entente for" in slack.text_of(m)]
    assert post.thread_ts == message.ts
    assert "“API” here means: The drug substance." in slack.text_of(post)
    assert told(checked, world.ana, "and the API again") == ""
    world.bot.advance(timedelta(days=15))
    assert CONTESTED in told(checked, world.ana, "the API after two weeks")
    rows = checked.mention(world.ana, "term checks")
    assert "Clarified" in rows


def form_option(form: View, words: str) -> str:
    """The value of the option that says this."""
    for block in form.payload["blocks"]:
        for option in block.get("element", {}).get("options", []):
            if words in option["text"]["text"]:
                return str(option["value"])
    raise AssertionError(words)


@pytest.mark.parametrize(
    "text",
    [
        "the api section",
        "see `API` and https://example.com/API",
        "> the API\nquoted",
        "API (active pharmaceutical ingredient) is due",
        "We file the API section. By API (active pharmaceutical ingredient) I mean the substance.",
        "the active pharmaceutical ingredient (API) is due",
        "rapid APIary",
        "what does “API” mean?",
    ],
)
def test_no_hint_where_the_word_is_explained_quoted_or_another(checked: Two, text: str) -> None:
    assert told(checked, checked.world.ana, text) == ""


def test_a_thread_that_knows_the_word_hears_no_more_of_it(checked: Two) -> None:
    world = checked.world
    first = world.ana.says(checked.shared, "API (active pharmaceutical ingredient) is due")
    world.bot.settle()
    assert told(checked, world.tom, "is the API ready?", first.ts) == ""
    assert CONTESTED in told(checked, world.tom, "is the API ready?")
    second = checked.jonas.says(checked.shared, "hello")
    assert CONTESTED in told(checked, checked.jonas, "our API is down", second.ts)
    assert told(checked, world.ana, "your API?", second.ts) == ""


def test_dismissing_silences_for_one_for_a_channel_for_all(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    told(checked, world.ana, "the API")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Never")
    world.bot.advance(timedelta(days=15))
    assert told(checked, world.ana, "the API") == ""
    told(checked, world.tom, "the API")
    hint = slack.ephemerals(user=world.tom)[-1]
    world.press(world.tom, hint, "Known here")
    assert told(checked, checked.jonas, "our API") == ""


def test_nobody_presses_what_another_was_told(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    told(checked, world.ana, "the API")
    hint = slack.ephemerals(user=world.ana)[-1]
    (value,) = {
        element["value"]
        for block in hint.blocks
        for element in block.get("elements", [])
        if isinstance(element, dict) and element["type"] == "button"
        if element["text"]["text"] == "Never"
    }
    refused = press_forged(world, world.tom, "checks.known", value, checked.shared)
    assert "not yours to answer" in refused
    assert CONTESTED in told(checked, checked.jonas, "our API")


def test_an_agreed_meaning_ends_the_hints(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    world.say(world.ana, "define API")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Propose a meaning for all")
    world.ana.submits(slack.views(world.ana)[-1], meaning="The interface; write drug substance.")
    world.bot.settle()
    world.press(checked.jonas, slack.dms(checked.jonas)[-1], "Confirm for Borealis Bio")
    assert told(checked, world.ana, "we file the API section") == ""


def test_a_discouraged_word_gets_the_agreed_one(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    world.say(world.ana, "term add")
    world.ana.submits(
        slack.views(world.ana)[-1],
        name="drug product",
        meaning="What patients take.",
        discouraged="the pill",
        audience="alliance",
    )
    world.bot.settle()
    assert "Acme prefers “drug product”" in told(checked, world.tom, "we ship the pills soon")


def test_within_one_side_nobody_is_told(two: Two) -> None:
    world = two.world
    world.say(world.ana, "term checks")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Checks in #steering")
    world.ana.submits(world.slack.views(world.ana)[-1], mode="private")
    world.bot.settle()
    before = len(world.slack.ephemerals(user=world.tom))
    world.tom.says(world.steering, "the API section")
    world.bot.settle()
    assert len(world.slack.ephemerals(user=world.tom)) == before


def test_a_word_of_one_side_is_said_to_its_author_alone_in_teams(teams_world: TeamsWorld) -> None:
    world = teams_world
    world.teams.hears_all = True
    world.set_up()
    world.mention(world.mei, "link")
    world.mention(world.mei, "term checks")
    world.press(world.mei, world.last(world.mei), "Checks in #steering")
    world.submit(world.mei, mode="thread")
    world.mei.dialog = None
    for name, audience in (("Project Falcon", "partner"), ("drug product", "alliance")):
        world.open(world.mei, "term add", "Term")
        world.submit(
            world.mei,
            name=name,
            meaning="What patients take.",
            discouraged=f"{name[0]}-thing",
            audience=audience,
        )
        world.mei.dialog = None
    world.bot.settle()
    world.leo.says(world.steering, "we ship the P-thing soon")
    world.leo.says(world.steering, "we ship the d-thing soon")
    world.bot.settle()
    told = "\n".join(world.teams.text_of(m) for m in world.teams.private(world.leo))
    assert "Borealis prefers “Project Falcon”" in told
    assert "Borealis prefers “drug product”" in told
    assert "Falcon" not in "\n".join(world.posts())


def test_a_clarification_does_not_offer_a_name_of_one_side(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    world.say(world.ana, "term add")
    world.ana.submits(
        slack.views(world.ana)[-1],
        name="Project Falcon",
        meaning="What patients take.",
        discouraged="the pill",
        audience="partner",
    )
    world.bot.settle()
    assert "Project Falcon" in told(checked, world.tom, "we ship the pill soon")
    hint = slack.ephemerals(user=world.tom)[-1]
    world.press(world.tom, hint, "Preview a clarification")
    assert "Falcon" not in str(slack.views(world.tom)[-1].payload)


def test_the_clarification_begins_with_what_ones_own_side_means(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    told(checked, checked.jonas, "our API is down")
    hint = slack.ephemerals(user=checked.jonas)[-1]
    world.press(checked.jonas, hint, "Preview a clarification")
    form = slack.views(checked.jonas)[-1]
    assert "“API” here means: A software interface." in slack.text_of(form)
    checked.jonas.chooses(form, "meaning", form_option(form, "drug substance"))
    world.bot.settle()
    form = slack.views(checked.jonas)[-1]
    assert "“API” here means: The drug substance." in slack.text_of(form)
    checked.jonas.submits(form, text="our web interface")
    world.bot.settle()
    assert any("Entente for" in text and "our web interface" in text for text in checked.posts())


def spell_out(two: Two, name: str, words: str) -> None:
    """Ana writes down what an acronym stands for."""
    world = two.world
    world.say(world.ana, f"term edit {name}")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, spelled_out=words)
    world.bot.settle()


def test_the_clear_form_draws_no_hint_and_explains_its_thread(checked: Two) -> None:
    world = checked.world
    spell_out(checked, "API", "active pharmaceutical ingredient")
    first = world.ana.says(checked.shared, "we file the active pharmaceutical ingredients section")
    world.bot.settle()
    assert told(checked, world.ana, "and the active pharmaceutical ingredient again") == ""
    assert told(checked, world.tom, "is the API ready?", first.ts) == ""
    assert CONTESTED in told(checked, world.tom, "is the API ready?")


def test_what_nobody_confirmed_is_told_to_nobody_as_a_fact(two: Two) -> None:
    world, slack = two.world, two.world.slack
    allow(two, world.ana, "private")
    allow(two, two.jonas, "private")
    text = "term,meaning,partner\nDSR,Drug safety report,Acme\nDSR,A nuisance,Borealis Bio\n"
    bring(two, world.ana, "both.csv", text)
    assert "Contested" in world.say(world.tom, "define DSR")
    assert told(two, world.ana, "the DSR is late") == ""
    world.bot.advance(timedelta(days=1))
    (message,) = [m for m in slack.dms(two.jonas) if "imported a glossary" in slack.text_of(m)]
    assert "One meaning in it is said to be your side's" in slack.text_of(message)
    assert "A nuisance" in world.press(two.jonas, message, "What waits for you")
    two.mention(two.jonas, "define DSR")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Confirm for Borealis Bio")
    assert "at Borealis Bio: A nuisance" in told(two, world.ana, "the DSR is late")


def test_all_senses_of_a_word_are_shown(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    text = "term,meaning\nAC,Audit committee\nAC,Air conditioning\n"
    bring(checked, world.ana, "acme.csv", text)
    bring(checked, checked.jonas, "b.csv", "term,meaning\nAC,Advisory council\nAC,Alternating\n")
    said = told(checked, world.ana, "the AC for March is over budget")
    for meaning in ("Audit committee", "Air conditioning", "Advisory council", "Alternating"):
        assert meaning in said
    hint = slack.ephemerals(user=world.ana)[-1]
    world.press(world.ana, hint, "Preview a clarification")
    assert "Air conditioning" in str(slack.views(world.ana)[-1].payload)
    world.press(world.ana, hint, "Known here")
    assert told(checked, checked.jonas, "which AC?") == ""


def test_a_hint_that_reached_nobody_counts_for_nothing(checked: Two) -> None:
    world, slack = checked.world, checked.world.slack
    slack.fails("chat.postEphemeral", error="user_not_in_channel")
    assert told(checked, world.ana, "the API section") == ""
    assert "Clarified" not in checked.mention(world.ana, "term checks")
    assert CONTESTED in told(checked, world.ana, "the API section, once more")


def test_the_thread_is_told_where_the_author_cannot_be_told_alone(two: Two) -> None:
    world, slack = two.world, two.world.slack
    allow(two, world.ana, "thread")
    allow(two, two.jonas, "thread")
    slack.fails("chat.postEphemeral", error="user_not_in_channel")
    message = world.ana.says(two.shared, "the API section")
    world.bot.settle()
    world.bot.advance(timedelta(minutes=1))
    (post,) = [m for m in slack.messages(two.shared) if CONTESTED in slack.text_of(m)]
    assert post.thread_ts == message.ts


@pytest.mark.parametrize("label", ["Known here", "Not this meaning"])
def test_what_was_said_of_a_hint_can_be_taken_back(checked: Two, label: str) -> None:
    world, slack = checked.world, checked.world.slack
    told(checked, world.ana, "the API")
    hint = slack.ephemerals(user=world.ana)[-1]
    answered = world.press(world.ana, hint, label)
    assert "I won't bring up" in answered
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Take it back")
    world.bot.advance(timedelta(days=15))
    assert CONTESTED in told(checked, world.ana, "the API")
