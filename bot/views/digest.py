"""The time behind us: short where there is nothing to say."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.course import elapsed
from bot.domain.policy import Level, Severity
from bot.domain.units import counted, duration, percent, percent_at_least
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.usage import enumerated, said
from bot.views.chart import chart
from bot.views.when import moment, span
from bot.views.wording import tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.domain.course import Course
    from bot.domain.incident import Incident
    from bot.domain.summary import HostSummary, Summary
    from bot.message import Block

_HOSTS = 10
_INCIDENTS = 6
_LEAKS = 3
_ADVICE = 3
_NAMED = 3
_LATE = timedelta(minutes=10)

_TONES = {Severity.NOTICE: Tone.PLAIN, Severity.WARNING: Tone.WARNING, Severity.CRITICAL: Tone.CRITICAL}
_COLUMNS = (
    Column("host", elastic=True),
    Column("now"),
    Column("least", Align.RIGHT),
    Column("when", dispensable=1),
    Column("trend", dispensable=2),
    Column("what happened", dispensable=3, elastic=True),
)


def announced(found: Summary, worst: Course | None, *, kind: str, due: datetime) -> Message:
    """The digest that a channel gets by itself; a late one says so."""
    late = elapsed(due, found.until) >= _LATE
    notice = (f"late: it was due {moment(due, found.until)}",) if late else ()
    return _message(found, worst, f"{kind.capitalize()} digest", notice, private=False)


def asked(found: Summary, worst: Course | None, *, again: str) -> Message:
    """The same, of the time up to now."""
    title = f"Last {span(elapsed(found.since, found.until))}"
    return _message(found, worst, title, (), private=True, more=(Button("Refresh", again, in_place=True),))


def _message(
    found: Summary,
    worst: Course | None,
    title: str,
    notices: tuple[str, ...],
    *,
    private: bool,
    more: tuple[Button, ...] = (),
) -> Message:
    begin = moment(found.since, found.until).removeprefix("at ")
    period = f"{begin} to {found.until:%a %H:%M %Z}"
    return Message(
        headline=f"{title}: {_headline(found)}",
        tone=_tone(found),
        blocks=tuple(_blocks(found, worst)) if _is_worth_telling(found) else (),
        buttons=(*_buttons(found, worst), *more),
        footnote=" · ".join((period, *notices)),
        private=private,
        measured_at=found.until,
    )


def _is_worth_telling(found: Summary) -> bool:
    return bool(found.fleet or found.given_up or any(host.worth_a_line for host in found.hosts))


def _headline(found: Summary) -> str:
    """`12 hosts, all good; least 41 % on cache-1; nothing happened`."""
    happened = list(_happened(found))
    parts = [*happened, _levels(found), *_least(found)]
    if not happened:
        parts.append("nothing happened" if not _is_worth_telling(found) else "no incident")
    return "; ".join(parts)


def _happened(found: Summary) -> Iterator[str]:
    incidents = found.incidents
    if incidents:
        hosts = list(dict.fromkeys(each.host or "several hosts" for each in incidents))
        where = enumerated(hosts if len(hosts) <= _NAMED else [f"{len(hosts)} hosts"])
        yield f"{counted(len(incidents), 'incident')} on {where}"
    for count, word in (
        (sum(host.kills for host in found.hosts), "OOM kill"),
        (sum(host.reboots for host in found.hosts), "reboot"),
        (sum(len(host.leaks) for host in found.hosts), "leak"),
    ):
        if count:
            yield counted(count, word)


def _levels(found: Summary) -> str:
    count = counted(len(found.hosts), "host")
    levels = Counter(host.level for host in found.hosts)
    if len(levels) == 1:
        (level,) = levels
        return f"{count}, {'all ' if len(found.hosts) > 1 else ''}{level}"
    ranked = sorted(levels, key=lambda level: -level.severity)
    return f"{count} now: {', '.join(f'{levels[level]} {level}' for level in ranked)}"


def _least(found: Summary) -> Iterator[str]:
    told = [host for host in found.hosts if host.least_percent is not None]
    worst = min(told, key=lambda host: host.least_percent or 0.0, default=None)
    if worst is None or worst.least_percent is None or worst.least_at is None:
        yield "nothing was recorded"
        return
    when = f" {moment(worst.least_at, found.until)}" if worst.worth_a_line else ""
    yield f"least {percent_at_least(worst.least_percent)} on {worst.host}{when}"


def _tone(found: Summary) -> Tone:
    """How it is now; what was worse and is over is in the words."""
    levels = [host.level for host in found.hosts]
    return tone(max(levels, key=lambda level: level.severity)) if levels else Tone.PLAIN


def _blocks(found: Summary, worst: Course | None) -> Iterator[Block]:
    told = [host for host in found.hosts if host.worth_a_line]
    if told:
        yield Table(_COLUMNS, tuple(_row(found, host) for host in told[:_HOSTS]))
    yield from _others(found, told)
    if worst is not None:
        title = f"{worst.host}: memory available, last {span(worst.span)}"
        yield chart(worst, title, f"{title}: {', '.join(_of_host(found.hosts[0]))}.")
    gravest = sorted(found.incidents, key=lambda each: (-each.worst, -each.id))
    for incident in gravest[:_INCIDENTS]:
        yield Text(_incident(incident, found), _TONES[incident.worst])
    if len(gravest) > _INCIDENTS:
        yield Text(f"and {counted(len(gravest) - _INCIDENTS, 'more incident')}", Tone.FAINT)
    leaks = [f"{host.host}: {leak}" for host in found.hosts for leak in host.leaks]
    yield from (Text(leak, Tone.WARNING) for leak in leaks[:_LEAKS])
    if len(leaks) > _LEAKS:
        yield Text(f"and {counted(len(leaks) - _LEAKS, 'more leak')}", Tone.FAINT)
    yield from _untold(found)
    advice = list(dict.fromkeys(_advice(found)))[:_ADVICE]
    if advice:
        yield Text(f"Worth doing: {'; '.join(advice)}.")


def _row(found: Summary, host: HostSummary) -> Row:
    level = "cannot be read" if host.error else str(host.level)
    now = level if host.percent_now is None else f"{level} {percent_at_least(host.percent_now)}"
    least = "" if host.least_percent is None else percent_at_least(host.least_percent)
    when = "" if host.least_at is None else moment(host.least_at, found.until)
    return Row((host.host, now, least, when, _trend(host), ", ".join(_of_host(host))), tone(host.level))


def _trend(host: HostSummary) -> str:
    if host.trend_percent is None:
        return ""
    word = "falling" if host.trend_percent < 0 else "rising"
    return f"{word}, {'' if host.trend_percent < 0 else '+'}{percent(host.trend_percent)}"


def _of_host(host: HostSummary) -> Iterator[str]:
    for count, word in (
        (len(host.grave), "incident"),
        (host.kills, "OOM kill"),
        (host.reboots, "reboot"),
        (len(host.leaks), "leak"),
    ):
        if count:
            yield counted(count, word)


def _others(found: Summary, told: Sequence[HostSummary]) -> Iterator[Text]:
    """Say of all other hosts how many they are, and the least of them."""
    more = told[_HOSTS:]
    if more:
        yield Text(f"and {counted(len(more), 'more host')} with something to say: ask for their status")
    quiet = [host for host in found.hosts if not host.worth_a_line and host.least_percent is not None]
    least = min(quiet, key=lambda host: host.least_percent or 0.0, default=None)
    if least is not None and least.least_percent is not None:
        share = f"least {percent_at_least(least.least_percent)} on {least.host}"
        well = "good" if all(host.level is Level.GOOD for host in quiet) else "good or acceptable"
        yield Text(f"{counted(len(quiet), 'other') if told else len(quiet)} {well}: {share}", Tone.GOOD)


def _incident(incident: Incident, found: Summary) -> str:
    """`12 web-1 memory: critical, 11 min yesterday 13:58, acknowledged by Alice`."""
    until = incident.resolved_at or found.until
    lasted = duration(elapsed(incident.opened_at, until).total_seconds())
    still = "" if incident.resolved_at else " and not over"
    by = f", acknowledged by {incident.acknowledged_by}" if incident.acknowledged_by else ""
    where = incident.host or "several hosts"
    return (
        f"incident {incident.id}, {where}, {incident.cause}: {incident.worst.word},"
        f" {moment(incident.opened_at, found.until)}, for {lasted}{still}{by}"
    )


def _untold(found: Summary) -> Iterator[Text]:
    """Say what was not said at its time, and why."""
    if found.held:
        yield Text(f"Not said, because over before that: {_numbers(found.held)}.", Tone.FAINT)
    if found.silenced:
        yield Text(f"Silenced: {_numbers(found.silenced)}.", Tone.FAINT)
    if found.given_up:
        first = found.given_up[-1]
        many = f"{counted(len(found.given_up), 'message')} could not be said here"
        yield Text(f"{many}, the last {moment(first.at, found.until)}: {first.reason}", Tone.WARNING)


def _numbers(incidents: Sequence[Incident]) -> str:
    return enumerated([f"incident {each.id}" for each in incidents])


def _advice(found: Summary) -> Iterator[str]:
    for incident in reversed(found.incidents):
        advised = next((suspect for suspect in incident.suspects if suspect.advice), None)
        if advised is not None:
            yield f"{incident.host}: {advised.advice}"


def _buttons(found: Summary, worst: Course | None) -> Iterator[Button]:
    yield Button("Status", "status")
    if worst is not None:
        yield Button(f"History {worst.host}", said(("history", worst.host)))
    elif found.hosts and found.hosts[0].level is not Level.GOOD:
        yield Button(f"Report {found.hosts[0].host}", said(("report", found.hosts[0].host)))
    if found.incidents:
        yield Button("Incidents", "incidents")
