"""The largest processes of one host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.units import duration, part_of, percent, size
from bot.message import Align, Button, Column, Message, Row, Table
from bot.views.wording import reservations, tone, uptime

if TYPE_CHECKING:
    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.domain.estimate import Share
    from bot.domain.memory import Identity, ProcessMemory

_COLUMNS = (
    Column("pid", Align.RIGHT),
    Column("memory", Align.RIGHT),
    Column("share", Align.RIGHT, dispensable=3),
    Column("its end frees", Align.RIGHT, dispensable=2),
    Column("swap", Align.RIGHT, dispensable=4),
    Column("user", Align.RIGHT, dispensable=6),
    Column("age", Align.RIGHT, dispensable=5),
    Column("service"),
    Column("command", elastic=True, dispensable=1),
)


def top(checked: Checked, count: int) -> Message:
    """The `count` processes that hold most, shared pages divided among their users."""
    ranked = sorted(
        ((process, service) for service in checked.services for process in service.processes),
        key=lambda pair: (-_share(pair).total_bytes, pair[0].pid),
    )
    shown = ranked[:count]
    total = checked.breakdown.total_bytes
    held = sum(_share(pair).total_bytes for pair in shown)
    largest = "the largest process holds" if len(shown) == 1 else f"the {len(shown)} largest processes hold"
    return Message(
        headline=f"{checked.host}: {largest} {part_of(held, total)} ({percent(100 * held / total)})",
        tone=tone(checked.assessment.level),
        blocks=(
            Table(_COLUMNS, tuple(row(pair[0], pair[1], checked) for pair in shown)),
            *reservations(checked),
        ),
        buttons=(
            Button("Report", f"report {checked.host}"),
            Button("Refresh", f"top {checked.host} {count}", in_place=True),
        ),
        footnote=f"{uptime(checked)} · {len(ranked)} processes · ~ is an estimate (not PSS)",
        measured_at=checked.snapshot.taken_at,
    )


def _share(pair: tuple[ProcessMemory, Service]) -> Share:
    return pair[1].share_by_pid[pair[0].pid]


def row(process: ProcessMemory, service: Service, checked: Checked) -> Row:
    """One process; a number that is not PSS is marked with a tilde."""
    share = service.share_by_pid[process.pid]
    mark = "" if process.pss else "~"
    freed = process.pss.uss_bytes if process.pss else share.anon_bytes
    return Row(
        (
            str(process.pid),
            f"{mark}{size(share.total_bytes)}",
            percent(100 * share.total_bytes / checked.breakdown.total_bytes),
            f"{mark}{size(freed)}",
            f"{mark}{size(share.swap_bytes)}" if share.swap_bytes else "",
            "root" if process.uid == 0 else str(process.uid),
            duration(age_s(process, checked.snapshot.identity)),
            service.name,
            " ".join(process.cmdline) or f"[{process.comm}]",
        )
    )


def age_s(process: ProcessMemory, identity: Identity) -> float:
    """Return for how many seconds a process has been running."""
    return max(0.0, identity.uptime_s - process.started_ticks / identity.ticks_per_s)
