"""Whether memory is the problem, and what speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.diagnosis import Verdict, largest
from bot.domain.memory import Gap
from bot.domain.policy import Level
from bot.domain.remedy import NOTHING
from bot.domain.units import counted, duration, percent, percent_at_least, size
from bot.message import Button, Message, Text, Tone
from bot.usage import enumerated, said
from bot.views import advice
from bot.views.when import moment
from bot.views.wording import available, reservations, uptime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.diagnosis import Diagnosis, Evidence
    from bot.domain.oom import Kill
    from bot.domain.remedy import Offer

_TONES = {Verdict.YES: Tone.CRITICAL, Verdict.NO: Tone.GOOD, Verdict.UNKNOWN: Tone.UNKNOWN}
_KILLS = 3
_SWAPPED = 3


def why(found: Diagnosis, offered: Offer = NOTHING) -> Message:
    """The verdict in one sentence, then every piece of evidence with its own.

    `offered` is what can be asked for to be done.
    """
    checked = found.checked
    headline, tone = _verdict(found)
    return Message(
        headline=headline,
        tone=tone,
        blocks=(
            *(Text(_line(each), _TONES[each.verdict]) for each in found.evidence),
            *(Text(line) for line in _who(found)),
            *reservations(checked),
        ),
        buttons=(
            *advice.buttons(checked, offered),
            Button("Report", said(("report", checked.host))),
            Button("Top processes", said(("top", checked.host))),
            Button("History", said(("history", checked.host))),
            Button("Refresh", said(("why", checked.host)), in_place=True),
        ),
        footnote=" · ".join((uptime(checked), _measured(found))),
        measured_at=checked.snapshot.taken_at,
    )


def _verdict(found: Diagnosis) -> tuple[str, Tone]:
    host = found.checked.host
    match found.verdict:
        case Verdict.YES:
            return f"Yes: memory is the problem on {host}: {enumerated(found.reasons)}", Tone.CRITICAL
        case Verdict.UNKNOWN:
            return f"Cannot tell: {_unclear(found)}", Tone.UNKNOWN
        case _:
            return _not_now(found)


def _unclear(found: Diagnosis) -> str:
    host, assessment = found.checked.host, found.checked.assessment
    if found.doubts:
        where = " on the whole machine" if found.checked.snapshot.identity.container else ""
        return f"not clear for {host}: {enumerated(found.doubts)}{where}"
    if assessment.available_bytes is None:
        return f"{host} says neither how much is available nor how long work waits"
    return f"{host} has only {available(assessment)}, and nothing tells whether work waits for it"


def _not_now(found: Diagnosis) -> tuple[str, Tone]:
    host, now = found.checked.host, found.checked.snapshot.taken_at
    kills = _kills_since_boot(found)
    was = []
    if kills:
        when = f", the last {moment(found.killed_at, now)}" if found.killed_at else ""
        was.append(f"{counted(kills, 'OOM kill')} since boot{when}")
    if found.least is not None and _was_critical(found):
        share = percent_at_least(100 * (found.least.mem_available_bytes or 0) / found.least.mem_total_bytes)
        was.append(f"least {share} available {moment(found.least.taken_at, now)}")
    if was:
        return f"Not now, but memory was the problem on {host}: {enumerated(was)}", Tone.WARNING
    left = available(found.checked.assessment)
    kernel = found.rates.system_percent if found.rates else None
    cpu = "CPU" if kernel is None else f"CPU ({percent(kernel)} in the kernel)"
    low = found.checked.assessment.level is Level.WARNING
    return f"No: {host} has {left}; look elsewhere: {cpu}, disk, network", Tone.WARNING if low else Tone.GOOD


def _kills_since_boot(found: Diagnosis) -> int:
    """Return the kernel's count, without one what is logged; a container is told its machine's."""
    snapshot = found.checked.snapshot
    if snapshot.identity.container:
        return 0
    if snapshot.vmstat is None or snapshot.vmstat.oom_kills is None:
        return 0 if isinstance(found.kills, Gap) else len(found.kills)
    return snapshot.vmstat.oom_kills


def _was_critical(found: Diagnosis) -> bool:
    """Tell whether the worst check of the last day was critical."""
    least = found.least
    if least is None or least.mem_available_bytes is None:
        return False
    return found.thresholds.level(100 * least.mem_available_bytes / least.mem_total_bytes) is Level.CRITICAL


def _line(evidence: Evidence) -> str:
    return f"[{evidence.verdict}] {evidence.what}: {evidence.figures}"


def _who(found: Diagnosis) -> Iterator[str]:
    checked = found.checked
    process = next(largest(checked), None)
    if process is not None:
        name, bytes_, service = process
        share = percent(100 * bytes_ / checked.breakdown.total_bytes)
        whose = "" if name == service else f" of {service}"
        yield f"The largest process is {name}{whose}: {size(bytes_)} ({share})."
    swapped = sorted((s for s in checked.services if s.swap_bytes), key=lambda s: -s.swap_bytes)[:_SWAPPED]
    if swapped:
        yield f"In swap: {', '.join(f'{each.name} {size(each.swap_bytes)}' for each in swapped)}."
    if isinstance(found.kills, Gap):
        yield f"Not read: {found.kills.what} ({found.kills.reason})."
    elif found.kills:
        yield f"Killed: {'; '.join(_kill(each) for each in found.kills[-_KILLS:])}."
    if checked.assessment.level in (Level.WARNING, Level.CRITICAL):
        yield advice.sentence(checked)


def _kill(kill: Kill) -> str:
    held = f" ({size(kill.victim_bytes)})" if kill.victim_bytes else ""
    where = f" in {kill.unit}" if kill.unit else ""
    return f"{kill.victim or 'a process'}{held}{where}"


def _measured(found: Diagnosis) -> str:
    if found.rates is None:
        return "nothing to compare with, so nothing per second is known: ask again in a few seconds"
    return f"per second: measured over {duration(found.rates.over_s)}"
