"""Outbox -> chat: claim, say, mark; or try again later, or give up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.policy import Severity
from bot.domain.units import duration
from bot.errors import ChatError, MessageGone
from bot.message import Announcement, Message, Text, Tone
from bot.outbox import Outgoing, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.route import Destination
    from bot.outbox import Entry
    from bot.ports import Ports, Store

_LATE = timedelta(minutes=2)
# What passes by itself is tried again after 1 s to 5 min, what somebody has to mend after 5 min to an hour.
_PASSING_S = (1.0, 300.0)
_LASTING_S = (300.0, 3600.0)
_MOST_DOUBLINGS = 16
_GIVEN_UP = "given up "


@dataclass(frozen=True, slots=True)
class Means:
    """What delivering needs of one platform.

    `announce` is the platform's. `insist` calls what notes the outcome and may raise StoreError: what was
    claimed stays so until that was noted, so it is worth several tries. `jitter` returns a number from 0 to
    1.
    """

    announce: Callable[[Announcement], str]
    insist: Callable[[Callable[[], None]], None]
    jitter: Callable[[], float]


class Outcome(StrEnum):
    """What became of an entry."""

    SAID = "said"
    POSTPONED = "postponed"
    DROPPED = "dropped"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry that was to be said, what became of it and, where it was not said, why."""

    entry: Entry
    outcome: Outcome
    reason: str = ""


def deliver(ports: Ports, store: Store, destination: Destination, means: Means) -> Delivery | None:
    """Say what is to be said next at a destination; None if nothing is due there. Raises StoreError."""
    entry = store.claim(destination, ports.now())
    if entry is None:
        return None
    delivery, mark = _tried(ports, store, entry, means)
    means.insist(mark)
    return delivery


_Marked = tuple[Delivery, Callable[[], None]]
"""What became of an entry, and what notes that in the store."""


def _tried(ports: Ports, store: Store, entry: Entry, means: Means) -> _Marked:
    if _is_pointless(store, entry):
        return _dropped(ports, store, entry, "its card is gone")
    try:
        ref = means.announce(_announcement(ports, entry))
    except MessageGone as error:
        return _after_loss(ports, store, entry, str(error))
    except ChatError as error:
        return _after_failure(ports, store, entry, error, means.jitter())
    shown = (entry.ref or "") if entry.outgoing.part is Part.NOTE else ref
    return Delivery(entry, Outcome.SAID), lambda: store.said(entry, shown, ports.now())


def _announcement(ports: Ports, entry: Entry) -> Announcement:
    outgoing = entry.outgoing
    is_card, ref = outgoing.part is Part.CARD, entry.ref or ""
    message = outgoing.message
    if not (is_card and ref):
        message = _when_it_was(ports, outgoing)
    return Announcement(
        message=message,
        key=entry.key,
        channel=outgoing.destination.channel,
        edits=ref if is_card else "",
        thread="" if is_card else ref,
        mentions=outgoing.mentions,
        doubtful=entry.doubtful,
        since=entry.first_tried_at,
    )


def _when_it_was(ports: Ports, outgoing: Outgoing) -> Message:
    """Add to a late message when it became true: nobody shall act on the past as if it were now."""
    now, happened = ports.now(), outgoing.occurred_at
    if now - happened <= _LATE:
        return outgoing.message
    zone = ports.config.bot.zone
    then, today = happened.astimezone(zone), now.astimezone(zone)
    clock = f"{then:%H:%M}" if then.date() == today.date() else f"{then:%H:%M on %a} {then.day} {then:%b}"
    held = now - max(happened, outgoing.not_before) <= _LATE
    why = "it was held back until now" if held else "it could not be said before"
    ago = duration((now - happened).total_seconds())
    line = Text(f"This was at {clock}, {ago} ago; {why}.", Tone.FAINT)
    return replace(outgoing.message, blocks=(line, *outgoing.message.blocks))


def _is_pointless(store: Store, entry: Entry) -> bool:
    """Tell whether it is a note to a card that was deleted, or never said, and matters no more."""
    return entry.outgoing.part is Part.NOTE and not entry.ref and not _is_open(store, entry)


def _after_loss(ports: Ports, store: Store, entry: Entry, reason: str) -> _Marked:
    """A card that somebody deleted is shown anew as long as it matters, and else left alone."""
    if not _is_open(store, entry):
        return _dropped(ports, store, entry, reason)
    return Delivery(entry, Outcome.POSTPONED, reason), lambda: store.card_is_gone(entry)


def _dropped(ports: Ports, store: Store, entry: Entry, reason: str) -> _Marked:
    return Delivery(entry, Outcome.DROPPED, reason), lambda: store.said(entry, entry.ref or "", ports.now())


def _is_open(store: Store, entry: Entry) -> bool:
    of, _, number = entry.outgoing.card.rpartition(" ")
    incident = store.incident(int(number)) if of == "incident" and number.isdecimal() else None
    return incident is not None and incident.is_open


def _after_failure(ports: Ports, store: Store, entry: Entry, error: ChatError, jitter: float) -> _Marked:
    now, reason = ports.now(), str(error)
    age_s = (now - max(entry.outgoing.occurred_at, entry.outgoing.not_before)).total_seconds()
    if age_s >= ports.config.alerts.give_up_after_s:
        return Delivery(entry, Outcome.GIVEN_UP, reason), lambda: _give_up(ports, store, entry, reason)
    seconds = max(error.retry_after_s, _pause_s(entry.attempts, jitter, permanent=error.permanent))
    until, in_doubt = now + timedelta(seconds=seconds), error.in_doubt
    return Delivery(entry, Outcome.POSTPONED, reason), lambda: store.postpone(
        entry, until, reason, in_doubt=in_doubt
    )


def _pause_s(attempts: int, jitter: float, *, permanent: bool) -> float:
    """Return how long to wait: twice as long each time, and a part of it by chance.

    Many that failed together must not come back together.
    """
    least, most = _LASTING_S if permanent else _PASSING_S
    pause = min(most, least * 2.0 ** min(attempts - 1, _MOST_DOUBLINGS))
    return max(least, pause * (0.5 + 0.5 * jitter))


def _give_up(ports: Ports, store: Store, entry: Entry, reason: str) -> None:
    told = _elsewhere(ports, entry.outgoing.destination)
    if told is not None and not entry.outgoing.card.startswith(_GIVEN_UP):
        with store.changing() as ledger:
            ledger.enqueue(_report(ports, entry, reason, told))
    store.give_up(entry, ports.now(), reason)


def _elsewhere(ports: Ports, failed: Destination) -> Destination | None:
    """Return a place to say it instead: on another platform, else in another channel of the same one."""
    all_places = dict.fromkeys(_places(ports))
    others = [place for place in all_places if place != failed]
    return next((place for place in others if place.platform != failed.platform), next(iter(others), None))


def _places(ports: Ports) -> Iterable[Destination]:
    for route in ports.config.routes:
        yield from (*route.to, *route.escalate_to)


def _report(ports: Ports, entry: Entry, reason: str, told: Destination) -> Outgoing:
    outgoing, now = entry.outgoing, ports.now()
    where = f"{outgoing.destination.platform.title()} {outgoing.destination.channel}".rstrip()
    tried = duration((now - outgoing.occurred_at).total_seconds())
    message = Message(
        f"{where} was never told: {outgoing.message.headline}",
        blocks=(Text(f"memwarden tried for {tried} and gave up: {reason}", Tone.FAINT),),
        tone=outgoing.message.tone,
        private=False,
    )
    severity = max(outgoing.severity, Severity.WARNING)
    return Outgoing(told, f"{_GIVEN_UP}{entry.id}", Part.CARD, message, severity, now, now)
