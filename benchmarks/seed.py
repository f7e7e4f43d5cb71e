"""What is in the database before a benchmark begins: an alliance, and reminders by the thousand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice, product
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Integer, MetaData, String, Table, insert
from sqlmodel import Session

from benchmarks.stub_slack import BOT_USER, TEAM, USER
from bot.core.ids import new_id
from bot.db.engine import Database
from bot.db.types import UtcDateTime
from bot.delivery.models import Delivery, Lane
from bot.people.models import (
    Account,
    Alliance,
    AudienceKind,
    Channel,
    ChannelState,
    Member,
    MemberAccount,
    Partner,
    PartnerWorkspace,
    Role,
    RoleKind,
    Workspace,
)
from bot.schedules.cadence import parse_cadence
from bot.schedules.calendar import WorkingHours
from bot.schedules.models import Reminder, ReminderClock, ReminderTarget
from bot.schedules.rhythm import OnHoliday, Rhythm

LINKED = "C0LINKED"

NOTES = Table(
    "bench_notes",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("message", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""The table of the benchmark's own feature."""

ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo", "Australia/Sydney")
COUNTRIES = (("DE", "FR"), ("GB",), ("US", "CA"), ("JP", "KR"), ("AU",))
CADENCES = (
    "every day {at}",
    "every weekday {at}",
    "every {day} {at}",
    "every {day} and sunday {at}",
    "every 2 weeks on {day} {at}",
    "every 3 weeks on {day} {at}",
    "first {day} of the month {at}",
    "every 2 months on the first {day} {at}",
    "every month on day {number} {at}",
    "every 3 months on day {number} {at}",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class World:
    """One alliance of a manager with a linked channel; and beside it a crowd, an alliance whose
    channels and reminders come by the thousand. `moment`: when its reminders are due."""

    def __init__(self, database: Database, *, moment: datetime | None = None) -> None:
        self.moment = moment or datetime.now(UTC).replace(second=0, microsecond=0)
        self.alliance, self.partner, self.member = new_id(), new_id(), new_id()
        self.workspace, self.channel = new_id(), new_id()
        self.crowd, self.crowd_partner = new_id(), new_id()
        self.database = database
        NOTES.create(database.engine)
        with database.write() as session:
            for rows in (self._organisation(), self._people(), self._rights()):
                session.add_all(rows)
                session.flush()

    def _organisation(self) -> list[Any]:
        return [
            Alliance(id=self.alliance, name="Bench", zone="Europe/Berlin", created_at=self.moment),
            Workspace(id=self.workspace, platform="slack", external_id=TEAM, bot_user=BOT_USER),
            Alliance(id=self.crowd, name="Crowd", zone="Europe/Berlin", created_at=self.moment),
            Partner(
                id=self.crowd_partner, alliance_id=self.crowd, name="Many", joined_at=self.moment
            ),
            Partner(
                id=self.partner, alliance_id=self.alliance, name="Northwind", joined_at=self.moment
            ),
        ]

    def _people(self) -> list[Any]:
        self.account = new_id()
        return [
            Account(
                id=self.account,
                workspace_id=self.workspace,
                platform="slack",
                external_id=USER,
                name="Ada",
                zone="Europe/Berlin",
                checked_at=datetime.now(UTC),
            ),
            Member(
                id=self.member,
                alliance_id=self.alliance,
                partner_id=self.partner,
                name="Ada",
                joined_at=self.moment,
            ),
            Channel(**self._channel(self.channel, LINKED, self.alliance, self.partner)),
        ]

    def _rights(self) -> list[Any]:
        return [
            PartnerWorkspace(partner_id=self.partner, workspace_id=self.workspace),
            MemberAccount(member_id=self.member, account_id=self.account),
            Role(
                alliance_id=self.alliance,
                partner_id=self.partner,
                member_id=self.member,
                kind=RoleKind.MANAGER,
                since=self.moment,
            ),
        ]

    def _channel(
        self, channel: str, external_id: str, alliance: str, partner: str
    ) -> dict[str, Any]:
        return Channel(
            id=channel,
            alliance_id=alliance,
            workspace_id=self.workspace,
            platform="slack",
            external_id=external_id,
            name=external_id.lower(),
            state=ChannelState.LINKED,
            audience_kind=AudienceKind.PARTNER,
            audience_id=partner,
            linked_at=self.moment,
        ).model_dump()

    # -- many ------------------------------------------------------------------------------------

    def add_lanes(self, count: int) -> list[tuple[int, str]]:
        """So many linked channels and their lanes: the lanes' numbers and the channels' ids."""
        ids = [(number, new_id()) for number in range(1, count + 1)]
        with self.database.write() as session:
            names = {number: f"C{number:08d}" for number, _ in ids}
            rows = [
                self._channel(channel, names[number], self.crowd, self.crowd_partner)
                for number, channel in ids
            ]
            _insert(session, Channel, rows)
            lanes = [
                {
                    "id": number,
                    "key": f"slack:{name}",
                    "platform": "slack",
                    "workspace": TEAM,
                    "channel": name,
                }
                for number, name in names.items()
            ]
            _insert(session, Lane, lanes)
        return ids

    def add_reminders(self, count: int, *, lanes: int) -> None:
        """So many reminders, all due at `moment`, in turn to so many channels."""
        targets = list(islice(cycle(self.add_lanes(lanes)), count))
        rhythms = [rhythm.to_text() for rhythm in make_rhythms(self.moment)]
        clocks = list(enumerate(islice(cycle(rhythms), count), start=1))
        alike = {rhythm: self._reminder(rhythm) for rhythm in set(rhythms)}
        reminders = [{**alike[rhythm], "id": new_id()} for _, rhythm in clocks]
        with self.database.write() as session:
            _insert(session, Reminder, reminders)
            _insert(
                session,
                ReminderClock,
                [
                    {
                        "id": number,
                        "reminder_id": reminder["id"],
                        "zone": reminder["zone"],
                        "rhythm": rhythm,
                        "next_at": self.moment,
                    }
                    for reminder, (number, rhythm) in zip(reminders, clocks, strict=True)
                ],
            )
            _insert(
                session,
                ReminderTarget,
                [
                    {
                        "clock_id": number,
                        "reminder_id": reminder["id"],
                        "alliance_id": self.crowd,
                        "lane_id": lane,
                        "channel_id": channel,
                        "member_id": None,
                    }
                    for number, (reminder, (lane, channel)) in enumerate(
                        zip(reminders, targets, strict=True), start=1
                    )
                ],
            )
        _settle(self.database)

    def _reminder(self, text: str) -> dict[str, Any]:
        rhythm = Rhythm.from_text(text)
        return Reminder(
            alliance_id=self.crowd,
            partner_id=self.crowd_partner,
            member_id=self.member,
            kind="text",
            text="Please look at the agenda.",
            cadence=rhythm.cadence.words,
            zone=rhythm.zone,
            anchor=rhythm.anchor,
            on_holiday=rhythm.on_holiday,
            created_at=self.moment - timedelta(days=30),
            audience_kind=AudienceKind.PARTNER,
            audience_id=self.crowd_partner,
        ).model_dump()

    def add_deliveries(self, count: int, *, lanes: int) -> None:
        """So many messages, due now, in turn in so many lanes."""
        targets = list(islice(cycle(self.add_lanes(lanes)), count))
        view = {"blocks": [{"kind": "text", "text": "Please look at the agenda."}]}
        with self.database.write() as session:
            _insert(
                session,
                Delivery,
                [self._delivery(lane, view) for lane, _ in targets],
            )
            session.execute(Lane.__table__.update().values(next_at=self.moment))  # type: ignore[attr-defined]
        _settle(self.database)

    def _delivery(self, lane: int, view: dict[str, Any]) -> dict[str, Any]:
        return {
            "lane_id": lane,
            "alliance_id": self.crowd,
            "state": "queued",
            "topic": "notice",
            "subject": "",
            "view": view,
            "unasked": False,
            "set_aside": False,
            "uncertain": False,
            "attempts": 0,
            "created_at": self.moment,
            "not_before": self.moment,
        }


def make_rhythms(moment: datetime) -> Iterator[Rhythm]:
    """200 different rhythms in five zones, all of which have `moment` as one of their times."""
    for (zone, countries), cadence, on_holiday, days in product(
        zip(ZONES, COUNTRIES, strict=True),
        CADENCES,
        OnHoliday,
        (frozenset(range(7)), frozenset()),
    ):
        local = moment.astimezone(ZoneInfo(zone))
        words = cadence.format(at=f"{local:%H:%M}", day=DAYS[local.weekday()], number=local.day)
        yield Rhythm(
            parse_cadence(words),
            zone=zone,
            anchor=date(local.year - 1, local.month, 1),
            hours=WorkingHours(start=time(0), end=time(0), days=days),
            countries=countries,
            on_holiday=on_holiday,
        )


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(table.__table__), rows)


def _settle(database: Database) -> None:
    """Leave nothing of the preparation for the measurement to do."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        # Rows were numbered by hand: the sequences go on behind them.
        for table in ("lanes", "reminder_clocks"):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"coalesce(max(id), 1)) FROM {table}"
            )
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
