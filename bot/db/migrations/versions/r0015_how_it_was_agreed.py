"""On what ground a decision was agreed.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "decisions", sa.Column("basis", sa.String(12), nullable=False, server_default=sa.text("''"))
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
