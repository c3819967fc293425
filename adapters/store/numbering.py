"""The numbers that names are kept as: hosts, their boots, and their services' labels.

A name never loses its number, so what a transaction that was kept has seen or written may be remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, insert, select

from adapters.store.packing import label
from adapters.store.tables import boot, host, service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from adapters.store.packing import Label
    from bot.domain.history import Sample

LABELS_PER_HOST = 1000
"""So many services of a host are numbered: names that are new at every check must not pile up."""

_HOST = select(host.c.id).where(host.c.name == bindparam("name"))
_BOOTS = select(boot.c.name, boot.c.id).where(boot.c.host_id == bindparam("host_id"))
_LABELS = select(service.c.name, service.c.method, service.c.number).where(
    service.c.host_id == bindparam("host_id")
)


class Numbers(NamedTuple):
    """A host's number, and those of its names."""

    host_id: int
    boots: Mapping[str, int]
    labels: Mapping[Label, int]

    def suffice(self, sample: Sample) -> bool:
        """Tell whether every name in a sample has its number, or will never have one."""
        return sample.boot_id in self.boots and (
            len(self.labels) >= LABELS_PER_HOST or all(label(s) in self.labels for s in sample.services)
        )


def read(connection: Connection, host_name: str) -> Numbers | None:
    """Return a host's numbers, None if nothing was kept of it."""
    host_id = connection.execute(_HOST, {"name": host_name}).scalar()
    if host_id is None:
        return None
    boots = _boots(connection, host_id)
    labels = {
        (name, method): number for name, method, number in connection.execute(_LABELS, {"host_id": host_id})
    }
    return Numbers(host_id, boots, labels)


def number(connection: Connection, sample: Sample) -> Numbers:
    """Give numbers to the names in a sample that have none, and return all of its host's."""
    known = read(connection, sample.host)
    if known is None:
        connection.execute(insert(host), {"name": sample.host})
        known = Numbers(connection.execute(_HOST, {"name": sample.host}).scalar_one(), {}, {})
    return known._replace(
        boots=_with_boot(connection, known, sample.boot_id),
        labels=_with_labels(connection, known, map(label, sample.services)),
    )


def _boots(connection: Connection, host_id: int) -> dict[str, int]:
    return {row.name: row.id for row in connection.execute(_BOOTS, {"host_id": host_id})}


def _with_boot(connection: Connection, known: Numbers, name: str) -> Mapping[str, int]:
    if name in known.boots:
        return known.boots
    connection.execute(insert(boot), {"host_id": known.host_id, "name": name})
    return _boots(connection, known.host_id)


def _with_labels(connection: Connection, known: Numbers, wanted: Iterable[Label]) -> Mapping[Label, int]:
    unknown = [label for label in dict.fromkeys(wanted) if label not in known.labels]
    free = range(max(known.labels.values(), default=0) + 1, LABELS_PER_HOST + 1)
    added = dict(zip(unknown, free, strict=False))
    if added:
        rows = [
            {"host_id": known.host_id, "number": n, "name": name, "method": method}
            for (name, method), n in added.items()
        ]
        connection.execute(insert(service), rows)
    return {**known.labels, **added}
