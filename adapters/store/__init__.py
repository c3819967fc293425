"""What memwarden remembers, in a database: SQLAlchemy Core and Alembic, SQLite unless told otherwise.

`store.open_store` is the way in. Nothing here is imported before it is needed: SQLAlchemy is slow to import.
"""
