"""What it takes to write into a conversation of Teams, or to a person there.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teams_conversations",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("real_id", sa.String(400), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("service_url", sa.String(200), nullable=False),
        sa.Column("bot", sa.String(120), nullable=False),
        sa.Column("team", sa.String(200), nullable=True),
        sa.Column("team_group", sa.String(80), nullable=True),
        sa.Column("name", sa.String(120), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_conversations")),
    )
    for column in ("team", "tenant"):
        name = op.f(f"ix_teams_conversations_{column}")
        op.create_index(name, "teams_conversations", [column], unique=False)
    op.create_table(
        "teams_people",
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("home", sa.String(80), nullable=True),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("service_url", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=True),
        sa.Column("seen_in", sa.String(400), nullable=True),
        sa.Column("direct", sa.String(400), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_teams_people")),
    )
    for column in ("account", "tenant"):
        name = op.f(f"ix_teams_people_{column}")
        op.create_index(name, "teams_people", [column], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
