"""What people see of the North Star."""

from bot.core.forms import DateInput, Form, TextInput
from bot.core.views import Actions, Block, Button, Note, Quote, Text, View, actions, view
from bot.dispatch import wordings
from bot.dispatch.dates import say_day
from bot.dispatch.messages import say, words
from bot.dispatch.wordings import Wordings
from bot.people.viewer import Viewer
from bot.statements.models import Version

LONGEST = 600
"""A North Star that needs more than this is no longer one."""


def render_star(viewer: Viewer, found: Wordings, version: Version, *, standing: str) -> View:
    """What counts: its words, who confirmed it or put it in force where, and since when; whether
    another wording waits for the partners, or the viewer's side has one of its own."""
    if version.review_on is not None:
        standing = f"{standing} {say('north_star.review', date=say_day(version.review_on))}"
    return view(
        Text(text=say("north_star.intro")),
        Quote(text=version.text),
        Note(text=standing),
        *wordings.render_others(viewer, found),
        _buttons(viewer, found),
        summary=version.text[:150],
    )


def _buttons(viewer: Viewer, found: Wordings) -> Actions | None:
    change = Button(
        label=words("north_star.change"), opens="north_star.form", value=viewer.alliance_id
    )
    past = Button(
        label=words("wordings.history_button"),
        action="north_star.history",
        value=viewer.alliance_id,
    )
    return actions(change if viewer.is_manager else None, wordings.make_next(viewer, found), past)


def render_none(viewer: Viewer) -> View:
    """Nothing is written yet: who can write it."""
    if not viewer.is_manager:
        return view(Text(text=say("north_star.none_member")))
    return view(
        Text(text=say("north_star.none_manager")),
        actions(
            Button(
                label=words("north_star.write"),
                opens="north_star.form",
                value=viewer.alliance_id,
                style="primary",
            )
        ),
    )


def make_form(*, text: str, review_on: str, partner: str, alliance_id: str, preview: str) -> Form:
    """The form to write or change it, with a preview as others will read it."""
    return Form(
        name="north_star.form",
        title=words("north_star.form_title"),
        submit=words("north_star.submit"),
        context={"alliance": alliance_id},
        items=(
            Text(text=say("north_star.hint")),
            TextInput(
                name="text",
                label=words("north_star.label"),
                value=text,
                multiline=True,
                max_length=LONGEST,
                live=True,
            ),
            DateInput(
                name="review_on",
                label=words("north_star.review_label"),
                value=review_on,
                hint=words("north_star.review_hint"),
                required=False,
            ),
            Text(text=say("north_star.preview", partner=partner)),
            Quote(text=preview.strip() or words("north_star.preview_empty")),
            *_advice(preview),
        ),
    )


MONEY = ("revenue", "ebit", "turnover", "market share", "milestone", "€", "$", "profit")


def _advice(preview: str) -> tuple[Block, ...]:
    named = [word for word in MONEY if word in preview.casefold()]
    return (Note(text=say("north_star.advice", word=named[0])),) if named else ()
