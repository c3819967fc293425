"""Approvals, and an audit whose lines are chained by their hashes and can only be added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.store.values import load
from bot.domain.audit import BEGINNING, AuditEntry, linked

revision = "0004"
down_revision = "0003"

# A line that takes the place of another (INSERT OR REPLACE) is inserted: no trigger sees the other go.
_ONLY_ADDED_TO = (
    """
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit can only be added to'); END
    """,
    """
    CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit can only be added to'); END
    """,
    """
    CREATE TRIGGER audit_is_a_chain BEFORE INSERT ON audit
    WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM audit)
    OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY number DESC LIMIT 1), hex(zeroblob(32)))
    BEGIN SELECT RAISE(ABORT, 'the audit can only be added to at its end'); END
    """,
)


def upgrade() -> None:
    """Make the table of approvals, and the audit anew. Raises ValueError where a line cannot be read."""
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("over_at", sa.BigInteger()),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="approval_key"),
    )
    op.create_index("approval_by_over_at", "approval", ["over_at"])
    _chain_audit()


def _chain_audit() -> None:
    lines = op.get_bind().execute(sa.text("SELECT kept FROM audit ORDER BY id")).scalars().all()
    op.drop_table("audit")
    audit = op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="audit_key"),
    )
    number, previous = 0, BEGINNING
    rows = []
    for kept in lines:
        link = linked(load(AuditEntry, kept), number, previous)
        number, previous = link.number, link.hash
        rows.append({"number": number, "previous": link.previous, "hash": link.hash, "kept": kept})
    op.bulk_insert(audit, rows)
    for trigger in _ONLY_ADDED_TO:
        op.execute(trigger)
