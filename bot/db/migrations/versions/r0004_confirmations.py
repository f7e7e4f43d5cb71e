"""Confirmations by the partners: requests, voices, remarks; statements that are theirs together.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nudges",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_nudges_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudges")),
    )
    op.create_index("ix_nudges_member_id_at", "nudges", ["member_id", "at"], unique=False)
    op.create_table(
        "remarks",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("version_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("text", sa.String(20000), nullable=False),
        sa.Column("note", sa.String(3000), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(3000), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_remarks_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_remarks_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_remarks_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
    )
    op.create_index(op.f("ix_remarks_member_id"), "remarks", ["member_id"], unique=False)
    op.create_index(op.f("ix_remarks_partner_id"), "remarks", ["partner_id"], unique=False)
    op.create_index(op.f("ix_remarks_version_id"), "remarks", ["version_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("version_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("nudges", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_requests_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_requests_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_requests_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint(
            "version_id", "member_id", name=op.f("uq_requests_version_id_member_id")
        ),
    )
    op.create_index(op.f("ix_requests_member_id"), "requests", ["member_id"], unique=False)
    op.create_index(op.f("ix_requests_partner_id"), "requests", ["partner_id"], unique=False)
    op.create_index(op.f("ix_requests_version_id"), "requests", ["version_id"], unique=False)
    op.create_table(
        "voices",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("version_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(3000), nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("given_in", sa.String(10), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_voices_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_voices_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_voices_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voices")),
        sa.UniqueConstraint(
            "version_id", "partner_id", name=op.f("uq_voices_version_id_partner_id")
        ),
    )
    op.create_index(op.f("ix_voices_member_id"), "voices", ["member_id"], unique=False)
    op.create_index(op.f("ix_voices_partner_id"), "voices", ["partner_id"], unique=False)
    op.create_index(op.f("ix_voices_version_id"), "voices", ["version_id"], unique=False)
    op.add_column(
        "alliances",
        sa.Column("lapse_days", sa.Integer(), nullable=False, server_default=sa.text("30")),
    )
    with op.batch_alter_table("statements") as table:
        table.add_column(sa.Column("supersedes_id", sa.String(length=24), nullable=True))
        table.alter_column("partner_id", existing_type=sa.String(length=24), nullable=True)
        table.create_foreign_key(
            op.f("fk_statements_supersedes_id_statements"),
            "statements",
            ["supersedes_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_statements_supersedes_id"), "statements", ["supersedes_id"])
    op.create_index(
        "uq_statements_shared",
        "statements",
        ["alliance_id", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("partner_id IS NULL"),
        postgresql_where=sa.text("partner_id IS NULL"),
    )
    none, empty = sa.text("0"), sa.text("''")
    with op.batch_alter_table("versions") as table:
        for column in (
            sa.Column("committee_id", sa.String(length=24), nullable=True),
            sa.Column("rule_kind", sa.String(10), nullable=False, server_default=empty),
            sa.Column("rule_count", sa.Integer(), nullable=False, server_default=none),
            sa.Column("rule_days", sa.Integer(), nullable=False, server_default=none),
            sa.Column("basis", sa.String(12), nullable=False, server_default=empty),
            sa.Column("answer_by", UtcDateTime(), nullable=True),
            sa.Column("settled_at", UtcDateTime(), nullable=True),
        ):
            table.add_column(column)
        table.alter_column(
            "text", existing_type=sa.String(6000), type_=sa.String(20000), existing_nullable=False
        )
        table.create_foreign_key(
            op.f("fk_versions_committee_id_committees"),
            "committees",
            ["committee_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_versions_answer_by"), "versions", ["answer_by"])
    op.create_index(op.f("ix_versions_committee_id"), "versions", ["committee_id"])


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
