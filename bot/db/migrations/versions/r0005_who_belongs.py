"""Partings, claims of accounts, and since when shared things stand as they are.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("deactivated_at", UtcDateTime(), nullable=True))
    op.add_column("committees", sa.Column("changed_at", UtcDateTime(), nullable=True))
    op.add_column("statements", sa.Column("shared_at", UtcDateTime(), nullable=True))
    op.add_column(
        "invitations",
        sa.Column("shares_workspace", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # Addresses that were kept before are not wanted in the clear.
    op.execute("UPDATE accounts SET email = NULL")
    op.create_table(
        "partings",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=True),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("kept", Json, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        *_keys("partings", alliance_id="alliances", partner_id="partners", member_id="members"),
    )
    for column in ("alliance_id", "partner_id", "member_id"):
        op.create_index(op.f(f"ix_partings_{column}"), "partings", [column])
    op.create_table(
        "account_claims",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.String(length=24), nullable=False),
        sa.Column("other_id", sa.String(length=24), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        *_keys(
            "account_claims", alliance_id="alliances", account_id="accounts", other_id="accounts"
        ),
    )
    for column in ("alliance_id", "account_id", "other_id"):
        op.create_index(op.f(f"ix_account_claims_{column}"), "account_claims", [column])


def _keys(table: str, **targets: str) -> tuple[sa.Constraint, ...]:
    """The primary key, and a foreign key for each of these columns."""
    return (
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{target}.id"],
                name=op.f(f"fk_{table}_{column}_{target}"),
                ondelete="CASCADE",
            )
            for column, target in targets.items()
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
