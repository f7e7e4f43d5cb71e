"""What people are told without having asked comes once a day, and whatever comes at once is named.

Every place in the core from which a message goes out stands below. Who adds one says here how it
reaches its reader; what comes at once stands in docs/operating.md too, in the words given here."""

import ast
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.architecture.test_imports import ROOT, sources

BUNDLED = {
    "belonging.comings._tell_that_nobody_manages",
    "belonging.same_person._tell_managers",
    "charter.reviewing._propose",
    "confirmations.answers.set_lapse",
    "confirmations.chase._look",
    "decisions.agendas._tell",
    "decisions.announcing.announce",
    "decisions.chasing._ask",
    "decisions.chasing._ask_reviews",
    "decisions.pins.set_pin",
    "digest.handlers._queue",
    "glossary.asking.report_due",
    "glossary.asking.send_questions",
    "glossary.handlers.press_ask",
    "glossary.telling.tell_imported",
    "glossary.telling.tell_proposed",
    "glossary.telling.tell_reopened",
    "glossary.telling.tell_withdrawn",
    "glossary.weekly.send_due",
    "north_star.review.run",
    "onboarding.asking._ask",
    "onboarding.fallback._tell_manager",
    "onboarding.managing._nudge",
    "onboarding.meetings.add",
    "onboarding.remarks._tell_managers",
    "onboarding.sending._queue_on_postgresql",
    "onboarding.sending._queue_on_sqlite",
    "people.installing._tell",
    "people.joining._tell_others",
    "people.partners._note",
    "people.setup._change",
    "reminders.unread.tell_owner",
    "roster.forms.submit_form",
    "schedules.firing",
}
"""Nobody waits for it: it comes with the rest of the day, in working hours, and not if muted."""

AT_ONCE = {
    "statements.proposals._ask_one": "to confirm",
    "statements.proposals._tell_empty": "to seat somebody who can confirm",
    "statements.proposals.tell_all": "what became of it",
    "confirmations.answers.press_talk": "what others say to it",
    "confirmations.remarks.submit_suggest": "what others say to it",
    "confirmations.remarks.submit_ask": "what others say to it",
    "confirmations.remarks.submit_answer": "what others say to it",
    "confirmations.voicing.submit_object": "what others say to it",
    "confirmations.proposing._tell_suggester": "what others say to it",
    "confirmations.unreached.hear_unsent": "that it reached nobody",
    "decisions.asking.save_and_ask": "what others say to it",
    "decisions.asking.press_yes": "what others say to it",
    "decisions.asking.submit_words": "what others say to it",
    "decisions.answering._tell_managers": "that an approval was refused",
    "decisions.answering._tell_others": "that a partner warns of it",
    "people.consent._tell_waiting": "to agree to a channel",
    "glossary.switches._tell_waiting": "to checks there",
    "roster.rules._tell_waiting": "to an easier rule of a committee",
    "belonging.same_person.start": "to another account of one's own",
    "people.own_account.join": "to another account of one's own",
    "parting.returning._ask": "to let a partner come back",
    "people.joining._tell_others": "that a counterpart has joined on one's invitation",
    "onboarding.introductions._introduce": "when two people meet",
    "onboarding.meeting.press_disagree": "when two people meet",
    "onboarding.one_to_one.agree": "when two people meet",
    "onboarding.one_to_one.press_none_fits": "when two people meet",
    "onboarding.one_to_one.press_time": "when two people meet",
    "people.silence.tell_silent": "that Entente fell silent in a channel",
    "parting.handlers._finish": "that a partner leaves or an alliance ends",
    "parting.returning._take_back": "that a partner leaves or an alliance ends",
}
"""Somebody waits for it, or it is theirs to act on now: in the words of docs/operating.md."""

ELSEWHERE = {
    "dispatch.dispatcher._queue_answer": "an answer",
    "dispatch.dispatcher._refuse": "an answer",
    "dispatch.dispatcher.tell": "an answer",
    "charter.importing.submit_import": "an answer",
    "decisions.opening.hear_pin": "an answer",
    "glossary.adding._tell_end": "an answer",
    "onboarding.newcomer.press_next": "an answer",
    "people.consent.press_talk": "an answer",
    "decisions.listening._whisper": "a hint, with its own budget",
    "glossary.nudging._tell": "a hint, with its own budget",
    "dispatch.aloud.press_post": "a post",
    "decisions.announcing.announce": "a post",
    "glossary.clarifying.submit_form": "a post",
    "glossary.clearing.submit_ask": "a post",
    "glossary.nudging._tell_thread": "a post",
    "onboarding.fallback._post_line": "a post",
    "people.consent._introduce": "a post",
    "people.invite.press_post": "a post",
}
"""What the acting person gets, what stands in a channel, and hints, which are counted for
themselves."""

BUNDLING = frozenset({"tell_unasked", "tell_other_managers"})
SENDING = frozenset({"Deliver", "tell_managers_of", "tell_author", "tell_managers", "send", "tell"})
THEMSELVES = frozenset(
    {
        "confirmations.answers.tell_author",
        "decisions.asking.tell",
        "dispatch.context.tell",
        "dispatch.notices.tell_managers_of",
        "dispatch.notices.tell_other_managers",
        "dispatch.notices.tell_unasked",
        "onboarding.meetings.send",
        "parting.telling.tell_managers",
        "statements.proposals.send",
    }
)
"""The ways themselves; who calls them is what counts."""


def get_name(called: ast.expr) -> str:
    if isinstance(called, ast.Name):
        return called.id
    return called.attr if isinstance(called, ast.Attribute) else ""


def find_places() -> Iterator[tuple[str, str]]:
    """Each function, by its module, with each way in which it sends."""
    for path, tree in sources("bot"):
        module = ".".join(path.removesuffix(".py").split("/")[1:]).removeprefix("features.")
        if module.startswith(("db.", "delivery.", "testing.")):
            continue
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        functions = [node for node in ast.walk(tree) if isinstance(node, kinds)]
        inside = {part for function in functions for part in ast.walk(function)}
        for function in functions:
            for node in ast.walk(function):
                for way in find_ways(node):
                    yield f"{module}.{function.name}", way
        for node in set(ast.walk(tree)) - inside:
            for way in find_ways(node):
                yield module, way


def find_ways(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and get_name(node.func) in BUNDLING | SENDING:
        yield get_name(node.func)
    if isinstance(node, ast.Constant) and "INSERT INTO deliveries" in str(node.value):
        yield "SQL"


@pytest.fixture(scope="module")
def places() -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for place, way in find_places():
        found[place].add(way)
    return {place: ways for place, ways in found.items() if place not in THEMSELVES}


def test_every_way_that_nobody_asked_for_goes_out_bundled(places: dict[str, set[str]]) -> None:
    assert {place for place, ways in places.items() if ways & {*BUNDLING, "SQL"}} == BUNDLED


def test_whatever_comes_at_once_is_named(places: dict[str, set[str]]) -> None:
    others = {place for place, ways in places.items() if ways & SENDING}
    assert others == AT_ONCE.keys() | ELSEWHERE.keys()


def test_the_operator_reads_what_comes_at_once() -> None:
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    paragraph = page.split("- **Direct messages that nobody asked for**")[1].split("\n- **")[0]
    told = " ".join(paragraph.split())
    assert [words for words in AT_ONCE.values() if words not in told] == []
