"""What came with imported records.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brought",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=True),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("local_id", sa.String(24), nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("brought_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_brought_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_brought_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brought")),
        sa.UniqueConstraint(
            "alliance_id",
            "section",
            "origin",
            name=op.f("uq_brought_alliance_id_section_origin"),
        ),
    )
    op.create_index(op.f("ix_brought_alliance_id"), "brought", ["alliance_id"], unique=False)
    op.create_index(op.f("ix_brought_partner_id"), "brought", ["partner_id"], unique=False)
    op.create_index(op.f("ix_brought_local_id"), "brought", ["local_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
