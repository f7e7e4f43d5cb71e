"""Files of terms are added piece by piece.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_import_pieces",
        sa.Column("import_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lines", sa.String(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["term_imports.id"],
            name=op.f("fk_term_import_pieces_import_id_term_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_term_import_pieces")),
    )
    for table in ("terms", "term_meanings"):
        op.create_index(op.f(f"ix_{table}_import_id"), table, ["import_id"], unique=False)
    # What an undo of these needs was kept elsewhere until now.
    op.execute("DELETE FROM term_imports WHERE state <> 'waiting'")


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
