"""What is silent, because of whom and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.units import counted
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.usage import quoted
from bot.views.story import clock
from bot.views.when import exactly

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from bot.domain.silence import Silence

_BUTTONS = 3
_GOES_ON = "Checks go on and are recorded; nothing of it is announced."
_COLUMNS = (
    Column("no.", Align.RIGHT),
    Column("silent", elastic=True),
    Column("until", Align.RIGHT),
    Column("by", dispensable=1),
    Column("reason", dispensable=2, elastic=True),
)


def covered(silence: Silence) -> str:
    """Say what a silence is about: `web-1`, `hosts with the tag web`, `the rule memory`."""
    parts = (
        silence.host,
        f"hosts with the tag {silence.tag}" if silence.tag else "",
        f"the rule {silence.rule}" if silence.rule else "",
    )
    return " and ".join(filter(None, parts)) or "everything"


def silences(found: Sequence[Silence], zone: tzinfo, now: datetime, *, again: str = "silences") -> Message:
    """List the silences in force, the first to end first. `again` are the words that asked for them."""
    ranked = sorted(found, key=lambda silence: (silence.ends_at, silence.id))
    refresh = Button("Refresh", again, in_place=True)
    if not ranked:
        return Message(
            "Nothing is silenced",
            (Text("`silence web-1 2h deploy` silences a host, a tag or a rule for a while."),),
            (refresh,),
            tone=Tone.GOOD,
            measured_at=now.astimezone(zone),
        )
    return Message(
        headline=f"{counted(len(ranked), 'silence')} in force",
        blocks=(Table(_COLUMNS, tuple(_row(each, zone, now) for each in ranked)),),
        buttons=(
            *(Button(f"Lift {each.id}", f"unsilence {each.id}") for each in ranked[:_BUTTONS]),
            refresh,
        ),
        footnote=_GOES_ON,
        measured_at=now.astimezone(zone),
    )


def silenced(silence: Silence, zone: tzinfo, now: datetime, *, new: bool = True) -> Message:
    """Say that something is silent from now on, or for so long already that nothing is new."""
    until = clock(silence.ends_at, zone, now)
    lasts = f" ({exactly(silence.ends_at - now)})" if new else ""
    return Message(
        headline=f"Silence {silence.id}: nothing is announced of {covered(silence)} until {until}{lasts}",
        blocks=(
            *(() if new else (Text(f"So it was already, because of {quoted(silence.owner)}."),)),
            *((Text(f"Reason: {silence.reason}"),) if silence.reason else ()),
            Text("Checks go on and are recorded. That what was announced is over will be said all the same."),
        ),
        buttons=(Button("Lift it", f"unsilence {silence.id}"), Button("Silences", "silences")),
        tone=Tone.GOOD,
    )


def lifted(silence: Silence, zone: tzinfo) -> Message:
    """Say that a silence is over."""
    until = clock(silence.ends_at, zone, silence.lifted_at or silence.ends_at)
    return Message(
        headline=f"Silence {silence.id} is lifted: {covered(silence)} is announced again",
        blocks=(Text(f"It was {quoted(silence.owner)}'s and would have ended at {until}."),),
        buttons=(Button("Incidents", "incidents"),),
        tone=Tone.GOOD,
    )


def _row(silence: Silence, zone: tzinfo, now: datetime) -> Row:
    what = silence.host or (f"tag {silence.tag}" if silence.tag else f"rule {silence.rule}")
    return Row((str(silence.id), what, clock(silence.ends_at, zone, now), silence.owner, silence.reason))
