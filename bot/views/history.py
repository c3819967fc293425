"""How one host, or one service of it, did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.course import PERIODS, elapsed, held_by
from bot.domain.units import part_of, percent_at_least, size
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.usage import said
from bot.views.chart import chart
from bot.views.when import moment, span
from bot.views.wording import tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.course import Course, Growth
    from bot.domain.history import Sample
    from bot.message import Block

_SERVICES = 5
# What is older is not how it is now.
_NOW = timedelta(minutes=15)

_MOMENTS = (
    Column(""),
    Column("memory", Align.RIGHT, dispensable=1),
    Column("share", Align.RIGHT),
    Column("when"),
)
_GROWTHS = (
    Column("service", elastic=True),
    Column("last", Align.RIGHT),
    Column("most", Align.RIGHT, dispensable=1),
    Column("change", Align.RIGHT),
)


def history(course: Course) -> Message:
    """The worst moment first, then the picture, then the figures and what grew."""
    last = course.latest
    if last is None:
        return _nothing(course)
    return Message(
        headline=_headline(course, last),
        tone=_tone(course),
        blocks=tuple(_blocks(course)),
        buttons=_buttons(course),
        footnote=f"{course.samples} checks; each point of the picture is the worst of {_step(course)}",
        measured_at=last.taken_at.astimezone(course.until.tzinfo),
    )


def _nothing(course: Course) -> Message:
    return Message(
        headline=f"{course.host}: nothing was recorded in the last {span(course.span)}",
        tone=Tone.UNKNOWN,
        blocks=(Text("`memwarden run` checks every host all the time; each check is recorded."),),
        buttons=_buttons(course),
    )


def _headline(course: Course, last: Sample) -> str:
    subject = f"{course.service} on {course.host}" if course.service else course.host
    extreme = course.most if course.service else course.least
    if extreme is None:
        return f"{subject}: it was not told how much memory was available"
    worst = f"{'most' if course.service else 'least'} {_amount(course, extreme)}"
    when, share = moment(extreme.taken_at, course.until), _amount(course, last, short=True)
    is_now = elapsed(last.taken_at, course.until) <= _NOW
    now = f"now {share}" if is_now else f"last {share} {moment(last.taken_at, course.until)}"
    return f"{subject}: {worst} {when}, {now}"


def _amount(course: Course, sample: Sample, *, short: bool = False) -> str:
    """`4 % available`, or what the service held."""
    value = _value(course, sample)
    if course.service:
        return size(value)
    share = percent_at_least(100 * value / sample.mem_total_bytes)
    return share if short else f"{share} available"


def _value(course: Course, sample: Sample) -> int:
    return (held_by(course.service)(sample) if course.service else sample.mem_available_bytes) or 0


def _tone(course: Course) -> Tone:
    """The colour of how it is now: what was is in the words."""
    last = course.latest
    if last is None or course.service or last.mem_available_bytes is None:
        return Tone.PLAIN
    return tone(course.thresholds.level(100 * last.mem_available_bytes / last.mem_total_bytes))


def _blocks(course: Course) -> Iterator[Block]:
    text = f"{_subject(course)} over the last {span(course.span)}: {'; '.join(_story(course))}."
    yield chart(course, f"{_subject(course)}, last {span(course.span)}", text)
    yield Table(_MOMENTS, tuple(_moments(course)))
    if not course.service:
        yield Table(_GROWTHS, tuple(_growth(each) for each in course.growths[:_SERVICES]))
    happened = list(_happened(course))
    if happened:
        yield Text(f"Marked: {', '.join(happened)}.")


def _subject(course: Course) -> str:
    return f"{course.service} on {course.host}" if course.service else f"{course.host}: memory available"


def _story(course: Course) -> Iterator[str]:
    for word, sample in (("least", course.least), ("most", course.most)):
        if sample is not None:
            yield f"{word} {size(_value(course, sample))} {moment(sample.taken_at, course.until)}"
    yield from _happened(course)


def _happened(course: Course) -> Iterator[str]:
    if course.incidents:
        numbers = ", ".join(str(each.id) for each in course.incidents[-_SERVICES:])
        more = "…, " if len(course.incidents) > _SERVICES else ""
        yield f"incident{'' if len(course.incidents) == 1 else 's'} {more}{numbers}"
    for kind in dict.fromkeys(event.kind for event in course.events):
        same = [event for event in course.events if event.kind is kind]
        last = moment(same[-1].at, course.until)
        word = kind.value.replace("oom", "OOM")
        yield f"{word} {last}" if len(same) == 1 else f"{word} {len(same)} times, the last {last}"


def _moments(course: Course) -> Iterator[Row]:
    for word, sample in (("least", course.least), ("most", course.most), ("last", course.latest)):
        if sample is not None:
            value, whole = _value(course, sample), sample.mem_total_bytes
            when = moment(sample.taken_at, course.until)
            level = Tone.PLAIN if course.service else tone(course.thresholds.level(100 * value / whole))
            yield Row((word, part_of(value, whole), percent_at_least(100 * value / whole), when), level)
            if word == "least" and course.median_bytes is not None:
                middle = course.median_bytes
                share = percent_at_least(100 * middle / whole)
                yield Row(("median", part_of(middle, whole), share, ""))


def _growth(growth: Growth) -> Row:
    change = growth.grown_bytes
    sign = "+" if change > 0 else ""
    changed = f"{sign}{size(change)}" if change else "none"
    return Row((growth.service, size(growth.last_bytes), size(growth.most_bytes), changed))


def _buttons(course: Course) -> tuple[Button, ...]:
    def words(period: str) -> str:
        return said(("history", course.host, period, *([course.service] if course.service else [])))

    return (
        *(Button(period, words(period), in_place=True) for period in PERIODS),
        Button("Report", said(("report", course.host))),
    )


def _step(course: Course) -> str:
    return span(course.span / len(course.points))
