"""Where all of one host's memory is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.estimate import Method
from bot.domain.remedy import NOTHING
from bot.domain.units import column_unit, percent, size
from bot.message import Align, Bar, Button, Column, Message, Row, Segment, Shade, Table, Text, Tone
from bot.views import advice
from bot.views.wording import available, reservations, strain, tone, uptime

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.attribution import Service
    from bot.domain.breakdown import Breakdown, Line
    from bot.domain.check import Checked
    from bot.domain.remedy import Offer

# Services nobody told us about get a line of their own from this part of the machine on.
_WORTH_A_LINE_PERCENT = 1.5
_ALWAYS = 3
_NAMES = 4
_PARTS = 2
_LABELLED_SEGMENTS = 4

_NEGATIVE = (
    "Unaccounted is below zero: the counters were read at different moments, or processes use file pages "
    "that are charged outside this container."
)

_COLUMNS = (
    Column("where"),
    Column("", dispensable=1, elastic=True),
    Column("size", Align.RIGHT),
    Column("share", Align.RIGHT),
    Column("measured by", dispensable=2),
    Column("what can be done", dispensable=3, elastic=True),
)


def report(checked: Checked, offered: Offer = NOTHING) -> Message:
    """The complete breakdown: its lines add up to the machine. `offered` is what can be asked for."""
    level = checked.assessment.level
    return Message(
        headline=f"{checked.host} is {level}: {available(checked.assessment)}",
        tone=tone(level),
        blocks=(
            _bar(checked.breakdown),
            Table(_COLUMNS, tuple(_rows(checked.breakdown)), total=_total(checked.breakdown)),
            Text(advice.sentence(checked)),
            *_overlap(checked.breakdown),
            *reservations(checked),
        ),
        buttons=(
            *advice.buttons(checked, offered),
            Button("Top processes", f"top {checked.host}"),
            Button("Refresh", f"report {checked.host}", in_place=True),
        ),
        footnote=" · ".join((uptime(checked), _methods(checked.services), *strain(checked))),
        measured_at=checked.snapshot.taken_at,
    )


def _overlap(breakdown: Breakdown) -> Iterable[Text]:
    if any(line.bytes < 0 for line in breakdown.of(Kind.UNACCOUNTED)):
        yield Text(_NEGATIVE, Tone.FAINT)


def _rows(breakdown: Breakdown) -> Iterable[Row]:
    total = breakdown.total_bytes
    services = breakdown.of(Kind.SERVICE)
    large, small = _by_size(breakdown.of(Kind.OTHER, Kind.USER), _threshold(breakdown))
    for line in sorted((*services, *large), key=lambda line: -line.bytes):
        yield _row(line, total)
    system = breakdown.of(Kind.SYSTEM)
    if system:
        yield _sum_row("system", _named(system), system, total, "essential")
    if small:
        count = sum(len(line.service.processes) for line in small if line.service)
        yield _sum_row("others", _counted(count), small, total, "")
    for kind in (
        Kind.MEMWARDEN,
        Kind.KERNEL,
        Kind.HUGE_PAGES,
        Kind.SHARED,
        Kind.CACHE,
        Kind.FREE,
        Kind.UNACCOUNTED,
    ):
        for line in breakdown.of(kind):
            yield _row(line, total)


def _threshold(breakdown: Breakdown) -> float:
    """Return from what size on a line is shown by itself; the largest of all services always are."""
    sizes = sorted((line.bytes for line in breakdown.lines if line.service), reverse=True)
    worth = breakdown.total_bytes * _WORTH_A_LINE_PERCENT / 100
    return min(worth, sizes[min(_ALWAYS, len(sizes)) - 1]) if sizes else worth


def _by_size(lines: Sequence[Line], least: float) -> tuple[list[Line], list[Line]]:
    return [line for line in lines if line.bytes >= least], [line for line in lines if line.bytes < least]


def _row(line: Line, total: int) -> Row:
    advised = line.service.known.advice if line.service and line.service.known else _ADVICE.get(line.kind, "")
    tone_ = Tone.FAINT if line.kind in (Kind.CACHE, Kind.FREE) else Tone.PLAIN
    return Row((line.name, _detail(line), *_figures(line.bytes, total), line.method, advised), tone_)


_ADVICE = {Kind.CACHE: "given back when needed"}


def _sum_row(name: str, detail: str, lines: Sequence[Line], total: int, advised: str) -> Row:
    method = max((line.method for line in lines), key=list(Method).index)
    return Row((name, detail, *_figures(sum(line.bytes for line in lines), total), method, advised))


def _figures(bytes_: int, total: int) -> tuple[str, str]:
    return size(bytes_, column_unit(total)), percent(100 * bytes_ / total)


def _total(breakdown: Breakdown) -> Row:
    return Row(
        ("total", "", size(breakdown.total_bytes, column_unit(breakdown.total_bytes)), "100 %", "", "")
    )


def _detail(line: Line) -> str:
    if line.service is not None:
        return _processes(line.service)
    return ", ".join(f"{part.name} {size(part.bytes)}" for part in line.parts[:_PARTS])


def _processes(service: Service) -> str:
    """`4 workers x 98 MiB + 12 MiB`, else how many processes there are."""
    count = len(service.processes)
    if not service.workers or service.worker_bytes is None:
        return "" if count == 1 else _counted(count)
    workers = len(service.workers)
    rest = service.memory_bytes - workers * service.worker_bytes
    plural = "worker" if workers == 1 else f"workers x {size(service.worker_bytes)}"
    return f"{workers} {plural} + {size(rest)}" if count > workers else f"{workers} {plural}"


def _counted(count: int) -> str:
    return f"{count} process{'' if count == 1 else 'es'}"


def _named(lines: Sequence[Line]) -> str:
    names = [line.name for line in lines]
    return " ".join(names[:_NAMES]) + (" …" if len(names) > _NAMES else "")


def _methods(services: Sequence[Service]) -> str:
    """`PSS for 61 of 64 processes, 3 by RSS estimate`."""
    found = [share.method for service in services for share in service.share_by_pid.values()]
    counted = [(method, found.count(method)) for method in Method if method in found]
    if not counted:
        return "no processes"
    first, *others = counted
    return ", ".join(
        (f"{first[0]} for {first[1]} of {len(found)} processes", *(f"{n} by {m}" for m, n in others))
    )


def _bar(breakdown: Breakdown) -> Bar:
    """Largest services, then the rest in groups; what is free or given back is drawn light."""
    own = sorted(breakdown.of(Kind.SERVICE, Kind.OTHER, Kind.USER), key=lambda line: -line.bytes)
    named, rest = own[:_LABELLED_SEGMENTS], own[_LABELLED_SEGMENTS:]
    system = (*rest, *breakdown.of(Kind.SYSTEM, Kind.MEMWARDEN))
    groups = (
        *(((line,), line.name, Shade.SOLID if i % 2 == 0 else Shade.DARK) for i, line in enumerate(named)),
        (system, "other processes", Shade.MEDIUM),
        (breakdown.of(Kind.KERNEL, Kind.HUGE_PAGES, Kind.SHARED), "kernel and shared", Shade.DARK),
        (breakdown.of(Kind.UNACCOUNTED), "unaccounted", Shade.SOLID),
        (breakdown.of(Kind.CACHE), "cache", Shade.LIGHT),
        (breakdown.of(Kind.FREE), "free", Shade.EMPTY),
    )
    total = breakdown.total_bytes
    weights = [(max(0, sum(line.bytes for line in lines)), name, shade) for lines, name, shade in groups]
    return Bar(
        tuple(
            Segment(f"{name} {percent(100 * weight / total)}", weight, shade)
            for weight, name, shade in weights
            if weight
        )
    )
