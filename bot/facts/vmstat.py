"""/proc/vmstat: counters since boot."""

from __future__ import annotations

from dataclasses import dataclass

from bot.facts import Fact, Section, numbers_by_key

_AWK = r"""
section("vmstat"); RS = "\n"
while ((r = (getline l < "/proc/vmstat")) > 0)
  if (l ~ /^(oom_kill|pswpin|pswpout|pgmajfault|nr_zspages) /) out(" " l)
if (r < 0) out("!/proc/vmstat")
close("/proc/vmstat")
"""


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters as the kernel keeps them: pages and events. One that this kernel lacks is None."""

    oom_kills: int | None
    swapped_in_pages: int | None
    swapped_out_pages: int | None
    major_faults: int | None
    zspages_pages: int | None


def parse(section: Section) -> Counters | None:
    """Read the counters; None where the file could not be read."""
    found = numbers_by_key(section)
    if section.unreadable or not found:
        return None
    return Counters(
        oom_kills=found.get("oom_kill"),
        swapped_in_pages=found.get("pswpin"),
        swapped_out_pages=found.get("pswpout"),
        major_faults=found.get("pgmajfault"),
        zspages_pages=found.get("nr_zspages"),
    )


FACT = Fact("vmstat", _AWK, parse)
