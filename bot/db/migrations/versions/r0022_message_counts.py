"""How many messages were looked at on a day, so that the warning of an everyday word has a figure.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_message_counts",
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_message_counts_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alliance_id", "day", name=op.f("pk_term_message_counts")),
    )
    op.create_index(
        op.f("ix_term_message_counts_day"), "term_message_counts", ["day"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
