"""What the page shows, to whom, and what it makes of words that mean harm."""

from adapters.local.records import Person
from tests.adapters.local.served import Served, elements_of, words_of

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[press](javascript:alert(1))",
    "![](http://elsewhere.example/pixel.gif)",
    '"><svg onload=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "**bold** _slanted_ `code` # heading",
    "</textarea></p></li><h1>mine</h1>",
)


def _assert_harmless(page: str) -> None:
    for tag, attributes in elements_of(page):
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert "style" not in attributes, (tag, attributes)
        for name in ("src", "href", "action"):
            address = attributes.get(name) or ""
            assert not address.lower().startswith(("javascript:", "data:", "//")), address
            if tag != "a":
                assert "://" not in address, address
    scripts = [attributes for tag, attributes in elements_of(page) if tag == "script"]
    assert scripts == [{"src": "/static/script.js", "defer": None}]


def test_the_page_shows_two_workspaces_six_people_and_the_time(served: Served) -> None:
    said = words_of(served.get())
    for name in ("Ana Keller", "Tom Okafor", "Helen Brandt", "Mei Tanaka", "Jonas", "Priya Nair"):
        assert name in said
    assert "Monday, 1 March 2027, 09:00 CET" in said
    assert "Next: Wednesday, 3 March 2027, 09:00 CET: A reminder to answer: D-4" in said
    assert "Thursday, 18 March 2027, 10:00 CET" in said
    assert "The charter, one clause at a time, #acme-borealis" in said
    assert "The North Star, #steering" in said
    assert "Acme as Ana Keller, Alliance manager" in said
    assert "Borealis as Jonas Lindqvist, Alliance manager" in said


def test_an_address_that_makes_no_sense_shows_the_beginning(served: Served) -> None:
    strange = {"acme": "U-NOBODY", "acme_at": "C-NOWHERE", "acme_thread": "M999", "front": "x"}
    assert "as Ana Keller" in words_of(served.get(**strange))
    assert "#steering" in words_of(served.get(acme="U-JONAS", borealis_at="C-GENERAL"))
    served.get(acme_at="C-STEERING", acme_thread="M1' OR 1=1")


def test_home_shows_the_alliance_to_members_and_a_welcome_to_others(served: Served) -> None:
    said = words_of(served.get(acme="U-MEI", acme_at="home", borealis_at="home"))
    assert "give children with Marlow syndrome an ordinary school day" in said
    assert "You are not in an alliance here yet" in said


def test_headers_let_nothing_foreign_in(served: Served) -> None:
    for path in ("/", "/static/script.js", "/static/style.css"):
        answer = served.request("GET", path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


def test_what_people_type_is_shown_as_text(served: Served) -> None:
    for text in HOSTILE:
        served.say("U-ANA", "C-GENERAL", text)
        assert served.last("U-ANA", "C-GENERAL").text == text
    page = served.get(acme_at="C-GENERAL")
    _assert_harmless(page)
    said = words_of(page)
    for text in HOSTILE:
        assert text in said
    assert "<strong>bold</strong>" not in page


def test_names_that_mean_harm_are_shown_as_text(served: Served) -> None:
    for number, name in enumerate(HOSTILE):
        served.world.add_person(
            Person(
                id=f"U-X{number}", workspace="T-ACME", name=name, role=name, zone="Europe/Berlin"
            )
        )
        served.world.join("C-STEERING", f"U-X{number}")
        served.say(f"U-X{number}", "C-STEERING", "hello <@U-X0>")
        served.say(f"U-X{number}", "C-STEERING", "@Entente members")
    page = served.get(acme="U-X0", acme_at="C-STEERING")
    _assert_harmless(page)
    assert "@<script>alert(1)</script>" in words_of(page)
    assert "[press](javascript:alert(1))" in words_of(page)


def test_what_goes_through_entente_is_shown_as_text(served: Served) -> None:
    for text in HOSTILE:
        quiet = text.replace('"', "")
        served.say("U-ANA", "C-STEERING", f'/alliance north star set "{quiet}"')
        served.say("U-ANA", "C-STEERING", f"@Entente {quiet}")
        served.say("U-ANA", "dm", quiet)
    for place in ("C-STEERING", "dm", "home"):
        page = served.get(acme_at=place)
        _assert_harmless(page)
    assert "<h1>mine</h1>" in words_of(served.get(acme_at="home"))


def test_a_message_of_20000_characters_is_kept_and_shown(served: Served) -> None:
    text = "Ä<b>" * 5000
    served.say("U-TOM", "C-GENERAL", text)
    assert text in words_of(served.get(acme_at="C-GENERAL"))
    served.say("U-TOM", "dm", "help " + text)
    served.say("U-TOM", "C-STEERING", "@Entente " + text)
    assert len(served.last("U-TOM", "D-U-TOM").view.plain_text()) < 6000


def test_a_private_message_is_seen_by_one_person_alone(served: Served) -> None:
    served.say("U-ANA", "C-STEERING", "/alliance status")
    assert "Only you see this" in words_of(served.get(acme="U-ANA", acme_at="C-STEERING"))
    assert "Only you see this" not in words_of(served.get(acme="U-TOM", acme_at="C-STEERING"))


def test_commands_are_offered_where_they_work(served: Served) -> None:
    page = served.get(acme_at="C-SHARED", borealis_at="C-SHARED")
    offered = [a["data-insert"] for _, a in elements_of(page) if a.get("data-trigger") == "/"]
    assert offered.count("/alliance help ") == 1
    own = served.get(acme_at="C-STEERING", borealis_at="C-BOREALIS")
    offered = [a["data-insert"] for _, a in elements_of(own) if a.get("data-trigger") == "/"]
    assert offered.count("/alliance help ") == 2


def test_every_id_on_the_page_is_there_once(served: Served) -> None:
    served.say("U-ANA", "C-SHARED", "@Entente help")
    for place in ("C-SHARED", "home", "dm"):
        page = served.get(acme_at=place, borealis_at=place)
        ids = [a["id"] for _, a in elements_of(page) if "id" in a]
        assert len(ids) == len(set(ids))
