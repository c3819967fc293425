"""Samples into tables and back: rows as long as they are new, then packs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, insert, select

from adapters.store import numbering, packing, packs
from adapters.store.tables import pack, sample
from bot.domain.history import Sample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from adapters.store.numbering import Numbers

FULL, FIVE_MINUTES, HOURLY = 0, 1, 2
"""The tiers of packs: an hour's samples all, a day's worst of each 5 minutes, a day's worst of each hour."""

_LONGEST = timedelta(days=1)
"""So much time a pack is of at most."""

_KEPT_AS_SAID = (
    sample.c.taken_at,
    sample.c.mem_total_bytes,
    sample.c.mem_available_bytes,
    sample.c.mem_free_bytes,
    sample.c.swap_total_bytes,
    sample.c.swap_used_bytes,
    sample.c.swapped_in_bytes,
    sample.c.swapped_out_bytes,
    sample.c.major_faults,
    sample.c.oom_kills,
    sample.c.pressure_some_avg10,
    sample.c.pressure_full_avg10,
    sample.c.cpu_system_s,
    sample.c.cpu_total_s,
)
"""The columns that are fields of Sample, by the same name."""
_NAMES = tuple(column.name for column in _KEPT_AS_SAID)

_ADD = insert(sample)
_ROWS = select(sample.c.id, sample.c.boot_id, sample.c.services, *_KEPT_AS_SAID).where(
    sample.c.host_id == bindparam("host_id")
)
_NEWEST_ROW = _ROWS.order_by(sample.c.taken_at.desc(), sample.c.id.desc()).limit(1)
ROWS = _ROWS.where(sample.c.taken_at >= bindparam("since"), sample.c.taken_at < bindparam("until")).order_by(
    sample.c.taken_at, sample.c.id
)
_PACKS = select(pack.c.id, pack.c.samples).where(
    pack.c.host_id == bindparam("host_id"), pack.c.tier.in_((FULL, FIVE_MINUTES, HOURLY))
)
_NEWEST_PACK = _PACKS.order_by(pack.c.begins_at.desc(), pack.c.id.desc()).limit(1)
PACKS = _PACKS.where(pack.c.begins_at > bindparam("since"), pack.c.begins_at < bindparam("until")).order_by(
    pack.c.begins_at, pack.c.id
)


class Found(NamedTuple):
    """Samples of a host as they are kept: to be read when the transaction is over, for that takes time."""

    host: str
    numbers: Numbers
    rows: Sequence[RowMapping]
    packs: Sequence[bytes]

    def samples(self) -> tuple[Sample, ...]:
        """Return the samples, oldest first. Raises ValueError, TypeError, AttributeError if damaged."""
        names = packs.Names(
            {number: name for name, number in self.numbers.boots.items()},
            {number: label for label, number in self.numbers.labels.items()},
        )
        packed = [found for data in self.packs for found in packs.unpack(data, self.host, names)]
        rows = [_sample(self.host, row, names) for row in self.rows]
        return tuple(sorted([*packed, *rows], key=lambda found: found.taken_at))


def add(connection: Connection, new: Sample, numbers: Numbers) -> None:
    """Write a sample, all of whose names are numbered."""
    row = {name: getattr(new, name) for name in _NAMES}
    row["host_id"] = numbers.host_id
    row["boot_id"] = numbers.boots[new.boot_id]
    row["services"] = packing.pack(new.services, numbers.labels)
    connection.execute(_ADD, row)


def newest(connection: Connection, host: str) -> Found | None:
    """Read the host's newest sample; of several at one moment, the last remembered."""
    numbers = numbering.read(connection, host)
    if numbers is None:
        return None
    key = {"host_id": numbers.host_id}
    rows = connection.execute(_NEWEST_ROW, key).mappings().all()
    packed = [] if rows else [data for _, data in connection.execute(_NEWEST_PACK, key)]
    return Found(host, numbers, rows, packed) if rows or packed else None


def between(connection: Connection, host: str, since: datetime, until: datetime) -> Found | None:
    """Read a host's samples from `since` up to before `until`, and perhaps some around."""
    numbers = numbering.read(connection, host)
    if numbers is None:
        return None
    times = {"host_id": numbers.host_id, "since": since, "until": until}
    rows = connection.execute(ROWS, times).mappings().all()
    packed = connection.execute(PACKS, times | {"since": _before(since)})
    return Found(host, numbers, rows, [data for _, data in packed])


def _before(since: datetime) -> datetime:
    try:
        return since - _LONGEST
    except OverflowError:
        return since


def _sample(host: str, row: RowMapping, names: packs.Names) -> Sample:
    return Sample(
        host=host,
        boot_id=names.boots[row["boot_id"]],
        services=packing.unpack(row["services"], names.labels),
        **{name: row[name] for name in _NAMES},
    )
