"""Terms that are put to the partners together, and checks that a reminder began.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "term_proposals",
        sa.Column("label", sa.String(length=220), nullable=False, server_default=""),
    )
    op.add_column("meaning_checks", sa.Column("firing_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_meaning_checks_firing_id", "meaning_checks", ["firing_id"], unique=True)
