"""What partners write into the briefing book; how people want to be reached who are introduced,
and since when newcomers are away.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("contact", "other_contact"):
        op.add_column(
            "onboarding_meetings",
            sa.Column(name, sa.String(length=120), nullable=False, server_default=""),
        )
    op.create_table(
        "briefing_fronts",
        sa.Column("audience_kind", sa.String(length=10), nullable=False),
        sa.Column("audience_id", sa.String(length=24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=True),
        sa.Column("agreement", sa.String(length=3000), nullable=False),
        sa.Column("links", sa.String(length=2000), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliances.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partner_id"),
    )
    op.create_index("ix_briefing_fronts_alliance_id", "briefing_fronts", ["alliance_id"])
    op.add_column("onboarding_journeys", sa.Column("away_since", UtcDateTime(), nullable=True))
