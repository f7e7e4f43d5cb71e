"""When a platform was last asked who somebody in a channel is.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("onboarding_attendance", sa.Column("asked_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
