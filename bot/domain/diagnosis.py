"""Whether memory is a host's problem: what speaks for it, what against it, and what cannot be told.

Little memory available is a problem by itself. Swap that is in use is none as long as nobody reads it back;
pressure (PSI) says how long work stood still for want of memory. Major page faults and time spent in the
kernel rise with both, but for other reasons too, so they only support what the others say. A container is
told the whole machine's swapping, pressure and kills: those of its neighbours are no answer about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.policy import Level
from bot.domain.units import MIB, duration, part_of, percent, percent_at_least

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.check import Checked
    from bot.domain.history import Sample
    from bot.domain.memory import Gap
    from bot.domain.oom import Kill
    from bot.domain.policy import Thresholds

SHORTEST_S = 2.0
LONGEST_S = 900.0

# As the rule swap_in: 500 faults a second that wait for a disk. Half of it may be one program waking up.
_SWAP_IN_BYTES_PER_S, _LITTLE_SWAP_IN_BYTES_PER_S = 2.0 * MIB, 1.0 * MIB
# As the rule pressure: people feel a fifth of the time waited; a tenth without any work precedes a hang.
_SOME_PERCENT, _LITTLE_SOME_PERCENT = 20.0, 10.0
_FULL_PERCENT, _LITTLE_FULL_PERCENT = 10.0, 5.0
# A disk reads 100 to 200 pages a second at random: more keeps it busy, a quarter it does in passing.
_FAULTS_PER_S, _FEW_FAULTS_PER_S = 200.0, 50.0
# Servers spend 5 to 20 % in the kernel, with busy networks and disks up to 30; to look for memory takes more.
_KERNEL_PERCENT = 30.0
# Less is written as 0.0 MiB/s.
_STILL = 0.05 * MIB

_PRESSURE, _FAULTS = "pressure (PSI)", "major page faults"


class Verdict(StrEnum):
    """What a piece of evidence says to the question whether memory is the problem."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was looked at: its verdict, its figures, and in a few words what speaks for a yes.

    One that cannot tell has a `reason` if it speaks for a yes, but not clearly.
    """

    what: str
    verdict: Verdict
    figures: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rates:
    """What happened between two checks, per second; None where it was not counted.

    `system_percent` is the share of all processors' time that was spent in the kernel. `oom_kills` is how
    many there were in the meantime.
    """

    over_s: float
    swap_in_bytes_per_s: float | None
    swap_out_bytes_per_s: float | None
    major_faults_per_s: float | None
    system_percent: float | None
    oom_kills: int | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All evidence of one host.

    `rates` is None where there was nothing to compare with. `kills` are those that the kernel's log still
    names, `killed_at` when we last saw one happen, `least` the check with the least memory of the last day.
    """

    checked: Checked
    thresholds: Thresholds
    rates: Rates | None
    kills: tuple[Kill, ...] | Gap
    killed_at: datetime | None
    least: Sample | None
    evidence: tuple[Evidence, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the answer is yes; empty where it is not."""
        return tuple(each.reason for each in self.evidence if each.verdict is Verdict.YES and each.reason)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What speaks for a yes, but not clearly; empty where nothing does."""
        return tuple(each.reason for each in self.evidence if each.verdict is Verdict.UNKNOWN and each.reason)

    @property
    def verdict(self) -> Verdict:
        """The answer, for now: where little or nobody knows how much is available, by what waits for it."""
        if self.reasons:
            return Verdict.YES
        if self.doubts:
            return Verdict.UNKNOWN
        denies = {each.what for each in self.evidence if each.verdict is Verdict.NO}
        match self.checked.assessment.level:
            case Level.UNKNOWN:
                told = _PRESSURE in denies
            case Level.WARNING:
                told = not denies.isdisjoint((_PRESSURE, _FAULTS))
            case _:
                told = True
        return Verdict.NO if told else Verdict.UNKNOWN


def rates(before: Sample, now: Sample) -> Rates | None:
    """Return what happened between two samples of one host; None where they do not belong together."""
    seconds = (now.taken_at - before.taken_at).total_seconds()
    if before.boot_id != now.boot_id or not SHORTEST_S <= seconds <= LONGEST_S:
        return None
    system = _grown(before.cpu_system_s, now.cpu_system_s)
    total = _grown(before.cpu_total_s, now.cpu_total_s)
    kills = _grown(before.oom_kills, now.oom_kills)
    return Rates(
        over_s=seconds,
        swap_in_bytes_per_s=_per_s(before.swapped_in_bytes, now.swapped_in_bytes, seconds),
        swap_out_bytes_per_s=_per_s(before.swapped_out_bytes, now.swapped_out_bytes, seconds),
        major_faults_per_s=_per_s(before.major_faults, now.major_faults, seconds),
        system_percent=100 * min(1.0, system / total) if system is not None and total else None,
        oom_kills=None if kills is None else int(kills),
    )


def evidence(checked: Checked, measured: Rates | None) -> tuple[Evidence, ...]:
    """Weigh everything that a host tells of its memory."""
    shared = partial(_of_the_machine, container=checked.snapshot.identity.container is not None)
    available, swap = _available(checked), shared(_swap(checked, measured))
    pressure = shared(_pressure(checked))
    strained = any(each.verdict is Verdict.YES for each in (available, swap, pressure))
    calm = pressure.verdict is Verdict.NO
    return (
        available,
        swap,
        pressure,
        shared(_faults(measured, strained=strained)),
        shared(_kernel(measured, strained=strained, calm=calm)),
        shared(_kills(checked, measured)),
    )


def _of_the_machine(found: Evidence, *, container: bool) -> Evidence:
    """Return what a container is told of the whole machine: a yes may be its neighbours'."""
    if not container or found.verdict is not Verdict.YES:
        return found
    figures = f"{found.figures}, but on the whole machine: perhaps by other containers"
    return replace(found, verdict=Verdict.UNKNOWN, figures=figures)


def _grown(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else max(0.0, now - before)


def _per_s(before: float | None, now: float | None, seconds: float) -> float | None:
    grown = _grown(before, now)
    return None if grown is None else grown / seconds


def _available(checked: Checked) -> Evidence:
    what, found = "memory available", checked.assessment
    if found.available_bytes is None or found.available_percent is None:
        return Evidence(what, Verdict.UNKNOWN, "its kernel does not tell")
    share = percent_at_least(found.available_percent)
    figures = f"{part_of(found.available_bytes, found.total_bytes)} ({share}): {found.level}"
    if found.level is Level.CRITICAL:
        return Evidence(what, Verdict.YES, figures, f"only {share} available")
    if found.level is Level.WARNING:
        return Evidence(what, Verdict.UNKNOWN, f"{figures}, low but enough by itself")
    return Evidence(what, Verdict.NO, figures)


def _swap(checked: Checked, measured: Rates | None) -> Evidence:
    what, meminfo = "swap", checked.snapshot.meminfo
    if meminfo.swap_total_bytes == 0:
        return Evidence(what, Verdict.NO, "none, so where memory runs out, processes are killed at once")
    used = f"{part_of(meminfo.swap_used_bytes, meminfo.swap_total_bytes)} used"
    read = measured.swap_in_bytes_per_s if measured else None
    if read is None:
        return Evidence(what, Verdict.UNKNOWN, f"{used}; not known whether it is read back")
    written = (measured.swap_out_bytes_per_s if measured else None) or 0.0
    figures = f"{used}, in {_speed(read)}, out {_speed(written)}"
    if read >= _SWAP_IN_BYTES_PER_S:
        return Evidence(what, Verdict.YES, figures, f"{_speed(read)} are read back from swap")
    if read >= _LITTLE_SWAP_IN_BYTES_PER_S:
        few = f"{figures}: not much, if it does not last"
        return Evidence(what, Verdict.UNKNOWN, few, f"{_speed(read)} are read back from swap")
    return Evidence(
        what, Verdict.NO, figures if read > _STILL else f"{figures}: what lies there is not missed"
    )


def _speed(bytes_per_s: float) -> str:
    return f"{bytes_per_s / MIB:.1f} MiB/s" if bytes_per_s >= _STILL else "0 MiB/s"


def _pressure(checked: Checked) -> Evidence:
    what, found = _PRESSURE, checked.snapshot.pressure
    if found is None:
        return Evidence(
            what, Verdict.UNKNOWN, "not told: the kernel is older than 4.20, or has it switched off"
        )
    figures = (
        f"some work waited {_shares(found.some_avg10, found.some_avg60, found.some_avg300)},"
        f" all of it {_shares(found.full_avg10, found.full_avg60, found.full_avg300)}"
        " (of the last 10 s / 1 min / 5 min)"
    )
    some, full = found.some_avg60, found.full_avg60
    waited = f"work waited for memory {percent(some)} of the last minute, all of it {percent(full)}"
    if some >= _SOME_PERCENT or full >= _FULL_PERCENT:
        return Evidence(what, Verdict.YES, figures, waited)
    if some >= _LITTLE_SOME_PERCENT or full >= _LITTLE_FULL_PERCENT:
        less = f"{figures}: more than usual, less than people feel"
        return Evidence(what, Verdict.UNKNOWN, less, waited)
    return Evidence(what, Verdict.NO, figures)


def _shares(*percents: float) -> str:
    return " / ".join(percent(each).removesuffix(" %") for each in percents) + " %"


def _faults(measured: Rates | None, *, strained: bool) -> Evidence:
    what = _FAULTS
    per_s = measured.major_faults_per_s if measured else None
    if per_s is None:
        return Evidence(what, Verdict.UNKNOWN, "not measured")
    figures = f"{per_s:.0f} a second"
    if per_s >= _FAULTS_PER_S and strained:
        return Evidence(what, Verdict.YES, figures)
    if per_s < _FEW_FAULTS_PER_S:
        return Evidence(what, Verdict.NO, figures)
    return Evidence(what, Verdict.UNKNOWN, f"{figures}: programs that start cause them too")


def _kernel(measured: Rates | None, *, strained: bool, calm: bool) -> Evidence:
    what = "CPU time in the kernel"
    share = measured.system_percent if measured else None
    if share is None:
        return Evidence(what, Verdict.UNKNOWN, "not measured")
    if share < _KERNEL_PERCENT:
        return Evidence(what, Verdict.NO, percent(share))
    if strained:
        return Evidence(what, Verdict.YES, f"{percent(share)}: as when it looks for memory to give back")
    if calm:
        return Evidence(what, Verdict.NO, f"{percent(share)}: much, but no pressure goes with it")
    return Evidence(what, Verdict.UNKNOWN, f"{percent(share)}: much, and nothing tells whether for memory")


def _kills(checked: Checked, measured: Rates | None) -> Evidence:
    what, counters = "OOM kills", checked.snapshot.vmstat
    if counters is None or counters.oom_kills is None:
        return Evidence(what, Verdict.UNKNOWN, "not counted: the kernel is older than 4.13")
    whose = " on the whole machine" if checked.snapshot.identity.container else ""
    since_boot = f"{counters.oom_kills} since boot ({duration(checked.snapshot.identity.uptime_s)}){whose}"
    new = (measured.oom_kills if measured else None) or 0
    if new:
        just = f"{new} in the last {duration(measured.over_s if measured else 0)}"
        return Evidence(what, Verdict.YES, f"{since_boot}, {just}", f"{_processes(new)} killed just now")
    return Evidence(
        what, Verdict.NO, since_boot if not counters.oom_kills else f"{since_boot}, none just now"
    )


def _processes(count: int) -> str:
    return "a process was" if count == 1 else f"{count} processes were"


def largest(checked: Checked) -> Iterator[tuple[str, int, str]]:
    """Yield each process's name, its share in bytes and its service, the largest first."""
    found = (
        (process.comm, service.share_by_pid[process.pid].total_bytes, service.name)
        for service in checked.services
        for process in service.processes
    )
    yield from sorted(found, key=lambda each: -each[1])
