"""Packed hours, and everything about watching: states, incidents, silences, events, what is to be said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("sample", sa.Column("cpu_system_s", sa.Double()))
    op.add_column("sample", sa.Column("cpu_total_s", sa.Double()))
    _history()
    _incidents()
    _audit()
    _outbox()


def _history() -> None:
    op.create_table(
        "pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("samples", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pack_key"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="pack_has_host_id"),
    )
    op.create_index("pack_by_host_id_tier_begins_at", "pack", ["host_id", "tier", "begins_at"])


def _incidents() -> None:
    op.create_table(
        "host_state",
        sa.Column("host", sa.LargeBinary(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="host_state_key"),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("host", sa.LargeBinary(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="incident_key"),
    )
    op.create_index("incident_by_resolved_at", "incident", ["resolved_at"])
    op.create_table(
        "silence",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="silence_key"),
    )
    op.create_index("silence_by_ends_at", "silence", ["ends_at"])
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="event_key"),
    )
    op.create_index("event_by_at", "event", ["at"])
    op.create_index("event_by_host_at", "event", ["host", "at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_key"),
    )
    op.create_table(
        "periodic",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="periodic_key"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="counter_key"),
    )


def _outbox() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.LargeBinary(), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("is_card", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(25), nullable=False),
        sa.Column("claimed_by", sa.String(32)),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", sa.BigInteger()),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="outgoing_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("outgoing_by_platform_channel_card", "outgoing", ["platform", "channel", "card"])
    op.create_table(
        "card",
        sa.Column("platform", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("ref", sa.LargeBinary()),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "channel", "name", name="card_key"),
    )
    op.create_index("card_by_name", "card", ["name"])
    op.create_index("card_by_said_at", "card", ["said_at"])
    op.create_table(
        "pause",
        sa.Column("platform", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "channel", name="pause_key"),
    )
    op.create_table(
        "given_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="given_up_key"),
    )
    op.create_index("given_up_by_at", "given_up", ["at"])
