"""Claiming a message touches no index, and finds room beside the row (PostgreSQL: HOT updates).

Indexes over some of the rows no longer ask for `state`, which each claim changes.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _replace(
        "ix_deliveries_reminded",
        "deliveries",
        "subject",
        "topic = 'reminder' AND finished_at IS NOT NULL",
    )
    op.drop_index("ix_deliveries_failed", "deliveries")
    _make(
        "ix_deliveries_unsent",
        "deliveries",
        "alliance_id",
        "finished_at IS NOT NULL AND message_ref IS NULL",
    )
    _replace("ix_lanes_next_at", "lanes", "next_at", "next_at IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE lanes SET (fillfactor = 50)")


def _replace(name: str, table: str, column: str, where: str) -> None:
    op.drop_index(name, table)
    _make(name, table, column, where)


def _make(name: str, table: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
