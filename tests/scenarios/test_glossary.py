"""A common language: what a word means to whom, and how partners come to mean the same."""

import pytest
from sqlmodel import select

from bot.features.glossary.models import Term
from tests.fakes.slack import User
from tests.scenarios.conftest import World
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def share(two: Two, name: str) -> str:
    """Ana lets the alliance read what Acme means."""
    world = two.world
    world.say(world.ana, f"define {name}")
    return world.press(
        world.ana, world.slack.ephemerals(user=world.ana)[-1], "Share with the alliance"
    )


def test_a_meaning_is_its_own_sides_until_it_is_shared(two: Two) -> None:
    world = two.world
    said = world.say(world.ana, "term add API = The drug substance.")
    assert "“API” is saved" in said
    assert "Acme means (only Acme can see this)" in said
    assert "Nobody here has said what “API” means" in two.mention(two.jonas, "what is API?")
    assert "The drug substance." in world.say(world.tom, "what does API mean?")
    assert "Shared: everybody" in share(two, "API")
    assert "The drug substance." in two.mention(two.jonas, "What's an API?")
    assert "is as it was" in world.say(world.ana, "undo")
    assert "Nobody here has said" in two.mention(two.jonas, "define API")


def test_two_meanings_make_a_contested_term_and_spelling_does_not(two: Two) -> None:
    world = two.world
    world.say(world.ana, "term add API = The drug substance.")
    share(two, "API")
    said = two.mention(two.jonas, 'term add "API" = A software interface.')
    assert "Borealis Bio means (only Borealis Bio can see this)" in said
    assert "Contested" not in world.say(world.tom, "define API")
    answer = world.slack.ephemerals(user=two.jonas)[-1]
    assert "Contested" in world.press(two.jonas, answer, "Share with the alliance")
    said = world.say(world.tom, "define api")
    assert "The drug substance." in said
    assert "A software interface." in said
    assert "API" in world.say(world.tom, "terms contested")
    two.mention(two.jonas, "term edit API = drug substances")
    assert "Contested" not in world.say(world.tom, "define API")


def test_a_member_proposes_and_their_own_manager_confirms(two: Two) -> None:
    world = two.world
    said = world.say(world.tom, "term add DBL = The database lock.")
    assert "saved as your proposal" in said
    assert "Confirm for Acme" not in said
    said = world.say(world.ana, "define DBL")
    assert "their manager has not confirmed it" in said
    answer = world.slack.ephemerals(user=world.ana)[-1]
    assert "this is what Acme means" in world.press(world.ana, answer, "Confirm for Acme")
    assert "has confirmed that meaning" in world.say(world.tom, "term edit DBL = Something else.")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "History")
    history = world.slack.text_of(world.slack.ephemerals(user=world.ana)[-1])
    assert "confirmed" in history
    assert "Tom" in history


def test_unknown_words_lead_somewhere(two: Two) -> None:
    world = two.world
    world.say(world.ana, "term add pharmacokinetics = What the body does to a drug.")
    said = world.say(world.tom, "define pharmacokinetcs")
    assert "Did you mean one of these?" in said
    near = world.slack.ephemerals(user=world.tom)[-1]
    assert "What the body does" in world.press(world.tom, near, "pharmacokinetics")
    world.say(world.tom, "what is XYZQ?")
    world.press(world.tom, world.slack.ephemerals(user=world.tom)[-1], "Ask the alliance")
    world.bot.settle()
    assert any("Tom (Acme) would like to know" in text for text in world.dms(two.jonas))


def test_questions_about_other_things_reach_their_commands(two: Two) -> None:
    world = two.world
    assert "Marlow" in world.say(world.ana, "what is our North Star?")
    assert "Say `help`" in world.say(
        world.ana, "what is the reason that we never seem to finish anything on time?"
    )


def test_the_form_keeps_everything_and_notices_that_somebody_was_faster(two: Two) -> None:
    world = two.world
    world.say(world.ana, "term add")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(
        form,
        name="API",
        meaning="The drug substance.",
        spelled_out="active pharmaceutical ingredient",
        discouraged="drug stuff\nsubstance",
        context="CMC",
        audience="alliance",
    )
    world.bot.settle()
    said = world.say(world.tom, "what is active pharmaceutical ingredient?")
    assert "CMC" in said
    assert "drug stuff, substance" in said
    world.say(world.ana, "term edit API")
    form = world.slack.views(world.ana)[-1]
    assert "is saved" in world.say(world.ana, "term edit API = The active substance.")
    answer = world.ana.submits(form, name="API", meaning="Another.")
    assert "Somebody changed" in answer.text
    assert "The active substance." in world.say(world.tom, "define API")


def test_who_adds_a_meaning_leaves_the_words_of_who_brought_the_term(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "term add")
    world.ana.submits(
        slack.views(world.ana)[-1],
        name="API",
        meaning="The drug substance.",
        spelled_out="active pharmaceutical ingredient",
        context="CMC",
        audience="alliance",
    )
    world.bot.settle()
    two.mention(two.jonas, "term add")
    two.jonas.presses(slack.ephemerals(user=two.jonas)[-1], "Term")
    two.jonas.submits(
        slack.views(two.jonas)[-1],
        name="API",
        meaning="A software interface.",
        spelled_out="",
        alias="the interface",
        audience="partner",
    )
    world.bot.settle()
    said = world.say(world.tom, "what is active pharmaceutical ingredient?")
    assert "The drug substance." in said
    assert "the interface" not in said

    # Shared and taken back: only one's own meaning goes.
    two.mention(two.jonas, "define API")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Share with the alliance")
    assert "A software interface." in world.say(world.tom, "define API")
    assert "is as it was" in two.mention(two.jonas, "undo")
    said = world.say(world.tom, "define API")
    assert "active pharmaceutical ingredient" in said
    assert "CMC" in said
    assert "A software interface." not in said


def test_a_term_taken_back_stays_for_those_who_keep_a_meaning_there(two: Two) -> None:
    world = two.world
    two.mention(two.jonas, "term add API = A software interface.")
    answer = world.slack.ephemerals(user=two.jonas)[-1]
    world.press(two.jonas, answer, "Share with the alliance")
    world.say(world.tom, "term add API = Project Falcon.")
    assert "is as it was" in two.mention(two.jonas, "undo")
    assert "Project Falcon." in world.say(world.tom, "define API")
    two.mention(two.jonas, "undo")
    assert "Project Falcon." in world.say(world.tom, "define API")
    assert "Falcon" not in two.mention(two.jonas, "define API")


def test_an_import_for_one_side_says_what_everybody_reads_all_the_same(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "term add API = The drug substance.")
    share(two, "API")
    world.ana.shares("acme.csv", b"term,meaning\nAPI,The molecule\n", "term import")
    world.bot.settle()
    said = slack.text_of(slack.dms(world.ana)[-1])
    assert "Only your side will see these." in said
    assert "everybody reads its new words" in said


def test_many_broken_rows_are_not_cut_short_in_silence(two: Two) -> None:
    world, slack = two.world, two.world.slack
    rows = "\n".join(f"T{n},{'m' if n % 2 else ''}" for n in range(3000))
    world.ana.shares("acme.csv", f"term,meaning\n{rows}\n".encode(), "term import")
    world.bot.settle()
    said = slack.text_of(slack.dms(world.ana)[-1])
    assert "No meaning: row 2, 4, 6" in said
    assert "All of them as a file" in said or "These are not all." in said


def test_disputing_and_retiring(two: Two) -> None:
    world = two.world
    world.say(world.ana, "term add DBL = The database lock.")
    assert "Only your side can see" in world.say(world.ana, "term dispute DBL")
    share(two, "DBL")
    assert "marked as contested" in two.mention(two.jonas, "term dispute DBL")
    assert "Contested" in world.say(world.tom, "define DBL")
    assert "is as it was" in two.mention(two.jonas, "undo")
    assert "Another side added" in two.mention(two.jonas, "term retire DBL")
    assert "is retired" in world.say(world.ana, "term retire DBL")
    assert "Retired" in world.say(world.tom, "define DBL")
    assert "is as it was" in world.say(world.ana, "undo")
    assert "Not agreed yet" in world.say(world.tom, "define DBL")


def contest(two: Two, name: str = "API") -> None:
    """Acme and Borealis mean different things by a word, and both say so."""
    world = two.world
    world.say(world.ana, f"term add {name} = The drug substance.")
    share(two, name)
    two.mention(two.jonas, f"term add {name} = A software interface.")
    answer = world.slack.ephemerals(user=two.jonas)[-1]
    world.press(two.jonas, answer, "Share with the alliance")


def test_partners_confirm_a_meaning_and_it_is_agreed(two: Two) -> None:
    world = two.world
    contest(two)
    world.say(world.ana, "define API")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Propose a meaning for all")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, meaning="Write “drug substance”; API is the software interface.")
    world.bot.settle()
    asked = world.slack.dms(two.jonas)[-1]
    assert "the meaning of “API”" in world.slack.text_of(asked)
    assert "The drug substance." in world.slack.text_of(asked)
    assert "Contested" in world.say(world.tom, "define API")
    world.press(two.jonas, asked, "Confirm for Borealis Bio")
    said = world.say(world.tom, "define API")
    assert "Agreed* by the partners" in said
    assert "Write “drug substance”" in said
    assert "Agreed: 1. Contested: 0." in world.say(world.tom, "term")
    assert "marked as contested" in two.mention(two.jonas, "term dispute API")
    assert "Contested" in world.say(world.tom, "define API")


ACME = """Acronym,Meaning,Topic
API,Drug substance,CMC
JSC,Joint steering committee,
DBL,Database lock,
,nothing,
XYZ,,
"""
BOREALIS = """term;definition
API;Software interface
JSC;Joint Steering-Committee
PK;Pharmacokinetics
"""


def test_two_glossaries_make_the_contested_list(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.ana.shares("acme.csv", ACME.encode(), "term import")
    world.bot.settle()
    offer = slack.dms(world.ana)[-1]
    said = slack.text_of(offer)
    assert "I read 5 rows" in said
    assert "“Acronym” is read as: the term" in said
    assert "New: 3" in said
    assert "No term: row 5" in said
    assert "No meaning: row 6" in said
    assert "Nobody here has said" in world.say(world.tom, "define DBL")
    world.press(world.ana, offer, "Columns and audience")
    world.ana.submits(slack.views(world.ana)[-1], audience="alliance")
    world.bot.settle()
    offer = slack.views(world.ana)[-1]
    assert "Everybody in the alliance will see these" in slack.text_of(offer)
    world.ana.presses(offer, "Import")
    world.bot.settle()
    assert "Database lock" in two.mention(two.jonas, "define DBL")
    bring(two, two.jonas, "borealis.csv", BOREALIS)
    contested = world.say(world.tom, "terms contested")
    assert "contested" in contested
    assert "Software interface" in contested
    assert "steering" not in contested.casefold()
    assert "PK" in world.say(world.tom, "terms proposed")
    assert "1 term is gone again" in two.mention(two.jonas, "undo")
    assert "different things: 0" in world.say(world.tom, "terms contested")
    assert "Nobody here has said" in world.say(world.tom, "define PK")
    assert "3 terms are gone again" in world.say(world.ana, "undo")


def bring(two: Two, who: User, name: str, content: str) -> None:
    """A manager imports a file for everybody to see."""
    slack = two.world.slack
    who.shares(name, content.encode(), "term import")
    two.world.bot.settle()
    who.presses(slack.dms(who)[-1], "Columns and audience")
    who.submits(slack.views(who)[-1], audience="alliance")
    two.world.bot.settle()
    who.presses(slack.views(who)[-1], "Import")
    two.world.bot.settle()


def test_files_that_are_none_change_nothing(two: Two) -> None:
    world, slack = two.world, two.world.slack
    for name, content, expected in (
        ("a.csv", b"", "I find no table"),
        ("a.csv", b"only\none\ncolumn\n", "I find no table"),
        ("a.xlsx", b"PK\x03\x04 nothing of the kind", "I can't read that file"),
        ("a.json", b'{"terms": [1, 2]}', "I can't read that file"),
        ("a.exe", b"MZ", "I can't read “a.exe”"),
        ("a.csv", b"x,y\n" * 60_000, "too many rows"),
    ):
        world.ana.shares(name, content, "term import")
        world.bot.settle()
        assert expected in slack.text_of(slack.dms(world.ana)[-1]), name
    world.say(world.tom, "term")
    world.tom.shares("b.csv", ACME.encode(), "term import")
    world.bot.settle()
    assert "Only alliance managers" in slack.text_of(slack.dms(world.tom)[-1])
    assert "Not agreed yet: 0" in world.say(world.ana, "term")


def test_nobody_reaches_what_is_anothers_by_its_id(two: Two) -> None:
    world = two.world
    world.say(world.ana, "term add XK9 = Our code name.")
    with world.bot.entente.database.read() as session:
        (term,) = session.exec(select(Term)).all()
    eve = world.slack.user("Eve", team=world.acme)
    lair = world.slack.channel("lair", team=world.acme, members=[eve], with_bot=True)
    for action in ("term.confirm", "term.share", "term.history", "term.pick", "term.form"):
        for who, where in ((two.jonas, two.shared), (eve, lair)):
            said = press_forged(world, who, action, term.id, where)
            assert "code name" not in said, action
            assert "XK9" not in said, action
    for value in ("", "no such thing", f"{term.alliance_id}:XK9", "new:", "new:x:y"):
        assert "code name" not in press_forged(world, two.jonas, "term.form", value, two.shared)
    assert "XK9" not in two.mention(two.jonas, "terms")
    assert "Nobody here has said" in two.mention(two.jonas, "define XK9")
    assert "Our code name." in world.say(world.tom, "define XK9")


@pytest.mark.parametrize(
    "name", ["<b>&amp;*_~`", ".*(a|b)+$", "مشروع", "e\u0301a\u0301", "W" * 200, "Q", "the"]
)
def test_hostile_and_odd_words_stay_words(two: Two, name: str) -> None:
    world = two.world
    world.say(world.ana, "term add")
    form = world.slack.views(world.ana)[-1]
    answer = world.ana.submits(form, name=name, meaning="<!channel> *bold* &lt; \u202e x")
    assert answer.status == 200
    world.bot.settle()
    with world.bot.entente.database.read() as session:
        (term,) = session.exec(select(Term)).all()
    assert term.name == " ".join(name.split())
    said = world.slack.text_of(world.slack.views(world.ana)[-1])
    assert ("a longer form is better" in said) == (name in {"Q", "the"})


def test_somebody_of_ones_own_side_looks_after_a_term(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.tom, "term")
    world.say(world.ana, "term add")
    form = slack.views(world.ana)[-1]
    (block,) = [b for b in form.payload["blocks"] if b.get("block_id") == "owner"]
    options = {o["text"]["text"]: o["value"] for o in block["element"]["options"]}
    assert "Jonas" not in options
    world.ana.submits(form, name="DBL", meaning="Lock", owner=options["Tom"], audience="alliance")
    world.bot.settle()
    assert "Looked after by" in two.mention(two.jonas, "define DBL")
    assert "Tom" in two.mention(two.jonas, "define DBL")
    assert "is saved" in world.say(world.ana, "term edit DBL = The lock.")
    assert "Tom" in two.mention(two.jonas, "define DBL")
