"""Where a person's own chat in Teams is reached, apart from where they were met last.

Revision ID: 0018
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("teams_people", sa.Column("direct_url", sa.String(200), nullable=True))
