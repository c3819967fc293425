"""How a host did, as numbers that a platform draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.course import held_by
from bot.domain.event import EventKind
from bot.domain.policy import Severity
from bot.domain.units import percent
from bot.message import Chart, Line, Mark, Series, Span, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.course import Course
    from bot.domain.event import Event
    from bot.domain.policy import Thresholds

_LAYERS = 6
_MOST_MARKS = 60
# A single service is drawn on an axis of its own, with some room above.
_ROOM = 1.15

_TONES = {Severity.NOTICE: Tone.ACCEPTABLE, Severity.WARNING: Tone.WARNING, Severity.CRITICAL: Tone.CRITICAL}
_WORDS = {
    EventKind.REBOOT: "reboot",
    EventKind.OOM_KILL: "OOM kill",
    EventKind.SERVICE_STARTED: "restarted",
    EventKind.SERVICE_GONE: "gone",
}


def chart(course: Course, title: str, text: str) -> Chart:
    """Available memory with its levels and what holds it; or one service alone, where one was asked for."""
    return _one(course, title, text) if course.service else _host(course, title, text)


def _host(course: Course, title: str, text: str) -> Chart:
    samples = [point.sample for point in course.points]
    whole = max((sample.mem_total_bytes for sample in samples if sample), default=0)
    main = tuple(
        None if s is None or s.mem_available_bytes is None else float(s.mem_available_bytes) for s in samples
    )
    return Chart(
        title=title,
        moments=tuple(point.at for point in course.points),
        main=Series("available", main),
        layers=tuple(_layers(course)),
        whole=float(whole),
        lines=tuple(_lines(course.thresholds, whole)),
        spans=tuple(_spans(course)),
        marks=tuple(_marks(course)),
        text=text,
    )


def _one(course: Course, title: str, text: str) -> Chart:
    held = held_by(course.service)
    values = [None if point.sample is None else held(point.sample) for point in course.points]
    return Chart(
        title=title,
        moments=tuple(point.at for point in course.points),
        main=Series(course.service, tuple(None if value is None else float(value) for value in values)),
        layers=(),
        whole=_ROOM * max((value for value in values if value is not None), default=0),
        spans=tuple(_spans(course)),
        marks=tuple(_marks(course)),
        text=text,
    )


def _layers(course: Course) -> Iterator[Series]:
    """The largest services over the whole time, the largest lowest, then all others together."""
    held = [
        None if point.sample is None else {each.name: each.memory_bytes for each in point.sample.services}
        for point in course.points
    ]
    sums: dict[str, int] = {}
    for services in filter(None, held):
        for name, bytes_ in services.items():
            sums[name] = sums.get(name, 0) + bytes_
    names = sorted(sums, key=lambda name: (-sums[name], name))
    shown = names[:_LAYERS]
    for name in shown:
        yield Series(name, tuple(None if at is None or name not in at else float(at[name]) for at in held))
    if len(names) > len(shown):
        rest = tuple(
            None if at is None else float(sum(b for name, b in at.items() if name not in shown))
            for at in held
        )
        yield Series(f"{len(names) - len(shown)} others", rest)


def _lines(thresholds: Thresholds, whole: int) -> Iterator[Line]:
    for label, share, tone in (
        ("good from", thresholds.good_percent, Tone.GOOD),
        ("warning below", thresholds.acceptable_percent, Tone.WARNING),
        ("critical below", thresholds.warning_percent, Tone.CRITICAL),
    ):
        yield Line(f"{label} {percent(share)}", whole * share / 100, tone)


def _spans(course: Course) -> Iterator[Span]:
    for incident in course.incidents:
        if incident.worst > Severity.NOTICE:
            yield Span(
                max(incident.opened_at, course.since),
                min(incident.resolved_at or course.until, course.until),
                _TONES[incident.worst],
                f"incident {incident.id}",
            )


def _marks(course: Course) -> Iterator[Mark]:
    """Reboots and kills always; what a service did only as far as there is room, the newest first."""
    told = [event for event in course.events if _matters(event, course.service)]
    grave = [event for event in told if event.kind in (EventKind.REBOOT, EventKind.OOM_KILL)]
    others = [event for event in told if event not in grave]
    room = max(0, _MOST_MARKS - len(grave))
    shown = (*grave[-_MOST_MARKS:], *(others[-room:] if room else ()))
    for event in sorted(shown, key=lambda event: event.at):
        yield Mark(event.at, _label(event))


def _matters(event: Event, service: str) -> bool:
    return not service or event.subject in ("", service) or event.kind is EventKind.REBOOT


def _label(event: Event) -> str:
    word = _WORDS[event.kind]
    if event.kind is EventKind.OOM_KILL:
        return f"{word} {event.subject}".strip()
    return f"{event.subject} {word}".strip()
