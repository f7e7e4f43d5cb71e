"""Terms, what each partner means by them, and what the checks counted.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_sightings",
        sa.Column("alliance_id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_sightings_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_term_sightings_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "alliance_id", "partner_id", "word", "day", "is_shared", name=op.f("pk_term_sightings")
        ),
    )
    op.create_index(op.f("ix_term_sightings_day"), "term_sightings", ["day"], unique=False)
    op.create_table(
        "check_consents",
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_check_consents_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_check_consents_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_check_consents_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "partner_id", name=op.f("pk_check_consents")),
    )
    op.create_table(
        "term_ignored",
        sa.Column("alliance_id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_ignored_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_term_ignored_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_term_ignored_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alliance_id", "partner_id", "word", name=op.f("pk_term_ignored")),
    )
    op.create_table(
        "term_imports",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("mapping", sa.String(2000), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_imports_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_term_imports_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_term_imports_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_imports")),
    )
    op.create_index(
        op.f("ix_term_imports_alliance_id"), "term_imports", ["alliance_id"], unique=False
    )
    op.create_index(op.f("ix_term_imports_member_id"), "term_imports", ["member_id"], unique=False)
    op.create_index(
        op.f("ix_term_imports_partner_id"), "term_imports", ["partner_id"], unique=False
    )
    op.create_table(
        "term_list_wishes",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_list_wishes_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_term_list_wishes_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_term_list_wishes")),
    )
    op.create_index(
        op.f("ix_term_list_wishes_alliance_id"), "term_list_wishes", ["alliance_id"], unique=False
    )
    op.create_index(
        op.f("ix_term_list_wishes_next_at"), "term_list_wishes", ["next_at"], unique=False
    )
    op.create_table(
        "terms",
        sa.Column("audience_kind", sa.String(10), nullable=False),
        sa.Column("audience_id", sa.String(24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("context", sa.String(200), nullable=False),
        sa.Column("examples", sa.String(1000), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("dismissed", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("contested_at", UtcDateTime(), nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.Column("agreed_text", sa.String(1000), nullable=False),
        sa.Column("agreed_version_id", sa.String(24), nullable=True),
        sa.Column("import_id", sa.String(24), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_terms_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_terms_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["members.id"], name=op.f("fk_terms_owner_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_terms_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
    )
    op.create_index(op.f("ix_terms_alliance_id"), "terms", ["alliance_id"], unique=False)
    op.create_index("ix_terms_key", "terms", ["alliance_id", "key"], unique=False)
    op.create_index(op.f("ix_terms_member_id"), "terms", ["member_id"], unique=False)
    op.create_index(op.f("ix_terms_owner_id"), "terms", ["owner_id"], unique=False)
    op.create_index(op.f("ix_terms_partner_id"), "terms", ["partner_id"], unique=False)
    op.create_table(
        "meaning_checks",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("term_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("is_reported", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_meaning_checks_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_meaning_checks_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"],
            ["terms.id"],
            name=op.f("fk_meaning_checks_term_id_terms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meaning_checks")),
    )
    op.create_index(
        op.f("ix_meaning_checks_alliance_id"), "meaning_checks", ["alliance_id"], unique=False
    )
    op.create_index(
        op.f("ix_meaning_checks_closes_at"), "meaning_checks", ["closes_at"], unique=False
    )
    op.create_index(
        op.f("ix_meaning_checks_member_id"), "meaning_checks", ["member_id"], unique=False
    )
    op.create_index(op.f("ix_meaning_checks_term_id"), "meaning_checks", ["term_id"], unique=False)
    op.create_table(
        "term_forms",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("term_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_forms_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["terms.id"], name=op.f("fk_term_forms_term_id_terms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_forms")),
        sa.UniqueConstraint("term_id", "key", name=op.f("uq_term_forms_term_id_key")),
    )
    op.create_index(op.f("ix_term_forms_alliance_id"), "term_forms", ["alliance_id"], unique=False)
    op.create_index("ix_term_forms_key", "term_forms", ["key"], unique=False)
    op.create_index(op.f("ix_term_forms_term_id"), "term_forms", ["term_id"], unique=False)
    op.create_table(
        "term_known",
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("term_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_term_known_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_term_known_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["terms.id"], name=op.f("fk_term_known_term_id_terms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "term_id", name=op.f("pk_term_known")),
    )
    op.create_table(
        "term_meanings",
        sa.Column("audience_kind", sa.String(10), nullable=False),
        sa.Column("audience_id", sa.String(24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("term_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("confirmed_by_id", sa.String(length=24), nullable=True),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("import_id", sa.String(24), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_meanings_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"],
            ["members.id"],
            name=op.f("fk_term_meanings_confirmed_by_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_term_meanings_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_term_meanings_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"],
            ["terms.id"],
            name=op.f("fk_term_meanings_term_id_terms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_meanings")),
        sa.UniqueConstraint(
            "term_id", "partner_id", name=op.f("uq_term_meanings_term_id_partner_id")
        ),
    )
    op.create_index(
        op.f("ix_term_meanings_alliance_id"), "term_meanings", ["alliance_id"], unique=False
    )
    op.create_index(
        op.f("ix_term_meanings_confirmed_by_id"), "term_meanings", ["confirmed_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_term_meanings_member_id"), "term_meanings", ["member_id"], unique=False
    )
    op.create_index(
        op.f("ix_term_meanings_partner_id"), "term_meanings", ["partner_id"], unique=False
    )
    op.create_index(op.f("ix_term_meanings_term_id"), "term_meanings", ["term_id"], unique=False)
    op.create_table(
        "term_nudges",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("term_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("channel_id", sa.String(length=24), nullable=False),
        sa.Column("thread", sa.String(80), nullable=False),
        sa.Column("form", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_term_nudges_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_term_nudges_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_term_nudges_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["terms.id"], name=op.f("fk_term_nudges_term_id_terms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_nudges")),
    )
    op.create_index(
        op.f("ix_term_nudges_alliance_id"), "term_nudges", ["alliance_id"], unique=False
    )
    op.create_index(op.f("ix_term_nudges_at"), "term_nudges", ["at"], unique=False)
    op.create_index(op.f("ix_term_nudges_channel_id"), "term_nudges", ["channel_id"], unique=False)
    op.create_index(
        "ix_term_nudges_member_term", "term_nudges", ["member_id", "term_id"], unique=False
    )
    op.create_index(op.f("ix_term_nudges_term_id"), "term_nudges", ["term_id"], unique=False)
    op.create_table(
        "term_proposals",
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("term_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["statements.id"],
            name=op.f("fk_term_proposals_statement_id_statements"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"],
            ["terms.id"],
            name=op.f("fk_term_proposals_term_id_terms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("statement_id", "term_id", name=op.f("pk_term_proposals")),
    )
    op.create_index(op.f("ix_term_proposals_term_id"), "term_proposals", ["term_id"], unique=False)
    op.create_table(
        "term_uses",
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(80), nullable=False),
        sa.Column("term_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_term_uses_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["terms.id"], name=op.f("fk_term_uses_term_id_terms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "thread", "term_id", name=op.f("pk_term_uses")),
    )
    op.create_index(op.f("ix_term_uses_at"), "term_uses", ["at"], unique=False)
    op.create_table(
        "meaning_check_answers",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("check_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("is_seated", sa.Boolean(), nullable=False),
        sa.Column("choice", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["meaning_checks.id"],
            name=op.f("fk_meaning_check_answers_check_id_meaning_checks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_meaning_check_answers_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meaning_check_answers")),
    )
    op.create_index(
        op.f("ix_meaning_check_answers_check_id"),
        "meaning_check_answers",
        ["check_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_meaning_check_answers_partner_id"),
        "meaning_check_answers",
        ["partner_id"],
        unique=False,
    )
    op.create_table(
        "meaning_check_asked",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("has_answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["meaning_checks.id"],
            name=op.f("fk_meaning_check_asked_check_id_meaning_checks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_meaning_check_asked_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("check_id", "member_id", name=op.f("pk_meaning_check_asked")),
    )
    op.create_index(
        op.f("ix_meaning_check_asked_member_id"), "meaning_check_asked", ["member_id"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
