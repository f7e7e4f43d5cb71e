"""Up to when a side has agreed to show others its own wordings in a reminder; what arrived.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reminders", sa.Column("agreed_at", UtcDateTime(), nullable=True))
    arrived = sa.text("topic = 'reminder' AND state = 'sent'")
    op.create_index(
        "ix_deliveries_reminded",
        "deliveries",
        ["subject"],
        sqlite_where=arrived,
        postgresql_where=arrived,
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
