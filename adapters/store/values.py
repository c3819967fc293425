"""Frozen values of the core as bytes and back, exactly: field by name in JSON, compressed where that pays.

Not by pydantic: it takes a quarter of a second to build these types, its JSON refuses lone surrogates (a host
may say anything), and a moment would lose the name of its time zone. Nor by cattrs: import and build take ten
times as long as here, and types that are named for the type checker alone would still be resolved by us. What
equals its default is left out, so that a value kept before a field was added can still be read.
"""

from __future__ import annotations

import json
import types
import zlib
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")
Json = object
"""What `json` reads and writes."""

_HOMES = (
    "bot.domain.approval",
    "bot.domain.host_state",
    "bot.domain.history",
    "bot.domain.plan",
    "bot.domain.policy",
    "bot.domain.route",
    "bot.domain.signal",
    "bot.message",
    "bot.outbox",
)
"""Where the types live that others name for the type checker alone."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WORTH_COMPRESSING = 200
_PLAIN, _COMPRESSED = b"\0", b"\1"
_KIND = ""
"""The key under which one of several possible types is named; no field has it."""


class _Codec:
    """How one type is written and read; None where JSON has it already."""

    __slots__ = ("read", "write")

    def __init__(
        self, write: Callable[[object], Json] | None = None, read: Callable[[Json], object] | None = None
    ) -> None:
        self.write = write
        self.read = read


def dump(value: object) -> bytes:
    """Write a value of the core's frozen dataclasses. Raises ValueError for a moment without a zone."""
    write = _codec(cast("Hashable", type(value))).write
    text = json.dumps(write(value) if write else value, ensure_ascii=False, separators=(",", ":"))
    # Not escaped as ASCII: two lone surrogates in a row would come back as one character.
    data = text.encode("utf-8", "surrogatepass")
    if len(data) < _WORTH_COMPRESSING:
        return _PLAIN + data
    return _COMPRESSED + zlib.compress(data, 1)


def load(kind: type[Value], data: bytes) -> Value:
    """Read what `dump` wrote. Raises ValueError if it is something else."""
    try:
        body = zlib.decompress(data[1:]) if data[:1] == _COMPRESSED else data[1:]
        plain = json.loads(body.decode("utf-8", "surrogatepass"))
        read = _codec(cast("Hashable", kind)).read
        return cast("Value", read(plain) if read else plain)
    except (zlib.error, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"these bytes are no {kind.__name__}") from error


@cache
def _codec(kind: Hashable) -> _Codec:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _of_tuple(_codec(inner[0])) if inner[1:] == (Ellipsis,) else _of_row(inner)
    if origin in {Union, types.UnionType}:
        return _of_union(inner)
    if isinstance(kind, type):
        if is_dataclass(kind):
            return _of_dataclass(kind)
        if issubclass(kind, Enum):
            return _of_enum(kind)
        if issubclass(kind, datetime):
            return _Codec(_write_moment, _read_moment)
        if kind in {str, int, float, bool, types.NoneType}:
            return _Codec()
    raise TypeError(f"no way to keep {kind}")


def _of_tuple(each: _Codec) -> _Codec:
    write, read = each.write, each.read

    def written(value: object) -> Json:
        items = cast("tuple[object, ...]", value)
        return [write(item) for item in items] if write else items

    def found(plain: Json) -> object:
        items = cast("list[Json]", plain)
        return tuple([read(item) for item in items]) if read else tuple(items)

    return _Codec(written, found)


def _of_row(kinds: tuple[object, ...]) -> _Codec:
    """Return how a tuple with a type for each place is kept."""
    codecs = [_codec(kind) for kind in kinds]
    writes, reads = [codec.write for codec in codecs], [codec.read for codec in codecs]

    def written(value: object) -> Json:
        pairs = zip(writes, cast("tuple[object, ...]", value), strict=True)
        return [write(item) if write else item for write, item in pairs]

    def found(plain: Json) -> object:
        if not isinstance(plain, list):
            raise TypeError("a row is written as a list")
        pairs = zip(reads, plain, strict=True)
        return tuple([read(item) if read else item for read, item in pairs])

    return _Codec(written, found)


def _of_union(kinds: tuple[object, ...]) -> _Codec:
    others = [kind for kind in kinds if kind is not types.NoneType]
    if len(others) == 1:
        return _of_optional(_codec(others[0]))
    codecs = {cast("type", kind).__name__: _codec(kind) for kind in others}

    def written(value: object) -> Json:
        name = type(value).__name__
        write = codecs[name].write
        return {_KIND: name, **cast("dict[str, Json]", write(value) if write else value)}

    def found(plain: Json) -> object:
        read = codecs[cast("dict[str, str]", plain)[_KIND]].read
        return read(plain) if read else plain

    return _Codec(written, found)


def _of_optional(some: _Codec) -> _Codec:
    write, read = some.write, some.read
    if write is None or read is None:
        return _Codec()
    return _Codec(
        lambda value: None if value is None else write(value),
        lambda plain: None if plain is None else read(plain),
    )


def _of_enum(kind: type[Enum]) -> _Codec:
    members = {member.value: member for member in kind}
    return _Codec(lambda value: cast("Enum", value).value, members.__getitem__)


def _of_dataclass(kind: type) -> _Codec:
    hints = get_type_hints(kind, localns=_names())
    parts = [(f.name, _codec(hints[f.name]), f.default) for f in fields(kind)]
    reads = {name: codec.read for name, codec, _ in parts}
    writes = [(name, codec.write, default, type(default)) for name, codec, default in parts]

    def written(value: object) -> Json:
        plain: dict[str, Json] = {}
        for name, write, default, default_type in writes:
            part = getattr(value, name)
            if part is default or (part == default and type(part) is default_type):
                continue
            plain[name] = write(part) if write else part
        return plain

    def found(plain: Json) -> object:
        values = {}
        for name, part in cast("dict[str, Json]", plain).items():
            if name in reads:
                read = reads[name]
                values[name] = read(part) if read else part
        return kind(**values)

    return _Codec(written, found)


def _write_moment(value: object) -> Json:
    moment = cast("datetime", value)
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a moment to keep needs a time zone")
    microseconds = (moment - _EPOCH) // _MICROSECOND
    zone = moment.tzinfo
    if zone is UTC:
        return microseconds
    if isinstance(zone, ZoneInfo) and zone.key:
        return [microseconds, zone.key]
    return [microseconds, offset // _MICROSECOND, moment.tzname() or ""]


def _read_moment(plain: Json) -> object:
    if isinstance(plain, int):
        return _EPOCH + timedelta(microseconds=plain)
    microseconds, *zone = cast("list[int | str]", plain)
    moment = _EPOCH + timedelta(microseconds=int(microseconds))
    if isinstance(zone[0], str):
        return moment.astimezone(ZoneInfo(zone[0]))
    offset = timedelta(microseconds=zone[0])
    return moment.astimezone(timezone(offset, str(zone[1])) if zone[1] else timezone(offset))


@cache
def _names() -> dict[str, object]:
    names: dict[str, object] = {"datetime": datetime}
    for home in _HOMES:
        names |= {name: thing for name, thing in vars(import_module(home)).items() if isinstance(thing, type)}
    return names
