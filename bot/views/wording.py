"""Phrases that several views share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.units import MIB, duration, part_of, percent, percent_at_least, size
from bot.message import Text, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.check import Checked
    from bot.domain.memory import Snapshot
    from bot.domain.policy import Assessment, Level

BAR_CELLS = 22


def tone(level: Level) -> Tone:
    """Return the tone in which a level is said."""
    return Tone(level.value)


def available(assessment: Assessment) -> str:
    """`96 of 961 MiB available (10 %)`, or that the host does not tell."""
    if assessment.available_bytes is None or assessment.available_percent is None:
        return "its /proc/meminfo does not tell how much memory is available"
    return f"{figures(assessment)} available ({percent_at_least(assessment.available_percent)})"


def figures(assessment: Assessment) -> str:
    """`96 of 961 MiB`: what is available, and of how much."""
    if assessment.available_bytes is None:
        return "not told"
    whole = " of its limit" if assessment.confined else ""
    return f"{part_of(assessment.available_bytes, assessment.total_bytes)}{whole}"


def usage_bar(assessment: Assessment) -> str:
    """Draw how much is taken, in `BAR_CELLS` characters: `▓▓▓▓░░`."""
    if assessment.available_percent is None:
        return ""
    taken = round(BAR_CELLS * (1 - assessment.available_percent / 100))
    return "▓" * taken + "░" * (BAR_CELLS - taken)


def strain(checked: Checked) -> Iterator[str]:
    """Say what tells of trouble beside the level: swap, pressure, OOM kills."""
    meminfo, vmstat = checked.snapshot.meminfo, checked.snapshot.vmstat
    # Their files know no containers.
    whose = " (whole machine)" if checked.snapshot.identity.container else ""
    if meminfo.swap_total_bytes == 0:
        yield "no swap"
    elif meminfo.swap_used_bytes:
        yield f"swap {part_of(meminfo.swap_used_bytes, meminfo.swap_total_bytes)}{swapping(checked)}"
    else:
        yield "swap unused"
    if checked.snapshot.pressure is not None:
        yield f"pressure some {percent(checked.snapshot.pressure.some_avg10)}{whose}"
    if vmstat and vmstat.oom_kills:
        yield f"OOM kills since boot {vmstat.oom_kills}{whose}"


def swapping(checked: Checked) -> str:
    """`, in 1.1 MiB/s`, where the host has been reading swap back since the check before."""
    rate = checked.swap_in_bytes_per_s
    if not rate or rate < 0.05 * MIB:
        return ""
    return f", in {rate / MIB:.1f} MiB/s"


def reservations(checked: Checked) -> Iterator[Text]:
    """Say what could not be read or kept, so that no number looks better than it is."""
    snapshot = checked.snapshot
    if snapshot.identity.container:
        yield Text(_container(snapshot), Tone.FAINT)
    elif snapshot.limit:
        yield Text(f"A cgroup limits all of it to {size(snapshot.limit.limit_bytes)}.", Tone.FAINT)
    if snapshot.identity.virtual_meminfo and snapshot.kernel_bytes is None:
        reason = "lxcfs shows the whole machine's, so it stands under unaccounted"
        yield Text(f"Not known: kernel memory ({reason}).", Tone.FAINT)
    for gap in snapshot.gaps:
        yield Text(f"Not read: {gap.what} ({gap.reason}).", Tone.FAINT)
    if checked.not_remembered:
        yield Text(f"Not remembered: {checked.not_remembered}", Tone.WARNING)


def _container(snapshot: Snapshot) -> str:
    limit = f", limited to {size(snapshot.limit.limit_bytes)}" if snapshot.limit else ""
    outside = (
        ""
        if snapshot.identity.virtual_meminfo
        else " It sees the whole machine's memory but not the processes outside it: theirs is unaccounted."
    )
    return f"This is a container ({snapshot.identity.container}){limit}.{outside}"


def uptime(checked: Checked) -> str:
    """`up 41 d`."""
    return f"up {duration(checked.snapshot.identity.uptime_s)}"
