"""Answers, the way Slack wants them, and what happens when Slack does not take them."""

from dataclasses import dataclass

import pytest

from tests.fakes.slack import Channel, FakeSlack, User, View
from tests.harness import Bot

TOO_LATE = "took too long"
LINE = "remind add “stand up” every monday 09:00"


@dataclass
class Stage:
    slack: FakeSlack
    bot: Bot
    ana: User
    channel: Channel

    def says(self, words: str) -> str:
        answer = self.ana.slash("/alliance", words, channel=self.channel)
        assert answer.status == 200
        self.bot.settle()
        return answer.text

    def last(self) -> str:
        return self.slack.text_of(self.slack.ephemerals(user=self.ana)[-1])

    def opens(self) -> View:
        self.says("remind add")
        return self.slack.views(self.ana)[-1]


@pytest.fixture
def stage(sqlite_url, clock):
    with FakeSlack() as slack:
        acme = slack.team("Acme")
        with Bot(sqlite_url, slack, clock) as bot:
            ana = slack.user("Ana", team=acme)
            channel = slack.channel("general", team=acme, members=[ana])
            made = Stage(slack, bot, ana, channel)
            made.says("setup")
            (form,) = slack.views(ana)
            ana.submits(form, name="Pact", own_partner="Acme", other_partners="Borealis")
            ana.closes(form)
            made.says("link")
            yield made
            failed = [
                n for (_, o), n in bot.entente.dispatcher.counts.by_outcome.items() if o == "failed"
            ]
            assert failed == []
            assert slack.strict_errors == []


def test_a_command_is_answered_to_the_person_alone(stage):
    stage.says("status")
    assert "Pact" in stage.last()
    assert stage.slack.messages(stage.channel) == []
    assert stage.slack.calls("chat.postEphemeral") == []


def test_a_form_opens_by_the_commands_trigger(stage):
    form = stage.opens()
    assert form.callback_id == "remind.form"


FAULTS = {
    "an expired trigger": {"error": "expired_trigger_id"},
    "a used trigger": {"error": "exchanged_trigger_id"},
    "too many requests": {"status": 429, "retry_after": 30},
    "a broken Slack": {"status": 503, "error": "service_unavailable"},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_form_that_could_not_open_is_told(stage, fault):
    stage.slack.fails("views.open", **fault)
    stage.says("remind add")
    assert stage.slack.views(stage.ana) == []
    assert TOO_LATE in stage.last()
    # Saying it again is all it takes.
    assert stage.opens().callback_id == "remind.form"


def test_a_connection_that_breaks_while_a_form_opens_is_told(stage):
    stage.slack.drops("views.open", recorded=False)
    stage.says("remind add")
    assert TOO_LATE in stage.last()


def test_a_form_that_could_not_open_from_a_button_is_told_where_the_button_stands(stage):
    stage.says("link")
    offered = stage.slack.ephemerals(user=stage.ana)[-2]
    stage.slack.fails("views.open", error="expired_trigger_id")
    assert stage.ana.presses(offered, "Set up a reminder").status == 200
    stage.bot.settle()
    assert TOO_LATE in stage.last()
    assert "Set up a reminder" in stage.slack.text_of(offered)


def test_a_button_replaces_the_message_it_stands_in(stage):
    stage.says(LINE)
    offered = stage.slack.ephemerals(user=stage.ana)[-1]
    count = len(stage.slack.ephemerals(user=stage.ana))
    stage.ana.presses(offered, "remind.add")
    stage.bot.settle()
    assert "remind.add" not in str(offered.blocks)
    assert "stand up" in stage.slack.text_of(offered)
    assert len(stage.slack.ephemerals(user=stage.ana)) == count
    assert stage.slack.calls("response_url")[-1].arguments["replace_original"] is True


def test_a_button_that_answers_leaves_its_message_alone(stage):
    stage.says("north star set “A school day.”")
    stage.says("north star")
    shown = stage.slack.ephemerals(user=stage.ana)[-1]
    before = stage.slack.text_of(shown)
    stage.ana.presses(shown, "north_star.history")
    stage.bot.settle()
    assert stage.slack.text_of(shown) == before
    assert stage.slack.ephemerals(user=stage.ana)[-1] is not shown
    answer = stage.slack.calls("response_url")[-1].arguments
    assert (answer["replace_original"], answer["response_type"]) == (False, "ephemeral")


def test_an_answer_that_slack_does_not_take_does_no_harm(stage):
    stage.says("north star set “A school day.”")
    stage.says("north star")
    shown = stage.slack.ephemerals(user=stage.ana)[-1]
    for fault in ({"status": 404, "error": "used_url"}, {"status": 500}):
        stage.slack.fails("response_url", **fault)
        assert stage.ana.presses(shown, "north_star.history").status == 200
        stage.bot.settle()
    stage.slack.drops("response_url")
    assert stage.ana.presses(shown, "north_star.history").status == 200
    stage.bot.settle()


@pytest.mark.parametrize("error", ["hash_conflict", "not_found", "ratelimited"])
def test_an_open_form_that_changed_meanwhile_is_left_to_its_next_update(stage, error):
    form = stage.opens()
    stage.slack.fails("views.update", error=error)
    assert stage.ana.types(form, "cadence", "every tuesday 10:00").status == 200
    stage.bot.settle()
    assert "Tuesday" not in stage.slack.text_of(form)
    assert stage.ana.types(form, "cadence", "every wednesday 10:00").status == 200
    stage.bot.settle()
    assert form.is_open
    assert "Wednesday" in stage.slack.text_of(form)


def test_a_form_with_an_error_stays_open_and_says_where(stage):
    form = stage.opens()
    answer = stage.ana.submits(form, cadence="whenever")
    assert answer.json["response_action"] == "errors"
    assert "cadence" in form.errors
    assert form.is_open


def test_a_form_that_was_sent_off_says_what_happened(stage):
    stage.says("north star set")
    form = stage.slack.views(stage.ana)[-1]
    answer = stage.ana.submits(form, text="A school day.")
    assert answer.json["response_action"] == "update"
    assert "A school day." in stage.slack.text_of(form)


def test_an_error_in_a_dialog_without_inputs_is_shown_in_its_place(stage):
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "gone.form",
        "state": {"values": {}},
        "blocks": [{"type": "divider"}],
    }
    user = {"id": stage.ana.id, "team_id": stage.ana.team.id}
    payload = {"type": "view_submission", "user": user, "view": view}
    answer = stage.slack.sends_payload("interactive", payload)
    assert answer.status == 200
    assert answer.json["response_action"] == "update"
    assert "no longer works" in str(answer.json["view"]["blocks"])


def test_the_home_view_is_published_and_a_refusal_does_no_harm(stage):
    stage.slack.fails("views.publish", error="internal_error")
    assert stage.ana.opens_home().status == 200
    stage.bot.settle()
    stage.slack.drops("views.publish", recorded=False)
    assert stage.ana.opens_home().status == 200
    stage.bot.settle()
    stage.ana.opens_home()
    stage.bot.settle()
    assert "Pact" in stage.slack.text_of(stage.slack.home(stage.ana))


def test_the_messages_tab_publishes_nothing(stage):
    published = len(stage.slack.calls("views.publish"))
    stage.ana.opens_home("messages")
    stage.bot.settle()
    assert len(stage.slack.calls("views.publish")) == published


def test_a_button_on_the_home_view_answers_in_a_dialog(stage):
    stage.says("north star set “A school day.”")
    stage.ana.opens_home()
    stage.bot.settle()
    stage.ana.presses(stage.slack.home(stage.ana), "north_star.history")
    stage.bot.settle()
    (dialog,) = stage.slack.views(stage.ana)
    assert "A school day." in stage.slack.text_of(dialog)


def test_a_button_in_a_dialog_opens_its_form_on_top(stage):
    stage.says("north star set")
    form = stage.slack.views(stage.ana)[-1]
    stage.ana.submits(form, text="A school day.")
    stage.ana.closes(form)
    stage.ana.opens_home()
    stage.bot.settle()
    stage.ana.presses(stage.slack.home(stage.ana), "north_star.form")
    stage.bot.settle()
    assert stage.slack.views(stage.ana)[-1].callback_id == "north_star.form"


def test_a_guest_is_answered_like_anybody_else(stage):
    guest = stage.slack.user("Gus", team=stage.ana.team, is_ultra_restricted=True)
    stage.channel.members.append(guest.id)
    assert guest.slash("/alliance", "help", channel=stage.channel).ok
    assert "help" in stage.slack.text_of(stage.slack.ephemerals(user=guest)[-1])
    guest.slash("/alliance", "status", channel=stage.channel)
    assert stage.slack.ephemerals(user=guest)[-1].text != ""


def test_a_mention_in_a_thread_is_answered_in_that_thread(stage):
    first = stage.ana.says(stage.channel, "what is our star?")
    stage.ana.says(stage.channel, "<@BOT> help", thread=first)
    stage.bot.settle()
    answer = stage.slack.ephemerals(user=stage.ana)[-1]
    assert answer.thread_ts == first.ts
