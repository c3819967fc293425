"""The fleet at a glance, or one host in brief."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.check import Checked, Failed
from bot.domain.policy import Level
from bot.domain.remedy import NOTHING
from bot.domain.units import percent_at_least, size
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.views import advice
from bot.views.wording import (
    available,
    figures,
    reservations,
    strain,
    swapping,
    tone,
    uptime,
    usage_bar,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.remedy import Offer
    from bot.message import Block

_ROWS_IN_FULL = 12
_LARGEST = 3


def one_host(found: Checked | Failed, *, again: str = "status", offered: Offer = NOTHING) -> Message:
    """One host: its line, what is largest, what would help.

    `again` are the words that asked for it, `offered` is what can be asked for to be done.
    """
    if isinstance(found, Failed):
        return _failed(found, again)
    level = found.assessment.level
    largest = [
        f"{service.name} {size(service.memory_bytes)}"
        for service in found.services
        if service.kind is not Kind.MEMWARDEN
    ][:_LARGEST]
    return Message(
        headline=f"{found.host} is {level}: {available(found.assessment)}",
        tone=tone(level),
        blocks=(
            Text(usage_bar(found.assessment), tone(level)),
            *([Text(f"largest: {', '.join(largest)}")] if largest else []),
            Text(" · ".join(strain(found))),
            Text(advice.sentence(found)),
            *reservations(found),
        ),
        buttons=(
            *advice.buttons(found, offered),
            Button("Report", f"report {found.host}"),
            Button("Top processes", f"top {found.host}"),
            Button("Refresh", again, in_place=True),
        ),
        footnote=uptime(found),
        measured_at=found.snapshot.taken_at,
    )


def fleet(found: Sequence[Checked | Failed], *, again: str = "status") -> Message:
    """Several hosts, the worst first; good ones in brief where there are many.

    `again` are the words that asked for these hosts.
    """
    ranked = sorted(found, key=_rank)
    shown, brief = _divided(ranked)
    worst = _level(ranked[0])
    blocks: list[Block] = [Table(_COLUMNS, tuple(_row(each) for each in shown))]
    if brief:
        blocks.append(Text(_in_brief(brief), tone(_level(brief[0]))))
    blocks += [Text(_complaint(each), Tone.UNKNOWN) for each in ranked if isinstance(each, Failed)]
    return Message(
        headline=_counted(ranked),
        tone=tone(worst),
        blocks=tuple(blocks),
        buttons=(
            *(
                Button(f"Report {each.host}", f"report {each.host}")
                for each in ranked[:2]
                if isinstance(each, Checked) and each.assessment.level is not Level.GOOD
            ),
            Button("Refresh", again, in_place=True),
        ),
        footnote=f"{len(found)} hosts",
        measured_at=max(each.snapshot.taken_at if isinstance(each, Checked) else each.at for each in found),
    )


_COLUMNS = (
    Column("level"),
    Column("host", elastic=True),
    Column("memory taken", dispensable=2),
    Column("available", Align.RIGHT),
    Column("swap", Align.RIGHT, dispensable=1),
)


def _failed(found: Failed, again: str) -> Message:
    return Message(
        headline=f"{found.host} is unknown: it could not be read",
        tone=Tone.UNKNOWN,
        blocks=(Text(str(found.error)),),
        buttons=(Button("Try again", again, in_place=True),),
        measured_at=found.at,
    )


def _complaint(found: Failed) -> str:
    sentence = str(found.error)
    return sentence if found.host in sentence else f"{found.host}: {sentence}"


def _level(found: Checked | Failed) -> Level:
    return found.assessment.level if isinstance(found, Checked) else Level.UNKNOWN


def _rank(found: Checked | Failed) -> tuple[int, float, str]:
    """Worst level first, least available first; by name where nothing else tells."""
    percent_ = found.assessment.available_percent if isinstance(found, Checked) else None
    return -_level(found).severity, 0.0 if percent_ is None else percent_, found.host


def _divided(
    ranked: Sequence[Checked | Failed],
) -> tuple[Sequence[Checked | Failed], Sequence[Checked | Failed]]:
    """Show every host that is not good, and the good ones as far as they fit on one screen."""
    if len(ranked) <= _ROWS_IN_FULL:
        return ranked, ()
    bad = sum(_level(each) is not Level.GOOD for each in ranked)
    return ranked[:bad], ranked[bad:]


def _in_brief(found: Sequence[Checked | Failed]) -> str:
    named = [
        f"{each.host} {percent_at_least(each.assessment.available_percent or 0)}"
        for each in found[:_LARGEST]
        if isinstance(each, Checked)
    ]
    rest = " …" if len(found) > _LARGEST else ""
    return f"{_level(found[0])}: {len(found)} more: {', '.join(named)}{rest}"


def _counted(ranked: Sequence[Checked | Failed]) -> str:
    levels = Counter(_level(each) for each in ranked)
    worst_first = sorted(levels, key=lambda level: -level.severity)
    return " · ".join(f"{levels[level]} {level}" for level in worst_first)


def _row(found: Checked | Failed) -> Row:
    if isinstance(found, Failed):
        return Row((Level.UNKNOWN.value, found.host, "", "could not be read", ""), Tone.UNKNOWN)
    used = found.snapshot.meminfo.swap_used_bytes
    swap = f"{size(used)}{swapping(found)}" if used else ""
    level = found.assessment.level
    left = found.assessment.available_percent
    share = "" if left is None else f" ({percent_at_least(left)})"
    left_of = f"{figures(found.assessment)}{share}"
    return Row((level.value, found.host, usage_bar(found.assessment), left_of, swap), tone(level))
