"""Every route: what it does, and what it refuses."""

import threading

import pytest

from adapters.local.app import ACTS
from adapters.local.guard import LARGEST_BODY
from tests.adapters.local.served import Served, elements_of, form_in, words_of

ROUTES = [f"/{name}" for name, _ in ACTS]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://127.0.0.1"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"x_entente_token": ""},
        {"x_entente_token": "guessed"},
    ],
)
def test_a_request_from_another_page_is_refused(served: Served, headers: dict[str, str]) -> None:
    body = {"person": "U-ANA", "at": "C-STEERING", "text": "forged", "by": "week", "joins": False}
    for path in ROUTES:
        assert served.post(path, body, **headers).status == 403
    assert "forged" not in served.get()
    assert "09:00 CET" in words_of(served.get())


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", ""])
def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    for path in ("/", "/events", "/static/script.js"):
        assert served.request("GET", path, host=host or " ").status in {400, 403}
    answer = served.post("/step", {"by": "week"}, host=host or " ", origin=f"http://{host}")
    assert answer.status in {400, 403}


def test_names_of_this_machine_are_accepted(served: Served) -> None:
    for host in (f"localhost:{served.port}", f"127.0.0.1:{served.port}", f"[::1]:{served.port}"):
        assert served.request("GET", "/", host=host).status == 200


@pytest.mark.parametrize("path", ROUTES)
def test_what_is_no_request_of_the_page_is_refused(served: Served, path: str) -> None:
    for body in ({}, [], None, "words", {"person": ["U-ANA"], "values": 7, "text": {}}):
        answer = served.post(path, body)
        assert 400 <= answer.status < 500, (path, body, answer.text)
        assert answer.json["error"]
    assert served.request("GET", path).status == 405
    assert served.post(path, {}, content_type="text/plain").status == 415
    assert served.post(path, {"text": "x" * LARGEST_BODY}).status == 413


def test_unknown_ids_are_not_found(served: Served) -> None:
    ana = {"person": "U-ANA"}
    for path, body in (
        ("/say", {"person": "U-NOBODY", "at": "C-STEERING", "text": "x"}),
        ("/say", {"person": "U-ENTENTE", "at": "C-STEERING", "text": "x"}),
        ("/say", ana | {"at": "C-NOWHERE", "text": "x"}),
        ("/say", ana | {"at": "C-BOREALIS", "text": "x"}),
        ("/say", ana | {"at": "D-U-TOM", "text": "x"}),
        ("/say", ana | {"at": "C-STEERING", "text": "x", "thread": "M999"}),
        ("/press", ana | {"surface": "M999", "item": "0.0"}),
        ("/press", ana | {"surface": "M1", "item": "0.0"}),
        ("/press", ana | {"surface": "home", "item": "9999999999.-1"}),
        ("/press", ana | {"surface": "nothing", "item": "0.0"}),
        ("/change", ana | {"surface": "nothing", "values": {}}),
        ("/submit", ana | {"surface": "nothing", "values": {}}),
        ("/react", ana | {"message": "M999", "emoji": "+1"}),
        ("/membership", ana | {"at": "C-NOWHERE", "joins": True}),
    ):
        assert served.post(path, body).status == 404, (path, body)


def test_another_persons_private_message_and_form_are_out_of_reach(served: Served) -> None:
    served.say("U-ANA", "C-STEERING", "/alliance status")
    private = served.last("U-ANA", "C-STEERING")
    form = form_in(served.say("U-ANA", "C-STEERING", "/alliance remind add")["dialog"])
    tom = {"person": "U-TOM"}
    assert served.post("/press", tom | {"surface": private.id, "item": "0.0"}).status == 404
    assert served.post("/react", tom | {"message": private.id, "emoji": "+1"}).status == 404
    assert served.post("/submit", tom | {"surface": form, "values": {}}).status == 404


def test_whoever_is_not_in_a_channel_writes_nothing_there(served: Served) -> None:
    body = {"person": "U-MEI", "at": "C-STEERING", "text": "hello"}
    answer = served.post("/say", body)
    assert answer.status == 403
    assert "Join #steering first" in answer.json["error"]
    served.post("/membership", {"person": "U-MEI", "at": "C-STEERING", "joins": True})
    assert served.post("/say", body).status == 200
    served.settle()
    assert "Mei Tanaka" in _members(served)
    served.post("/membership", {"person": "U-MEI", "at": "C-STEERING", "joins": False})
    assert served.post("/say", body).status == 403


def _members(served: Served) -> str:
    served.say("U-ANA", "dm", "members")
    return served.text("U-ANA", "D-U-ANA")


def test_a_reaction_is_added_and_taken_back(served: Served) -> None:
    message = served.messages("U-ANA", "C-STEERING")[0]
    body = {"person": "U-TOM", "message": message.id, "emoji": "+1"}
    served.post("/react", body)
    assert "thumbs up 1" in words_of(served.get(acme_at="C-STEERING"))
    served.post("/react", body)
    assert "thumbs up 1" not in words_of(served.get(acme_at="C-STEERING"))
    assert served.post("/react", body | {"emoji": "<script>"}).status == 400


def test_replies_stay_in_their_thread(served: Served) -> None:
    root = served.messages("U-ANA", "C-STEERING")[0]
    served.say("U-TOM", "C-STEERING", "quite so", thread=root.id)
    served.say("U-TOM", "C-STEERING", "@Entente north star", thread=root.id)
    assert "quite so" not in words_of(served.get(acme_at="C-STEERING"))
    said = words_of(served.get(acme="U-TOM", acme_at="C-STEERING", acme_thread=root.id))
    assert "quite so" in said
    assert "Only you see this" in said
    assert "2 replies" in words_of(served.get(acme_at="C-STEERING"))


def test_in_a_shared_channel_a_mention_works_where_the_command_does_not(served: Served) -> None:
    served.say("U-JONAS", "C-SHARED", "/alliance help")
    assert "Mention @Entente instead" in served.last("U-JONAS", "C-SHARED").view.plain_text()
    served.say("U-JONAS", "C-SHARED", "@Entente help")
    assert "Here is what you can say" in served.text("U-JONAS", "C-SHARED")
    served.say("U-ANA", "C-SHARED", "/alliance help")
    assert "Here is what you can say" in served.text("U-ANA", "C-SHARED")


def test_entente_is_invited_before_it_is_mentioned(served: Served) -> None:
    served.say("U-ANA", "C-GENERAL", "@Entente help")
    assert "/invite @Entente" in served.last("U-ANA", "C-GENERAL").view.plain_text()
    served.say("U-ANA", "C-GENERAL", "/invite @Entente")
    served.say("U-ANA", "C-GENERAL", "/alliance link")
    assert "now belongs to Acme–Borealis" in served.text("U-ANA", "C-GENERAL")
    served.say("U-ANA", "C-GENERAL", "/weather")
    assert "The commands here are" in served.last("U-ANA", "C-GENERAL").view.plain_text()


def test_two_tabs_that_act_at_once_lose_nothing(served: Served) -> None:
    def write(number: int) -> None:
        body = {"person": "U-ANA", "at": "C-STEERING", "text": f"line {number}"}
        assert served.post("/say", body).status == 200

    threads = [threading.Thread(target=write, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = {message.text for message in served.messages("U-ANA", "C-STEERING")}
    assert {f"line {number}" for number in range(12)} <= said


def test_an_offer_confirmed_in_two_tabs_is_set_up_or_says_why_not(served: Served) -> None:
    served.say("U-ANA", "C-STEERING", "/alliance remind add north star every tuesday 10:00")
    offer = served.last("U-ANA", "C-STEERING")
    served.press("U-ANA", offer.id, "Set up a reminder")
    item = {"person": "U-ANA", "surface": offer.id, "item": "9.0", "option": ""}
    assert served.post("/press", item).status == 404


def test_dialogs_name_their_inputs_hints_and_errors(served: Served) -> None:
    html = served.say("U-ANA", "C-STEERING", "/alliance remind add")["dialog"]
    elements = elements_of(html)
    ids = {a["id"] for _, a in elements if "id" in a}
    labelled = {a.get("for") for tag, a in elements if tag == "label"}
    for tag, attributes in elements:
        if tag in {"input", "select", "textarea"}:
            assert attributes["id"] in labelled
        for name in (attributes.get("aria-describedby") or "").split():
            assert name in ids
    assert any(tag == "fieldset" for tag, _ in elements)


def test_required_and_foreign_values_are_told_at_their_inputs(served: Served) -> None:
    form = form_in(served.say("U-ANA", "C-STEERING", "/alliance remind add")["dialog"])
    given = {"cadence": " ", "kind": "nonsense", "on_holiday": "shift", "zone": "x" * 65}
    errors = served.submit("U-ANA", form, **given)["errors"]
    assert set(errors) == {"cadence", "kind", "zone"}
    assert errors["kind"] == "Please choose from the list."


def test_nothing_scheduled_is_said(served: Served) -> None:
    served.say("U-ANA", "dm", "remind remove 2")
    served.say("U-ANA", "dm", "remind remove 1")
    served.say("U-JONAS", "dm", "remind remove 1")
    asked = next(
        m
        for m in served.messages("U-JONAS", "D-U-JONAS")
        if m.view and "D-4" in m.view.plain_text()
    )
    served.press("U-JONAS", asked.id, "Confirm for Borealis")
    assert "Nothing is scheduled." in words_of(served.get())
    answer = served.post("/step", {"by": "next"})
    assert answer.status == 409
    assert "Nothing is scheduled" in answer.json["error"]


def test_a_stream_says_hello_and_tells_of_changes(served: Served) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", "/events")
    response = connection.getresponse()
    assert response.headers["content-type"].startswith("text/event-stream")
    assert b"hello" in response.readline()
    served.say("U-TOM", "C-STEERING", "news")
    lines = b"".join(response.readline() for _ in range(6))
    assert b"event: change" in lines
    connection.close()
