"""Columns of numbers as bytes and back, exactly: the first number, then the differences.

What all numbers have in common is taken out first (trailing zero bits: the kernel counts in KiB and pages).
Differences are zigzagged, as wide as the widest needs, all their low bytes before all their high bytes: so
what does not change is zeros, which compress to nothing. Arrays do the work: a byte at a time would be slow.
"""

from __future__ import annotations

import sys
from array import array
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_Number = TypeVar("_Number", int, float)

_SEVEN_BITS = 0x7F
_MORE = 0x80

_PLAIN_FLOATS, _HUNDREDTHS = 0, 1
_CENT = 100.0
_EXACT = 2.0**52
_WIDTHS = ((8, "B"), (16, "H"), (32, "I"), (64, "Q"))
_CONSTANT, _SPELLED_OUT = 0, 9
_DIFFERENCES = tuple(~(z >> 1) if z & 1 else z >> 1 for z in range(256))
"""What a zigzagged byte stands for."""
_TYPES = {bits // 8: code for bits, code in _WIDTHS}


class Writer:
    """Bytes in the making."""

    def __init__(self) -> None:
        self._data = bytearray()

    def number(self, number: int) -> None:
        """Write a whole number from 0, as LEB128 (seven bits a byte, the lowest first)."""
        while number > _SEVEN_BITS:
            self._data.append(number & _SEVEN_BITS | _MORE)
            number >>= 7
        self._data.append(number)

    def text(self, text: str) -> None:
        """Write a text."""
        encoded = text.encode("utf-8", "surrogatepass")
        self.number(len(encoded))
        self._data += encoded

    def integers(self, column: Sequence[int | None]) -> None:
        """Write a column of whole numbers of any size; its length is the reader's to know."""
        known = self._known(column)
        if not known:
            return
        common = 0
        for value in known:
            common |= value
        shift = (common & -common).bit_length() - 1 if common else 0
        scaled = [value >> shift for value in known] if shift else known
        self.number(shift)
        self.number(fold_sign(scaled[0]))
        self._differences(list(map(sub, scaled[1:], scaled)))

    def floats(self, column: Sequence[float | None]) -> None:
        """Write a column of floats; those with at most two decimals take less."""
        cents = [None if value is None else _cents(value) for value in column]
        if all(cent is not None or value is None for cent, value in zip(cents, column, strict=True)):
            self.number(_HUNDREDTHS)
            self.integers(cents)
            return
        self.number(_PLAIN_FLOATS)
        self._data += _little(array("d", self._known(column))).tobytes()

    def finished(self) -> bytes:
        """Return what was written."""
        return bytes(self._data)

    def _known(self, column: Sequence[_Number | None]) -> list[_Number]:
        known = [value for value in column if value is not None]
        missing = len(column) - len(known)
        self.number(missing)
        if missing and known:
            present = sum(1 << at for at, value in enumerate(column) if value is not None)
            self._data += present.to_bytes((len(column) + 7) // 8, "little")
        return known

    def _differences(self, differences: list[int]) -> None:
        if not any(differences):
            self.number(_CONSTANT)
            return
        zigzagged = [d << 1 if d >= 0 else ~(d << 1) for d in differences]
        bits = max(zigzagged).bit_length()
        for width, code in _WIDTHS:
            if bits <= width:
                size = width // 8
                raw = _little(array(code, zigzagged)).tobytes()
                self.number(size)
                self._data += b"".join(raw[plane::size] for plane in range(size)) if size > 1 else raw
                return
        self.number(_SPELLED_OUT)
        for number in zigzagged:
            self.number(number)


class Reader:
    """Reads what a Writer wrote, in the same order. Raises LookupError or ValueError where it is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        """Whether all was read."""
        return self._at >= len(self._data)

    def number(self) -> int:
        """Read a whole number from 0."""
        number, shift = self._data[self._at], 0
        if number <= _SEVEN_BITS:
            self._at += 1
            return number
        number = 0
        while self._data[self._at] & _MORE:
            number |= (self._data[self._at] & _SEVEN_BITS) << shift
            shift += 7
            self._at += 1
        number |= self._data[self._at] << shift
        self._at += 1
        return number

    def text(self) -> str:
        """Read a text."""
        return self._take(self.number()).decode("utf-8", "surrogatepass")

    def integers(self, count: int) -> list[int | None]:
        """Read a column of so many whole numbers."""
        present, known = self._present(count)
        if not known:
            return [None] * count
        shift = self.number()
        first = unfold_sign(self.number())
        values = self._accumulated(first, known - 1)
        return _spread([value << shift for value in values] if shift else values, present, count)

    def floats(self, count: int) -> list[float | None]:
        """Read a column of so many floats."""
        if self.number() == _HUNDREDTHS:
            return [None if cent is None else cent / _CENT for cent in self.integers(count)]
        present, known = self._present(count)
        values = array("d")
        values.frombytes(self._take(known * 8))
        return _spread(_little(values).tolist(), present, count)

    def _present(self, count: int) -> tuple[int | None, int]:
        missing = self.number()
        if missing > count:
            raise ValueError("more is missing than there is")
        if not missing or missing == count:
            return None, count - missing
        return int.from_bytes(self._take((count + 7) // 8), "little"), count - missing

    def _accumulated(self, first: int, count: int) -> list[int]:
        size = self.number()
        if size == _CONSTANT:
            return [first] * (count + 1)
        if size == 1:
            return list(accumulate(map(_DIFFERENCES.__getitem__, self._take(count)), initial=first))
        if size == _SPELLED_OUT:
            zigzagged = [self.number() for _ in range(count)]
        else:
            raw = self._take(count * size)
            planes = bytearray(len(raw))
            for plane in range(size):
                planes[plane::size] = raw[plane * count : (plane + 1) * count]
            numbers = array(_TYPES[size])
            numbers.frombytes(planes)
            zigzagged = _little(numbers).tolist()
        return list(accumulate([z >> 1 if not z & 1 else ~(z >> 1) for z in zigzagged], initial=first))

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise IndexError(end)
        taken = self._data[self._at : end]
        self._at = end
        return taken


def _cents(value: float) -> int | None:
    cents = round(value * _CENT) if abs(value) < _EXACT / _CENT else 0
    # -0.0 is not 0.0: a value comes back as it was.
    return cents if cents / _CENT == value and (cents or str(value)[0] != "-") else None


def fold_sign(number: int) -> int:
    """Return a whole number as one from 0: 0, -1, 1, -2 as 0, 1, 2, 3 (zigzag)."""
    return number << 1 if number >= 0 else ~(number << 1)


def unfold_sign(number: int) -> int:
    """Return what `fold_sign` was given."""
    return ~(number >> 1) if number & 1 else number >> 1


def _little(numbers: array[_Number]) -> array[_Number]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _spread(values: list[_Number], present: int | None, count: int) -> list[_Number | None]:
    if present is None:
        return list(values)
    if present.bit_count() != len(values):
        raise ValueError("it is not told rightly what is missing")
    each = iter(values)
    return [next(each) if present >> at & 1 else None for at in range(count)]
