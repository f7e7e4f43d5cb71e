"""What each of Slack's payloads becomes."""

from typing import Any

import pytest

from adapters.slack.parse import parse
from bot.core.events import (
    AppRemoved,
    ButtonPressed,
    ChannelChange,
    ChannelChanged,
    CommandInvoked,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    MemberJoined,
    MessagePosted,
    PlaceKind,
    ReactionAdded,
    SharedFile,
    ShortcutInvoked,
    Via,
)

BOT = "U0BOT"
Json = dict[str, Any]


def read(payload: Json, key: str = "slack:sig") -> Any:
    return parse(payload, key=key, workspace="T0HOME", bot_users=frozenset({BOT, "U0OTHERBOT"}))


def event(**fields: object) -> Any:
    return read({"type": "event_callback", "event_id": "Ev1", "event": fields})


def message(text: object = "hello", **fields: object) -> Any:
    given: Json = {"type": "message", "user": "U1", "channel": "C1", "ts": "1.2", "text": text}
    return event(**(given | fields))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"<@{BOT}> help", "help"),
        (f"<@{BOT}|entente> help", "help"),
        ("<@U0OTHERBOT> help", "help"),
        (f"please <@{BOT}> help", "please  help"),
        (f"help <@{BOT}>", "help"),
        (f"<@{BOT}>", ""),
        (f"  <@{BOT}>\n help ", "help"),
        (f"<@{BOT}> tell <@{BOT}>", f"tell <@{BOT}>"),
        (f"<@U1> and <@{BOT}> help", "<@U1> and  help"),
        (f"<@{BOT}> a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        (f"<@{BOT}> &amp;lt;", "&lt;"),
    ],
)
def test_a_mention_is_a_command_without_the_mention(text, words):
    for kind in ("message", "app_mention"):
        said = message(text, type=kind)
        assert isinstance(said, CommandInvoked)
        assert (said.via, said.text) == (Via.MENTION, words)
        assert said.trigger is None


@pytest.mark.parametrize("text", ["hello", "<@U1> help", f"<@{BOT}9> help", f"{BOT} help", ""])
def test_a_message_without_a_mention_of_the_bot_is_just_a_message(text):
    said = message(text)
    assert isinstance(said, MessagePosted)
    assert (said.text, said.message) == (text, "1.2")


def test_a_mention_and_its_twin_have_one_key():
    twins = [message(f"<@{BOT}> help", type=kind) for kind in ("message", "app_mention")]
    assert {said.key for said in twins} == {"slack:C1:1.2"}


def test_other_events_are_known_by_their_own_id_and_requests_by_theirs():
    assert event(type="app_home_opened", user="U1", tab="home").key == "slack:Ev1"
    assert read({"command": "/alliance", "user_id": "U1"}, key="slack:sig").key == "slack:sig"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"channel": "D1"}, PlaceKind.DIRECT),
        ({"channel": "D1", "channel_type": "im"}, PlaceKind.DIRECT),
        ({"channel": "C1", "channel_type": "channel"}, PlaceKind.CHANNEL),
        ({"channel": "G1", "channel_type": "mpim"}, PlaceKind.CHANNEL),
    ],
)
def test_where_a_message_stands(fields, kind):
    assert message(f"<@{BOT}> help", **fields).place.kind == kind


def test_a_direct_message_is_a_command_with_or_without_a_mention():
    for text in ("help", f"<@{BOT}> help"):
        said = message(text, channel="D1", channel_type="im")
        assert isinstance(said, CommandInvoked)
        assert (said.via, said.text) == (Via.DIRECT, "help")


def test_a_thread_is_kept():
    assert message("x", thread_ts="1.0").place.thread == "1.0"
    assert message("x").place.thread is None


def test_the_home_of_people_of_other_organisations_is_told():
    assert message("x", user_team="T0AWAY", team="T0HOME").actor.workspace == "T0AWAY"
    assert message("x", team="T0HOME").actor.workspace == "T0HOME"
    assert message("x").actor.workspace is None
    assert message("x").workspace == "T0HOME"


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "", None])
def test_what_a_person_wrote_is_a_message(subtype):
    assert isinstance(message("x", subtype=subtype), MessagePosted)


@pytest.mark.parametrize(
    "fields",
    [
        {"subtype": "channel_join"},
        {"subtype": "message_changed"},
        {"subtype": "bot_message"},
        {"bot_id": "B1"},
        {"user": None},
        {"user": ""},
        {"channel": None, "ts": None, "user": None},
    ],
)
def test_what_no_person_wrote_is_nothing(fields):
    assert message("x", **fields) is None


def test_the_home_tab_is_opened_and_the_messages_tab_is_not():
    opened = event(type="app_home_opened", user="U1", tab="home")
    assert isinstance(opened, HomeOpened)
    assert opened.place.kind == PlaceKind.HOME
    assert event(type="app_home_opened", user="U1", tab="messages") is None
    assert event(type="app_home_opened", user="", tab="home") is None


def test_reactions_to_messages_are_heard_and_those_to_files_are_not():
    item = {"type": "message", "channel": "C1", "ts": "1.2"}
    heard = event(type="reaction_added", user="U1", reaction="tada", item=item)
    assert isinstance(heard, ReactionAdded)
    assert (heard.emoji, heard.message, heard.place.channel) == ("tada", "1.2", "C1")
    file = {"type": "file", "file": "F1"}
    assert event(type="reaction_added", user="U1", reaction="tada", item=file) is None


def test_who_joins_may_be_the_bot_itself():
    for user, is_self in ((BOT, True), ("U1", False)):
        joined = event(type="member_joined_channel", user=user, channel="C1", team="T1")
        assert isinstance(joined, MemberJoined)
        assert joined.is_self is is_self


@pytest.mark.parametrize(
    ("fields", "change", "channel", "value"),
    [
        (
            {"type": "channel_rename", "channel": {"id": "C1", "name": "new"}},
            ChannelChange.RENAMED,
            "C1",
            "new",
        ),
        ({"type": "group_archive", "channel": "C1"}, ChannelChange.ARCHIVED, "C1", None),
        ({"type": "channel_shared", "channel": "C1"}, ChannelChange.SHARED, "C1", None),
        (
            {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"},
            ChannelChange.MOVED,
            "C1",
            "C2",
        ),
    ],
)
def test_changes_of_channels(fields, change, channel, value):
    changed = event(**fields)
    assert isinstance(changed, ChannelChanged)
    assert (changed.change, changed.place.channel, changed.value) == (change, channel, value)


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_the_end_of_an_installation(kind):
    assert isinstance(event(type=kind), AppRemoved)


def test_a_slash_command_brings_what_was_typed_and_its_trigger():
    said = read(
        {
            "command": "/alliance",
            "text": "remind &lt;x&gt; <@U1|ana>",
            "user_id": "U1",
            "team_id": "T1",
            "channel_id": "C1",
            "trigger_id": "t",
        }
    )
    assert isinstance(said, CommandInvoked)
    assert (said.via, said.text, said.trigger) == (Via.SLASH, "remind <x> <@U1|ana>", "t")
    assert (said.place.kind, said.actor.workspace) == (PlaceKind.CHANNEL, "T1")
    direct = read({"command": "/alliance", "user_id": "U1", "channel_id": "D1"})
    assert (direct.place.kind, direct.text) == (PlaceKind.DIRECT, "")


def press(action: Json, **body: object) -> Any:
    user = {"id": "U1", "team_id": "T1"}
    return read({"type": "block_actions", "user": user, "actions": [action], **body})


def test_a_button_brings_its_value_without_the_mark_that_makes_it_unique():
    where = {"channel": {"id": "C1"}, "container": {"message_ts": "1.2", "thread_ts": "1.0"}}
    action = {"action_id": "remind.pause~2", "value": "x"}
    pressed = press(action, **where, trigger_id="t")
    assert isinstance(pressed, ButtonPressed)
    assert (pressed.action, pressed.value, pressed.trigger) == ("remind.pause", "x", "t")
    assert (pressed.message, pressed.place.thread) == ("1.2", "1.0")


def test_a_menu_brings_the_value_of_what_was_chosen():
    chosen = {"action_id": "a.b", "selected_option": {"value": "two", "text": {}}}
    assert press(chosen, channel={"id": "D1"}).value == "two"
    assert press({"action_id": "a.b", "selected_option": None}, channel={"id": "D1"}).value == ""
    assert press({"action_id": "a.b"}, channel={"id": "D1"}).place.kind == PlaceKind.DIRECT


def test_a_button_in_a_view_stands_in_the_home_or_in_a_form():
    assert press({"action_id": "a.b"}, view={"type": "home"}).place.kind == PlaceKind.HOME
    shown = press({"action_id": "a.b", "block_id": "x"}, view={"type": "modal"})
    assert isinstance(shown, ButtonPressed)
    assert shown.place.kind == PlaceKind.FORM


def view(values: Json, metadata: object = "{}", **more: object) -> Json:
    return {
        "type": "modal",
        "callback_id": "some.form",
        "private_metadata": metadata,
        "state": {"values": values},
        **more,
    }


VALUES: Json = {
    "text": {"text": {"type": "plain_text_input", "value": "a\nb"}},
    "empty": {"empty": {"type": "plain_text_input", "value": None}},
    "one": {"one": {"type": "static_select", "selected_option": {"value": "1"}}},
    "radio": {"radio": {"type": "radio_buttons", "selected_option": None}},
    "many": {"many": {"type": "checkboxes", "selected_options": [{"value": "1"}, {"value": "2"}]}},
    "people": {"people": {"type": "multi_users_select", "selected_users": ["U1", "U2"]}},
    "day": {"day": {"type": "datepicker", "selected_date": "2027-03-01"}},
    "time": {"time": {"type": "timepicker", "selected_time": "09:00"}},
    "block": {"some.menu": {"type": "static_select", "selected_option": {"value": "x"}}},
}
READ = {
    "text": "a\nb",
    "empty": None,
    "one": "1",
    "radio": None,
    "many": ("1", "2"),
    "people": ("U1", "U2"),
    "day": "2027-03-01",
    "time": "09:00",
}


def test_a_form_brings_what_its_inputs_hold():
    body = {"type": "view_submission", "user": {"id": "U1"}, "view": view(VALUES, '{"a": 7}')}
    sent = read(body)
    assert isinstance(sent, FormSubmitted)
    assert (sent.form, sent.values, sent.context) == ("some.form", READ, {"a": "7"})


def test_an_input_that_is_told_of_while_open_is_a_change_of_the_form():
    changed = press({"action_id": "text", "block_id": "text"}, view=view(VALUES, '{"a": "b"}'))
    assert isinstance(changed, FormChanged)
    assert not isinstance(changed, FormSubmitted)
    assert (changed.values, changed.context) == (READ, {"a": "b"})


@pytest.mark.parametrize("metadata", ["", None, "{", "[]", '"x"', 7, ["x"]])
def test_metadata_that_is_not_ours_is_no_context(metadata):
    body = {"type": "view_submission", "user": {"id": "U1"}, "view": view({}, metadata)}
    assert read(body).context == {}


def test_values_of_another_type_become_texts():
    odd = {"x": {"x": {"value": 7}}, "y": {"y": {"value": {"a": 1}}}}
    body = {"type": "view_submission", "user": {"id": "U1"}, "view": view(odd)}
    assert read(body).values == {"x": "7", "y": "{'a': 1}"}


@pytest.mark.parametrize("shape", [{"type": "workflow_step"}, {"callback_id": ""}])
def test_a_submission_of_no_form_of_ours_is_nothing(shape):
    body = {"type": "view_submission", "user": {"id": "U1"}, "view": view({}, **shape)}
    assert read(body) is None


def test_what_no_database_can_keep_is_left_out_everywhere():
    assert message(f"<@{BOT}> he\0lp\ud800").text == "help"
    assert press({"action_id": "a.b", "value": "x\0y"}, channel={"id": "C1"}).value == "xy"
    body = {
        "type": "view_submission",
        "user": {"id": "U1"},
        "view": view({"x": {"x": {"value": "\0"}}}, '{"a": "b\\u0000"}'),
    }
    assert (read(body).values, read(body).context) == ({"x": None}, {"a": "b"})


def test_a_shortcut_brings_its_message():
    body = {
        "type": "message_action",
        "callback_id": "x.y",
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "message": {"ts": "1.2", "text": "so be it"},
        "trigger_id": "t",
    }
    used = read(body)
    assert isinstance(used, ShortcutInvoked)
    assert (used.shortcut, used.message, used.text) == ("x.y", "1.2", "so be it")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "event_callback"},
        {"type": "event_callback", "event": {"type": "message"}},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": []},
        {"type": "block_actions"},
        {"type": "view_submission", "user": {"id": "U1"}},
        {"type": "message_action"},
        {"type": "shortcut", "callback_id": "x"},
        {"command": "/alliance"},
        {"type": "url_verification", "challenge": "x"},
    ],
)
def test_what_is_not_understood_is_nothing(payload):
    assert read(payload) is None


def test_endless_nesting_is_nothing():
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert read({"type": "event_callback", "event": {"type": "message", "blocks": deep}}) is None


def test_a_file_sent_directly_comes_with_the_words_beside_it() -> None:
    shared = {
        "type": "message",
        "subtype": "file_share",
        "channel_type": "im",
        "channel": "D1",
        "user": "U1",
        "ts": "1.1",
        "text": "charter import JSC",
        "files": [{"id": "F1", "name": "jsc.docx", "size": 12}, {"mode": "tombstone"}],
    }
    found = event(**shared)
    assert isinstance(found, CommandInvoked)
    assert found.files == (SharedFile(file="F1", name="jsc.docx"),)
    assert event(**(shared | {"files": "F1"})).files == ()
    assert event(**(shared | {"files": [{"id": "F1"}]})).files[0].name == ""
