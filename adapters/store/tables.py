"""The tables as they are now; `migrations/versions` tells how they came to be.

One row per check. What repeats is written once and numbered: a host's name, its boots, and its services'
names with their methods (`service.number` counts from 1 within a host, so that it fits a byte).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

REVISION_TABLE = "memwarden_revision"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class AnyText(TypeDecorator[str]):
    """Text as a host may say it, kept as UTF-8 bytes.

    A text column refuses lone surrogates (from bytes that were not UTF-8), PostgreSQL also NUL.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encode."""
        del dialect
        return None if value is None else value.encode("utf-8", "surrogatepass")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decode."""
        del dialect
        return None if value is None else value.decode("utf-8", "surrogatepass")


class Moment(TypeDecorator[datetime]):
    """A time-zone-aware moment, kept as whole microseconds since 1970 in UTC, as exact as a datetime."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Count the microseconds."""
        del dialect
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        del dialect
        return None if value is None else _EPOCH + value * _MICROSECOND


metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_by_%(column_0_N_name)s",
        "uq": "%(table_name)s_is_one_per_%(column_0_N_name)s",
        "fk": "%(table_name)s_has_%(column_0_name)s",
        "pk": "%(table_name)s_key",
    }
)

host = Table(
    "host",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    UniqueConstraint("name"),
)

boot = Table(
    "boot",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host_id", ForeignKey(host.c.id), nullable=False),
    Column("name", AnyText, nullable=False),
    UniqueConstraint("host_id", "name"),
)

service = Table(
    "service",
    metadata,
    Column("host_id", ForeignKey(host.c.id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", AnyText, nullable=False),
    Column("method", AnyText, nullable=False),
    UniqueConstraint("host_id", "name", "method"),
)

sample = Table(
    "sample",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host_id", ForeignKey(host.c.id), nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("boot_id", ForeignKey(boot.c.id), nullable=False),
    Column("mem_total_bytes", BigInteger, nullable=False),
    Column("mem_available_bytes", BigInteger),
    Column("mem_free_bytes", BigInteger, nullable=False),
    Column("swap_total_bytes", BigInteger, nullable=False),
    Column("swap_used_bytes", BigInteger, nullable=False),
    Column("swapped_in_bytes", BigInteger),
    Column("swapped_out_bytes", BigInteger),
    Column("major_faults", BigInteger),
    Column("oom_kills", BigInteger),
    Column("pressure_some_avg10", Double),
    Column("pressure_full_avg10", Double),
    Column("services", LargeBinary, nullable=False),
    Index(None, "host_id", "taken_at"),
)

button = Table(
    "button",
    metadata,
    Column("key", String(22), primary_key=True),
    Column("words", AnyText, nullable=False),
)
"""What buttons say, by the key that a chat platform carries for them."""

revision = Table(REVISION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))
"""Written by Alembic: which migration the database has reached."""
