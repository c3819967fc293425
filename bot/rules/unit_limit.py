"""A unit or container near its own memory limit, at which the kernel kills within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.recognition import place, short
from bot.domain.rule import (
    Reading,
    Rule,
    Settings,
    begin_of,
    beyond,
    plain,
    service_cause,
    service_in,
    standing,
    well,
)
from bot.domain.units import part_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.memory import MemoryGroup
    from bot.domain.rule import Observation

_NAME = "unit_limit"
_MARGIN_POINTS = 5
_ALL_PERCENT = 100
# Only a limit that was just lowered, or a garbled number, leaves more than this.
_MOST_PERCENT = 150


def judge(observation: Observation, settings: Settings) -> Iterator[Reading]:
    """Judge each cgroup with a limit by what cannot be reclaimed, in percent of that limit.

    Page cache fills a cgroup up to its limit and goes when asked, and so do the kernel's caches of file
    names: neither counts. What counts is anonymous memory, and what the kernel buffers (full pipes, sockets).
    """
    checked = observation.outcome
    if not isinstance(checked, Checked) or not checked.snapshot.groups:
        return
    groups, total = checked.snapshot.groups, checked.snapshot.meminfo.total_bytes
    spoken_of = set[str]()
    for group in groups:
        limit = group.limit_bytes
        subject = place(group.path)
        if subject is None or subject in spoken_of or limit is None or not 0 < limit <= total:
            continue
        spoken_of.add(subject)
        held = _unreclaimable(group, groups)
        value = _ALL_PERCENT * held / limit
        if 0 <= value <= _MOST_PERCENT:
            name = service_in(observation, checked, subject)
            reached, kept = beyond(value, settings, _clear)
            sentence = f"{plain(short(subject))} holds {part_of(held, limit)} of its limit ({value:.0f} %)"
            if reached is not None:
                sentence = f"{sentence}, above {begin_of(settings, reached):g} %; caches are not counted"
            yield Reading(reached, kept, sentence, service_cause(name), subject)
    for subject, signal in standing(observation, _NAME).items():
        if subject not in spoken_of:
            yield well(f"{plain(short(subject))} has ended, or has no limit now", signal.cause, subject)


def _unreclaimable(group: MemoryGroup, groups: Sequence[MemoryGroup]) -> int:
    """Return what a cgroup and those below it hold: the limit is for all of them, each says only its own."""
    inside = f"{group.path.rstrip('/')}/"
    whole = (each for each in groups if each is group or each.path.startswith(inside))
    return sum(each.anon_bytes + (each.kernel_buffers_bytes or 0) for each in whole)


def _clear(begin: float) -> float:
    return begin - _MARGIN_POINTS


RULE = Rule(
    name=_NAME,
    help="A unit or container comes near the memory limit that it was given.",
    unit="percent of its limit",
    defaults=Settings(warning=85, critical=95),
    judge=judge,
)
