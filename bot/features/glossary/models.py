"""The tables of the glossary."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Index, String, UniqueConstraint
from sqlmodel import Field

from bot.core.ids import new_unordered_id
from bot.db.table import Table, id_column, moment, reference
from bot.people.models import Audience


class TermStatus(StrEnum):
    """How far partners are with a term. Agreed: confirmed by all whom it takes; contested: they
    mean different things, or somebody disputes it."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    CONTESTED = "contested"
    RETIRED = "retired"


class FormKind(StrEnum):
    """What a form of a term is. Discouraged: people write it, and another would be clearer."""

    NAME = "name"
    SPELLED_OUT = "spelled_out"
    ALIAS = "alias"
    DISCOURAGED = "discouraged"


class Term(Audience, table=True):
    """One sense of a word. `key` is its name folded; another sense of the same word is another
    term. `edition` counts changes, so that of two who edit at once the second is told."""

    __tablename__ = "terms"
    __table_args__ = (Index("ix_terms_key", "alliance_id", "key"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    owner_id: str | None = reference("members.id", nullable=True)
    name: str = Field(max_length=200)
    key: str = Field(max_length=400)
    context: str = Field(default="", max_length=200)
    examples: str = Field(default="", max_length=1000)
    status: str = Field(default=TermStatus.PROPOSED, max_length=10)
    is_disputed: bool = False
    review_on: date | None = None
    edition: int = 1
    shown: int = 0
    accepted: int = 0
    dismissed: int = 0
    created_at: datetime = moment()
    contested_at: datetime | None = moment(nullable=True)
    agreed_at: datetime | None = moment(nullable=True)
    agreed_text: str = Field(default="", max_length=1000)
    agreed_version_id: str | None = Field(default=None, max_length=24)
    import_id: str | None = Field(default=None, max_length=24, index=True)


class TermForm(Table, table=True):
    """One way in which a term is written."""

    __tablename__ = "term_forms"
    __table_args__ = (UniqueConstraint("term_id", "key"), Index("ix_term_forms_key", "key"))

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    term_id: str = reference("terms.id")
    kind: str = Field(max_length=12)
    text: str = Field(max_length=200)
    key: str = Field(max_length=400)


class TermMeaning(Audience, table=True):
    """What one partner means by a term. Until that partner's manager confirms it, it is what
    somebody thinks they mean (`confirmed_by_id` is empty)."""

    __tablename__ = "term_meanings"
    __table_args__ = (UniqueConstraint("term_id", "partner_id"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    term_id: str = reference("terms.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    confirmed_by_id: str | None = reference("members.id", nullable=True)
    text: str = Field(max_length=1000)
    changed_at: datetime = moment()
    import_id: str | None = Field(default=None, max_length=24, index=True)


class TermProposal(Table, table=True):
    """A term that a statement is about: alone, or with others in one statement, where `label`
    stands before its meaning."""

    __tablename__ = "term_proposals"

    statement_id: str = Field(foreign_key="statements.id", primary_key=True, ondelete="CASCADE")
    term_id: str = Field(foreign_key="terms.id", primary_key=True, ondelete="CASCADE", index=True)
    label: str = Field(default="", max_length=220)


class ImportState(StrEnum):
    """How far a file is. Adding: its new terms are written where nobody sees them yet; settling:
    they are to be seen, and what it says of terms that were there follows; undoing: what it brought
    is to be seen no more, and is being taken away."""

    WAITING = "waiting"
    ADDING = "adding"
    SETTLING = "settling"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class TermImport(Table, table=True):
    """A file that was read, as it waits for a yes, and how far it is then. `content`: its rows,
    until somebody says yes."""

    __tablename__ = "term_imports"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    content: str = Field(default="")
    mapping: str = Field(default="", max_length=2000)
    state: str = Field(default=ImportState.WAITING, max_length=10)
    created_at: datetime = moment()


class TermImportPiece(Table, table=True):
    """Some rows of a file on their way into the glossary: `lines` are those that are still to be
    done, with their numbers; `did` what was done, as an undo needs it."""

    __tablename__ = "term_import_pieces"

    import_id: str = Field(foreign_key="term_imports.id", primary_key=True, ondelete="CASCADE")
    number: int = Field(primary_key=True)
    state: str = Field(default=ImportState.ADDING, max_length=10)
    lines: str = Field(default="")
    did: str = Field(default="")


class CheckConsent(Table, table=True):
    """How much one partner's manager lets Entente check in a channel."""

    __tablename__ = "check_consents"

    channel_id: str = Field(foreign_key="channels.id", primary_key=True, ondelete="CASCADE")
    partner_id: str = Field(foreign_key="partners.id", primary_key=True, ondelete="CASCADE")
    member_id: str = reference("members.id", index=False)
    mode: str = Field(max_length=10)
    given_at: datetime = moment()


class TermUse(Table, table=True):
    """A term was used, or explained, in a thread: the next use there is no news. No text."""

    __tablename__ = "term_uses"

    channel_id: str = Field(foreign_key="channels.id", primary_key=True, ondelete="CASCADE")
    thread: str = Field(primary_key=True, max_length=80)
    term_id: str = Field(foreign_key="terms.id", primary_key=True, ondelete="CASCADE")
    at: datetime = moment(index=True)


class TermNudge(Table, table=True):
    """A hint that one person got about a term, and what they did with it."""

    __tablename__ = "term_nudges"
    __table_args__ = (Index("ix_term_nudges_member_term", "member_id", "term_id"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    term_id: str = reference("terms.id")
    member_id: str = reference("members.id", index=False)
    channel_id: str = reference("channels.id")
    thread: str = Field(max_length=80)
    form: str = Field(default="", max_length=200)
    kind: str = Field(max_length=12)
    outcome: str = Field(default="", max_length=10)
    at: datetime = moment(index=True)


class TermKnown(Table, table=True):
    """A channel knows what a term means: nobody is told there."""

    __tablename__ = "term_known"

    channel_id: str = Field(foreign_key="channels.id", primary_key=True, ondelete="CASCADE")
    term_id: str = Field(foreign_key="terms.id", primary_key=True, ondelete="CASCADE")
    member_id: str = reference("members.id", index=False)
    at: datetime = moment()


class Sighting(Table, table=True):
    """How often a partner's people wrote an acronym that no glossary explains, on one day.
    `is_shared`: where other partners read it, and not in the partner's own channels."""

    __tablename__ = "term_sightings"

    alliance_id: str = Field(foreign_key="alliances.id", primary_key=True, ondelete="CASCADE")
    partner_id: str = Field(foreign_key="partners.id", primary_key=True, ondelete="CASCADE")
    word: str = Field(primary_key=True, max_length=20)
    day: date = Field(primary_key=True, index=True)
    is_shared: bool = Field(primary_key=True)
    count: int = 0


class MessageCount(Table, table=True):
    """How many messages of an alliance's shared channels were looked at on one day, whoever wrote
    them."""

    __tablename__ = "term_message_counts"

    alliance_id: str = Field(foreign_key="alliances.id", primary_key=True, ondelete="CASCADE")
    day: date = Field(primary_key=True, index=True)
    count: int = 0


class IgnoredWord(Table, table=True):
    """An acronym that one partner's manager needs no explanation of."""

    __tablename__ = "term_ignored"

    alliance_id: str = Field(foreign_key="alliances.id", primary_key=True, ondelete="CASCADE")
    partner_id: str = Field(foreign_key="partners.id", primary_key=True, ondelete="CASCADE")
    word: str = Field(primary_key=True, max_length=20)
    member_id: str = reference("members.id", index=False)


class ListWish(Table, table=True):
    """A manager wants the weekly list, and when it comes next."""

    __tablename__ = "term_list_wishes"

    member_id: str = Field(foreign_key="members.id", primary_key=True, ondelete="CASCADE")
    alliance_id: str = reference("alliances.id")
    next_at: datetime = moment(index=True)


class Check(Table, table=True):
    """A shared-meaning check: one term, put to a sample of each partner. `firing_id`: the firing
    of the reminder that began it."""

    __tablename__ = "meaning_checks"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    term_id: str = reference("terms.id")
    member_id: str | None = reference("members.id", nullable=True)
    asked_at: datetime = moment()
    closes_at: datetime = moment(index=True)
    is_reported: bool = False
    firing_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, nullable=True, unique=True, index=True)
    )


class CheckAsked(Table, table=True):
    """Who was asked, and whether they answered: never what."""

    __tablename__ = "meaning_check_asked"

    check_id: str = Field(foreign_key="meaning_checks.id", primary_key=True, ondelete="CASCADE")
    member_id: str = Field(
        foreign_key="members.id", primary_key=True, ondelete="CASCADE", index=True
    )
    at: datetime = moment()
    has_answered: bool = False


class CheckAnswer(Table, table=True):
    """One answer, without who gave it. `partner_id` and `is_seated` say for which figure it counts;
    `meaning_of` names the partner whose meaning was chosen (none: another). In no order: who
    answered when can't be told from the ids either."""

    __tablename__ = "meaning_check_answers"

    id: str = Field(default_factory=new_unordered_id, primary_key=True, sa_type=String(24))
    check_id: str = reference("meaning_checks.id")
    partner_id: str = reference("partners.id")
    is_seated: bool = False
    choice: str = Field(max_length=24)
