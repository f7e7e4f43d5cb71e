"""How each committee decides, charters on their way in, and reminders for committees.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.text("0")
    for column in (
        sa.Column("rule_kind", sa.String(10), nullable=False, server_default="all"),
        sa.Column("rule_count", sa.Integer(), nullable=False, server_default=number),
        sa.Column("rule_days", sa.Integer(), nullable=False, server_default=number),
        sa.Column("rule_agreed", Json, nullable=False, server_default=sa.text("'[]'")),
    ):
        op.add_column("committees", column)
    op.create_table(
        "charter_drafts",
        sa.Column("audience_kind", sa.String(10), nullable=False),
        sa.Column("audience_id", sa.String(24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("committee_id", sa.String(length=24), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_drafts")),
        *_references("charter_drafts", "alliance", "partner", "member", "committee"),
    )
    for name in ("alliance_id", "partner_id", "member_id", "committee_id", "created_at"):
        op.create_index(op.f(f"ix_charter_drafts_{name}"), "charter_drafts", [name])
    op.create_table(
        "reminder_committees",
        sa.Column("reminder_id", sa.String(), nullable=False),
        sa.Column("committee_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("reminder_id", "committee_id", name=op.f("pk_reminder_committees")),
        *_references("reminder_committees", "reminder", "committee"),
    )
    op.create_index(
        op.f("ix_reminder_committees_committee_id"), "reminder_committees", ["committee_id"]
    )
    op.add_column("reminder_targets", sa.Column("committee_id", sa.String(24), nullable=True))


def _references(table: str, *owners: str) -> list[sa.ForeignKeyConstraint]:
    """The table's columns `OWNER_id`, which go with the rows they name."""
    return [
        sa.ForeignKeyConstraint(
            [f"{owner}_id"],
            [f"{owner}s.id"],
            name=op.f(f"fk_{table}_{owner}_id_{owner}s"),
            ondelete="CASCADE",
        )
        for owner in owners
    ]


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
