"""Who did what: for people as a table, for programs as lines of JSON, and whether it can be believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.audit import written
from bot.domain.rule import plain
from bot.domain.units import counted
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.views.story import LONGEST_NAME
from bot.views.when import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from bot.domain.audit import Link, Verified

_LONGEST = 120
_COLUMNS = (
    Column("no.", Align.RIGHT, dispensable=3),
    Column("when", Align.RIGHT),
    Column("who"),
    Column("host", dispensable=2),
    Column("what", elastic=True),
    Column("result", dispensable=1, elastic=True),
)


def audit(links: Sequence[Link], zone: tzinfo, now: datetime, *, again: str = "audit") -> Message:
    """List lines of the audit as they are given. `again` are the words that asked for them."""
    refresh = Button("Refresh", again, in_place=True)
    here = now.astimezone(zone)
    if not links:
        said = Text("Who changes something, or tries to, is written down here.")
        return Message("Nothing was done yet", (said,), (refresh,), measured_at=here)
    newest = links[0]
    return Message(
        headline=f"{counted(len(links), 'line')} of the audit, newest first",
        blocks=(Table(_COLUMNS, tuple(_row(link, here) for link in links)),),
        buttons=(refresh,),
        footnote=f"`memwarden audit verify --head {newest.head}` checks that none of them was changed or left"
        " out since, `memwarden audit export` writes all of them",
        measured_at=here,
    )


def json_line(link: Link) -> str:
    """Write a line with its number, its hash and that of the line before as JSON, in ASCII.

    `audit.link_hash` tells how the hash is computed from the other fields.
    """
    entry = link.entry
    fields = {
        "number": link.number,
        "previous": link.previous,
        "at": written(entry.at),
        "who": entry.who,
        "name": entry.name,
        "what": entry.what,
        "host": entry.host,
        "plan": entry.plan,
        "result": entry.result,
        "hash": link.hash,
    }
    return json.dumps(fields)


def verdict(found: Verified) -> tuple[str, ...]:
    """Say whether the chain holds, and by which hash it can be compared later, in lines to print."""
    lines = counted(found.lines, "line")
    head = (f"The last is line {found.head.number} with the hash {found.head.hash}",) if found.head else ()
    if found.broken:
        return (
            f"The audit is broken at line {found.broken.number}: {found.broken.sentence}. ({lines})",
            "From there on it proves nothing: compare it with a backup.",
            *head,
        )
    holds = "nothing was written yet" if not head else "each follows from the one before"
    same = (f"Line {found.noted.number} is the one that was noted.",) if found.noted else ()
    return (f"The audit holds: {lines}, {holds}.", *same, *head, *_to_note(found))


def _to_note(found: Verified) -> Iterator[str]:
    if found.head is not None:
        yield (
            "Note it elsewhere: an audit that is cut short or written anew has another."
            f" To compare: --head {found.head.head}"
        )


def _row(link: Link, now: datetime) -> Row:
    entry = link.entry
    who = plain(entry.who, LONGEST_NAME)
    return Row(
        (
            str(link.number),
            moment(entry.at, now),
            f"{plain(entry.name, LONGEST_NAME)} ({who})" if entry.name else who,
            plain(entry.host, LONGEST_NAME),
            plain(entry.what, _LONGEST),
            plain(entry.result, _LONGEST),
        ),
        Tone.FAINT if entry.result.startswith("refused") else Tone.PLAIN,
    )
