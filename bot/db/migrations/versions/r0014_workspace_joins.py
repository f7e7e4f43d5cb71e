"""Partners that bring in who joins their workspace.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "partners",
        sa.Column("takes_newcomers", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
