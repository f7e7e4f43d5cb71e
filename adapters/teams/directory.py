"""What Entente remembers of Teams: where conversations are and how people are reached.

Kept in the database, since one process hears and another writes. What is known is cached; what is
missing is looked for, and what changed is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import delete, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from adapters.teams.models import DIRECTORY_SCOPE, TeamsConversation, TeamsPerson
from adapters.teams.names import PLATFORM
from bot.core.clock import Clock
from bot.db.engine import Database
from bot.db.revisions import bump, get_number
from bot.people import installations

MOST: Final = 20_000
"""Entries of each cache; beyond that it begins anew."""

BATCH: Final = 200
"""People noted in one transaction."""

PERSONAL: Final = "personal"
CHANNEL: Final = "channel"
GROUP: Final = "groupChat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Where something is said; see `TeamsConversation`."""

    id: str
    real_id: str
    kind: str
    tenant: str
    service_url: str
    bot: str = ""
    team: str | None = None
    group: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How somebody is reached; see `TeamsPerson`."""

    person: str
    account: str
    tenant: str
    service_url: str
    home: str | None = None
    zone: str | None = None
    seen_in: str | None = None
    direct: str | None = None
    direct_url: str | None = None


class Directory:
    """Conversations and people. One a process."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._conversations: dict[str, Conversation] = {}
        self._people: dict[str, Person] = {}
        self._accounts: dict[str, str] = {}
        self._seen = -1

    async def follow(self) -> None:
        """Look anew if another process changed what is cached here."""
        number = await self._database.in_read(lambda s: get_number(s, DIRECTORY_SCOPE))
        if number != self._seen:
            self._clear()
            self._seen = number

    def _clear(self) -> None:
        self._conversations.clear()
        self._people.clear()
        self._accounts.clear()

    async def note(self, conversation: Conversation, *people: Person) -> bool:
        """Remember a conversation and the people met there, if that is news. Answers whether
        Entente is back in the tenant, from which it had been removed."""
        known = self._conversations.get(conversation.id)
        merged = _merge_conversation(known, conversation)
        changed = [self._merge_person(person) for person in people]
        news = [person for person in changed if self._people.get(person.person) != person]
        if merged == known and not news:
            return False
        is_back = await self._save(merged, news)
        self._keep(merged)
        for person in news:
            self._keep_person(person)
        return is_back

    def _merge_person(self, person: Person) -> Person:
        """What is known already and not said anew stays."""
        known = self._people.get(person.person)
        if known is None:
            return person
        return replace(
            person,
            home=person.home or known.home,
            zone=person.zone or known.zone,
            seen_in=person.seen_in or known.seen_in,
            direct=person.direct or known.direct,
            direct_url=person.direct_url or known.direct_url,
        )

    async def note_people(self, people: Sequence[Person]) -> None:
        """Remember these, as far as that is news."""
        merged = {person.person: self._merge_person(person) for person in people}
        news = [person for person in merged.values() if self._people.get(person.person) != person]
        for start in range(0, len(news), BATCH):
            batch = news[start : start + BATCH]
            await self._save(None, batch)
            for person in batch:
                self._keep_person(person)

    async def _save(self, conversation: Conversation | None, people: Sequence[Person]) -> bool:
        def work(session: Session) -> bool:
            return self._write(session, conversation, people)

        try:
            return await self._database.in_write(work)
        except IntegrityError:
            # Somebody else noted the same in the same moment: it is there now.
            return await self._database.in_write(work)

    def _write(
        self, session: Session, conversation: Conversation | None, people: Sequence[Person]
    ) -> bool:
        is_back = is_changed = False
        if conversation is not None:
            is_back = installations.note_present(
                session, PLATFORM, conversation.tenant, bot_user=conversation.bot[:80]
            )
            row = session.get(TeamsConversation, conversation.id)
            if row is None:
                row = TeamsConversation(
                    id=conversation.id, **_fields(conversation), seen_at=self._clock()
                )
                session.add(row)
            is_changed = self._put(row, _fields(conversation))
        ids = [person.person for person in people]
        rows = session.exec(select(TeamsPerson).where(col(TeamsPerson.person).in_(ids)))
        known = {row.person: row for row in rows}
        for person in people:
            values = {name: getattr(person, name) for name in _PERSON}
            if person.person in known:
                is_changed = self._put(known[person.person], values) or is_changed
            else:
                session.add(TeamsPerson(person=person.person, **values, seen_at=self._clock()))
        if is_changed:
            bump(session, DIRECTORY_SCOPE)
        session.flush()
        return is_back

    def _put(self, row: TeamsConversation | TeamsPerson, values: dict[str, Any]) -> bool:
        """Write what is said and new; whether that changes what others have cached."""
        new = {n: v for n, v in values.items() if v is not None and v != getattr(row, n)}
        for name, value in new.items():
            setattr(row, name, value)
        if new:
            row.seen_at = self._clock()
        # Where somebody was last met changes with each message, and any such place will do.
        return bool(new.keys() - {"seen_in"})

    async def get_conversation(self, identifier: str) -> Conversation | None:
        """The conversation with one of our ids."""
        if identifier not in self._conversations:
            row = await self._database.in_read(lambda s: _read_conversation(s, identifier))
            if row is None:
                return None
            self._keep(row)
        return self._conversations[identifier]

    async def get_person(self, user: str) -> Person | None:
        """The person with one of our ids."""
        if user not in self._people:
            row = await self._database.in_read(lambda session: _read_person(session, user))
            if row is None:
                return None
            self._keep_person(row)
        return self._people[user]

    async def get_user(self, account: str) -> str | None:
        """Our id of the person with this id of Teams'."""
        if account not in self._accounts:
            row = await self._database.in_read(lambda session: _read_account(session, account))
            if row is None:
                return None
            self._keep_person(row)
        return self._accounts[account]

    async def get_team(self, team: str) -> list[Conversation]:
        """All that Entente knows of in a team."""
        return await self._database.in_read(lambda session: _read_team(session, team))

    async def get_address(self, tenant: str) -> str | None:
        """Where a tenant's conversations are reached, if Entente is in one."""
        return await self._database.in_read(lambda session: _read_address(session, tenant))

    async def forget(self, *, tenant: str, team: str | None, conversation: str) -> bool:
        """Entente was removed from a team with all its channels, or from one chat. Answers whether
        it is nowhere in the tenant any more; then its people are forgotten too, as far as they
        can't be reached elsewhere."""

        def work(session: Session) -> bool:
            gone = col(TeamsConversation.id) == conversation
            if team is not None:
                gone = or_(gone, col(TeamsConversation.team) == team)
            session.execute(
                delete(TeamsConversation).where(col(TeamsConversation.tenant) == tenant, gone)
            )
            is_last = _read_address(session, tenant) is None
            if is_last:
                _forget_people(session, tenant)
            bump(session, DIRECTORY_SCOPE)
            return is_last

        is_last = await self._database.in_write(work)
        self._clear()
        return is_last

    def _keep(self, conversation: Conversation) -> None:
        if len(self._conversations) >= MOST:
            self._conversations.clear()
        self._conversations[conversation.id] = conversation

    def _keep_person(self, person: Person) -> None:
        if len(self._people) >= MOST:
            self._people.clear()
            self._accounts.clear()
        self._people[person.person] = person
        self._accounts[person.account] = person.person


_CONVERSATION: Final = (
    "real_id", "kind", "tenant", "service_url", "bot", "team", "group", "name",
)  # fmt: skip
_PERSON: Final = (
    "account", "tenant", "service_url", "home", "zone", "seen_in", "direct", "direct_url",
)  # fmt: skip


def _fields(conversation: Conversation) -> dict[str, Any]:
    return {name: getattr(conversation, name) for name in _CONVERSATION}


def _merge_conversation(known: Conversation | None, said: Conversation) -> Conversation:
    if known is None:
        return said
    return replace(
        said,
        team=said.team or known.team,
        group=said.group or known.group,
        name=said.name or known.name,
        bot=said.bot or known.bot,
    )


def _to_conversation(row: TeamsConversation) -> Conversation:
    return Conversation(id=row.id, **{name: getattr(row, name) for name in _CONVERSATION})


def _to_person(row: TeamsPerson) -> Person:
    return Person(person=row.person, **{name: getattr(row, name) for name in _PERSON})


def _read_conversation(session: Session, identifier: str) -> Conversation | None:
    row = session.get(TeamsConversation, identifier)
    return _to_conversation(row) if row else None


def _read_person(session: Session, user: str) -> Person | None:
    row = session.get(TeamsPerson, user)
    return _to_person(row) if row else None


def _read_account(session: Session, account: str) -> Person | None:
    row = session.exec(select(TeamsPerson).where(col(TeamsPerson.account) == account)).first()
    return _to_person(row) if row else None


def _read_team(session: Session, team: str) -> list[Conversation]:
    rows = session.exec(select(TeamsConversation).where(col(TeamsConversation.team) == team))
    return [_to_conversation(row) for row in rows]


def _read_address(session: Session, tenant: str) -> str | None:
    return session.exec(
        select(TeamsConversation.service_url)
        .where(col(TeamsConversation.tenant) == tenant)
        .limit(1)
    ).first()


def _forget_people(session: Session, tenant: str) -> None:
    """Nobody is reached by way of this tenant any more: their chats with Entente went with it, and
    who was met there last is reached in their own chat elsewhere, or not at all."""
    person = TeamsPerson
    session.execute(
        update(person).where(col(person.home) == tenant).values(direct=None, direct_url=None)
    )
    was_met = col(person.tenant) == tenant
    session.execute(
        update(person)
        .where(was_met, col(person.home) != tenant, col(person.direct_url).is_not(None))
        .values(
            tenant=col(person.home),
            service_url=col(person.direct_url),
            seen_in=col(person.direct),
        )
    )
    session.execute(delete(person).where(col(person.tenant) == tenant))
