"""Whose people read a channel within one workspace; wordings that open what was a committee's.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import Json

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("partners", Json, nullable=False, server_default="[]"))
    op.add_column(
        "channels",
        sa.Column("is_doubted", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "versions", sa.Column("widens", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Of those linked before nobody knows: they are looked at once.
    op.execute("UPDATE channels SET is_doubted = true WHERE state = 'linked'")


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
