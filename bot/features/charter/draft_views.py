"""What people see of a charter on its way in: what was read, where it goes, and what to press."""

from bot.core.views import (
    Actions,
    Block,
    Button,
    Confirm,
    Heading,
    Menu,
    Note,
    Option,
    Quote,
    Text,
    View,
    actions,
    view,
)
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day
from bot.dispatch.messages import say, words
from bot.features.charter.clauses import CLAUSES, get_body, get_title
from bot.features.charter.drafts import LONGEST, Part, get_parts, get_texts
from bot.features.charter.models import CharterDraft
from bot.features.charter.reviewing import get_next_review
from bot.people import committees
from bot.people.models import Committee

START = 240
"""Characters of a clause that are shown."""

OUT = "none"
"""The clause of what is left out, in a menu."""


def render_draft(
    context: Context, draft: CharterDraft, *, lead: str = "", chosen: int | None = None
) -> View:
    """Each clause with its start, what is left out, and the ways to correct it; with `chosen`, one
    part and where it may go."""
    texts = get_texts(draft)
    body = get_body(get_draft_body(context, draft))
    read = say("charter.draft", name=draft.name or words("charter.your_text"), body=body)
    blocks: list[Block] = [Text(text=lead or read), Heading(text=_make_heading(context, draft))]
    for clause, text in texts.items():
        blocks += _render_clause(draft, clause, text)
    blocks += _render_rest(draft)
    if chosen is not None and 0 <= chosen < len(draft.parts):
        blocks += _render_part(draft, chosen)
    blocks += _render_ways(context, draft)
    date = say_day(get_next_review(context.now.date()))
    partner = context.viewer.partner_name
    blocks.append(Note(text=say("charter.draft_note", partner=partner, date=date)))
    return View(blocks=tuple(blocks))


def get_draft_body(context: Context, draft: CharterDraft) -> Committee | None:
    """The committee whose charter the draft is; None for the alliance's."""
    return context.session.get(Committee, draft.committee_id) if draft.committee_id else None


def _make_heading(context: Context, draft: CharterDraft) -> str:
    return words("charter.heading", body=get_body(get_draft_body(context, draft)))


def _render_clause(draft: CharterDraft, clause: str, text: str) -> list[Block]:
    headings = [part.heading for part in get_parts(draft) if part.clause == clause]
    named = ", ".join(f"“{_cut(h, 60)}”" for h in headings[:6] if h) or words("charter.no_heading")
    more = f", +{len(headings) - 6}" if len(headings) > 6 else ""
    line = say("charter.draft_line", clause=get_title(clause), headings=named + more)
    if len(text) > LONGEST:
        line += " " + say("charter.draft_too_long", count=len(text), most=LONGEST)
    return [Text(text=line), Quote(text=_cut(" ".join(text.split()), START))]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _render_rest(draft: CharterDraft) -> list[Block]:
    left = [part for part in get_parts(draft) if part.clause is None]
    missing = [clause for clause in CLAUSES if clause not in get_texts(draft)]
    blocks: list[Block] = []
    if left:
        names = [f"“{_name(part, 60)}”" for part in left[:20]]
        more = f", +{len(left) - 20}" if len(left) > 20 else ""
        blocks.append(Text(text=say("charter.draft_left", names=", ".join(names) + more)))
    if missing:
        names = [get_title(clause) for clause in missing]
        blocks.append(Note(text=say("charter.draft_missing", names=", ".join(names))))
    return blocks


def _name(part: Part, most: int) -> str:
    return _cut(part.heading or " ".join(part.text.split()), most)


def _render_part(draft: CharterDraft, index: int) -> list[Block]:
    """One part, and where it may go."""
    part = get_parts(draft)[index]
    where = get_title(part.clause) if part.clause else words("charter.left_out")
    clauses = [c for c in CLAUSES if c != part.clause]
    options = [Option(value=f"{draft.id}:{index}:{c}", label=get_title(c)) for c in clauses]
    if part.clause is not None:
        options.append(Option(value=f"{draft.id}:{index}:{OUT}", label=words("charter.leave_out")))
    row = actions(
        Menu(label=words("charter.move_to"), action="charter.assign", options=tuple(options)),
        Button(
            label=words("charter.change_words"), opens="charter.part", value=f"{draft.id}:{index}"
        ),
    )
    return [
        Heading(text=words("charter.chosen_part", name=_name(part, 100))),
        Quote(text=_cut(part.text, 600) or "…"),
        Text(text=say("charter.goes_to", clause=where)),
        *([row] if row else []),
    ]


def _render_ways(context: Context, draft: CharterDraft) -> list[Actions]:
    parts = get_parts(draft)
    options = tuple(
        Option(value=f"{draft.id}:{index}", label=_make_label(part))
        for index, part in enumerate(parts)
    )
    correct = Menu(label=words("charter.correct"), action="charter.correct", options=options)
    rows = [actions(correct, _make_body_menu(context, draft)), actions(*_make_buttons(draft))]
    return [row for row in rows if row is not None]


def _make_label(part: Part) -> str:
    where = get_title(part.clause) if part.clause else words("charter.left_out")
    return f"{_name(part, 40)} → {where}"


def _make_body_menu(context: Context, draft: CharterDraft) -> Menu | None:
    known = committees.get_committees(context.session, context.viewer)
    bodies = [c for c in (None, *known[:98]) if (c.id if c else None) != draft.committee_id]
    if not bodies:
        return None
    return Menu(
        label=words("charter.other_body"),
        action="charter.body",
        options=tuple(
            Option(value=f"{draft.id}:{c.id if c else ''}", label=get_body(c)) for c in bodies
        ),
    )


def _make_buttons(draft: CharterDraft) -> list[Button]:
    count = len(get_texts(draft))
    enforce = Button(
        label=words("charter.enforce", count=count),
        action="charter.enforce",
        value=f"{draft.id}:{draft.number}",
        style="primary",
    )
    more = Button(label=words("charter.add_more"), opens="charter.import", value=f"+{draft.id}")
    discard = Button(
        label=words("charter.discard"),
        action="charter.discard",
        value=draft.id,
        confirm=Confirm(
            title=words("charter.discard_title"),
            text=words("charter.discard_text"),
            yes=words("charter.discard"),
            no=words("remind.keep"),
        ),
    )
    return [*([enforce] if count else []), more, discard]


def render_done(context: Context, titles: list[str], body: str) -> View:
    """What was put in force."""
    return view(
        Text(
            text=say(
                "charter.imported",
                count=len(titles),
                body=body,
                partner=context.viewer.partner_name,
                names=", ".join(titles),
            )
        ),
        Text(text=say("charter.saved_next")),
    )
