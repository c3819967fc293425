"""Samples and buttons into tables and back, each function within the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from adapters.store import packing
from adapters.store.tables import boot, button, host, sample, service
from bot.domain.history import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Select, Table

    from adapters.store.packing import Label

LABELS_PER_HOST = 1000
"""So many services of a host are numbered: names that are new at every check must not pile up."""

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
)
"""The columns that are fields of Sample, by the same name."""

_HOST_ID = select(host.c.id).where(host.c.name == bindparam("name"))
_BOOT_ID = select(boot.c.id).where(boot.c.host_id == bindparam("host_id"), boot.c.name == bindparam("name"))
_LABELS = select(service.c.name, service.c.method, service.c.number).where(
    service.c.host_id == bindparam("host_id")
)
_LATEST = (
    select(sample.c.host_id, boot.c.name.label("boot"), sample.c.services, *_KEPT_AS_SAID)
    .join_from(sample, host, sample.c.host_id == host.c.id)
    .join(boot, sample.c.boot_id == boot.c.id)
    .where(host.c.name == bindparam("host"))
    .order_by(sample.c.taken_at.desc(), sample.c.id.desc())
    .limit(1)
)

_WORDS = select(button.c.words).where(button.c.key == bindparam("key"))


def add(connection: Connection, new: Sample) -> None:
    """Write a sample, and the names in it that are new."""
    host_id = _id(connection, _HOST_ID, host, {"name": new.host})
    boot_id = _id(connection, _BOOT_ID, boot, {"host_id": host_id, "name": new.boot_id})
    numbers = _numbers(connection, host_id, map(packing.label, new.services))
    row = {column.name: getattr(new, column.name) for column in _KEPT_AS_SAID}
    row |= {"host_id": host_id, "boot_id": boot_id, "services": packing.pack(new.services, numbers)}
    connection.execute(insert(sample), row)


def latest(connection: Connection, host_name: str) -> Sample | None:
    """Read a host's newest sample. Raises ValueError if its services cannot be unpacked."""
    row = connection.execute(_LATEST, {"host": host_name}).mappings().first()
    if row is None:
        return None
    labels = {number: label for label, number in _labels(connection, row["host_id"]).items()}
    return Sample(
        host=host_name,
        boot_id=row["boot"],
        services=packing.unpack(row["services"], labels),
        **{column.name: row[column] for column in _KEPT_AS_SAID},
    )


def add_button(connection: Connection, key: str, words: str) -> None:
    """Write what a button says, unless it is written already."""
    if connection.execute(_WORDS, {"key": key}).first() is None:
        connection.execute(insert(button), {"key": key, "words": words})


def button_words(connection: Connection, key: str) -> str | None:
    """Read what a button says."""
    return connection.execute(_WORDS, {"key": key}).scalar()


def _id(connection: Connection, find: Select[int], table: Table, row: dict[str, int | str]) -> int:
    known = connection.execute(find, row).scalar()
    if known is not None:
        return known
    connection.execute(insert(table), row)
    return connection.execute(find, row).scalar_one()


def _labels(connection: Connection, host_id: int) -> dict[Label, int]:
    rows = connection.execute(_LABELS, {"host_id": host_id})
    return {(name, method): number for name, method, number in rows}


def _numbers(connection: Connection, host_id: int, wanted: Iterable[Label]) -> dict[Label, int]:
    numbers = _labels(connection, host_id)
    unknown = [label for label in dict.fromkeys(wanted) if label not in numbers]
    free = range(max(numbers.values(), default=0) + 1, LABELS_PER_HOST + 1)
    added = dict(zip(unknown, free, strict=False))
    if added:
        rows = [
            {"host_id": host_id, "number": n, "name": name, "method": m} for (name, m), n in added.items()
        ]
        connection.execute(insert(service), rows)
    return numbers | added
