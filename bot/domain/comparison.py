"""What changed on a host between two checks: services that began anew or are gone, OOM kills, a new boot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.event import Event, EventKind
from bot.domain.host_state import GroupKills, HostState, Start
from bot.domain.oom import Kill
from bot.domain.recognition import program_names, short, unit_name
from bot.domain.units import duration, size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.check import Checked
    from bot.domain.history import Sample
    from bot.domain.memory import ProcessMemory, Snapshot
    from bot.domain.signal import Signal

_WATCHED = (Kind.SERVICE, Kind.SYSTEM, Kind.OTHER)
# What ends sooner was a job: that it is gone is how it should be.
_LASTING = timedelta(minutes=10)
_MOST_KILLS = 20
# Clocks differ, and a check takes its time.
_SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different from the check before: `began` are services that existed then too."""

    rebooted: bool
    began: tuple[Start, ...]
    gone: tuple[Start, ...]
    kills: int

    @property
    def units(self) -> tuple[str, ...]:
        """The units of services that began anew or are gone, the gone first."""
        return tuple(dict.fromkeys(start.unit for start in (*self.gone, *self.began)))


def difference(state: HostState | None, checked: Checked, recent: tuple[Sample, ...]) -> Difference:
    """Compare a check with what was kept of the one before; nothing differs from nothing."""
    if state is None or state.answered_at is None:
        return Difference(rebooted=False, began=(), gone=(), kills=0)
    kills = _kills(state, checked.snapshot)
    if is_another_machine(state, checked.snapshot):
        return Difference(rebooted=False, began=(), gone=(), kills=0)
    if state.boot_id != checked.snapshot.identity.boot_id:
        return Difference(rebooted=True, began=(), gone=(), kills=kills)
    before = {(start.service, start.unit): start for start in state.starts}
    now = {(start.service, start.unit): start for start in starts(checked)}
    ran_then = {start.service for start in state.starts}
    ran_lately = {service.name for sample in recent for service in sample.services} - ran_then
    return Difference(
        rebooted=False,
        began=tuple(
            start
            for key, start in now.items()
            if (start.ticks > before[key].ticks if key in before else start.service in ran_lately)
        ),
        gone=tuple(start for key, start in before.items() if key not in now),
        kills=kills,
    )


def starts(checked: Checked) -> tuple[Start, ...]:
    """Return when the oldest process of each service began, in each of its units."""
    identity = checked.snapshot.identity
    booted_at = checked.snapshot.taken_at - timedelta(seconds=identity.uptime_s)
    oldest: dict[tuple[str, str], int] = {}
    for service in checked.services:
        for process in service.processes if service.kind in _WATCHED else ():
            unit = unit_name(process.unit) or ""
            if unit.endswith(".service") and unit in service.units:
                ticks = oldest.get((service.name, unit), process.started_ticks)
                oldest[service.name, unit] = min(ticks, process.started_ticks)
    return tuple(
        Start(name, unit, ticks, booted_at + timedelta(seconds=ticks / identity.ticks_per_s))
        for (name, unit), ticks in oldest.items()
    )


def is_another_machine(state: HostState, snapshot: Snapshot) -> bool:
    """Tell whether a machine answers that was up all the time, so that its counters tell of another past.

    So it is where two machines share an address in turn. A container may be told the machine's uptime.
    """
    identity = snapshot.identity
    if state.boot_id == identity.boot_id or identity.container is not None:
        return False
    return was_up_before(state, snapshot)


def was_up_before(state: HostState, snapshot: Snapshot) -> bool:
    """Tell whether what answers says that it was up already when the host answered last."""
    if state.answered_at is None:
        return False
    away = snapshot.taken_at - state.answered_at
    return timedelta(seconds=snapshot.identity.uptime_s) > away + _SLACK


def _kills(state: HostState, snapshot: Snapshot) -> int:
    """Return how many OOM kills there were since: a new boot counts from 0, a counter never runs backwards.

    In a container the machine's counter tells of others too, so there the groups' own count, where they do.
    """
    same_boot = state.boot_id == snapshot.identity.boot_id
    in_groups = sum(count for _, count in _grown(state, snapshot))
    total = snapshot.vmstat.oom_kills if snapshot.vmstat else None
    counted_by_groups = any(group.oom_kills is not None for group in snapshot.groups)
    if total is None or (snapshot.identity.container and counted_by_groups):
        return in_groups
    if not same_boot:
        return total
    return 0 if state.oom_kills is None else max(0, total - state.oom_kills)


def _grown(state: HostState, snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    """Yield the cgroups in which processes were killed since, and how many."""
    same_boot = state.boot_id == snapshot.identity.boot_id
    before = {group.path: group.oom_kills for group in state.group_kills} if same_boot else {}
    for group in snapshot.groups:
        # A group that is new, or was made anew, counts from 0.
        known = before.get(group.path, 0)
        count = group.oom_kills or 0
        if count > 0 and count != known:
            yield group.path, count - known if count > known else count


def kills_by_counters(state: HostState, snapshot: Snapshot, count: int) -> tuple[Kill, ...]:
    """Return the kills as far as the counters and who is gone can tell."""
    names = {name for process in snapshot.processes for name in program_names(process)}
    victim = state.largest if state.largest and state.largest not in names else ""
    units = [
        unit_name(path) or path
        for path, grown in _grown(state, snapshot)
        for _ in range(min(grown, _MOST_KILLS))
    ]
    return tuple(
        Kill(
            victim=victim if number == 0 else "",
            victim_bytes=state.largest_bytes if victim and number == 0 else None,
            unit=units[number] if number < len(units) else "",
            largest=state.largest,
            largest_bytes=state.largest_bytes,
            source="the kernel's counters",
        )
        for number in range(min(count, _MOST_KILLS))
    )


def completed(kills: tuple[Kill, ...], counted: tuple[Kill, ...]) -> tuple[Kill, ...]:
    """Return the kills that a log names, with what it does not tell, and those that it does not name."""
    named = [
        replace(
            kill,
            unit=kill.unit or (other.unit if other else ""),
            largest=kill.largest or (other.largest if other else ""),
            largest_bytes=kill.largest_bytes or (other.largest_bytes if other else None),
        )
        for kill, other in zip(kills[-len(counted) :], (*counted, *[None] * len(kills)), strict=False)
    ]
    return (*named, *counted[len(named) :])


def events(host: str, at: datetime, different: Difference, kills: tuple[Kill, ...]) -> Iterator[Event]:
    """Yield what is worth a mark in the history."""
    if different.rebooted:
        yield Event(host, at, EventKind.REBOOT, "", f"{host} was rebooted")
    for kill in kills:
        victim = kill.victim or short(kill.unit) or "a process"
        held = f" ({size(kill.victim_bytes)})" if kill.victim_bytes else ""
        yield Event(host, at, EventKind.OOM_KILL, victim, f"the OOM killer ended {victim}{held}")
    for start in different.began:
        yield Event(host, start.at, EventKind.SERVICE_STARTED, start.service, f"{start.service} began anew")
    for start in different.gone:
        if at - start.at >= _LASTING:
            lasted = duration((at - start.at).total_seconds())
            yield Event(
                host, at, EventKind.SERVICE_GONE, start.service, f"{start.service} ended after {lasted}"
            )


def seen(
    state: HostState | None, checked: Checked, good: Sample | None, signals: tuple[Signal, ...]
) -> HostState:
    """Return what is to be kept of a host that answered; `good` if nothing is wrong with it now."""
    snapshot = checked.snapshot
    largest = max(snapshot.processes, key=_held, default=None)
    return HostState(
        host=checked.host,
        checked_at=snapshot.taken_at,
        answered_at=snapshot.taken_at,
        boot_id=snapshot.identity.boot_id,
        oom_kills=snapshot.vmstat.oom_kills if snapshot.vmstat else None,
        group_kills=tuple(
            GroupKills(group.path, group.oom_kills) for group in snapshot.groups if group.oom_kills
        ),
        starts=starts(checked),
        largest=program_names(largest)[0] if largest else "",
        largest_bytes=_held(largest) if largest else None,
        good=good or (state.good if state else None),
        signals=signals,
    )


def unseen(
    state: HostState | None, host: str, error: str, at: datetime, signals: tuple[Signal, ...]
) -> HostState:
    """Return what is to be kept of a host that did not answer: what it was when it did."""
    return replace(state or HostState(host, at), checked_at=at, error=error, signals=signals)


def _held(process: ProcessMemory) -> int:
    return process.rss_bytes + process.swap_bytes
