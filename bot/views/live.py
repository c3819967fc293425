"""A host's memory in a message that renews itself: what `watch free -h` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.check import Checked
from bot.domain.units import column_unit, duration, part_of, percent, size
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.views.wording import available, strain, tone, usage_bar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.check import Failed
    from bot.domain.extremes import Extremes
    from bot.message import Block

_SHOWN_SERVICES = 3


def live(host: str, outcome: Checked | Failed, seen: Extremes, number: int, until: datetime) -> Message:
    """Show a host as it is now; the button ends the message of this number."""
    return Message(
        _headline(host, outcome),
        blocks=(*_blocks(outcome), *_range(seen)),
        buttons=(Button("Stop", f"unwatch {number}"), Button("Report", f"report {host}")),
        footnote=f"renewed until {until:%H:%M:%S}",
        tone=tone(outcome.assessment.level) if isinstance(outcome, Checked) else Tone.UNKNOWN,
        private=False,
        measured_at=_moment(outcome),
    )


def ended(host: str, outcome: Checked | Failed, seen: Extremes, at: datetime) -> Message:
    """Show what is left of it: how the host was at the end, and the extremes that were seen."""
    watched = duration(max(0.0, (at - seen.begun_at).total_seconds()))
    return Message(
        f"{host} was watched for {watched}, until {at:%H:%M:%S}",
        blocks=(*_range(seen), Text(f"At the end: {_headline(host, outcome)}")),
        buttons=(Button("Watch again", f"watch {host}"), Button("Report", f"report {host}")),
        footnote="not renewed any more",
        tone=Tone.FAINT,
        private=False,
        measured_at=_moment(outcome),
    )


def _moment(outcome: Checked | Failed) -> datetime:
    return outcome.snapshot.taken_at if isinstance(outcome, Checked) else outcome.at


def _headline(host: str, outcome: Checked | Failed) -> str:
    if not isinstance(outcome, Checked):
        return f"{host} · unknown · {outcome.error}"
    return f"{host} · {outcome.assessment.level.value} · {available(outcome.assessment)}"


def _blocks(outcome: Checked | Failed) -> Iterator[Block]:
    if not isinstance(outcome, Checked):
        return
    assessment = outcome.assessment
    if assessment.available_bytes is not None:
        used = part_of(assessment.total_bytes - assessment.available_bytes, assessment.total_bytes)
        yield Text(f"{usage_bar(assessment)}  {used} used")
    yield Text(" · ".join(strain(outcome)))
    yield from _largest(outcome)


def _largest(checked: Checked) -> Iterator[Table]:
    """Show the services that hold most."""
    total = checked.assessment.total_bytes
    services = [service for service in checked.services if service.kind is not Kind.MEMWARDEN]
    largest = sorted(services, key=lambda service: -service.memory_bytes)[:_SHOWN_SERVICES]
    if largest:
        yield Table(
            (Column("", elastic=True), Column("", Align.RIGHT), Column("", Align.RIGHT)),
            tuple(
                Row(
                    (
                        service.name,
                        size(service.memory_bytes, column_unit(total)),
                        percent(100 * service.memory_bytes / total),
                    )
                )
                for service in largest
            ),
        )


def _range(seen: Extremes) -> Iterator[Text]:
    if seen.least is not None and seen.most is not None and seen.looks > 1:
        (least, least_at), (most, most_at) = seen.least, seen.most
        yield Text(
            f"Since {seen.begun_at:%H:%M:%S} available: least {size(least)} at {least_at:%H:%M:%S},"
            f" most {size(most)} at {most_at:%H:%M:%S}."
        )
    if seen.missed:
        yield Text(f"It did not answer {seen.missed} of {seen.looks} times.", Tone.WARNING)
