"""Everybody who might look, before their platform, and things with audiences to look at."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import text
from sqlmodel import Session

from bot.core.ids import new_id
from bot.features.decisions.models import Decision, Task, TaskKind, Weight
from bot.features.decisions.search import make_words
from bot.features.glossary import terms
from bot.features.glossary.models import Term, TermMeaning
from bot.people.models import (
    Account,
    Alliance,
    AudienceKind,
    Channel,
    ChannelState,
    Committee,
    Member,
    MemberAccount,
    Parting,
    Partner,
    Role,
    RoleKind,
    Seat,
    Workspace,
)
from bot.schedules.models import Reminder, ReminderState
from bot.statements.models import Statement, Version, VersionState
from tests.fakes.slack import Channel as Place
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.fakes.teams.cards import walk
from tests.harness import MONDAY, Bot, ManualClock

LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)
LEFT = MONDAY - timedelta(days=10)
BEFORE, AFTER = LEFT - timedelta(days=5), LEFT + timedelta(days=5)

CLAUSES = ("scope", "focus", "work", "norms")
PARTNERS = ("acme", "borealis", "cora")
PEOPLE = {
    "ana": ("one", "acme", True, ()),
    "tom": ("one", "acme", False, ("jsc",)),
    "jonas": ("one", "borealis", True, ("ops",)),
    "bea": ("one", "borealis", False, ("jsc",)),
    "gus": ("one", None, False, ()),
    "cleo": ("one", "cora", True, ("jsc",)),
    "carl": ("one", "cora", False, ()),
    "dora": ("two", "delta", True, ()),
}
"""Alliance, partner, manager or not, seats. Cora has left the first alliance."""

SEATED = {name: seats for name, (_, _, _, seats) in PEOPLE.items()}


@dataclass(frozen=True)
class Thing:
    """Something with an audience, and a word that stands in it alone."""

    table: str
    owner: str
    audience: str
    word: str
    clause: str = ""
    made: datetime = BEFORE


@dataclass
class Stage(ABC):
    """Everybody, before their platform."""

    bot: Bot
    users: dict[str, Any]
    ids: dict[str, str] = field(default_factory=dict)
    platform: ClassVar[str]

    @property
    @abstractmethod
    def fake(self) -> FakeSlack | FakeTeams:
        """Where they all are."""

    @abstractmethod
    def asks(self, name: str, line: str) -> str:
        """What a person gets to read for a command, and in the forms that it opens."""

    @abstractmethod
    def sees_home(self, name: str) -> str:
        """What the home view says to a person."""


@dataclass
class InSlack(Stage):
    slack: FakeSlack = field(kw_only=True)
    place: Place = field(kw_only=True)
    platform = "slack"

    @property
    def fake(self) -> FakeSlack:
        return self.slack

    def asks(self, name: str, line: str) -> str:
        user = self.users[name]
        before = len(self.slack.ephemerals(user=user))
        assert user.slash("/alliance", line, channel=self.place).status == 200
        said = self.slack.ephemerals(user=user)[before:]
        shown = "\n".join(self.slack.text_of(m) + str(m.blocks) for m in said)
        for view in self.slack.views(user):
            shown += self.slack.text_of(view) + str(view.payload)
            user.closes(view)
        return shown

    def sees_home(self, name: str) -> str:
        user = self.users[name]
        user.opens_home()
        self.bot.call(self.bot.entente.slack.app.responder.finish())  # type: ignore[union-attr]
        home = self.slack.home(user)
        return "" if home is None else self.slack.text_of(home) + str(home.payload)


@dataclass
class InTeams(Stage):
    teams: FakeTeams = field(kw_only=True)
    platform = "teams"

    @property
    def fake(self) -> FakeTeams:
        return self.teams

    def asks(self, name: str, line: str) -> str:
        user = self.users[name]
        before = len(self.teams.dms(user))
        assert user.writes(line).status == 200
        self.bot.settle()
        said = self.teams.dms(user)[before:]
        assert said, f"no answer to {line!r}"
        shown = "\n".join(self.teams.text_of(m) + str(m.card) for m in said)
        for message in said:
            for action in walk(message.card):
                if "msteams" in (action.get("data") or {}):
                    assert user.presses(message, action["title"]).status == 200
                    shown += str(user.dialog.card) if user.dialog else ""
                    user.dialog = None
        return shown

    def sees_home(self, name: str) -> str:
        return self.asks(name, "home")


def in_slack(url: str, clock: ManualClock) -> Iterator[Stage]:
    with FakeSlack() as slack:
        team = slack.team("Everybody")
        users = {name: slack.user(name.title(), team=team) for name in PEOPLE}
        place = slack.channel("lobby", team=team, members=list(users.values()), with_bot=True)
        with Bot(url, slack, clock) as bot:
            yield InSlack(bot, users, slack=slack, place=place)


def in_teams(url: str, clock: ManualClock) -> Iterator[Stage]:
    with FakeTeams() as teams:
        tenant = teams.tenant("Everybody")
        users = {name: teams.user(name.title(), tenant=tenant) for name in PEOPLE}
        with Bot(url, None, clock, teams=teams) as bot:
            yield InTeams(bot, users, teams=teams)


STAGES = {"slack": in_slack, "teams": in_teams}


def make_world(session: Session, stage: Stage) -> None:
    ids = stage.ids
    home = Workspace(platform=stage.platform, external_id="THOME", name="Home")
    session.add(home)
    for key in ("one", "two"):
        ids[key] = new_id()
        session.add(Alliance(id=ids[key], name=f"Alliance {key}", zone="UTC", created_at=LONG_AGO))
    session.flush()
    ids["home"] = home.id
    for name, alliance in (*((p, "one") for p in PARTNERS), ("delta", "two")):
        ids[name] = new_id()
        session.add(
            Partner(
                id=ids[name],
                alliance_id=ids[alliance],
                name=name.title(),
                joined_at=LONG_AGO,
                left_at=LEFT if name == "cora" else None,
            )
        )
    session.flush()
    for name, (alliance, partner, manages, _) in PEOPLE.items():
        add_person(session, stage, name, alliance, partner, manages=manages)
    for name in ("jsc", "ops"):
        ids[name] = new_id()
        session.add(
            Committee(
                id=ids[name],
                alliance_id=ids["one"],
                name=name.upper(),
                created_at=LONG_AGO,
                audience_kind=AudienceKind.ALLIANCE,
            )
        )
    session.flush()
    for name, seats in SEATED.items():
        for committee in seats:
            session.add(
                Seat(
                    alliance_id=ids["one"],
                    committee_id=ids[committee],
                    partner_id=ids[str(PEOPLE[name][1])],
                    member_id=ids[name],
                    kind="member",
                    since=LONG_AGO,
                )
            )
    left = Parting(
        alliance_id=ids["one"],
        partner_id=ids["cora"],
        member_id=ids["cleo"],
        at=LEFT,
        until=LEFT + timedelta(days=30),
    )
    session.add(left)
    session.flush()


def add_person(
    session: Session, stage: Stage, name: str, alliance: str, partner: str | None, *, manages: bool
) -> None:
    ids, user = stage.ids, stage.users[name]
    account = Account(
        platform=stage.platform,
        external_id=user.id,
        name=user.name,
        checked_at=MONDAY,
        workspace_id=ids["home"],
    )
    member = Member(
        id=new_id(),
        alliance_id=ids[alliance],
        partner_id=ids[partner] if partner else None,
        name=user.name,
        joined_at=LONG_AGO,
    )
    session.add_all([account, member])
    session.flush()
    ids[name] = member.id
    session.add(MemberAccount(member_id=member.id, account_id=account.id))
    if manages and partner:
        session.add(
            Role(
                alliance_id=ids[alliance],
                partner_id=ids[partner],
                member_id=member.id,
                kind=RoleKind.MANAGER,
                since=LONG_AGO,
            )
        )
    session.flush()


OWNERS = {"acme": "ana", "borealis": "jonas", "delta": "dora"}


def add_decision(
    session: Session, common: dict[str, object], thing: Thing, number: int, author: str
) -> str:
    """A decision; answers its id."""
    decision = Decision(
        **common,
        number=number + 1,
        member_id=author,
        weight=Weight.NOTED,
        what=thing.word,
        words=make_words(thing.word),
        created_at=thing.made,
    )
    session.add(decision)
    session.flush()
    return decision.id


def add_term(session: Session, common: dict[str, object], thing: Thing, author: str) -> str:
    """A term; answers its id."""
    key = terms.make_key(thing.word)
    term = Term(**common, member_id=author, name=thing.word, key=key, created_at=thing.made)
    session.add(term)
    session.flush()
    return term.id


def add_part(
    session: Session, stage: Stage, common: dict[str, object], thing: Thing, number: int
) -> None:
    """An approval of a decision, or a meaning of a term, that everybody may see."""
    author, alliance = stage.ids[OWNERS[thing.owner]], common["alliance_id"]
    whole = {
        "id": new_id(),
        "alliance_id": alliance,
        "partner_id": common["partner_id"],
        "audience_kind": AudienceKind.ALLIANCE,
    }
    of_all = replace(thing, word=f"open{number}", made=BEFORE)
    if thing.table == "approval":
        session.add(
            Task(
                **common,
                decision_id=add_decision(session, whole, of_all, number, author),
                owner_id=author,
                kind=TaskKind.APPROVAL,
                what=thing.word,
                changed_at=thing.made,
            )
        )
    else:
        session.add(
            TermMeaning(
                **common,
                term_id=add_term(session, whole, of_all, author),
                member_id=author,
                text=thing.word,
                changed_at=thing.made,
            )
        )


def add_thing(session: Session, stage: Stage, thing: Thing, number: int) -> None:
    ids = stage.ids
    alliance = ids["two" if thing.owner == "delta" else "one"]
    common: dict[str, object] = {"id": new_id(), "alliance_id": alliance}
    if thing.audience == "alliance":
        common |= {"audience_kind": AudienceKind.ALLIANCE, "audience_id": None}
    elif thing.audience == "partner":
        common |= {"audience_kind": AudienceKind.PARTNER, "audience_id": ids[thing.owner]}
    else:
        common |= {"audience_kind": AudienceKind.COMMITTEE, "audience_id": ids[thing.audience]}
    author = ids[OWNERS[thing.owner]]
    owner = {"partner_id": ids[thing.owner]}
    if thing.table == "channel":
        session.add(
            Channel(
                **common,
                workspace_id=ids["home"],
                platform=stage.platform,
                external_id=f"CX{number}",
                name=thing.word,
                state=ChannelState.LINKED,
                linked_at=thing.made,
            )
        )
    elif thing.table == "decision":
        add_decision(session, common | owner, thing, number, author)
    elif thing.table == "term":
        add_term(session, common | owner, thing, author)
    elif thing.table in {"approval", "meaning"}:
        add_part(session, stage, common | owner, thing, number)
    elif thing.table == "committee":
        session.add(Committee(**common, name=thing.word, created_at=thing.made))
    elif thing.table == "reminder":
        session.add(
            Reminder(
                **common,
                **owner,
                member_id=author,
                kind="text",
                text=thing.word,
                cadence="every monday 09:00",
                zone="UTC",
                anchor=MONDAY.date(),
                on_holiday="shift",
                state=ReminderState.PAUSED,
                created_at=thing.made,
            )
        )
    else:
        statement = Statement(
            **common,
            **owner,
            kind="charter" if thing.clause else "north_star",
            subject=f"/{thing.clause}" if thing.clause else "",
            created_at=thing.made,
        )
        session.add(statement)
        session.flush()
        session.add(
            Version(
                statement_id=statement.id,
                number=1,
                text=thing.word,
                state=VersionState.IN_FORCE,
                **owner,
                member_id=author,
                created_at=thing.made,
                hash="",
            )
        )
    session.flush()


def clear(session: Session) -> None:
    tables = ("decision_tasks", "decisions", "term_meanings", "terms", "versions", "statements")
    for table in (*tables, "reminders", "channels", "changes"):
        session.execute(text(f"DELETE FROM {table}"))
    session.execute(text("DELETE FROM committees WHERE name NOT IN ('JSC', 'OPS')"))


def may_see(name: str, thing: Thing) -> bool:
    """The rule, said once more and differently."""
    alliance, partner, _, seats = PEOPLE[name]
    if alliance != ("two" if thing.owner == "delta" else "one"):
        return False
    if thing.audience == "partner":
        return partner == thing.owner
    if thing.audience != "alliance" and thing.audience not in seats:
        return False
    # Cora's people read the record as it stood when Cora left, and no goings-on of the others.
    dated = {"statement", "committee", "decision"}
    return partner != "cora" or (thing.table in dated and thing.made == BEFORE)


SHOWN = ("channel", "committee", "reminder")
"""What commands list as a whole."""

EXPORTED = ("decision", "approval", "term", "meaning")
"""What commands show by parts, and an export as a whole."""
