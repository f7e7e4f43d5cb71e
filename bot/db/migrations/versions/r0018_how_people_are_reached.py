"""Where a person's own chat in Teams is reached, apart from where they were met last; and what
waits there for people to whom nothing can be shown alone.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import Json, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("teams_people", sa.Column("direct_url", sa.String(200), nullable=True))
    op.add_column("accounts", sa.Column("seen_at", UtcDateTime(), nullable=True))
    op.add_column("channels", sa.Column("heard_at", UtcDateTime(), nullable=True))
    op.add_column("channels", sa.Column("within", sa.String(120), nullable=True))
    op.create_table(
        "teams_kept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(80), nullable=False),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("view", Json, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_kept")),
    )
    for column in ("at", "line", "person"):
        op.create_index(op.f(f"ix_teams_kept_{column}"), "teams_kept", [column], unique=False)
