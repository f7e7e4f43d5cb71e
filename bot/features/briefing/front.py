"""`briefing edit`: what a partner writes for the book's readers, the agreement in short and where
things are kept. Each partner's is its own, and shown to the others only if it says so."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import CommandInvoked, FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Block, Heading, Note, Option, Quote, Text, View, escape
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import BriefingSection, Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.briefing.models import Front
from bot.people import history
from bot.people.models import Alliance, AudienceKind, Change, Partner
from bot.people.viewer import Viewer, visible_to

FORM = "briefing.front"
CHANGED = "briefing.written"
LONGEST, LONGEST_LINKS, MOST_LINKS = 3000, 2000, 20

_LINK = re.compile(r"^(?P<title>.*?)[\s:,–-]*(?P<address>https?://\S+)\s*$", re.IGNORECASE)


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The form, for managers."""
    return Answer(opens=(FORM, context.viewer.alliance_id))


def get_own(session: Session, viewer: Viewer) -> Front | None:
    """What the viewer's own side wrote."""
    chosen = select(Front).where(col(Front.partner_id) == (viewer.partner_id or ""))
    return session.exec(chosen).first()


def open_form(context: Context, value: str) -> Form:
    """The viewer's own side's, as it stands."""
    viewer = context.enter(value)
    context.require(Needs.MANAGER)
    own = get_own(context.session, viewer)
    audience = own.audience_kind if own else AudienceKind.PARTNER
    return Form(
        name=FORM,
        title=words("briefing.front_title"),
        submit=words("north_star.submit"),
        context={"alliance": value},
        items=(
            Text(text=say("briefing.front_intro", partner=viewer.partner_name)),
            TextInput(
                name="agreement",
                label=words("briefing.agreement_label"),
                hint=words("briefing.agreement_hint"),
                value=own.agreement if own else "",
                multiline=True,
                required=False,
                max_length=LONGEST,
            ),
            TextInput(
                name="links",
                label=words("briefing.links_label"),
                hint=words("briefing.links_hint"),
                value=own.links if own else "",
                multiline=True,
                required=False,
                max_length=LONGEST_LINKS,
            ),
            ChoiceInput(
                name="audience",
                label=words("briefing.audience_label"),
                options=(
                    Option(
                        value=AudienceKind.PARTNER,
                        label=words("briefing.audience_own", partner=viewer.partner_name)[:75],
                    ),
                    Option(value=AudienceKind.ALLIANCE, label=words("briefing.audience_all")),
                ),
                selected=(audience,),
            ),
        ),
    )


def submit(context: Context, event: FormSubmitted) -> Answer:
    """Keep it, and show how it stands in the book."""
    viewer = context.enter(event.context.get("alliance", ""))
    context.require(Needs.MANAGER)
    agreement = str(event.values.get("agreement") or "").strip()
    links = str(event.values.get("links") or "").strip()
    check(agreement, links)
    own = get_own(context.session, viewer) or Front(
        alliance_id=viewer.alliance_id, partner_id=viewer.partner_id or "", changed_at=context.now
    )
    before = _dump(own)
    own.agreement, own.links, own.member_id = agreement, links, viewer.member_id
    is_shared = event.values.get("audience") in {AudienceKind.ALLIANCE, (AudienceKind.ALLIANCE,)}
    own.audience_kind = AudienceKind.ALLIANCE if is_shared else AudienceKind.PARTNER
    own.audience_id = None if is_shared else viewer.partner_id
    own.changed_at = context.now
    context.session.add(own)
    context.session.flush()
    history.record(
        context.session, viewer, CHANGED, own.id, now=context.now, before=before, after=_dump(own)
    )
    key = "briefing.front_shared" if is_shared else "briefing.front_own"
    shown = (*_render_agreement(context.session, own), *_render_links(context.session, own))
    return Answer(view=View(blocks=(Text(text=say(key, partner=viewer.partner_name)), *shown)))


def check(agreement: str, links: str) -> None:
    """Raises NotUnderstood for what the book does not hold."""
    if len(agreement) > LONGEST:
        raise NotUnderstood("north_star.length", field="agreement", most=LONGEST)
    if len(links) > LONGEST_LINKS or len(links.splitlines()) > MOST_LINKS:
        raise NotUnderstood("briefing.links_many", field="links", most=MOST_LINKS)
    read_links(links)


def read_links(links: str) -> list[tuple[str, str]]:
    """Title and address of each line. Raises NotUnderstood, naming a line without an address."""
    found = []
    for line in filter(None, (line.strip() for line in links.splitlines())):
        match = _LINK.match(line)
        address = match["address"] if match else ""
        if match is None or not urlsplit(address).hostname:
            raise NotUnderstood("briefing.links_line", field="links", line=line[:80])
        found.append((match["title"].strip() or address, address))
    return found


def _dump(own: Front) -> dict[str, object]:
    return {
        "agreement": own.agreement,
        "links": own.links,
        "audience": own.audience_kind if own.member_id else AudienceKind.PARTNER,
    }


def undo(context: Context, change: Change) -> Answer:
    """Back to what stood there before."""
    own = get_own(context.session, context.viewer)
    if own is None or own.id != change.subject_id or _dump(own) != change.after:
        raise Conflict("undo.changed_since")
    own.agreement = str(change.before["agreement"])
    own.links = str(change.before["links"])
    own.audience_kind = str(change.before["audience"])
    is_shared = own.audience_kind == AudienceKind.ALLIANCE
    own.audience_id = None if is_shared else own.partner_id
    own.changed_at = context.now
    context.session.add(own)
    return Answer(view=View(blocks=(Text(text=say("briefing.front_undone")),)))


# -- in the book -----------------------------------------------------------------------------------


def get_visible(session: Session, viewer: Viewer) -> Sequence[Front]:
    """What the partners wrote that the viewer may see, their own side's first."""
    own_last = col(Front.partner_id) != (viewer.partner_id or "")
    return session.exec(
        select(Front).where(visible_to(viewer, Front)).order_by(own_last, col(Front.partner_id))
    ).all()


def render_agreement(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The agreement in short, in each partner's words."""
    found = get_visible(session, viewer)
    return [block for front in found for block in _render_agreement(session, front)]


def render_links(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """Where things are kept."""
    found = get_visible(session, viewer)
    return [block for front in found for block in _render_links(session, front)]


def _render_agreement(session: Session, front: Front) -> Sequence[Block]:
    if not front.agreement:
        return ()
    return (*_head(session, front), Quote(text=front.agreement), _foot(session, front, "agreement"))


def _render_links(session: Session, front: Front) -> Sequence[Block]:
    if not front.links:
        return ()
    lines = [
        f"- [{escape(title)}]({address.translate(_ADDRESS)})"
        for title, address in read_links(front.links)
    ]
    return (*_head(session, front), Text(text="\n".join(lines)), _foot(session, front, "links"))


_ADDRESS = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\\": "%5C", "|": "%7C"})


def _head(session: Session, front: Front) -> Sequence[Block]:
    return (Heading(text=session.get_one(Partner, front.partner_id).name),)


def _foot(session: Session, front: Front, what: str) -> Note:
    zone = session.get_one(Alliance, front.alliance_id).zone
    partner = session.get_one(Partner, front.partner_id).name
    date = say_date(front.changed_at, zone)
    return Note(text=say(f"briefing.by_{what}", partner=partner, date=date))


SECTIONS = (
    BriefingSection(order=5, title="briefing.agreement", render=render_agreement),
    BriefingSection(order=95, title="briefing.links", render=render_links),
)
