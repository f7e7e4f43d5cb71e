"""New decisions go into PostgreSQL's index for searching at once.

A list of what is still to be put there, its default, is read from end to end by each search.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("ALTER INDEX decision_search SET (fastupdate = off)")
        connection.execute(sa.text("SELECT gin_clean_pending_list('decision_search')"))


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
