"""Onboarding: tracks, journeys, steps, who is in which channel; private links to documents.

Revision ID: 0009
Revises: 0008
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from bot.db.types import Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "onboarding_practice",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("hides_persons", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_onboarding_practice_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_onboarding_practice_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_onboarding_practice")),
    )
    op.create_index(
        op.f("ix_onboarding_practice_alliance_id"),
        "onboarding_practice",
        ["alliance_id"],
        unique=False,
    )
    op.create_table(
        "document_links",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_document_links_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_document_links_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_document_links_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_document_links_token_hash")),
    )
    op.create_index(
        op.f("ix_document_links_account_id"), "document_links", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_document_links_alliance_id"), "document_links", ["alliance_id"], unique=False
    )
    op.create_index(
        op.f("ix_document_links_expires_at"), "document_links", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_document_links_member_id"), "document_links", ["member_id"], unique=False
    )
    op.create_table(
        "onboarding_attendance",
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("was_before", sa.Boolean(), nullable=False),
        sa.Column("is_checked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_onboarding_attendance_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "person", name=op.f("pk_onboarding_attendance")),
    )
    op.create_index(
        "ix_onboarding_attendance_open",
        "onboarding_attendance",
        ["channel_id"],
        unique=False,
        sqlite_where=sa.text("NOT is_checked"),
        postgresql_where=sa.text("NOT is_checked"),
    )
    op.create_index(
        "ix_onboarding_attendance_person", "onboarding_attendance", ["person"], unique=False
    )
    op.create_table(
        "onboarding_looks",
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("compared_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_onboarding_looks_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_onboarding_looks")),
    )
    op.create_table(
        "onboarding_meetings",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("other_id", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("times", Json, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_onboarding_meetings_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_onboarding_meetings_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["members.id"],
            name=op.f("fk_onboarding_meetings_other_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_meetings")),
        sa.UniqueConstraint(
            "kind",
            "member_id",
            "other_id",
            name=op.f("uq_onboarding_meetings_kind_member_id_other_id"),
        ),
    )
    op.create_index(
        op.f("ix_onboarding_meetings_alliance_id"),
        "onboarding_meetings",
        ["alliance_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_onboarding_meetings_other_id"), "onboarding_meetings", ["other_id"], unique=False
    )
    op.create_table(
        "onboarding_remarks",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_onboarding_remarks_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_onboarding_remarks_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_onboarding_remarks_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_remarks")),
    )
    op.create_index(
        op.f("ix_onboarding_remarks_alliance_id"),
        "onboarding_remarks",
        ["alliance_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_onboarding_remarks_partner_id"), "onboarding_remarks", ["partner_id"], unique=False
    )
    op.create_table(
        "onboarding_tracks",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("steps", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_onboarding_tracks_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_onboarding_tracks_member_id_members"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_onboarding_tracks_partner_id_partners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_tracks")),
        sa.UniqueConstraint(
            "partner_id", "kind", "number", name=op.f("uq_onboarding_tracks_partner_id_kind_number")
        ),
    )
    op.create_index(
        op.f("ix_onboarding_tracks_alliance_id"), "onboarding_tracks", ["alliance_id"], unique=False
    )
    op.create_index(
        op.f("ix_onboarding_tracks_partner_id"), "onboarding_tracks", ["partner_id"], unique=False
    )
    op.create_table(
        "onboarding_journeys",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("track_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(60), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(40), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("lane_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("last_at", UtcDateTime(), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("reacted_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("trouble", sa.String(80), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("told_in", sa.String(24), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_onboarding_journeys_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lane_id"], ["lanes.id"], name=op.f("fk_onboarding_journeys_lane_id_lanes")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_onboarding_journeys_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"],
            ["onboarding_tracks.id"],
            name=op.f("fk_onboarding_journeys_track_id_onboarding_tracks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_journeys")),
        sa.UniqueConstraint(
            "member_id", "cause", name=op.f("uq_onboarding_journeys_member_id_cause")
        ),
    )
    op.create_index(
        op.f("ix_onboarding_journeys_alliance_id"),
        "onboarding_journeys",
        ["alliance_id"],
        unique=False,
    )
    op.create_index(
        "ix_onboarding_journeys_due",
        "onboarding_journeys",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("ix_onboarding_journeys_lane", "onboarding_journeys", ["lane_id"], unique=False)
    op.create_index(
        "ix_onboarding_journeys_open",
        "onboarding_journeys",
        ["id"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_onboarding_journeys_untold",
        "onboarding_journeys",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'unreachable' AND told_at IS NULL"),
        postgresql_where=sa.text("state = 'unreachable' AND told_at IS NULL"),
    )
    op.create_table(
        "onboarding_steps",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("journey_id", sa.String(length=24), nullable=False),
        sa.Column("alliance_id", sa.String(24), nullable=False),
        sa.Column("member_id", sa.String(length=24), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("lane_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("queued_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("reacted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["journey_id"],
            ["onboarding_journeys.id"],
            name=op.f("fk_onboarding_steps_journey_id_onboarding_journeys"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_onboarding_steps_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_steps")),
        sa.UniqueConstraint(
            "member_id", "edition", "step", name=op.f("uq_onboarding_steps_member_id_edition_step")
        ),
    )
    op.create_index(
        op.f("ix_onboarding_steps_journey_id"), "onboarding_steps", ["journey_id"], unique=False
    )
    op.create_index(
        "ix_onboarding_steps_queued",
        "onboarding_steps",
        ["lane_id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "briefing_visits",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("alliance_id", sa.String(length=24), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("marks", Json, nullable=False),
        sa.Column("before_at", UtcDateTime(), nullable=True),
        sa.Column("before", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliances.id"],
            name=op.f("fk_briefing_visits_alliance_id_alliances"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_briefing_visits_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_briefing_visits")),
    )
    op.create_index(
        op.f("ix_briefing_visits_alliance_id"), "briefing_visits", ["alliance_id"], unique=False
    )
    # Seats and roles given from now on count, those of before do not.
    op.get_bind().execute(
        sa.text(
            "INSERT INTO onboarding_practice (partner_id, alliance_id, since, hides_persons) "
            "SELECT id, alliance_id, :now, false FROM partners WHERE joined_at IS NOT NULL"
        ).bindparams(sa.bindparam("now", datetime.now(UTC), type_=UtcDateTime()))
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
