"""An incident in words: what it is, how it stands, what happened."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.incident import BLIND, State, Turn
from bot.domain.policy import Severity
from bot.domain.rule import MEMORY, REACH, plain
from bot.domain.storm import storm_rule
from bot.domain.units import duration
from bot.message import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from bot.domain.incident import Breach, Change, Incident

LONGEST_SENTENCE = 300
LONGEST_NAME = 40
REBOOT = "reboot"
"""The cause of a reboot: it is over at once, and nothing has to get well again."""

_NUMBERS = re.compile(r"(\d+)")
_HOST_KEY = "host_key"
_UNREACHABLE = "unreachable"
_WORTH_SAYING = timedelta(minutes=1)
_TONES = {
    Severity.NOTICE: Tone.ACCEPTABLE,
    Severity.WARNING: Tone.WARNING,
    Severity.CRITICAL: Tone.CRITICAL,
}
_STORMS = {
    _UNREACHABLE: ("cannot be reached", "could not be reached"),
    REBOOT: ("were rebooted", "were rebooted"),
    MEMORY: ("are short of memory", "were short of memory"),
    _HOST_KEY: ("show another host key", "showed another host key"),
    "oom_kills": ("had processes killed by the OOM killer", "had processes killed by the OOM killer"),
    "swap_in": ("read memory back from swap", "read memory back from swap"),
    "pressure": ("wait for memory", "waited for memory"),
    "exhaustion": ("are about to run out of memory", "were about to run out of memory"),
    "service_died": ("lost a service", "lost a service"),
    "service_restarting": ("have a service that keeps restarting", "had a service that kept restarting"),
}
"""What many hosts have in common: while it lasts, and when it is over."""


def tone(incident: Incident) -> Tone:
    """Return the tone in which an incident is shown."""
    if incident.is_open or is_momentary(incident):
        return _TONES[incident.severity]
    return Tone.GOOD


def is_momentary(incident: Incident) -> bool:
    """Tell whether it happened and did not last, so that nothing had to get well again: reboots."""
    return REBOOT in (incident.cause, storm_rule(incident))


def clock(at: datetime, zone: tzinfo, beside: datetime) -> str:
    """Write when something was, with the day where it is not that of the other moment: `14:03`."""
    here, there = at.astimezone(zone), beside.astimezone(zone)
    return f"{here:%H:%M}" if here.date() == there.date() else f"{here:%Y-%m-%d %H:%M}"


def lasted(incident: Incident) -> str:
    """Write how long an incident that is over has lasted: `11 min`."""
    ended = incident.resolved_at or incident.changed_at
    return duration(max(0.0, (ended - incident.opened_at).total_seconds()))


def clauses(sentence: str) -> list[str]:
    """Split a sentence into what it says and its evidence, fit for a line each."""
    parts = plain(sentence, LONGEST_SENTENCE).split("; ")
    return [part for part in map(str.strip, parts) if part] or ["no details are known"]


def by_number(host: str) -> list[str | int]:
    """Return a key that sorts web-2 before web-10."""
    return [int(part) if part.isdecimal() else part for part in _NUMBERS.split(host)]


def headline(incident: Incident, members: tuple[Incident, ...] = (), hosts: int = 0) -> str:
    """Say in one line what is wrong, fit for a notification; of what is over, that it is over first.

    `members` are those of a storm, `hosts` is how many there are, 0 if that is not known.
    """
    if incident.is_open or is_momentary(incident):
        return _now(incident, members, hosts)
    return f"Resolved after {lasted(incident)}: {_then(incident, members, hosts)}"


def subject(incident: Incident) -> str:
    """Name what an incident is about: its host, or that it is of the fleet."""
    if incident.host:
        return incident.host
    return "memwarden" if incident.cause == BLIND else "many hosts"


def standing(incident: Incident, zone: tzinfo) -> str:
    """Say since when it is and who has taken it: `since 13:58 · acknowledged by Alice 14:03`."""
    since = clock(_began(incident), zone, incident.seen_at)
    if incident.resolved_at is not None:
        until = clock(incident.resolved_at, zone, incident.opened_at)
        times = [f"{since} to {until}" if incident.resolved_at > incident.opened_at else f"at {since}"]
    else:
        times = [f"since {since}"]
    return " · ".join((*times, *_taken(incident, zone), *_apart(incident)))


def main_breach(incident: Incident) -> Breach | None:
    """Return the breach that the headline is about."""
    return incident.breaches[0] if incident.breaches else None


def told_at_the_beginning(incident: Incident) -> str:
    """Return what was said when it began."""
    return incident.story[0].sentence if incident.story else ""


def happened(change: Change) -> str:
    """Say a change in a few words, as one line of a story."""
    said = clauses(change.sentence)[0]
    match change.turn:
        case Turn.WORSE:
            return f"worse: {said}"
        case Turn.BETTER:
            return f"better: {said}"
        case Turn.REOPENED:
            return f"again: {said}"
        case _:
            return said


def _now(incident: Incident, members: tuple[Incident, ...], hosts: int) -> str:
    breach = main_breach(incident)
    said = clauses(breach.sentence if breach else told_at_the_beginning(incident))[0]
    word = incident.severity.word
    if incident.cause == BLIND:
        return f"memwarden is blind: {said[:1].lower()}{said[1:]}"
    if storm_rule(incident):
        still = [member for member in members if member.is_open] or members
        return f"{_stormy(incident, still, hosts) or said} ({word})"
    if short := _fixed(incident, breach):
        return f"{short} ({word})"
    level = f" is {word}" if incident.cause == MEMORY and incident.severity > Severity.NOTICE else ""
    named = f"{incident.host}{level}" if level else f"{incident.host}, {word}"
    return f"{named}: {said}{_for(breach, incident) if breach else ''}"


def _then(incident: Incident, members: tuple[Incident, ...], hosts: int) -> str:
    """Say what was wrong with what is over."""
    if incident.cause == BLIND:
        return "memwarden was blind"
    if storm_rule(incident):
        return _stormy(incident, members, hosts) or clauses(told_at_the_beginning(incident))[0]
    if incident.cause == MEMORY:
        return f"{incident.host} was {incident.worst.word}"
    if incident.host and "host key" in told_at_the_beginning(incident):
        return f"{incident.host} showed a host key that is not the pinned one"
    if incident.cause == REACH:
        return f"{incident.host} could not be reached"
    said = clauses(told_at_the_beginning(incident))[0]
    return said if said.startswith(incident.host) else f"{incident.host}: {said}"


def _fixed(incident: Incident, breach: Breach | None) -> str:
    """Say what needs no figures: the sentence itself, which is long, stands below."""
    if incident.cause == REBOOT:
        return f"{incident.host} was rebooted"
    if breach is not None and breach.rule == _HOST_KEY:
        return f"{incident.host} shows a host key that is not the pinned one"
    if breach is not None and breach.rule == _UNREACHABLE:
        silent = incident.seen_at - breach.since
        lasts = f" for {duration(silent.total_seconds())}" if silent >= _WORTH_SAYING else ""
        return f"{incident.host} cannot be reached{lasts}"
    return ""


def _stormy(incident: Incident, members: Iterable[Incident], hosts: int) -> str:
    """Say what the hosts of a storm have, or had, in common: `37 of 500 hosts cannot be reached`."""
    count = len({member.host for member in members})
    if not count:
        return ""
    of_all = f" of {hosts}" if hosts else ""
    rule = storm_rule(incident)
    unnamed = f"the same trouble: {plain(rule, LONGEST_NAME)}"
    during, after = _STORMS.get(rule, (f"have {unnamed}", f"had {unnamed}"))
    return f"{count}{of_all} hosts {during if incident.is_open else after}"


def _for(breach: Breach, incident: Incident) -> str:
    """Say for how long a value has been beyond a limit, where the sentence names one."""
    so_far = incident.seen_at - breach.since
    names_limit = ", below " in breach.sentence or ", above " in breach.sentence
    return f" for {duration(so_far.total_seconds())}" if names_limit and so_far >= _WORTH_SAYING else ""


def _began(incident: Incident) -> datetime:
    """Return since when it is; of a lost host the headline counts from the first failure on."""
    breach = main_breach(incident)
    if breach is None or incident.cause not in (BLIND, REACH):
        return incident.opened_at
    return min(breach.since, incident.opened_at)


def _taken(incident: Incident, zone: tzinfo) -> Iterable[str]:
    if incident.acknowledged_at is not None:
        at = clock(incident.acknowledged_at, zone, incident.opened_at)
        yield f"acknowledged by {plain(incident.acknowledged_by, LONGEST_NAME)} {at}"
    elif incident.state is State.TRIGGERED:
        yield "not acknowledged"


def _apart(incident: Incident) -> Iterable[str]:
    if incident.silenced:
        yield "silenced"
    if incident.parent is not None:
        yield f"part of incident {incident.parent}"
