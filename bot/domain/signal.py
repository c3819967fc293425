"""From readings to what is so: holds both ways, separate begins and ends, flap damping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.policy import Severity

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.reading import Reading, Settings

GAP_S = 900.0
"""Readings further apart than this do not tell what was between them."""

_FLAPS_WITHIN = timedelta(hours=1)
_LONGEST_CLEAR_HOLD_S = 3600.0
_MOST_CHANGES = 8


@dataclass(frozen=True, slots=True)
class Signal:
    """What one rule says of one subject of a host, over time.

    `severity` is what holds since `since`, None if it is well. `toward` is where the readings point since
    `toward_since`, as long as that has not been held long enough to count. `changes` are the moments of the
    latest changes from well to not well, for flap damping. `sentence` is what the last reading said, and
    `read_at` when. `critical_since` is since when the readings have been beyond the begin of CRITICAL, None
    where that is nothing new.
    """

    rule: str
    subject: str
    cause: str
    severity: Severity | None
    since: datetime
    sentence: str
    toward: Severity | None = None
    toward_since: datetime | None = None
    changes: tuple[datetime, ...] = ()
    read_at: datetime | None = None
    critical_since: datetime | None = None


def advance(
    signal: Signal | None,
    reading: Reading,
    rule_name: str,
    settings: Settings,
    at: datetime,
    *,
    gap_s: float = GAP_S,
) -> Signal:
    """Return what is so after one more reading.

    A severity begins when all readings of its hold were beyond its begin, and ends when all of the clear hold
    were on the well side of its end. Each earlier begin within the hour before the latest doubles the clear
    hold, up to an hour. A gap of more than `gap_s` seconds, or a clock that went back, is no time held: where
    checks are further apart than that, `gap_s` has to be larger than the time between them.
    """
    now = signal or Signal(rule_name, reading.subject, reading.cause, None, at, reading.sentence)
    if now.read_at is not None and not 0 <= (at - now.read_at).total_seconds() <= gap_s:
        now = replace(now, toward=None, toward_since=None, critical_since=None)
    # What is wrong stays the story it began as, even where its cause reads otherwise by now.
    cause = reading.cause if now.severity is None else now.cause
    now = _pointed(replace(now, cause=cause, sentence=reading.sentence, read_at=at), reading, at)
    while (severity := _due(now, reading, settings, at)) is not now.severity:
        now = _pointed(_changed(now, severity, at), reading, at)
    return now


def _pointed(signal: Signal, reading: Reading, at: datetime) -> Signal:
    """Return the signal with where readings point, and since when all of them have.

    On the way up that is the least of what they reached, on the way down the most of what they kept.
    """
    now, reached, toward = _rank(signal.severity), _rank(reading.reached), _rank(signal.toward)
    kept = max(reached, _rank(reading.kept))
    since = signal.toward_since
    critical_since = None
    if reached > now:
        goes_on = since is not None and toward > now
        toward = min(toward, reached) if goes_on else reached
        if reading.reached is Severity.CRITICAL:
            critical_since = signal.critical_since or at
    elif kept < now:
        goes_on = since is not None and toward < now
        toward = max(toward, kept) if goes_on else kept
    else:
        return replace(signal, toward=None, toward_since=None, critical_since=None)
    return replace(
        signal,
        toward=_severity(toward),
        toward_since=since if goes_on else critical_since or at,
        critical_since=critical_since,
    )


def _due(signal: Signal, reading: Reading, settings: Settings, at: datetime) -> Severity | None:
    """Return the severity that has been pointed at for long enough, else the one that is."""
    if signal.toward_since is None:
        return signal.severity
    held_s = (at - signal.toward_since).total_seconds()
    if _rank(signal.toward) < _rank(signal.severity):
        return signal.toward if held_s >= _clear_hold_s(signal, settings) else signal.severity
    if reading.at_once:
        return reading.reached
    since = signal.critical_since
    if since is not None and (at - since).total_seconds() >= settings.critical_hold_s:
        return Severity.CRITICAL
    hold_s = settings.critical_hold_s if signal.toward is Severity.CRITICAL else settings.hold_s
    return signal.toward if held_s >= hold_s else signal.severity


def _clear_hold_s(signal: Signal, settings: Settings) -> float:
    damped = settings.clear_hold_s * (1 << max(0, len(signal.changes) - 1))
    return max(settings.clear_hold_s, min(damped, _LONGEST_CLEAR_HOLD_S))


def _changed(signal: Signal, severity: Severity | None, at: datetime) -> Signal:
    """Return the signal at another severity; how long readings have been critical is not forgotten."""
    changes = signal.changes
    if signal.severity is None:
        recent = (moment for moment in changes if timedelta(0) <= at - moment < _FLAPS_WITHIN)
        changes = (*recent, at)[-_MOST_CHANGES:]
    return replace(signal, severity=severity, since=at, toward=None, toward_since=None, changes=changes)


def _rank(severity: Severity | None) -> int:
    return 0 if severity is None else severity


def _severity(rank: int) -> Severity | None:
    return Severity(rank) if rank else None
