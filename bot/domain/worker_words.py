"""What is said of a change of a service's number of workers: how long it lasts, what people may notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.service import Scaling
    from bot.domain.unit_file import Unit
    from bot.domain.worker_change import Change


def title(change: Change) -> str:
    """`gunicorn 4 -> 2 workers`."""
    if change.now == change.count:
        return f"{change.service.name} stays at {counted(change.count, 'worker')}"
    return f"{change.service.name} {change.now} -> {counted(change.count, 'worker')}"


def lasts(change: Change) -> str:
    """Say for how long."""
    if change.then is not None:
        return "for good: restarts and reboots keep it"
    ends = f"restarts{' or is reloaded' if change.scaling.reload else ''}"
    until = f"until {change.unit.name} {ends}: then {_old(change)}"
    return f"{until}; `memwarden host-setup {change.host}` lets it last"


def at_once(change: Change) -> str:
    """Say how it takes effect now."""
    if change.now == change.count:
        return f"nothing changes now: {counted(change.now, 'worker')} run already"
    if not change.signals:
        return f"{change.unit.name} is restarted"
    signal = change.scaling.fewer if change.count < change.now else change.scaling.more
    told = f"{_times(signal, abs(change.now - change.count))} to the master, one by one"
    return f"{told}; no restart, no request dropped"


def undone(change: Change) -> str:
    """Say how it is undone."""
    parts = []
    if change.then is not None and change.before is not None:
        parts.append("writes that file as it was")
    elif change.then is not None:
        parts.append("removes that file")
    if change.now != change.count and change.signals:
        signal = change.scaling.more if change.count < change.now else change.scaling.fewer
        parts.append(f"sends {_times(signal, abs(change.now - change.count))}")
    elif change.now != change.count:
        parts.append("restarts it")
    return ", ".join(parts)


def side_effects(change: Change) -> Iterator[str]:
    """Yield what people may notice."""
    unit, scaling = change.unit, change.scaling
    if change.now != change.count and not change.signals:
        socket = any(name.endswith(".socket") for name in unit.triggered_by)
        yield "requests wait in its socket while it restarts" if socket else scaling.restarting
    if change.count < change.now:
        yield f"fewer at the same time: {counted(change.count, 'worker')} instead of {change.now}"
    if change.count == 1 < change.now:
        yield "one slow request makes all others wait, and nobody answers while the only worker is replaced"
    if change.signals and scaling.reload and change.then is not None and change.now != change.count:
        yield f"a {scaling.reload} before its next restart forgets it: then {_old(change)}"
    if unit.oom_policy == "stop":
        yield _oom_policy(unit)
    if change.then is not None:
        yield "systemd reads all unit files again: what others changed and did not reload takes effect, too"


def manual(unit: Unit, scaling: Scaling, now: int, count: int, *, signals: bool) -> tuple[str, ...]:
    """Return what a person can do where memwarden can do nothing, each a line."""
    if scaling.manual:
        return tuple(line.format(unit=unit.name, count=count) for line in scaling.manual)
    kill = (
        f"sudo systemctl kill --kill-who=main -s {scaling.fewer if count < now else scaling.more} {unit.name}"
    )
    at_once = f"{kill} ({abs(now - count)} times, a few seconds apart: no request is dropped)"
    restart = f"sudo systemctl restart {unit.name} ({scaling.restarting})"
    edit = f"in what it starts, or by sudo systemctl edit {unit.name}"
    return (
        f"have it start with `{scaling.spelling} {count}`: {edit}",
        "sudo systemctl daemon-reload",
        at_once if signals and now != count else restart,
    )


def _old(change: Change) -> str:
    if change.before is None and change.said is not None:
        return f"{counted(change.said, 'worker')} come back"
    return f"as many come back as it was started with ({change.now} run now)"


def _times(signal: str | None, times: int) -> str:
    return f"the signal {signal}" if times == 1 else f"the signal {signal} {times} times"


def _oom_policy(unit: Unit) -> str:
    again = dict(unit.show).get("Restart", "no")
    after = "" if again == "no" else f"; Restart={again} starts it again"
    return f"OOMPolicy=stop: if the kernel kills one worker for want of memory, all of it stops{after}"
