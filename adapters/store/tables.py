"""The tables as they are now; `migrations/versions` tells how they came to be.

One row per check, as long as it is new; hours that are over are packed, one row for many checks. What repeats
is written once and numbered: a host's name, its boots, and its services' names with their methods
(`service.number` counts from 1 within a host, so that it fits a byte).

Of everything else, columns are what is asked for; the whole value is in `kept` (see `values`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
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
        return None if value is None else moment_to(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        del dialect
        return None if value is None else moment_from(value)


def moment_to(moment: datetime) -> int:
    """Return the microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_from(microseconds: int) -> datetime:
    """Return the moment in UTC. Raises OverflowError where it is in no year that a datetime has."""
    return _EPOCH + timedelta(microseconds=microseconds)


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
    Column("cpu_system_s", Double),
    Column("cpu_total_s", Double),
    Index(None, "host_id", "taken_at"),
)

pack = Table(
    "pack",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host_id", ForeignKey(host.c.id), nullable=False),
    Column("tier", Integer, nullable=False),
    Column("begins_at", Moment, nullable=False),
    Column("samples", LargeBinary, nullable=False),
    Index(None, "host_id", "tier", "begins_at"),
)
"""Samples of one hour or one day (UTC) that is over; `tier` says how much they are thinned."""

host_state = Table(
    "host_state",
    metadata,
    Column("host", AnyText, primary_key=True),
    Column("checked_at", Moment, nullable=False),
    Column("kept", LargeBinary, nullable=False),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("host", AnyText, nullable=False),
    Column("resolved_at", Moment),
    Column("kept", LargeBinary, nullable=False),
    Index(None, "resolved_at"),
)

silence = Table(
    "silence",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("ends_at", Moment, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    Index(None, "ends_at"),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host", AnyText, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    Index(None, "host", "at"),
    Index(None, "at"),
)

approval = Table(
    "approval",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("over_at", Moment),
    Column("kept", LargeBinary, nullable=False),
    Index(None, "over_at"),
)
"""Plans that people asked for; `over_at` is None as long as one is open."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("kept", LargeBinary, nullable=False),
)
"""Lines that are only added to: triggers refuse everything else (see `migrations`)."""

periodic = Table(
    "periodic",
    metadata,
    Column("name", AnyText, primary_key=True),
    Column("done_at", Moment, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", AnyText, primary_key=True),
    Column("last", Integer, nullable=False),
)
"""The last number given out, for incidents, silences and plans."""

outgoing = Table(
    "outgoing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", AnyText, nullable=False),
    Column("channel", AnyText, nullable=False),
    Column("card", AnyText, nullable=False),
    Column("is_card", Boolean, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("occurred_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("key", String(25), nullable=False),
    Column("claimed_by", String(32)),
    Column("in_doubt", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_tried_at", Moment),
    Column("kept", LargeBinary, nullable=False),
    Index(None, "platform", "channel", "card"),
    sqlite_autoincrement=True,
)
"""What is to be said. `claimed_by` is the process that tries right now, or was trying when it ended."""

card = Table(
    "card",
    metadata,
    Column("platform", AnyText, primary_key=True),
    Column("channel", AnyText, primary_key=True),
    Column("name", AnyText, primary_key=True),
    Column("ref", AnyText),
    Column("said_at", Moment, nullable=False),
    Index(None, "name"),
    Index(None, "said_at"),
)
"""Of which cards something was said or may have been; `ref` is where the platform shows one."""

pause = Table(
    "pause",
    metadata,
    Column("platform", AnyText, primary_key=True),
    Column("channel", AnyText, primary_key=True),
    Column("until", Moment, nullable=False),
    Column("reason", AnyText, nullable=False),
)
"""Destinations at which nothing is said for a while."""

given_up = Table(
    "given_up",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    Index(None, "at"),
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
