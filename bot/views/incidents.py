"""All incidents at a glance, and the answer to who acknowledges one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.incident import State
from bot.domain.policy import Severity
from bot.domain.rule import plain
from bot.domain.storm import storm_rule
from bot.domain.units import counted, duration
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.usage import enumerated
from bot.views.story import (
    LONGEST_NAME,
    by_number,
    clauses,
    clock,
    lasted,
    subject,
    told_at_the_beginning,
    tone,
)
from bot.views.story import headline as told_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from bot.domain.incident import Incident
    from bot.message import Block
    from bot.outbox import Backlog, GivenUp

_ACKNOWLEDGE = 2
_MOST_OPEN = 10
_MOST_OVER = 10
_MOST_GIVEN_UP = 3
_TARRIES = timedelta(minutes=1)

_NUMBER = Column("no.", Align.RIGHT)
_HOST = Column("host", elastic=True)
_WHAT = Column("what", dispensable=2, elastic=True)
_OVER = (
    _NUMBER,
    Column("over"),
    _HOST,
    Column("since", Align.RIGHT),
    Column("for", Align.RIGHT, dispensable=1),
    Column("taken by", dispensable=3),
    _WHAT,
)


def incidents(
    found: Sequence[Incident],
    zone: tzinfo,
    now: datetime,
    *,
    backlog: Sequence[Backlog] = (),
    given_up: Sequence[GivenUp] = (),
    again: str = "incidents",
) -> Message:
    """List what is wrong, the worst first, then what was, the latest first, then what nobody could be told.

    `again` are the words that asked for it. The members of a storm stand with the storm.
    """
    alone = [incident for incident in found if incident.parent is None]
    now_open = sorted((i for i in alone if i.is_open), key=_rank)
    over = sorted((i for i in alone if not i.is_open), key=lambda i: i.resolved_at or i.changed_at)[::-1]
    return Message(
        headline=_headline(now_open, over),
        blocks=(*_blocks(now_open, over, found, zone, now), *_undelivered(backlog, given_up, zone, now)),
        buttons=(*_acknowledge(now_open), Button("Refresh", again, in_place=True)),
        footnote="now open, and of the last 24 h",
        tone=tone(now_open[0]) if now_open else Tone.GOOD,
        measured_at=now.astimezone(zone),
    )


def acknowledged(incident: Incident, zone: tzinfo, now: datetime, *, new: bool) -> Message:
    """Answer who acknowledges an incident: that it is theirs, or who was first, or that it is over."""
    what = f"Incident {incident.id} ({subject(incident)})"
    if new:
        headline = f"{what} is acknowledged: it is yours"
        text = "It is not repeated or escalated. You hear of it when it gets worse and when it is over."
        return Message(headline, (Text(told_of(incident)), Text(text)), tone=Tone.GOOD)
    if incident.resolved_at is not None:
        at = clock(incident.resolved_at, zone, now)
        return Message(
            f"{what} is over since {at}, after {lasted(incident)}: there is nothing to acknowledge",
            tone=Tone.GOOD,
        )
    at_ = incident.acknowledged_at or incident.changed_at
    ago = duration(max(0.0, (now - at_).total_seconds()))
    return Message(
        f"{what} was acknowledged already, by {plain(incident.acknowledged_by, LONGEST_NAME)}"
        f" at {clock(at_, zone, now)} ({ago} ago)",
        tone=Tone.GOOD,
    )


def _rank(incident: Incident) -> tuple[bool, int, datetime, int]:
    """Worst first; of those what nobody has taken yet, then what began first."""
    taken = incident.state is State.ACKNOWLEDGED
    return incident.silenced, -2 * incident.severity + taken, incident.opened_at, incident.id


def _headline(now_open: Sequence[Incident], over: Sequence[Incident]) -> str:
    if not now_open:
        was = f"; {len(over)} in the last 24 h, all over" if over else " and none in the last 24 h"
        return f"No incident is open{was}"
    counted = Counter(incident.severity for incident in now_open)
    levels = (f"{counted[severity]} {severity.word}" for severity in sorted(Severity, reverse=True))
    free = sum(map(_is_free, now_open))
    nobody = f"{free} not acknowledged" if free else "nothing to acknowledge"
    return f"{len(now_open)} open ({', '.join(w for w in levels if not w.startswith('0 '))}), {nobody}"


def _blocks(
    now_open: Sequence[Incident],
    over: Sequence[Incident],
    found: Sequence[Incident],
    zone: tzinfo,
    now: datetime,
) -> Iterator[Block]:
    if now_open:
        yield from (_open(each, found, zone, now) for each in now_open[:_MOST_OPEN])
        yield from _more(now_open, _MOST_OPEN)
    if over:
        yield Table(_OVER, tuple(_over_row(each, zone, now) for each in over[:_MOST_OVER]))
        yield from _more(over, _MOST_OVER)


def _more(listed: Sequence[Incident], most: int) -> Iterator[Text]:
    if len(listed) > most:
        yield Text(f"and {len(listed) - most} more; `incidents web-1` shows those of one host.", Tone.FAINT)


def _open(incident: Incident, found: Sequence[Incident], zone: tzinfo, now: datetime) -> Text:
    """Say what is wrong, who has it, since when: as a sentence, for a phone has no room for columns."""
    members = tuple(i for i in found if storm_rule(incident) and i.parent == incident.id and i.is_open)
    hosts = sorted({plain(member.host, LONGEST_NAME) for member in members}, key=by_number)
    named = f" · {enumerated(hosts)}" if hosts else ""
    nobody = "silenced" if incident.silenced else "nobody has it"
    taker = plain(incident.acknowledged_by, LONGEST_NAME)
    taken = f"{taker} has it" if taker else nobody
    since = clock(incident.opened_at, zone, now)
    return Text(
        f"{incident.id}: {told_of(incident, members)}{named} · {taken}, since {since}",
        Tone.FAINT if incident.silenced else tone(incident),
    )


def _over_row(incident: Incident, zone: tzinfo, now: datetime) -> Row:
    return Row(
        (
            str(incident.id),
            incident.worst.word,
            subject(incident),
            clock(incident.opened_at, zone, now),
            lasted(incident) if incident.resolved_at != incident.opened_at else "",
            plain(incident.acknowledged_by, LONGEST_NAME),
            _what(incident),
        )
    )


def _is_free(incident: Incident) -> bool:
    """Tell whether somebody should take care of it."""
    return incident.state is State.TRIGGERED and not incident.silenced


def _what(incident: Incident) -> str:
    said = incident.breaches[0].sentence if incident.breaches else told_at_the_beginning(incident)
    return clauses(said)[0]


def _acknowledge(now_open: Sequence[Incident]) -> Iterator[Button]:
    for incident in list(filter(_is_free, now_open))[:_ACKNOWLEDGE]:
        yield Button(f"Acknowledge {incident.id}", f"ack {incident.id}")


def _undelivered(
    backlog: Sequence[Backlog], given_up: Sequence[GivenUp], zone: tzinfo, now: datetime
) -> Iterator[Text]:
    """Say what people could not be told, so that silence is never taken for peace."""
    for waiting in backlog:
        yield from _waiting(waiting, zone, now)
    for lost in given_up[-_MOST_GIVEN_UP:]:
        what, why = plain(lost.outgoing.message.headline, 120), plain(lost.reason, 120)
        where = f"at {lost.outgoing.destination}, given up at {clock(lost.at, zone, now)}"
        yield Text(f"never said {where}: {what} ({why})", Tone.CRITICAL)
    if len(given_up) > _MOST_GIVEN_UP:
        yield Text(f"and {len(given_up) - _MOST_GIVEN_UP} more given up before", Tone.CRITICAL)


def _waiting(waiting: Backlog, zone: tzinfo, now: datetime) -> Iterator[Text]:
    """Say what waits and why; what is only being said this moment is nothing to worry about."""
    messages = f"{counted(waiting.count, 'message')} for {waiting.destination}"
    if waiting.trouble:
        since, why = clock(waiting.oldest_at, zone, now), plain(waiting.trouble, 200)
        yield Text(f"{messages} could not be sent yet, since {since}: {why}", Tone.WARNING)
    elif waiting.due_at - now >= _TARRIES:
        yield Text(f"{messages} held back until {clock(waiting.due_at, zone, now)}", Tone.FAINT)
    elif now - waiting.due_at >= _TARRIES:
        due = clock(waiting.due_at, zone, now)
        yield Text(f"{messages} should have been sent at {due} and still waiting", Tone.WARNING)
