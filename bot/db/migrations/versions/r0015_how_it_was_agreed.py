"""On what ground a decision was agreed, and who hears of open ones before a committee meets.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "decisions", sa.Column("basis", sa.String(12), nullable=False, server_default=sa.text("''"))
    )
    op.create_table(
        "decision_agendas",
        sa.Column("committee_id", sa.String(24), nullable=False),
        sa.Column("partner_id", sa.String(24), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("told_for", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["committees.id"],
            name=op.f("fk_decision_agendas_committee_id_committees"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_decision_agendas_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("committee_id", "partner_id", name=op.f("pk_decision_agendas")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
