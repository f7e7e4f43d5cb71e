"""The forms that put meanings to the partners: one, or those of a whole page of a list."""

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Fields, Quote, Text, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.glossary import agreeing, terms
from bot.features.glossary.forms import enter_term
from bot.features.glossary.lists import Listing, get_page
from bot.features.glossary.models import Term, TermStatus
from bot.features.glossary.terms import Entry
from bot.features.glossary.views import make_buttons, say_meaning
from bot.people.models import AudienceKind


def open_agree(context: Context, value: str) -> Form:
    """A meaning to be put to the partners, beginning from what they mean now."""
    entry = enter_term(context, value)
    terms.require_partner(context.viewer)
    own = entry.meaning_of(context.viewer.partner_id)
    return Form(
        name="term.agree",
        title=words("term.agree_title"),
        submit=words("term.agree_submit"),
        context={"term": entry.term.id},
        items=(
            Text(text=say("term.agree_intro", name=entry.term.name)),
            *(
                Quote(text=f"{entry.partners.get(m.partner_id, '')}: {m.text}")
                for m in entry.meanings
                if m.audience_kind == AudienceKind.ALLIANCE
            ),
            TextInput(
                name="meaning",
                label=words("term.agree_label"),
                value=own.text if own else "",
                hint=words("term.agree_hint"),
                multiline=True,
                max_length=terms.LONGEST_MEANING,
            ),
        ),
    )


def submit_agree(context: Context, event: FormSubmitted) -> Answer:
    """Ask the partners to confirm it."""
    entry = enter_term(context, event.context.get("term", ""))
    if entry.term.status == TermStatus.RETIRED:
        raise NotFound("term.not_found")
    text = terms.clean_meaning(str(event.values.get("meaning") or ""))
    agreeing.propose(context.session, context.viewer, [(entry.term, text)], now=context.now)
    return Answer(
        view=view(
            Text(text=say("term.agree_asked", name=entry.term.name)),
            Quote(text=text),
            make_buttons(entry, context.viewer),
        )
    )


def open_many(context: Context, value: str) -> Form:
    """The shared terms on one page of a list that nobody has put to the partners yet, each with a
    line for its meaning."""
    listing = Listing.from_value(value)
    context.enter(listing.alliance_id)
    terms.require_partner(context.viewer)
    found = _get_open(context, get_page(context, listing))
    if not found:
        raise Conflict("term.agree_none")
    return Form(
        name="term.agree_many",
        title=words("term.agree_many_title"),
        submit=words("term.agree_submit"),
        context={"alliance": listing.alliance_id},
        items=(
            Text(text=say("term.agree_many_intro", most=agreeing.MOST)),
            *(
                TextInput(
                    name=entry.term.id,
                    label=entry.term.name[:75],
                    hint=say_meaning(entry)[:150],
                    multiline=True,
                    required=False,
                    max_length=terms.LONGEST_MEANING,
                )
                for entry in found[: agreeing.MOST]
            ),
        ),
    )


def _get_open(context: Context, found: list[Entry]) -> list[Entry]:
    proposed = agreeing.get_proposed_ids(context.session, [entry.term.id for entry in found])
    return [
        entry
        for entry in found
        if entry.term.audience_kind == AudienceKind.ALLIANCE
        and entry.term.status not in {TermStatus.RETIRED, TermStatus.AGREED}
        and entry.term.id not in proposed
    ]


def submit_many(context: Context, event: FormSubmitted) -> Answer:
    """Ask the partners to confirm those that somebody wrote a meaning for, all in one go."""
    context.enter(event.context.get("alliance", ""))
    said = {name: " ".join(str(value or "").split()) for name, value in event.values.items()}
    wanted = {name: text for name, text in said.items() if text}
    found = [enter_term(context, term_id) for term_id in list(wanted)[: agreeing.MOST + 1]]
    wordings = [_read_wording(entry, wanted) for entry in _get_open(context, found)]
    if len(wordings) != len(found) or not wordings:
        raise NotUnderstood("term.agree_which")
    agreeing.propose(context.session, context.viewer, wordings, now=context.now)
    items = tuple((term.name[:100], text) for term, text in wordings)
    asked = say("term.agree_many_asked", count=len(wordings))
    return Answer(view=view(Text(text=asked), Fields(items=items)))


def _read_wording(entry: Entry, wanted: dict[str, str]) -> tuple[Term, str]:
    return entry.term, terms.clean_meaning(wanted[entry.term.id])
