"""Hosts, their boots and services, and one sample per check."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="host_key"),
        sa.UniqueConstraint("name", name="host_is_one_per_name"),
    )
    op.create_table(
        "boot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="boot_key"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="boot_has_host_id"),
        sa.UniqueConstraint("host_id", "name", name="boot_is_one_per_host_id_name"),
    )
    op.create_table(
        "service",
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("method", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("host_id", "number", name="service_key"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="service_has_host_id"),
        sa.UniqueConstraint("host_id", "name", "method", name="service_is_one_per_host_id_name_method"),
    )
    op.create_table(
        "sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("boot_id", sa.Integer(), nullable=False),
        sa.Column("mem_total_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mem_available_bytes", sa.BigInteger()),
        sa.Column("mem_free_bytes", sa.BigInteger(), nullable=False),
        sa.Column("swap_total_bytes", sa.BigInteger(), nullable=False),
        sa.Column("swap_used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("swapped_in_bytes", sa.BigInteger()),
        sa.Column("swapped_out_bytes", sa.BigInteger()),
        sa.Column("major_faults", sa.BigInteger()),
        sa.Column("oom_kills", sa.BigInteger()),
        sa.Column("pressure_some_avg10", sa.Double()),
        sa.Column("pressure_full_avg10", sa.Double()),
        sa.Column("services", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="sample_key"),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="sample_has_host_id"),
        sa.ForeignKeyConstraint(["boot_id"], ["boot.id"], name="sample_has_boot_id"),
    )
    op.create_index("sample_by_host_id_taken_at", "sample", ["host_id", "taken_at"])
