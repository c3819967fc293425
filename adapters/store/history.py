"""Samples into tables and back: rows as long as they are new, then packs."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from math import inf
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, insert, or_, select

from adapters.store import numbering, packing, packs
from adapters.store.tables import pack, sample
from bot.domain.history import Sample

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from adapters.store.numbering import Numbers

FULL, FIVE_MINUTES, HOURLY = 0, 1, 2
"""The tiers of packs: an hour's samples all, a day's worst of each 5 minutes, a day's worst of each hour."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
"""So much time a pack is of at most, if it is full and if it is thinned."""

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
_PACKS = select(pack.c.id, pack.c.samples).where(pack.c.host_id == bindparam("host_id"))
_NEWEST_PACK = (
    _PACKS.where(pack.c.tier.in_((FULL, FIVE_MINUTES, HOURLY)))
    .order_by(pack.c.begins_at.desc(), pack.c.id.desc())
    .limit(1)
)
PACKS = _PACKS.where(
    pack.c.tier.in_((FULL, FIVE_MINUTES, HOURLY)),
    pack.c.begins_at > bindparam("since"),
    pack.c.begins_at < bindparam("until"),
    or_(pack.c.tier != FULL, pack.c.begins_at > bindparam("full_since")),
).order_by(pack.c.begins_at, pack.c.id)


class Wanted(NamedTuple):
    """Which samples are read: of what time, and (None) all with their services, or the worst of each span."""

    since: datetime
    until: datetime
    services_every: timedelta | None = None


class Found(NamedTuple):
    """Samples of a host as they are kept: to be read when the transaction is over, for that takes time."""

    host: str
    numbers: Numbers
    rows: Sequence[RowMapping]
    packs: Sequence[bytes]

    def samples(self, wanted: Wanted | None = None) -> tuple[Sample, ...]:
        """Return the samples, oldest first. Raises ValueError, TypeError, AttributeError if damaged."""
        names = packs.Names(
            {number: name for name, number in self.numbers.boots.items()},
            {number: label for label, number in self.numbers.labels.items()},
        )
        packed = [packs.Pack(data, self.host, names) for data in self.packs]
        sources: list[packs.Pack | _Rows] = [*packed, _Rows(self.host, self.rows, names)]
        places = _detailed(sources, wanted)
        read = (source.samples(each) for source, each in zip(sources, places, strict=True))
        found = sorted(chain.from_iterable(read), key=attrgetter("taken_at"))
        if wanted is None:
            return tuple(found)
        return tuple([each for each in found if wanted.since <= each.taken_at < wanted.until])


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
    begins = {"full_since": _before(since, _HOUR), "since": _before(since, _DAY)}
    packed = connection.execute(PACKS, times | begins)
    return Found(host, numbers, rows, [data for _, data in packed])


def _before(since: datetime, width: timedelta) -> datetime:
    try:
        return since - width
    except OverflowError:
        return since


class _Rows:
    """What `packs.Pack` is, of samples that are not packed yet."""

    def __init__(self, host: str, rows: Sequence[RowMapping], names: packs.Names) -> None:
        self._host = host
        self._rows = rows
        self._names = names
        self.moments: list[datetime] = [row["taken_at"] for row in rows]
        self.available: list[int | None] = [row["mem_available_bytes"] for row in rows]

    def samples(self, detailed: Collection[int] | None = None) -> list[Sample]:
        return [
            self._sample(row, with_services=detailed is None or place in detailed)
            for place, row in enumerate(self._rows)
        ]

    def _sample(self, row: RowMapping, *, with_services: bool) -> Sample:
        return Sample(
            host=self._host,
            boot_id=self._names.boots[row["boot_id"]],
            services=packing.unpack(row["services"], self._names.labels) if with_services else (),
            **{name: row[name] for name in _NAMES},
        )


def _detailed(sources: Sequence[packs.Pack | _Rows], wanted: Wanted | None) -> list[set[int] | None]:
    """Return the places of those samples of each source that come with their services; None for all.

    That is the first, the last, and of each span the one with the least memory available, the first of
    equals; unknown is not little.
    """
    if wanted is None or wanted.services_every is None:
        return [None] * len(sources)
    since, until, width = wanted.since, wanted.until, wanted.services_every
    kept = [
        (moment, number, place, inf if available is None else available)
        for number, source in enumerate(sources)
        for place, (moment, available) in enumerate(zip(source.moments, source.available, strict=True))
        if since <= moment < until
    ]
    # In the order of time, as which of equals is the first.
    kept.sort(key=itemgetter(0))
    worst: dict[int, tuple[datetime, int, int, float]] = {}
    for each in kept:
        span = (each[0] - since) // width
        if span not in worst or each[3] < worst[span][3]:
            worst[span] = each
    places = [set[int]() for _ in sources]
    for _, number, place, _ in (*worst.values(), *kept[:1], *kept[-1:]):
        places[number].add(place)
    return [*places]
