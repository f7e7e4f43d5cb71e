"""What people see of the North Star."""

from collections.abc import Sequence

from bot.core.forms import DateInput, Form, TextInput
from bot.core.views import Actions, Block, Button, Note, Quote, Text, View, actions, view
from bot.dispatch.dates import say_date, say_day
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_differences
from bot.people.models import Member, Partner
from bot.people.viewer import Viewer
from bot.statements.models import Version, VersionState
from bot.statements.versions import get_differences

LONGEST = 600
"""A North Star that needs more than this is no longer one."""


def render_star(
    version: Version,
    *,
    viewer: Viewer,
    standing: str,
    waiting: Version | None,
    own: Version | None,
) -> View:
    """What counts: its words, who confirmed it or put it in force where, and since when; whether
    another wording waits for the partners (`waiting`), or the viewer's side has one of its own."""
    if version.review_on is not None:
        standing = f"{standing} {say('north_star.review', date=say_day(version.review_on))}"
    return view(
        Text(text=say("north_star.intro")),
        Quote(text=version.text),
        Note(text=standing),
        Text(text=say("north_star.proposed")) if waiting else None,
        Text(text=say("north_star.own", partner=viewer.partner_name, text=own.text))
        if own is not None and own.id != version.id
        else None,
        _buttons(viewer, own or version, waiting),
        summary=version.text[:150],
    )


def make_propose(version: Version) -> Button:
    """Asks the partners to confirm what is in force at one of them."""
    return Button(
        label=words("confirm.propose_button"), opens="confirmations.propose", value=version.id
    )


def _buttons(viewer: Viewer, version: Version, waiting: Version | None) -> Actions | None:
    may_ask = (
        viewer.is_manager
        and version.state == VersionState.IN_FORCE
        and version.partner_id == viewer.partner_id
        and waiting is None
    )
    change = Button(
        label=words("north_star.change"), opens="north_star.form", value=viewer.alliance_id
    )
    past = Button(
        label=words("north_star.history_button"),
        action="north_star.history",
        value=viewer.alliance_id,
    )
    ask = make_propose(version) if may_ask else None
    return actions(
        change if viewer.is_manager else None,
        ask,
        Button(label=words("confirm.read"), action="confirmations.read", value=waiting.id)
        if waiting
        else None,
        past,
    )


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


def render_history(rows: Sequence[tuple[Version, Member, Partner]], *, zone: str) -> View:
    """All versions, newest first, each with what changed against the one before."""
    blocks: list[Block] = [Text(text=say("north_star.history"))]
    for index, (version, member, partner) in enumerate(rows[:10]):
        older = next((v for v, _, p in rows[index + 1 :] if p.id == partner.id), None)
        blocks.append(
            Text(
                text=say(
                    f"north_star.version_{version.state}",
                    number=version.number,
                    date=say_date(version.created_at, zone),
                    person=member.name,
                    partner=partner.name,
                )
            )
        )
        blocks.append(Quote(text=version.text))
        if older is not None and version.state != VersionState.WITHDRAWN:
            blocks.append(Note(text=say_differences(get_differences(older.text, version.text))))
    if len(rows) > 10:
        blocks.append(Note(text=say("north_star.older", count=len(rows) - 10)))
    return View(blocks=tuple(blocks))


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
