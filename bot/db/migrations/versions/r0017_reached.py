"""How people want to be reached who are introduced, and since when newcomers are away.

Revision ID: 0017
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("contact", "other_contact"):
        op.add_column(
            "onboarding_meetings",
            sa.Column(name, sa.String(length=120), nullable=False, server_default=""),
        )
    op.add_column("onboarding_journeys", sa.Column("away_since", UtcDateTime(), nullable=True))
