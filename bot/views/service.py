"""One service of one host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.memory import Gap
from bot.domain.units import duration, part_of, percent, size
from bot.message import Align, Button, Code, Column, Message, Row, Table, Text, Tone
from bot.usage import said
from bot.views.top import age_s
from bot.views.wording import reservations, tone, uptime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.inspection import Inspection
    from bot.domain.memory import ProcessMemory
    from bot.message import Block

_SHOWN = 15

_COLUMNS = (
    Column("pid", Align.RIGHT),
    Column("is", dispensable=1),
    Column("memory", Align.RIGHT),
    Column("its end frees", Align.RIGHT, dispensable=2),
    Column("swap", Align.RIGHT, dispensable=3),
    Column("age", Align.RIGHT, dispensable=4),
    Column("command", elastic=True, dispensable=1),
)


def service(found: Inspection) -> Message:
    """What it holds, which processes it has, how its unit is, what it said last."""
    subject, checked = found.service, found.checked
    share = percent(100 * subject.memory_bytes / checked.breakdown.total_bytes)
    return Message(
        headline=f"{subject.name} on {checked.host} holds {size(subject.memory_bytes)} ({share} of memory)",
        tone=tone(checked.assessment.level),
        blocks=(*_blocks(found), *reservations(checked)),
        buttons=(
            Button("Report", f"report {checked.host}"),
            Button("Refresh", said(("service", checked.host, subject.name)), in_place=True),
        ),
        footnote=f"{uptime(checked)} · measured by {subject.method}",
        measured_at=checked.snapshot.taken_at,
    )


def _blocks(found: Inspection) -> Iterator[Block]:
    subject = found.service
    if subject.known:
        yield Text(f"{subject.known.purpose}; {subject.known.advice}")
    yield Text(_state(found))
    yield from _limits(found)
    ranked = sorted(subject.processes, key=lambda p: -subject.share_by_pid[p.pid].total_bytes)
    yield Table(_COLUMNS, tuple(_row(found, process) for process in ranked[:_SHOWN]))
    if len(ranked) > _SHOWN:
        yield Text(f"and {len(ranked) - _SHOWN} smaller processes", Tone.FAINT)
    if isinstance(found.log, Gap):
        yield Text(f"Not read: {found.log.what} ({found.log.reason}).", Tone.FAINT)
    elif found.log:
        yield Code(found.log)


def _state(found: Inspection) -> str:
    state = found.state
    if isinstance(state, Gap):
        return f"Not read: {state.what} ({state.reason})."
    said = [f"{found.service.units[0]}: {state.active} ({state.sub})"]
    if state.enabled:
        said.append(state.enabled)
    if state.result not in ("", "success"):
        said.append(f"last result {state.result}")
    if state.restarts:
        said.append(f"restarted {state.restarts} times by systemd")
    return ", ".join(said)


def _limits(found: Inspection) -> Iterator[Text]:
    """Say where the service's cgroups are limited, and what the kernel killed in them."""
    own = {process.memory_group for process in found.service.processes}
    for group in found.checked.snapshot.groups:
        if group.path not in own:
            continue
        if group.limit_bytes is not None and group.limit_bytes < found.checked.breakdown.total_bytes:
            used = part_of(group.current_bytes, group.limit_bytes)
            yield Text(f"its cgroup {group.path} uses {used} that it is limited to, page cache included")
        if group.oom_kills:
            yield Text(f"OOM kills in its cgroup {group.path}: {group.oom_kills}", Tone.WARNING)


def _row(found: Inspection, process: ProcessMemory) -> Row:
    subject = found.service
    share = subject.share_by_pid[process.pid]
    mark = "" if process.pss else "~"
    return Row(
        (
            str(process.pid),
            "worker" if process in subject.workers else "",
            f"{mark}{size(share.total_bytes)}",
            f"{mark}{size(process.pss.uss_bytes if process.pss else share.anon_bytes)}",
            f"{mark}{size(share.swap_bytes)}" if share.swap_bytes else "",
            duration(age_s(process, found.checked.snapshot.identity)),
            " ".join(process.cmdline) or f"[{process.comm}]",
        )
    )
