"""Many samples of one host as one blob: what is alike stands together, so it takes little and reads fast.

A pack has the number of samples, then their fields as columns, then the services: a list of all that occur
(sorted, each by its number or spelled out), for each sample which of them it has in which order, and for each
service a column of its sizes. Most samples have the services of the one before, the largest first and equals
by name; that takes one byte. See `columns` for a column. All of it is compressed if that pays.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from itertools import compress, islice, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, cast

from adapters.store.columns import Reader, Writer
from adapters.store.tables import moment_from, moment_to
from bot.domain.history import Sample, ServiceSample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from adapters.store.packing import Label

_PLAIN, _COMPRESSED = b"\0", b"\1"
_UNNUMBERED = 0
_BY_SIZE, _AS_LISTED, _LISTED = 0, 1, 2
_LEVEL = 6
_MOST = 1_000_000
_size = attrgetter("memory_bytes")

_INTEGERS = (
    "mem_total_bytes",
    "mem_available_bytes",
    "mem_free_bytes",
    "swap_total_bytes",
    "swap_used_bytes",
    "swapped_in_bytes",
    "swapped_out_bytes",
    "major_faults",
    "oom_kills",
)
_FLOATS = ("pressure_some_avg10", "pressure_full_avg10", "cpu_system_s", "cpu_total_s")

Services = tuple[ServiceSample, ...]
Key = tuple[str, str, int]
"""A service's name and method, and a number from 0 where one sample has several of them."""


class Stretch(NamedTuple):
    """Samples one after another that have the same services: these places, as listed or by their size."""

    listed: list[int]
    by_size: list[bool]


class Column(NamedTuple):
    """A service, and its sizes in the samples that have it."""

    name: str
    method: str
    sizes: Iterator[int]

    def next_services(self, wanted: Sequence[bool]) -> Iterator[ServiceSample]:
        """Return the wanted ones of the next samples."""
        sizes = list(compress(islice(self.sizes, len(wanted)), wanted))
        # What comes back is one value: that saves time and memory.
        made = {size: ServiceSample(self.name, size, self.method) for size in set(sizes)}
        return map(made.__getitem__, sizes)


class Names(NamedTuple):
    """What a host's names are kept as: its boots by number, its services' labels by number."""

    boots: Mapping[int, str]
    labels: Mapping[int, Label]


def pack(samples: Sequence[Sample], boots: Mapping[str, int], numbers: Mapping[Label, int]) -> bytes:
    """Write samples of one host, in their order; every boot has a number, a label may have one (from 1)."""
    writer = Writer()
    writer.number(len(samples))
    writer.integers([moment_to(sample.taken_at) for sample in samples])
    writer.integers([boots[sample.boot_id] for sample in samples])
    for name in _INTEGERS:
        writer.integers([getattr(sample, name) for sample in samples])
    for name in _FLOATS:
        writer.floats([getattr(sample, name) for sample in samples])
    _write_services(writer, [sample.services for sample in samples], numbers)
    plain = writer.finished()
    compressed = zlib.compress(plain, _LEVEL)
    return _COMPRESSED + compressed if len(compressed) < len(plain) else _PLAIN + plain


class Pack:
    """Packed samples: their figures, and their services once they are wanted, for those take the time.

    Raises ValueError where the bytes are something else, or a name is unknown.
    """

    def __init__(self, data: bytes, host: str, names: Names) -> None:
        self._host = host
        self._labels = names.labels
        with _noticing_damage():
            self._reader = Reader(_body(data))
            count = _count(self._reader)
            self.moments = list(map(moment_from, _whole(self._reader.integers(count))))
            self._boots = [names.boots[number] for number in _whole(self._reader.integers(count))]
            self._integers = [self._reader.integers(count) for _ in _INTEGERS]
            self._floats = [self._reader.floats(count) for _ in _FLOATS]
        self.available = self._integers[_INTEGERS.index("mem_available_bytes")]

    def samples(self, detailed: Collection[int] | None = None) -> list[Sample]:
        """Return all samples, once; given some of their places, only those have their services."""
        wanted = [detailed is None or place in detailed for place in range(len(self.moments))]
        services: Iterable[Services] = repeat(())
        if any(wanted):
            with _noticing_damage():
                services = _read_services(self._reader, self._labels, wanted)
        some, full, system, total = self._floats
        fields = (repeat(self._host), self.moments, self._boots, *self._integers, some, full)
        return list(map(Sample, *fields, services, system, total))


@contextmanager
def _noticing_damage() -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, OverflowError, zlib.error) as error:
        raise ValueError("these bytes are not packed samples") from error


def _body(data: bytes) -> bytes:
    return zlib.decompress(data[1:]) if data[:1] == _COMPRESSED else data[1:]


def _count(reader: Reader) -> int:
    count = reader.number()
    if count > _MOST:
        raise ValueError("nobody packs so many samples")
    return count


def _whole(column: list[int | None]) -> list[int]:
    if None in column:
        raise ValueError("a moment or a boot is missing")
    return cast("list[int]", column)


def _write_services(writer: Writer, all_services: list[Services], numbers: Mapping[Label, int]) -> None:
    keyed = list(map(_keyed, all_services))
    keys = sorted({key for sizes in keyed for key in sizes})
    writer.number(len(keys))
    for name, method, _ in keys:
        number = numbers.get((name, method), _UNNUMBERED)
        writer.number(number)
        if number == _UNNUMBERED:
            writer.text(name)
            writer.text(method)
    _write_orders(writer, keyed, {key: place for place, key in enumerate(keys)})
    for key in keys:
        column = [sizes[key] for sizes in keyed if key in sizes]
        writer.number(len(column))
        writer.integers(column)


def _keyed(services: Services) -> dict[Key, int]:
    keyed: dict[Key, int] = {}
    for service in services:
        key = service.name, service.method, 0
        while key in keyed:
            key = service.name, service.method, key[2] + 1
        keyed[key] = service.memory_bytes
    return keyed


def _write_orders(writer: Writer, keyed: list[dict[Key, int]], places: Mapping[Key, int]) -> None:
    listed: list[Key] = []
    for sizes in keyed:
        order = list(sizes)
        if sizes.keys() == set(listed) and order == sorted(
            sorted(order), key=sizes.__getitem__, reverse=True
        ):
            writer.number(_BY_SIZE)
        elif order == listed:
            writer.number(_AS_LISTED)
        else:
            listed = order
            writer.number(_LISTED + len(order))
            for key in order:
                writer.number(places[key])


def _read_services(reader: Reader, labels: Mapping[int, Label], wanted: Sequence[bool]) -> list[Services]:
    keys = [_read_label(reader, labels) for _ in range(reader.number())]
    stretches = _read_orders(reader, len(wanted))
    columns = [Column(*label, iter(_whole(reader.integers(_count(reader))))) for label in keys]
    each_wanted = iter(wanted)
    return [
        services
        for stretch in stretches
        for services in _stretch(stretch, columns, list(islice(each_wanted, len(stretch.by_size))))
    ]


def _read_label(reader: Reader, labels: Mapping[int, Label]) -> Label:
    number = reader.number()
    return (reader.text(), reader.text()) if number == _UNNUMBERED else labels[number]


def _read_orders(reader: Reader, count: int) -> list[Stretch]:
    stretches = [Stretch([], [])]
    for _ in range(count):
        kind = reader.number()
        if kind >= _LISTED:
            stretches.append(Stretch([reader.number() for _ in range(kind - _LISTED)], []))
        stretches[-1].by_size.append(kind == _BY_SIZE)
    return stretches


def _stretch(stretch: Stretch, columns: list[Column], wanted: list[bool]) -> Iterator[Services]:
    present = sorted(stretch.listed)
    rows = list(zip(*(columns[place].next_services(wanted) for place in present), strict=True))
    if present and len(rows) != sum(wanted):
        raise ValueError("sizes are missing")
    each_row = iter(rows)
    listed = [present.index(place) for place in stretch.listed]
    for is_wanted, by_size in zip(wanted, stretch.by_size, strict=True):
        row = next(each_row) if is_wanted and present else ()
        if by_size:
            yield tuple(sorted(row, key=_size, reverse=True))
        else:
            yield tuple([row[at] for at in listed]) if row else ()
