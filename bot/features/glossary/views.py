"""What people see of terms."""

from collections.abc import Sequence

from bot.core.views import (
    Actions,
    Block,
    Button,
    Confirm,
    Fields,
    Heading,
    Menu,
    Option,
    Quote,
    Text,
    View,
    actions,
    view,
)
from bot.dispatch.dates import say_date, say_day
from bot.dispatch.messages import say, words
from bot.features.glossary.changing import is_joint, may_retire
from bot.features.glossary.models import FormKind, TermMeaning, TermStatus
from bot.features.glossary.terms import Entry
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer

MOST_SENSES = 5


def render_entries(entries: Sequence[Entry], viewer: Viewer, zone: str) -> View:
    """Every sense of a word, with what the viewer may do about each; the last of many by a menu."""
    blocks: list[Block] = []
    for entry in entries[:MOST_SENSES]:
        blocks.extend(render_entry(entry, zone))
        blocks.extend(block for block in (make_buttons(entry, viewer),) if block)
    if len(entries) > 1:
        said = say("term.senses", count=len(entries))
        blocks.insert(0, Text(text=said))
    others = entries[MOST_SENSES:]
    if others:
        blocks.append(Text(text=say("term.other_senses", count=len(others))))
        menu = Menu(label=words("weekly.look"), action="term.pick", options=make_options(others))
        blocks.extend(block for block in (actions(menu),) if block)
    return View(blocks=tuple(blocks))


def render_entry(entry: Entry, zone: str) -> list[Block]:
    """One term: what it means to whom, and how far the partners are."""
    term = entry.term
    spelled_out = entry.written(FormKind.SPELLED_OUT)
    title = f"{term.name} ({', '.join(spelled_out)})" if spelled_out else term.name
    blocks: list[Block] = [Heading(text=title[:150]), Text(text=say_status(entry, zone))]
    agreed = (term.agreed_text or "") if term.status == TermStatus.AGREED else ""
    if agreed:
        blocks.append(Quote(text=agreed))
    # What was agreed is not said once more as what one partner means.
    rows = [
        (say_whose(entry, meaning), meaning.text)
        for meaning in entry.meanings
        if meaning.text.split() != agreed.split()
    ]
    rows += [
        (words(key), value)
        for key, value in (
            ("term.also", ", ".join(entry.written(FormKind.ALIAS))),
            ("term.instead", ", ".join(entry.written(FormKind.DISCOURAGED))),
            ("term.context", term.context),
            ("term.examples", term.examples),
            ("term.owner", entry.owner),
            ("term.review", say_day(term.review_on) if term.review_on else ""),
        )
        if value
    ]
    if rows:
        blocks.append(Fields(items=tuple(rows)))
    return blocks


def say_status(entry: Entry, zone: str) -> str:
    """How far the partners are with a term."""
    term = entry.term
    if term.audience_kind == AudienceKind.PARTNER:
        return say("term.private", partner=entry.partners.get(term.audience_id or "", ""))
    if term.status == TermStatus.AGREED and term.agreed_at:
        return say("term.agreed", date=say_date(term.agreed_at, zone))
    return say(f"term.is_{term.status}")


def say_whose(entry: Entry, meaning: TermMeaning) -> str:
    """Whose meaning this is, whether they said so themselves, and who may read it."""
    partner = entry.partners.get(meaning.partner_id, "")
    if meaning.confirmed_by_id is None:
        return words("term.whose_unconfirmed", partner=partner)
    if meaning.audience_kind == AudienceKind.PARTNER:
        return words("term.whose_private", partner=partner)
    return words("term.whose", partner=partner)


def make_buttons(entry: Entry, viewer: Viewer) -> Actions | None:
    """What this viewer may do with a term."""
    if viewer.partner_id is None or entry.term.status == TermStatus.RETIRED:
        return None
    own = entry.meaning_of(viewer.partner_id)
    is_shared = entry.term.audience_kind == AudienceKind.ALLIANCE
    return actions(
        _confirm_button(entry, viewer, own),
        _share_button(entry, viewer, own),
        Button(
            label=words("term.edit" if own else "term.add_own", partner=viewer.partner_name)[:75],
            opens="term.form",
            value=entry.term.id,
        ),
        Button(label=words("term.agree"), opens="term.agree", value=entry.term.id)
        if is_shared and entry.term.status != TermStatus.AGREED
        else None,
        Button(label=words("term.history"), action="term.history", value=entry.term.id),
        Button(label=words("term.dispute"), opens="term.dispute", value=entry.term.id)
        if is_shared and not entry.term.is_disputed
        else None,
        Button(label=words("term.undispute"), action="term.undispute", value=entry.term.id)
        if entry.may_withdraw
        else None,
        _retire_button(entry, viewer),
    )


def _retire_button(entry: Entry, viewer: Viewer) -> Button | None:
    if is_joint(entry.term):
        return Button(label=words("term.retire_all"), opens="term.retire", value=entry.term.id)
    if may_retire(entry, viewer):
        return Button(label=words("term.retire"), opens="term.retire", value=entry.term.id)
    return None


def _confirm_button(entry: Entry, viewer: Viewer, own: TermMeaning | None) -> Button | None:
    if own is None or own.confirmed_by_id is not None or not viewer.is_manager:
        return None
    return Button(
        label=words("term.confirm", partner=viewer.partner_name)[:75],
        action="term.confirm",
        value=entry.term.id,
        style="primary",
    )


def _share_button(entry: Entry, viewer: Viewer, own: TermMeaning | None) -> Button | None:
    if own is None or own.audience_kind == AudienceKind.ALLIANCE or not viewer.is_manager:
        return None
    return Button(
        label=words("term.share"),
        action="term.share",
        value=entry.term.id,
        confirm=Confirm(
            title=words("term.share_title"),
            text=words("term.share_text", name=entry.term.name, meaning=own.text)[:300],
            yes=words("term.share_yes"),
            no=words("term.not_now"),
        ),
    )


def render_unknown(name: str, near: Sequence[str], viewer: Viewer, *, may_ask: bool) -> View:
    """A word that no glossary explains: what is near, whom to ask, and how to add it."""
    shown = name[:80]
    text = say("term.unknown_near", name=shown) if near else say("term.unknown", name=shown)
    value = f"{viewer.alliance_id}:{name[:200]}"
    return view(
        Text(text=text),
        actions(
            *(
                Button(label=word[:75], action="term.show", value=f"{viewer.alliance_id}:{word}")
                for word in near
            )
        ),
        actions(
            Button(
                label=words("term.ask"),
                action="term.ask",
                value=value,
                confirm=Confirm(
                    title=words("term.ask_title"),
                    text=words("term.ask_text", name=shown),
                    yes=words("term.ask_yes"),
                    no=words("term.not_now"),
                ),
            )
            if may_ask
            else None,
            Button(label=words("term.add_it"), opens="term.form", value=f"new:{value}")
            if viewer.partner_id
            else None,
        ),
    )


def say_meaning(entry: Entry) -> str:
    """The agreed meaning, or what each partner means, on one line."""
    if entry.term.status == TermStatus.AGREED and entry.term.agreed_text:
        return entry.term.agreed_text
    return " | ".join(f"{entry.partners.get(m.partner_id, '')}: {m.text}" for m in entry.meanings)


def make_waiting_buttons(entry: Entry, viewer: Viewer) -> Actions | None:
    """What a manager does with a meaning that waits for them."""
    own = entry.meaning_of(viewer.partner_id)
    return actions(
        _confirm_button(entry, viewer, own),
        Button(label=words("weekly.look"), action="term.pick", value=entry.term.id),
    )


def make_options(entries: Sequence[Entry]) -> tuple[Option, ...]:
    """Terms to choose from, told apart by what they mean."""
    return tuple(
        Option(
            value=entry.term.id,
            label=entry.term.name[:75],
            hint=(entry.term.context or next((m.text for m in entry.meanings), ""))[:75],
        )
        for entry in entries[:25]
    )
