"""Whole conversations on the playground, as on every platform: nothing in them is faked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.local.sample import NORTH_STAR
from tests.adapters.local.served import Served, form_in, view_in, words_of


def test_a_manager_sets_up_writes_the_north_star_and_schedules_it(served: Served) -> None:
    served.say("U-JONAS", "C-BOREALIS", "/invite @Entente")
    form = form_in(served.say("U-JONAS", "C-BOREALIS", "/alliance setup new")["dialog"])
    shown = served.submit(
        "U-JONAS",
        form,
        name="Borealis–Cobalt",
        own_partner="Borealis",
        other_partners="Cobalt",
        zone="Europe/Stockholm",
        hours_start="09:00",
        hours_end="17:00",
        days=["0", "1", "2", "3", "4"],
        countries="SE",
    )
    assert "one-sided pilot" in words_of(shown["dialog"])
    served.say("U-JONAS", "C-BOREALIS", "/alliance link")
    star = "Every clinic in the north reads one record."
    served.say("U-JONAS", "C-BOREALIS", f'/alliance north star set "{star}"')
    served.say("U-JONAS", "C-BOREALIS", "/alliance remind add north star every monday 09:00")
    offer = served.last("U-JONAS", "C-BOREALIS")
    assert "Nothing is set up yet" in offer.view.plain_text()
    served.press("U-JONAS", offer.id, "Set up a reminder")
    assert "The first one comes on Monday, 8 March 2027" in served.text("U-JONAS", "C-BOREALIS")
    assert served.posts("C-BOREALIS") == []
    served.post("/step", {"by": "week"})
    (post,) = served.posts("C-BOREALIS")
    assert star in post
    assert "set up by Jonas Lindqvist (Borealis)" in post


def test_the_tour_ticks_itself_off(served: Served) -> None:
    assert served.playground.tour.get_done() == set()
    served.say("U-ANA", "dm", "help")
    assert served.playground.tour.get_done() == {"ask"}
    served.get(acme_at="home")
    form = form_in(served.press("U-ANA", "home", "Change")["dialog"])
    served.submit("U-ANA", form, text="")
    assert "north_star" not in served.playground.tour.get_done()
    served.submit("U-ANA", form, text="As one team, an ordinary school day for every child.")
    assert "north_star" in served.playground.tour.get_done()
    served.say("U-ANA", "C-STEERING", "/alliance remind add north star every tuesday 10:00")
    offer = served.last("U-ANA", "C-STEERING")
    served.press("U-ANA", offer.id, "Set up a reminder")
    served.post("/step", {"by": "next"})
    post = served.last("U-TOM", "C-STEERING")
    assert NORTH_STAR in "".join(b.text for b in post.view.blocks if b.kind == "quote")
    served.press("U-TOM", post.id, "Mute")
    first = {"ask", "north_star", "reminder", "arrives", "quieter"}
    assert served.playground.tour.get_done() == first
    assert f"5 of {len(served.playground.tour.steps)} done" in words_of(served.get())


def test_a_form_shows_what_is_typed_while_it_is_open(served: Served) -> None:
    served.get(acme_at="home")
    form = form_in(served.press("U-ANA", "home", "Change")["dialog"])
    body = {"person": "U-ANA", "surface": form, "values": {"text": ["More <b>revenue</b>"]}}
    answer = served.post("/change", body).json
    said = words_of(answer["dialog"])
    assert "More <b>revenue</b>" in said
    assert "It mentions “revenue”" in said
    errors = served.submit("U-ANA", form, text="Better days", review_on="2001-01-01")["errors"]
    assert set(errors) == {"review_on"}
    done = served.submit("U-ANA", form, text="Better days", review_on="")
    assert "Better days" in served.view_of("U-ANA", view_in(done["dialog"])).plain_text()
    served.say("U-ANA", "dm", "undo")
    assert NORTH_STAR in served.text("U-ANA", "D-U-ANA")


def test_the_next_event_is_the_next_reminder_and_nothing_is_skipped(served: Served) -> None:
    served.say("U-ANA", "C-STEERING", '/alliance remind add "Minutes?" every tuesday 10:00')
    served.press("U-ANA", served.last("U-ANA", "C-STEERING").id, "Set up a reminder")
    served.post("/step", {"by": "next"})
    assert served.clock().astimezone(UTC) == datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
    assert len(served.posts("C-STEERING")) == 1
    for _ in range(5):
        served.post("/step", {"by": "week"})
    posts = served.posts("C-STEERING")
    assert sum("Minutes?" in post for post in posts) == 6
    assert sum(NORTH_STAR in post for post in posts) == 1


@pytest.mark.parametrize(("by", "hours"), [("hour", 1), ("day", 24), ("week", 168)])
def test_the_clock_moves_by_what_the_button_says(served: Served, by: str, hours: int) -> None:
    before = served.clock()
    served.post("/step", {"by": by})
    assert (served.clock() - before).total_seconds() == hours * 3600


def test_everything_is_kept_between_runs(tmp_path: Path) -> None:
    with Served(tmp_path) as first:
        token = first.world.get_fact("token")
        first.say("U-ANA", "dm", "help")
        first.post("/step", {"by": "day"})
        stopped = first.clock()
    with Served(tmp_path) as second:
        assert second.world.get_fact("token") == token
        assert second.world.get_fact("now") == stopped.isoformat()
        assert "Here is what you can say" in words_of(second.get(acme_at="dm"))
        assert second.playground.tour.get_done() == {"ask"}
