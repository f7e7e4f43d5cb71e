"""Decisions, what they still need, and who wants the weekly digest.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE decision_search USING fts5(words, content='', detail='none', "
    "tokenize='unicode61 remove_diacritics 0', prefix='2 3 4 5 6')",
    "CREATE TRIGGER decision_search_added AFTER INSERT ON decisions BEGIN "
    "INSERT INTO decision_search (rowid, words) VALUES (new.search_row, new.words); END",
    "CREATE TRIGGER decision_search_removed AFTER DELETE ON decisions BEGIN "
    "INSERT INTO decision_search (decision_search, rowid, words) "
    "VALUES ('delete', old.search_row, old.words); END",
    "CREATE TRIGGER decision_search_changed AFTER UPDATE OF words, search_row ON decisions BEGIN "
    "INSERT INTO decision_search (decision_search, rowid, words) "
    "VALUES ('delete', old.search_row, old.words); "
    "INSERT INTO decision_search (rowid, words) VALUES (new.search_row, new.words); END",
)
"""The index keeps no texts of its own, and follows the table by itself, however a row goes."""

POSTGRESQL_SEARCH = (
    "CREATE INDEX decision_search ON decisions USING gin (to_tsvector('simple', words))"
)


def upgrade() -> None:
    op.create_table(
        "decision_books",
        sa.Column("alliance_id", sa.String(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("pin", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_decision_books_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alliance_id", name=op.f("pk_decision_books")),
    )
    op.create_table(
        "decision_ears",
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("bar", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_decision_ears_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_decision_ears")),
    )
    op.create_table(
        "decision_listening",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("channel_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_decision_listening_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_decision_listening_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_decision_listening_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_decision_listening_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_listening")),
        sa.UniqueConstraint(
            "channel_id",
            "partner_id",
            "kind",
            name=op.f("uq_decision_listening_channel_id_partner_id_kind"),
        ),
    )
    op.create_index(
        op.f("ix_decision_listening_alliance_id"),
        "decision_listening",
        ["alliance_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_decision_listening_channel_id"), "decision_listening", ["channel_id"], unique=False
    )
    op.create_index(
        op.f("ix_decision_listening_member_id"), "decision_listening", ["member_id"], unique=False
    )
    op.create_index(
        op.f("ix_decision_listening_partner_id"), "decision_listening", ["partner_id"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("audience_kind", sa.String(10), nullable=False),
        sa.Column("audience_id", sa.String(24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("search_row", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("committee_id", sa.String(length=24), nullable=True),
        sa.Column("supersedes_id", sa.String(length=24), nullable=True),
        sa.Column("weight", sa.String(8), nullable=False),
        sa.Column("what", sa.String(600), nullable=False),
        sa.Column("why", sa.String(10000), nullable=False),
        sa.Column("alternatives", sa.String(3000), nullable=False),
        sa.Column("serves", sa.String(80), nullable=False),
        sa.Column("inform", Json, nullable=False),
        sa.Column("minuted", sa.String(300), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(length=24), nullable=True),
        sa.Column("message", sa.String(80), nullable=False),
        sa.Column("thread", sa.String(80), nullable=False),
        sa.Column("permalink", sa.String(500), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_decisions_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_decisions_channel_id_channels"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["committees.id"],
            name=op.f("fk_decisions_committee_id_committees"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_decisions_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_decisions_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["decisions.id"],
            name=op.f("fk_decisions_supersedes_id_decisions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("alliance_id", "number", name=op.f("uq_decisions_alliance_id_number")),
        sa.UniqueConstraint("search_row", name=op.f("uq_decisions_search_row")),
    )
    op.create_index(op.f("ix_decisions_committee_id"), "decisions", ["committee_id"], unique=False)
    op.create_index(op.f("ix_decisions_member_id"), "decisions", ["member_id"], unique=False)
    op.create_index(op.f("ix_decisions_partner_id"), "decisions", ["partner_id"], unique=False)
    op.create_index("ix_decisions_recent", "decisions", ["alliance_id", "search_row"], unique=False)
    op.create_index(op.f("ix_decisions_review_on"), "decisions", ["review_on"], unique=False)
    op.create_index(
        op.f("ix_decisions_supersedes_id"), "decisions", ["supersedes_id"], unique=False
    )
    op.create_index("ix_decisions_thread", "decisions", ["channel_id", "thread"], unique=False)
    op.create_table(
        "digest_wishes",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_digest_wishes_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_digest_wishes")),
    )
    op.create_table(
        "decision_steps",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("decision_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
            name=op.f("fk_decision_steps_decision_id_decisions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_decision_steps_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_steps")),
    )
    op.create_index(
        op.f("ix_decision_steps_decision_id"), "decision_steps", ["decision_id"], unique=False
    )
    op.create_index(
        op.f("ix_decision_steps_member_id"), "decision_steps", ["member_id"], unique=False
    )
    op.create_table(
        "decision_tasks",
        sa.Column("audience_kind", sa.String(10), nullable=False),
        sa.Column("audience_id", sa.String(24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("decision_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("ask_on", sa.Date(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(600), nullable=False),
        sa.Column("shown", sa.String(600), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_decision_tasks_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
            name=op.f("fk_decision_tasks_decision_id_decisions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["members.id"],
            name=op.f("fk_decision_tasks_owner_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_decision_tasks_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_tasks")),
    )
    op.create_index(
        op.f("ix_decision_tasks_alliance_id"), "decision_tasks", ["alliance_id"], unique=False
    )
    op.create_index(op.f("ix_decision_tasks_ask_on"), "decision_tasks", ["ask_on"], unique=False)
    op.create_index(
        op.f("ix_decision_tasks_decision_id"), "decision_tasks", ["decision_id"], unique=False
    )
    op.create_index(
        op.f("ix_decision_tasks_owner_id"), "decision_tasks", ["owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_decision_tasks_partner_id"), "decision_tasks", ["partner_id"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            op.execute(statement)
    else:
        op.execute(POSTGRESQL_SEARCH)


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
