"""A sample's services as a few bytes: one or two for what it is, two or three for its size.

Each service is its label's number, then its size, both as LEB128 (seven bits a byte, the lowest first, the
top bit says that more follow). Number 0 means that the label is not numbered and stands here: the lengths and
the UTF-8 of its name and its method. A size in whole KiB, as the kernel says it, is twice its KiB; any other
is its zigzagged bytes, doubled, plus one. So nothing is rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.store.columns import Reader, Writer, fold_sign, unfold_sign
from bot.domain.history import ServiceSample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Label = tuple[str, str]
"""A service's name, and the method by which its memory was found."""

_KIB = 1024
_UNNUMBERED = 0


def label(service: ServiceSample) -> Label:
    """Return what of a service stays the same from check to check."""
    return service.name, service.method


def pack(services: Iterable[ServiceSample], numbers: Mapping[Label, int]) -> bytes:
    """Write services in their order; labels without a number (from 1) are spelled out."""
    writer = Writer()
    for service in services:
        number = numbers.get(label(service), _UNNUMBERED)
        writer.number(number)
        if number == _UNNUMBERED:
            for text in label(service):
                writer.text(text)
        writer.number(_folded(service.memory_bytes))
    return writer.finished()


def unpack(packed: bytes, labels: Mapping[int, Label]) -> tuple[ServiceSample, ...]:
    """Read what `pack` wrote. Raises ValueError if it is something else or a number has no label."""
    try:
        return tuple(_services(Reader(packed), labels))
    except LookupError as error:
        raise ValueError("these bytes are not packed services") from error


def _services(reader: Reader, labels: Mapping[int, Label]) -> Iterator[ServiceSample]:
    while not reader.is_at_end:
        number = reader.number()
        name, method = (reader.text(), reader.text()) if number == _UNNUMBERED else labels[number]
        yield ServiceSample(name, _unfolded(reader.number()), method)


def _folded(bytes_: int) -> int:
    kib, rest = divmod(bytes_, _KIB)
    if rest == 0 and kib >= 0:
        return kib << 1
    return fold_sign(bytes_) << 1 | 1


def _unfolded(folded: int) -> int:
    value = folded >> 1
    return unfold_sign(value) if folded & 1 else value * _KIB
