"""A sample's services as a few bytes: one or two for what it is, two or three for its size.

Each service is its label's number, then its size, both as LEB128 (seven bits a byte, the lowest first, the
top bit says that more follow). Number 0 means that the label is not numbered and stands here: the lengths and
the UTF-8 of its name and its method. A size in whole KiB, as the kernel says it, is twice its KiB; any other
is its zigzagged bytes, doubled, plus one. So nothing is rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.history import ServiceSample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Label = tuple[str, str]
"""A service's name, and the method by which its memory was found."""

_KIB = 1024
_UNNUMBERED = 0
_SEVEN_BITS = 0x7F
_MORE = 0x80


def label(service: ServiceSample) -> Label:
    """Return what of a service stays the same from check to check."""
    return service.name, service.method


def pack(services: Iterable[ServiceSample], numbers: Mapping[Label, int]) -> bytes:
    """Write services in their order; labels without a number (from 1) are spelled out."""
    packed = bytearray()
    for service in services:
        number = numbers.get(label(service), _UNNUMBERED)
        _put(packed, number)
        if number == _UNNUMBERED:
            for text in label(service):
                encoded = text.encode("utf-8", "surrogatepass")
                _put(packed, len(encoded))
                packed += encoded
        _put(packed, _folded(service.memory_bytes))
    return bytes(packed)


def unpack(packed: bytes, labels: Mapping[int, Label]) -> tuple[ServiceSample, ...]:
    """Read what `pack` wrote. Raises ValueError if it is something else or a number has no label."""
    try:
        return tuple(_services(packed, labels))
    except LookupError as error:
        raise ValueError("these bytes are not packed services") from error


def _services(packed: bytes, labels: Mapping[int, Label]) -> Iterator[ServiceSample]:
    at = 0
    while at < len(packed):
        number, at = _get(packed, at)
        if number == _UNNUMBERED:
            name, at = _text(packed, at)
            method, at = _text(packed, at)
        else:
            name, method = labels[number]
        folded, at = _get(packed, at)
        yield ServiceSample(name, _unfolded(folded), method)


def _folded(bytes_: int) -> int:
    kib, rest = divmod(bytes_, _KIB)
    if rest == 0 and kib >= 0:
        return kib << 1
    return (bytes_ << 1 if bytes_ >= 0 else ~(bytes_ << 1)) << 1 | 1


def _unfolded(folded: int) -> int:
    value = folded >> 1
    if not folded & 1:
        return value * _KIB
    return ~(value >> 1) if value & 1 else value >> 1


def _put(packed: bytearray, number: int) -> None:
    while number > _SEVEN_BITS:
        packed.append(number & _SEVEN_BITS | _MORE)
        number >>= 7
    packed.append(number)


def _get(packed: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while packed[at] & _MORE:
        number |= (packed[at] & _SEVEN_BITS) << shift
        shift += 7
        at += 1
    return number | packed[at] << shift, at + 1


def _text(packed: bytes, at: int) -> tuple[str, int]:
    length, at = _get(packed, at)
    end = at + length
    if end > len(packed):
        raise IndexError(end)
    return packed[at:end].decode("utf-8", "surrogatepass"), end
