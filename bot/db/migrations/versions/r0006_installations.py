"""Installations in workspaces, each with a token of its own.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("workspace_id", sa.String(length=24), nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(80), nullable=False),
        sa.Column("is_organisation", sa.Boolean(), nullable=False),
        sa.Column("bot_user", sa.String(80), nullable=False),
        sa.Column("bot_id", sa.String(80), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("refreshing_until", UtcDateTime(), nullable=True),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("installed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_installations_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installations")),
        sa.UniqueConstraint(
            "platform", "external_id", name=op.f("uq_installations_platform_external_id")
        ),
    )
    op.create_index(
        op.f("ix_installations_workspace_id"), "installations", ["workspace_id"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
