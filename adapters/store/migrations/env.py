"""Read by Alembic for each upgrade: runs it on the connection, and in the transaction, that it was given."""

from __future__ import annotations

from alembic import context

from adapters.store.tables import REVISION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
