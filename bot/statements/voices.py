"""What people say to a proposed version: yes, no, better words, a question.

One voice a partner; nobody speaks for another partner; whoever speaks holds the seat at that
moment.
"""

from datetime import date, datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound
from bot.people.models import Member
from bot.people.viewer import Viewer
from bot.statements.models import (
    Remark,
    RemarkKind,
    Request,
    Statement,
    Version,
    VersionState,
    Voice,
    VoiceKind,
)
from bot.statements.proposals import add_voice, get_version_sides, reconsider
from bot.statements.versions import readable_by


def get_version_or_raise(
    session: Session, viewer: Viewer, version_id: str
) -> tuple[Version, Statement]:
    """A version that the viewer may see: by its audience, or because they were asked about it.
    Raises NotFound."""
    row = session.exec(
        select(Version, Statement)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Version.id) == version_id,
            col(Statement.alliance_id) == viewer.alliance_id,
            readable_by(viewer)
            | col(Version.id).in_(
                select(Request.version_id).where(
                    col(Request.member_id) == viewer.member_id,
                    col(Request.partner_id) == (viewer.partner_id or ""),
                )
            ),
        )
    ).first()
    if row is None:
        raise NotFound("confirm.not_found")
    return row


def may_read(session: Session, viewer: Viewer, version: Version) -> bool:
    """Whether the viewer may see a version; whoever put it forward may."""
    if viewer.member_id == version.member_id:
        return True
    try:
        get_version_or_raise(session, viewer, version.id)
    except NotFound:
        return False
    return True


def check_may_answer(
    session: Session, viewer: Viewer, version: Version, statement: Statement, *, now: datetime
) -> None:
    """Raise Conflict unless the version waits for the viewer's partner, NotAllowed unless the
    viewer may speak for it at this moment."""
    if version.state != VersionState.PROPOSED:
        raise Conflict("confirm.not_open")
    mine = next(
        (
            side
            for side in get_version_sides(session, version, statement, now=now)
            if side.partner_id == viewer.partner_id
        ),
        None,
    )
    if mine is None or not mine.has(viewer.member_id):
        raise NotAllowed("confirm.not_seated", partner=viewer.partner_name or "")
    said = get_voice(session, version, viewer.partner_id or "")
    if said is not None:
        person = session.get(Member, said.member_id)
        raise Conflict("confirm.already", partner=mine.name, person=person.name if person else "")


def _hold(session: Session, version: Version) -> None:
    """Of two who answer in the same moment the second must see the first."""
    session.refresh(version, with_for_update=True)


def get_voice(session: Session, version: Version, partner_id: str) -> Voice | None:
    """What a partner said to a version."""
    return session.exec(
        select(Voice).where(
            col(Voice.version_id) == version.id, col(Voice.partner_id) == partner_id
        )
    ).first()


def confirm(
    session: Session,
    viewer: Viewer,
    version: Version,
    statement: Statement,
    *,
    now: datetime,
) -> Voice:
    """The viewer's partner confirms. Raises as `check_may_answer` does."""
    _hold(session, version)
    check_may_answer(session, viewer, version, statement, now=now)
    voice = add_voice(session, viewer, version, VoiceKind.CONFIRMED, now=now)
    reconsider(session, version, now=now)
    return voice


def object_to(
    session: Session,
    viewer: Viewer,
    version: Version,
    statement: Statement,
    *,
    reason: str,
    now: datetime,
) -> Voice:
    """The viewer's partner objects, with its reason. Raises as `check_may_answer` does."""
    _hold(session, version)
    check_may_answer(session, viewer, version, statement, now=now)
    voice = add_voice(session, viewer, version, VoiceKind.OBJECTED, now=now, reason=reason)
    reconsider(session, version, now=now)
    return voice


def record_own_side(
    session: Session,
    viewer: Viewer,
    version: Version,
    statement: Statement,
    *,
    given_in: str,
    given_on: date,
    now: datetime,
) -> Voice:
    """A manager records that their own partner confirmed elsewhere (`meeting`, `e-mail`), and when;
    marked as such. Raises NotAllowed for others, Conflict if it is not open or was answered."""
    _hold(session, version)
    if not viewer.is_manager or viewer.partner_id is None:
        raise NotAllowed("confirm.managers_record", partner=viewer.partner_name or "")
    if version.state != VersionState.PROPOSED:
        raise Conflict("confirm.not_open")
    sides = get_version_sides(session, version, statement, now=now)
    if viewer.partner_id not in {side.partner_id for side in sides}:
        raise NotAllowed("confirm.not_seated", partner=viewer.partner_name or "")
    said = get_voice(session, version, viewer.partner_id)
    if said is not None:
        person = session.get(Member, said.member_id)
        raise Conflict(
            "confirm.already", partner=viewer.partner_name, person=person.name if person else ""
        )
    voice = add_voice(
        session,
        viewer,
        version,
        VoiceKind.CONFIRMED,
        now=now,
        given_in=given_in,
        given_on=given_on,
    )
    reconsider(session, version, now=now)
    return voice


def take_back(session: Session, voice: Voice) -> Version:
    """Take an answer back while the version is still open. Raises Conflict once it is settled."""
    version = session.get_one(Version, voice.version_id)
    _hold(session, version)
    if version.state != VersionState.PROPOSED:
        raise Conflict("confirm.settled_already")
    session.delete(voice)
    session.flush()
    return version


def remark(
    session: Session,
    viewer: Viewer,
    version: Version,
    statement: Statement,
    *,
    kind: RemarkKind,
    now: datetime,
    text: str = "",
    note: str = "",
) -> Remark:
    """Better words, or a question, to the author. Raises as `check_may_answer` does."""
    _hold(session, version)
    check_may_answer(session, viewer, version, statement, now=now)
    said = Remark(
        version_id=version.id,
        partner_id=viewer.partner_id or "",
        member_id=viewer.member_id,
        kind=kind,
        text=text,
        note=note,
        at=now,
    )
    session.add(said)
    session.flush()
    return said
