"""One file per change of the tables, read by Alembic."""
