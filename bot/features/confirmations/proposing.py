"""Putting a wording to the partners: who would be asked, and asking them; and another wording in
the place of one that is open."""

from bot.core.errors import Conflict, NotAllowed, NotUnderstood
from bot.core.events import FormChanged, FormSubmitted
from bot.core.forms import ChoiceInput, Form
from bot.core.views import Block, Note, Option, Quote, Text, actions, view
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Needs, StatementKind
from bot.dispatch.grounds import check_basis, render_grounds
from bot.dispatch.messages import say, words
from bot.features.confirmations.answers import note_settled
from bot.features.confirmations.found import (
    Found,
    check_author,
    find,
    find_remark,
    get_newest,
    get_reader,
)
from bot.features.confirmations.inputs import make_wording_inputs, read_wording
from bot.features.confirmations.views import make_withdraw, render_wording
from bot.people import committees, history
from bot.people.models import AudienceKind, Change, Committee
from bot.statements import proposals
from bot.statements.grounds import get_grounds
from bot.statements.models import Basis, Remark, RemarkKind, Version, VersionState
from bot.statements.sides import get_rule_among, get_sides
from bot.statements.versions import get_joint


def open_propose(context: Context, value: str) -> Form:
    """Who would be asked about a wording that a partner put in force, before anybody is."""
    found = find(context, value)
    _check_shareable(context, found)
    return _make_propose(context, found, body="", basis="")


def _check_shareable(context: Context, found: Found) -> None:
    """Raise unless it is in force, and the acting person may show it to the other partners: what
    they can't see yet, only a manager may."""
    if found.version.state != VersionState.IN_FORCE:
        raise Conflict("confirm.not_in_force")
    check_author(context, found.version)
    kind = _get_kind(context, found)
    if kind is not None and kind.keeps(context.session, found.statement):
        raise Conflict("confirm.private", partner=context.viewer.partner_name)
    if found.statement.audience_kind == AudienceKind.PARTNER:
        context.require(Needs.MANAGER)
    closed = _get_closed(context, found)
    if closed is not None and not _is_seated(context, closed):
        # It would go where its author can't follow, and read what they can't see.
        raise NotAllowed("confirm.propose_kept", committee=closed.name)


def _get_closed(context: Context, found: Found) -> Committee | None:
    """The committee to which the partners' wording of the same is kept, if it is kept to one."""
    statement = found.statement
    joint = get_joint(
        context.session, statement.alliance_id, statement.kind, subject=statement.subject
    )
    if joint is None or joint.audience_kind != AudienceKind.COMMITTEE:
        return None
    return context.session.get(Committee, joint.audience_id)


def _is_seated(context: Context, committee: Committee) -> bool:
    sides = get_sides(context.session, context.viewer.alliance_id, committee.id, now=context.now)
    return any(side.has(context.viewer.member_id) for side in sides)


def _get_kind(context: Context, found: Found) -> StatementKind | None:
    return context.registry.statements.get(found.statement.kind)


def change_propose(context: Context, event: FormChanged) -> Form:
    """The same for another body."""
    found = find(context, event.context.get("version", ""))
    _check_shareable(context, found)
    return _make_propose(
        context,
        found,
        body=str(event.values.get("body") or ""),
        basis=str(event.values.get("basis") or ""),
    )


def _make_propose(context: Context, found: Found, *, body: str, basis: str) -> Form:
    bodies = committees.get_committees(context.session, context.viewer)
    closed = _get_closed(context, found)
    if closed is not None:
        body, bodies = closed.id, [closed]
    if not body:
        first = bodies[0].id if bodies else "managers"
        own = _get_own_committee(context, found)
        body = own if own in {c.id for c in bodies} else first
    committee = _pick(context, body)
    options = [
        Option(value=c.id, label=words("confirm.propose_committee", committee=c.name)[:75])
        for c in bodies[:90]
    ]
    if closed is None:
        options.insert(0, Option(value="managers", label=words("confirm.propose_managers")))
    return Form(
        name="confirmations.propose",
        title=words("confirm.propose_title"),
        submit=words("confirm.propose_submit"),
        context={"version": found.version.id},
        items=(
            Text(text=say("confirm.propose_intro", title=found.title)),
            *render_wording(context.registry, context.session, found.version),
            ChoiceInput(
                name="body",
                label=words("confirm.propose_body"),
                options=tuple(options),
                selected=(body,),
                live=True,
            ),
            *_audience_input(context, found, committee),
            render_grounds(
                get_grounds(context.session, context.viewer, committee),
                label=words("confirm.propose_basis"),
                body=committee.name if committee else None,
                wanted=basis,
            ),
            *_say_who(context, committee),
        ),
    )


def _get_own_committee(context: Context, found: Found) -> str:
    """The id of the committee whose own matter it is; nothing if it is no committee's."""
    kind = _get_kind(context, found)
    get = kind.get_committee if kind is not None else None
    return (get(found.statement) if get is not None else None) or ""


def _may_close(context: Context, found: Found, committee: Committee | None) -> bool:
    """Whether it can stay with the committee that is asked: its own matter, which the partners have
    not read in another audience before, put forward by somebody who goes on seeing it."""
    if committee is None or committee.id != _get_own_committee(context, found):
        return False
    statement = found.statement
    joint = get_joint(
        context.session, statement.alliance_id, statement.kind, subject=statement.subject
    )
    is_open = joint is not None and joint.audience_kind != AudienceKind.COMMITTEE
    return _is_seated(context, committee) and not is_open


def _audience_input(
    context: Context, found: Found, committee: Committee | None
) -> tuple[Text | ChoiceInput, ...]:
    """Who may read it: to be chosen where it can stay with a committee; otherwise said."""
    if committee is None or not _may_close(context, found, committee):
        return (Text(text=say("confirm.propose_read_by_all")),)
    is_closed = _get_closed(context, found) is not None
    selected = AudienceKind.COMMITTEE if is_closed else AudienceKind.ALLIANCE
    return (
        *((Text(text=say("confirm.propose_opens")),) if is_closed else ()),
        ChoiceInput(
            name="audience",
            label=words("confirm.propose_audience"),
            options=(
                Option(value=AudienceKind.ALLIANCE, label=words("confirm.propose_everybody")),
                Option(
                    value=AudienceKind.COMMITTEE,
                    label=words("confirm.propose_closed", committee=committee.name)[:75],
                ),
            ),
            selected=(selected,),
        ),
    )


def _pick(context: Context, body: str) -> Committee | None:
    if not body or body == "managers":
        return None
    return committees.get_committee_or_raise(context.session, context.viewer, body)


def _say_who(context: Context, committee: Committee | None) -> tuple[Block, ...]:
    """Everybody who would be asked, by name, and what it takes."""
    viewer, now = context.viewer, context.now
    sides = get_sides(
        context.session, viewer.alliance_id, committee.id if committee else None, now=now
    )
    asked = [
        f"{member.name} ({side.name})"
        for side in sides
        for member in side.electors
        if member.id != viewer.member_id
    ]
    rule = get_rule_among(context.session, committee, sides)
    deadline = proposals.get_deadline(context.session, viewer.alliance_id, rule, now=now)
    needs = say(
        f"confirm.propose_rule_{rule.kind}",
        count=rule.count,
        partners=[side.name for side in sides],
        date=say_date(deadline, context.zone),
    )
    lines = [say("confirm.propose_who", names=asked)]
    for side in sides:
        if not side.electors:
            lines.append(say("confirm.propose_empty", partner=side.name))
        elif side.partner_id == viewer.partner_id and side.has(viewer.member_id):
            lines.append(say("confirm.propose_own", partner=side.name))
    return Text(text="\n\n".join((*lines, needs))), Note(text=say("confirm.record"))


def submit_propose(context: Context, event: FormSubmitted) -> Answer:
    """Ask everybody."""
    found = find(context, event.context.get("version", ""))
    _check_shareable(context, found)
    committee = _pick(context, str(event.values.get("body") or ""))
    basis = check_basis(
        get_grounds(context.session, context.viewer, committee),
        event.values,
        body=committee.name if committee else None,
    )
    kept = _get_closed(context, found)
    if kept is not None and (committee is None or committee.id != kept.id):
        raise NotUnderstood("confirm.propose_kept", field="body", committee=kept.name)
    is_closed = event.values.get("audience") == AudienceKind.COMMITTEE
    version = proposals.propose(
        context.session,
        context.viewer,
        found.statement.kind,
        text=found.version.text,
        subject=found.statement.subject,
        committee=committee,
        for_committee_only=is_closed and _may_close(context, found, committee),
        widens=event.values.get("audience") == AudienceKind.ALLIANCE,
        basis=basis,
        review_on=found.version.review_on,
        now=context.now,
    )
    _note_proposed(context, found, version)
    return Answer(
        view=view(
            Text(text=say("confirm.proposed", title=found.title)), actions(make_withdraw(version))
        )
    )


def _note_proposed(context: Context, found: Found, version: Version) -> None:
    """Keep that it can be taken back, and let the feature whose statement it is hear of it."""
    history.record(
        context.session, context.viewer, "confirmation.asked", version.id, now=context.now
    )
    kind = _get_kind(context, found)
    if kind is not None and kind.proposed is not None:
        kind.proposed(context.session, version, context.now)


def _find_source(context: Context, value: str) -> tuple[Found, Remark | None]:
    """What `version:ID` or `remark:ID` names: the wording on the table, and whose words are to be
    taken over, if somebody's are."""
    kind, _, identifier = value.partition(":")
    if kind == "remark":
        remark, found = find_remark(context, identifier)
        return get_newest(context, found), remark
    found = get_newest(context, find(context, identifier))
    check_author(context, found.version)
    return found, None


def open_reword(context: Context, value: str) -> Form:
    """The wording that everybody would be asked about anew."""
    found, remark = _find_source(context, value)
    text = (remark and remark.text) or found.version.text
    return Form(
        name="confirmations.reword",
        title=words("confirm.reword_title"),
        submit=words("confirm.reword_submit"),
        context={"source": value},
        items=(
            Text(text=say("confirm.reword_intro", title=found.title)),
            *make_wording_inputs(context, found, text),
        ),
    )


def submit_reword(context: Context, event: FormSubmitted) -> Answer:
    """A new version takes the place of the open one; all are asked, who confirmed is told what
    changed, and whoever suggested it hears that it was taken over."""
    found, remark = _find_source(context, event.context.get("source", ""))
    text = read_wording(context, found, event)
    # In the order in which `propose` holds them, so that no two wait for one another.
    for row in (found.statement, found.version):
        context.session.refresh(row, with_for_update=True)
    if found.version.state not in {VersionState.PROPOSED, VersionState.OBJECTED}:
        raise Conflict("confirm.not_open")
    version = proposals.propose(
        context.session,
        context.viewer,
        found.statement.kind,
        text=text,
        subject=found.statement.subject,
        committee=context.session.get(Committee, found.version.committee_id)
        if found.version.committee_id
        else None,
        for_committee_only=found.statement.audience_kind == AudienceKind.COMMITTEE,
        widens=found.version.widens,
        basis=Basis(found.version.basis),
        review_on=found.version.review_on,
        now=context.now,
    )
    _note_proposed(context, found, version)
    if remark is not None and remark.kind == RemarkKind.SUGGESTION:
        _tell_suggester(context, found, remark, text)
    return Answer(view=view(Text(text=say("confirm.reworded", title=found.title))))


def _tell_suggester(context: Context, found: Found, remark: Remark, text: str) -> None:
    remark.answered_at = context.now
    context.session.add(remark)
    address = get_member_address(context.session, remark.member_id)
    if address is not None:
        lead = say("confirm.taken_over", title=found.title, **get_reader(context.viewer))
        content = view(Text(text=lead), Quote(text=text))
        context.deliver(Deliver(to=address, view=content, alliance_id=context.viewer.alliance_id))


def undo_asked(context: Context, change: Change) -> Answer:
    """Take back what was put to the partners, while it is open; who was asked is told."""
    context.for_former = False
    context.require(Needs.MEMBER)
    found = find(context, context.session.get_one(Version, change.subject_id).id)
    proposals.withdraw_proposal(context.session, found.version, now=context.now)
    note_settled(context, found.version)
    return Answer(view=view(Text(text=say("confirm.withdrawn", title=found.title))))
