"""/proc/stat, its first line: what all processors together have spent their time on since boot."""

from __future__ import annotations

from dataclasses import dataclass

from bot.facts import Fact, Section, whole

_AWK = 'section("cpu"); RS = "\\n"; first(" ", "/proc/stat")'

# user nice system idle, then iowait irq softirq steal; guest times follow and are contained in the first two.
_LEAST_COUNTERS = 4
_COUNTERS = 8
# A thousand idle processors reach LARGEST within months.
_MOST_TICKS = 1 << 56


@dataclass(frozen=True, slots=True)
class Ticks:
    """The counters as the kernel keeps them, in clock ticks."""

    user: int
    nice: int
    system: int
    idle: int
    iowait: int
    irq: int
    softirq: int
    steal: int


def parse(section: Section) -> Ticks | None:
    """Read the counters; None where the kernel does not tell. Raises Unreadable."""
    label, *words = (section.lines[0].split() if section.lines else []) or [""]
    if label != "cpu" or len(words) < _LEAST_COUNTERS:
        return None
    ticks = [whole(word, section, most=_MOST_TICKS) for word in words[:_COUNTERS]]
    return Ticks(*ticks, *[0] * (_COUNTERS - len(ticks)))


FACT = Fact("cpu", _AWK, parse)
