"""From activities to events: who, where, what, and the key that tells a repeat."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams import fields
from adapters.teams.happenings import make_changes, make_departures
from adapters.teams.names import compact
from adapters.teams.parse import (
    parse,
    parse_added,
    parse_mentioned,
    parse_picked,
    parse_removed,
    parse_sighting,
)
from bot.core.events import (
    AppInstalled,
    ButtonPressed,
    ChannelChange,
    ChannelChanged,
    CommandInvoked,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    PlaceKind,
    ReactionAdded,
    ShortcutInvoked,
    Via,
)

BOT = "28:bot"
CHANNEL = "19:general@thread.tacv2"


def activity(kind: str = "message", **more: Any) -> dict[str, Any]:
    """From Ana, in a thread of a channel."""
    return {
        "type": kind,
        "id": "200",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "localTimezone": "Europe/Berlin",
        "from": {"id": "29:ana", "name": "Ana", "aadObjectId": "aad-ana"},
        "recipient": {"id": BOT, "name": "Entente"},
        "conversation": {
            "id": f"{CHANNEL};messageid=100",
            "conversationType": "channel",
            "isGroup": True,
        },
        "channelData": {
            "tenant": {"id": "acme"},
            "team": {"id": "19:team", "aadGroupId": "group"},
            "channel": {"id": CHANNEL},
        },
        **more,
    }


def direct(kind: str = "message", **more: Any) -> dict[str, Any]:
    chat = {"id": "a:chat", "conversationType": "personal", "tenantId": "acme"}
    data = {"tenant": {"id": "acme"}}
    return activity(kind, conversation=chat, channelData=data, **more)


def mention(identifier: str = BOT, text: str = "<at>Entente</at>", **more: Any) -> dict[str, Any]:
    return {"type": "mention", "text": text, "mentioned": {"id": identifier, "name": "N", **more}}


def one(payload: dict[str, Any], users: dict[str, str] | None = None) -> Any:
    (event,) = parse(payload, users)
    return event


def said(text: str, *entities: dict[str, Any], users: dict[str, str] | None = None) -> Any:
    return one(activity(text=text, entities=list(entities)), users)


# Messages


def test_a_mention_is_a_command_in_its_thread() -> None:
    event = said("<at>Entente</at> link", mention())
    assert isinstance(event, CommandInvoked)
    assert (event.via, event.text) == (Via.MENTION, "link")
    assert (event.place.kind, event.place.channel) == (PlaceKind.CHANNEL, CHANNEL)
    assert event.place.thread == "100"
    assert (event.workspace, event.actor.user, event.actor.workspace) == ("acme", "aad-ana", None)


def test_the_first_message_of_a_thread_is_in_none() -> None:
    event = one(activity(id="100", text="<at>Entente</at> help", entities=[mention()]))
    assert event.place.thread is None


def test_a_direct_message_is_a_command_of_the_persons_own_tenant() -> None:
    event = one(direct(text="north star"))
    assert (event.via, event.text) == (Via.DIRECT, "north star")
    assert (event.place.kind, event.place.channel) == (PlaceKind.DIRECT, "aad-ana")
    assert event.actor.workspace == "acme"


@pytest.mark.parametrize(
    ("text", "entities", "words"),
    [
        ("<at>Entente</at> link", [mention()], "link"),
        ("please <at>Entente</at> link", [mention()], "please  link"),
        ("<at>Entente</at>&nbsp;define &lt;API&gt; &amp; more", [mention()], "define <API> & more"),
        # The bot's name elsewhere stays; only what an entity names is a mention.
        ("<at>Entente</at> what is Entente?", [mention()], "what is Entente?"),
        ("<at>Entente</at> ask <at>Entente</at>", [mention(), mention()], "ask <@28:bot|N>"),
        (
            "<at>Entente</at> seat <at>Tom</at> and <at>Tom</at>",
            [mention(), mention("29:t1", "<at>Tom</at>"), mention("29:t2", "<at>Tom</at>")],
            "seat <@aad-1|N> and <@29:t2|N>",
        ),
        (
            "<at>Entente</at> in <at>Gen</at>",
            [mention(), mention("19:c", "<at>Gen</at>")],
            "in <#19:c>",
        ),
    ],
)
def test_mentions_are_taken_by_their_entities(
    text: str, entities: list[dict[str, Any]], words: str
) -> None:
    assert said(text, *entities, users={"29:t1": "aad-1"}).text == words


def test_a_name_cannot_end_its_own_mention() -> None:
    entity = mention("29:t", "<at>Tom</at>", name="a>|<b", aadObjectId="aad-t")
    event = said("<at>Entente</at> place <at>Tom</at>", mention(), entity)
    assert event.text == "place <@aad-t|ab>"


def test_what_mentions_nobody_is_a_message() -> None:
    event = said("the API slipped", mention("29:tom", "<at>Tom</at>"))
    assert isinstance(event, MessagePosted)
    assert (event.message, event.text) == ("200", "the API slipped")


def test_home_and_start_show_the_home_in_a_chat_alone() -> None:
    assert isinstance(one(direct(text="Home")), HomeOpened)
    assert isinstance(said("<at>Entente</at> home", mention()), CommandInvoked)


def test_people_are_known_by_their_directory_and_long_ids_are_cut() -> None:
    nameless = activity(text="x", **{"from": {"id": "29:" + "x" * 200}})
    event = one(nameless)
    assert len(event.actor.user) <= 80
    assert event.actor.user == compact("29:" + "x" * 200)
    other = one(activity(text="x", **{"from": {"id": "29:" + "x" * 199 + "y"}}))
    assert other.actor.user != event.actor.user


def test_the_tenant_is_told_by_channel_data_or_not_at_all() -> None:
    assert parse(direct(text="help") | {"channelData": {}})[0].workspace == "acme"
    bare = direct(text="help") | {"channelData": None}
    bare["conversation"] = {"id": "a:chat", "conversationType": "personal"}
    assert parse(bare) == ()
    assert parse_sighting(bare) is None


def test_the_same_message_has_the_same_key_and_another_conversations_another() -> None:
    first, again = one(direct(text="a")), one(direct(text="a"))
    other = one(activity(text="a"))
    assert first.key == again.key
    assert first.key != other.key
    assert len(first.key) <= 200


def test_characters_that_cannot_be_stored_are_left_out() -> None:
    event = one(direct(text="a\x00b\ud800c"))
    assert event.text == "abc"


# Where and who


def test_a_sighting_says_how_to_write_back() -> None:
    found = parse_sighting(activity(text="x"))
    assert found is not None
    conversation, person = found
    assert (conversation.id, conversation.real_id, conversation.kind) == (
        CHANNEL,
        CHANNEL,
        "channel",
    )
    assert (conversation.team, conversation.group, conversation.bot) == ("19:team", "group", BOT)
    assert person is not None
    assert (person.account, person.home, person.direct) == ("29:ana", None, None)
    chat = parse_sighting(direct(text="x"))
    assert chat is not None
    assert chat[0].id == "aad-ana"
    assert chat[1] is not None
    assert (chat[1].direct, chat[1].home, chat[1].zone) == ("a:chat", "acme", "Europe/Berlin")


@pytest.mark.parametrize("zone", ["Nowhere/City", "../../etc/passwd", "x" * 100, 7])
def test_a_zone_that_is_none_is_not_kept(zone: object) -> None:
    found = parse_sighting(direct(text="x", localTimezone=zone))
    assert found is not None
    assert found[1] is not None
    assert found[1].zone is None


def test_who_is_mentioned_is_told_without_entente_and_channels() -> None:
    entities = [mention(), mention("29:t", "<at>T</at>"), mention("19:c", "<at>C</at>")]
    assert parse_mentioned(activity(entities=entities)) == ("29:t",)
    assert parse_mentioned({"entities": 7}) == ()


# Presses and forms


def invoke(name: str, value: Any, **more: Any) -> dict[str, Any]:
    return activity("invoke", name=name, value=value, replyToId="150", id="f:1", **more)


def test_a_press_says_what_and_on_which_message() -> None:
    data = fields.press("people.use", "al-1")
    event = one(invoke("adaptiveCard/action", {"action": {"verb": "people.use", "data": data}}))
    assert isinstance(event, ButtonPressed)
    assert (event.action, event.value, event.message) == ("people.use", "al-1", "150")
    assert event.trigger is None


def test_a_menus_choice_is_the_value() -> None:
    data = {**fields.press("a.b", "", menu="c:1"), "c:1": fields.encode_option("x, y")}
    event = one(invoke("adaptiveCard/action", {"action": {"data": data}}))
    assert event.value == "x, y"
    nothing = {**fields.press("a.b", "", menu="c:1"), "c:1": ""}
    assert parse(invoke("adaptiveCard/action", {"action": {"data": nothing}})) == ()


def test_what_opens_a_form_has_a_trigger() -> None:
    event = one(invoke("task/fetch", {"data": fields.opening("setup.form", "7")}))
    assert (event.action, event.value) == ("setup.form", "7")
    assert event.trigger


def test_a_form_comes_back_with_values_of_each_kind() -> None:
    data = {
        **fields.submission("f.form", "opened", {"alliance": "a"}),
        "t:name": "Acme",
        "t:empty": "",
        "s:one": fields.encode_option("a,b%"),
        "s:none": "",
        "m:many": ",".join(fields.encode_option(v) for v in ("x,1", "", "ü")),
        "p:people": "aad-1, 29:t",
        "other": "left out",
    }
    for name in ("task/submit", "composeExtension/submitAction"):
        event = one(invoke(name, {"data": data}), {"29:t": "aad-2"})
        assert isinstance(event, FormSubmitted)
        assert (event.form, event.context) == ("f.form", {"alliance": "a"})
        assert event.values == {
            "name": "Acme",
            "empty": None,
            "one": "a,b%",
            "none": None,
            "many": ("x,1", "", "ü"),
            "people": ("aad-1", "aad-2"),
        }
    assert parse_picked(invoke("task/submit", {"data": data})) == ("aad-1", "29:t")


def test_a_preview_is_a_change() -> None:
    data = fields.submission("f.form", "", {}, is_change=True)
    assert type(one(invoke("task/submit", {"data": data}))) is FormChanged


def test_a_button_in_a_dialog_is_a_press_there() -> None:
    event = one(invoke("task/submit", {"data": fields.press("a.b", "v")}))
    assert (event.action, event.place.kind) == ("a.b", PlaceKind.FORM)


@given(st.text(max_size=40))
def test_any_options_value_comes_back_as_it_was(value: str) -> None:
    encoded = fields.encode_option(value)
    assert encoded
    assert "," not in encoded
    assert fields.decode_option(encoded) == value


def test_an_entry_of_a_messages_menu_brings_the_message() -> None:
    payload = {
        "id": "170",
        "body": {
            "contentType": "html",
            "content": '<p>We &amp; they<br/>agree, says <at id="0">Ana Ott</at></p>',
        },
    }
    value = {"commandId": "d.capture", "commandContext": "message", "messagePayload": payload}
    event = one(invoke("composeExtension/fetchTask", value))
    assert isinstance(event, ShortcutInvoked)
    assert (event.shortcut, event.message) == ("d.capture", "170")
    assert event.text == "We & they\nagree, says @Ana Ott"
    assert event.trigger
    assert parse(invoke("composeExtension/fetchTask", {"commandId": "d.capture"})) == ()


def test_a_card_from_elsewhere_presses_nothing() -> None:
    for value in (None, {}, {"action": {}}, {"action": {"data": {"entente": "x"}}}, [], "x", 7):
        assert parse(invoke("adaptiveCard/action", value)) == ()


# The rest


def test_reactions_are_one_each() -> None:
    added = [{"type": "like"}, {"type": "heart"}]
    events = parse(activity("messageReaction", replyToId="150", reactionsAdded=added))
    assert [(type(e), e.message, e.emoji) for e in events] == [  # type: ignore[attr-defined]
        (ReactionAdded, "150", "like"),
        (ReactionAdded, "150", "heart"),
    ]
    assert len({e.key for e in events}) == 2


def test_edits_and_deletions_are_nobodys_concern() -> None:
    assert parse(activity("messageUpdate", text="new", timestamp="1")) == ()
    assert parse(activity("messageDelete", timestamp="2")) == ()


def test_who_joins_and_leaves_is_told_one_by_one() -> None:
    added = [{"id": BOT}, {"id": "29:tom", "aadObjectId": "aad-tom"}]
    events = parse(activity("conversationUpdate", membersAdded=added))
    assert [(type(e), e.is_self, e.actor.user) for e in events] == [  # type: ignore[attr-defined]
        (MemberJoined, True, BOT),
        (MemberJoined, False, "aad-tom"),
    ]
    (left,) = parse(activity("conversationUpdate", membersRemoved=added[1:]))
    assert isinstance(left, MemberLeft)
    assert parse(direct("conversationUpdate", membersAdded=added)) == ()


@pytest.mark.parametrize(
    ("update", "change"),
    [
        ("channelRenamed", ChannelChange.RENAMED),
        ("channelDeleted", ChannelChange.DELETED),
        ("channelRestored", ChannelChange.UNARCHIVED),
        ("channelShared", ChannelChange.SHARED),
        ("channelUnshared", ChannelChange.UNSHARED),
    ],
)
def test_what_becomes_of_a_channel(update: str, change: ChannelChange) -> None:
    data = {
        **activity()["channelData"],
        "eventType": update,
        "channel": {"id": "19:c", "name": "N"},
    }
    event = one(activity("conversationUpdate", channelData=data))
    assert isinstance(event, ChannelChanged)
    assert (event.change, event.place.channel) == (change, "19:c")
    assert event.value == ("N" if change == ChannelChange.RENAMED else None)


def test_what_becomes_of_a_team_becomes_of_its_channels() -> None:
    data = {**activity()["channelData"], "eventType": "teamArchived"}
    payload = activity("conversationUpdate", channelData=data)
    events = make_changes(payload, ["19:a", "19:b"])
    assert [e.place.channel for e in events] == ["19:a", "19:b"]
    assert len({e.key for e in events}) == 2
    assert [type(e) for e in make_departures(payload, ["19:a"])] == [MemberLeft]
    assert make_changes(activity("conversationUpdate"), ["19:a"]) == ()
    (anew,) = make_changes(activity("installationUpdate", action="add-upgrade"), ["19:a"])
    assert isinstance(anew, ChannelChanged)
    assert anew.change == ChannelChange.INSTALLED_ANEW


def test_whoever_adds_entente_to_their_chat_is_shown_their_home() -> None:
    events = parse(direct("installationUpdate", action="add"))
    assert [type(e) for e in events] == [AppInstalled, HomeOpened]
    assert [type(e) for e in parse(activity("installationUpdate", action="add"))] == [AppInstalled]
    assert parse(direct("installationUpdate", action="remove")) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KINDS = st.sampled_from(
    [
        "message",
        "invoke",
        "conversationUpdate",
        "installationUpdate",
        "messageReaction",
        "messageUpdate",
    ]
)
PARTS = [
    "from", "recipient", "conversation", "channelData", "value", "entities", "text", "name", "id",
    "membersAdded", "reactionsAdded", "replyToId", "action",
]  # fmt: skip


@given(KINDS, st.sampled_from(PARTS), JSON)
def test_nothing_makes_it_raise(kind: str, part: str, value: Any) -> None:
    payload = {**activity(kind, name="task/submit", value={"data": {}}), part: value}
    parse(payload)
    parse_sighting(payload)
    parse_mentioned(payload)
    parse_picked(payload)


def test_who_moves_without_an_id_of_their_directory_is_who_was_found_for_it_or_nobody() -> None:
    moved = [{"id": "29:tom"}]
    for names in ("membersAdded", "membersRemoved"):
        payload = activity("conversationUpdate", **{names: moved})
        assert one(payload, {"29:tom": "aad-tom"}).actor.user == "aad-tom"
        assert parse(payload) == ()
    assert parse_added(activity(membersAdded=[{"id": BOT}, *moved])) == ("29:tom",)
    assert parse_removed(activity(membersRemoved=moved)) == ("29:tom",)
