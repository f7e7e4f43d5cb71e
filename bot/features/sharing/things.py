"""What can be shown to everybody: a statement, a committee, a channel. Each says what it is, what
others would read, and what follows from it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.dispatch.feature import Registry
from bot.people.models import Audience, AudienceKind, Channel, Committee
from bot.people.viewer import Viewer, visible_to
from bot.schedules import reminders
from bot.schedules.models import Reminder
from bot.statements.models import Statement, Version, VersionState
from bot.statements.versions import get_joint

TABLES: dict[str, type[Audience]] = {
    "statement": Statement,
    "committee": Committee,
    "channel": Channel,
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that has an audience, by the name of its table and its id."""

    kind: str
    row: Audience

    @property
    def value(self) -> str:
        """How a button names it."""
        return f"{self.kind}:{self.row.id}"  # type: ignore[attr-defined]


def get_thing(session: Session, value: str) -> Thing | None:
    """The thing that a button names, whoever may see it."""
    kind, _, identifier = value.partition(":")
    table = TABLES.get(kind)
    row = session.get(table, identifier) if table else None
    return Thing(kind, row) if row is not None else None


def can_see(session: Session, viewer: Viewer, thing: Thing) -> bool:
    """Whether it is the viewer's to see."""
    table = TABLES[thing.kind]
    identifier = thing.row.id  # type: ignore[attr-defined]
    chosen = select(table).where(visible_to(viewer, table), table.id == identifier)  # type: ignore[attr-defined]
    return session.exec(chosen).first() is not None


def is_private_for_good(registry: Registry, session: Session, thing: Thing) -> bool:
    """Whether it never leaves its partner."""
    row = thing.row
    return isinstance(row, Statement) and registry.statements[row.kind].keeps(session, row)


def get_keeper(session: Session, thing: Thing) -> Committee | None:
    """The committee that keeps the partners' wording of the same to itself: what a partner has of
    its own are drafts of that."""
    row = thing.row
    if not isinstance(row, Statement):
        return None
    joint = get_joint(session, row.alliance_id, row.kind, subject=row.subject)
    if joint is None or joint.audience_kind != AudienceKind.COMMITTEE:
        return None
    return session.get(Committee, joint.audience_id)


def get_name(registry: Registry, session: Session, thing: Thing) -> str:
    """What people call it."""
    row = thing.row
    if isinstance(row, Channel):
        return f"#{row.name}"
    if isinstance(row, Committee):
        return row.name
    assert isinstance(row, Statement)  # noqa: S101 - the tables above
    return registry.statements[row.kind].title(session, row)


def get_wording(session: Session, thing: Thing) -> str:
    """What others would read of it; empty where that is its name alone."""
    row = thing.row
    if isinstance(row, Committee):
        return "\n".join(part for part in (row.decides, row.rule) if part)
    if not isinstance(row, Statement):
        return ""
    version = session.exec(
        select(Version).where(
            col(Version.statement_id) == row.id, col(Version.state) == VersionState.IN_FORCE
        )
    ).first()
    return version.text if version else ""


def count_versions(session: Session, thing: Thing) -> int:
    """How many wordings, earlier ones too, others would be able to read."""
    if not isinstance(thing.row, Statement):
        return 0
    chosen = select(Version.id).where(col(Version.statement_id) == thing.row.id)
    return len(session.exec(chosen).all())


def note_shared(session: Session, thing: Thing, *, now: datetime | None) -> list[str]:
    """Keep since when it is everybody's to see (None: no longer). Reminders for a channel go with
    it; their ids."""
    row = thing.row
    if isinstance(row, Statement):
        row.shared_at = now
    elif isinstance(row, Committee):
        row.changed_at = now or row.changed_at
    elif isinstance(row, Channel):
        return [] if now is None else _share_reminders(session, row)
    session.add(row)
    session.flush()
    return []


def _share_reminders(session: Session, channel: Channel) -> list[str]:
    own = get_reminders(session, channel)
    narrow = [r.id for r in own if r.audience_kind == AudienceKind.PARTNER]
    reminders.share_with_alliance(session, channel)
    return narrow


def get_reminders(session: Session, channel: Channel) -> list[Reminder]:
    """The reminders that go to a channel."""
    return reminders.get_reminders_of(session, channel)
