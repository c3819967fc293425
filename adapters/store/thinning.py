"""Packs hours that are over and thins days that are old, one host and one hour or day at a time.

What is to be written is made while nobody waits; only then a short transaction puts it in the place of what
it was made of. If somebody else did that meanwhile, nothing is written.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, exists, func, insert, or_, select

from adapters.store import history, numbering, packs
from adapters.store.history import FIVE_MINUTES, FULL, HOURLY, Found
from adapters.store.tables import host, pack, sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Table

    from adapters.store.engine import Database
    from bot.domain.history import Retention, Sample

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_LINGERS = timedelta(minutes=30)
"""So long an hour that is over stays as it is: rules look back so far at every check."""

_WIDTHS = {FIVE_MINUTES: timedelta(minutes=5), HOURLY: _HOUR}
_PIECES = 24
"""So many hours or days of one host are done at a time."""


class Cuts(NamedTuple):
    """Before which moments hours are packed, and days thinned the first and the second time or forgotten."""

    packed: datetime
    five_minutes: datetime
    hourly: datetime
    forgotten: datetime


class Piece(NamedTuple):
    """What takes the place of rows or packs: samples of an hour or a day that begins then."""

    host_id: int
    tier: int
    begins_at: datetime
    source: Table
    ids: Sequence[int]


def cuts(now: datetime, keep: Retention) -> Cuts:
    """Return the cuts at a moment."""
    return Cuts(
        _floor(now - _LINGERS, _HOUR),
        _floor(now - keep.full, _DAY),
        _floor(now - keep.five_minutes, _DAY),
        _floor(now - keep.hourly, _DAY),
    )


def hosts_with_work(connection: Connection, at: Cuts) -> list[str]:
    """Return the hosts of which something is to be packed, thinned or forgotten."""
    rows = and_(sample.c.host_id == host.c.id, sample.c.taken_at < at.packed)
    mine = pack.c.host_id == host.c.id
    work = or_(
        exists().where(rows),
        exists().where(and_(mine, pack.c.tier == FULL, pack.c.begins_at < at.five_minutes)),
        exists().where(and_(mine, pack.c.tier == FIVE_MINUTES, pack.c.begins_at < at.hourly)),
        exists().where(and_(mine, pack.c.tier == HOURLY, pack.c.begins_at < at.forgotten)),
    )
    return list(connection.scalars(select(host.c.name).where(work).order_by(host.c.id)))


def thin_host(database: Database, name: str, at: Cuts) -> None:
    """Do the next pieces of work of a host. Raises StoreError, ValueError if something is damaged."""
    with database.reading() as connection:
        numbers = numbering.read(connection, name)
    if numbers is None:
        return
    for begins_at in islice(_hours(database, numbers.host_id, at.packed), _PIECES):
        _pack_hour(database, name, begins_at)
    with database.writing() as connection:
        connection.execute(
            delete(pack).where(
                pack.c.host_id == numbers.host_id,
                pack.c.tier.in_((FULL, FIVE_MINUTES, HOURLY)),
                pack.c.begins_at < at.forgotten,
            )
        )
    for tier, cut in ((HOURLY, at.hourly), (FIVE_MINUTES, at.five_minutes)):
        for begins_at in _days(database, numbers.host_id, tier, cut):
            _thin_day(database, name, begins_at, tier)


def thinned(samples: Iterable[Sample], tier: int) -> list[Sample]:
    """Return the sample with the least memory available of each 5 minutes or hour.

    Unknown is not little: it is chosen only where all are unknown.
    """
    worst: dict[int, Sample] = {}
    for each in samples:
        bucket = (each.taken_at - _EPOCH) // _WIDTHS[tier]
        if bucket not in worst or _available(each) < _available(worst[bucket]):
            worst[bucket] = each
    return list(worst.values())


def _available(each: Sample) -> float:
    return float("inf") if each.mem_available_bytes is None else each.mem_available_bytes


def _floor(moment: datetime, width: timedelta) -> datetime:
    return _EPOCH + (moment - _EPOCH) // width * width


def _hours(database: Database, host_id: int, before: datetime) -> Iterator[datetime]:
    oldest = select(func.min(sample.c.taken_at)).where(sample.c.host_id == host_id)
    since = None
    while True:
        with database.reading() as connection:
            later = oldest if since is None else oldest.where(sample.c.taken_at >= since)
            found = connection.scalar(later)
        if found is None or found >= before:
            return
        begins_at = _floor(found, _HOUR)
        since = begins_at + _HOUR
        yield begins_at


def _days(database: Database, host_id: int, tier: int, before: datetime) -> list[datetime]:
    days = (
        select(pack.c.begins_at)
        .where(pack.c.host_id == host_id, pack.c.tier.in_(range(tier)), pack.c.begins_at < before)
        .order_by(pack.c.begins_at)
        .limit(_PIECES)
    )
    with database.reading() as connection:
        return list(dict.fromkeys(_floor(begins_at, _DAY) for begins_at in connection.scalars(days)))


def _pack_hour(database: Database, name: str, begins_at: datetime) -> None:
    with database.reading() as connection:
        numbers = numbering.read(connection, name)
        if numbers is None:
            return
        times = {"host_id": numbers.host_id, "since": begins_at, "until": begins_at + _HOUR}
        rows = connection.execute(history.ROWS, times).mappings().all()
    piece = Piece(numbers.host_id, FULL, begins_at, sample, [row["id"] for row in rows])
    samples = Found(name, numbers, rows, []).samples()
    _replace(database, piece, packs.pack(samples, numbers.boots, numbers.labels))


def _thin_day(database: Database, name: str, begins_at: datetime, tier: int) -> None:
    with database.reading() as connection:
        numbers = numbering.read(connection, name)
        if numbers is None:
            return
        before = begins_at - timedelta(microseconds=1)
        day = {
            "host_id": numbers.host_id,
            "full_since": before,
            "since": before,
            "until": begins_at + _DAY,
        }
        rows = connection.execute(history.PACKS, day).all()
    piece = Piece(numbers.host_id, tier, begins_at, pack, [row.id for row in rows])
    samples = thinned(Found(name, numbers, [], [row.samples for row in rows]).samples(), tier)
    _replace(database, piece, packs.pack(samples, numbers.boots, numbers.labels))


def _replace(database: Database, piece: Piece, packed: bytes) -> None:
    with database.writing() as connection:
        there = select(func.count()).where(piece.source.c.id.in_(piece.ids))
        if connection.scalar(there) != len(piece.ids):
            return
        connection.execute(delete(piece.source).where(piece.source.c.id.in_(piece.ids)))
        connection.execute(
            insert(pack),
            {
                "host_id": piece.host_id,
                "tier": piece.tier,
                "begins_at": piece.begins_at,
                "samples": packed,
            },
        )
