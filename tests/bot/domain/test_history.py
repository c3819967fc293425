"""What is kept of a check, and what two checks tell together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.attribution import attribute
from bot.domain.history import Sample, ServiceSample, sample, swap_in_bytes_per_s
from bot.domain.memory import Pressure, VmStat
from bot.domain.units import GIB, MIB
from tests.fakes.snapshots import NOON, known, meminfo, process, pss, snapshot

SEEN = snapshot(
    process(10, "redis", pss=pss(anon=50 * MIB)),
    meminfo=meminfo(swap_total=GIB, swap_free=GIB - 3 * MIB),
    vmstat=VmStat(
        oom_kills=2,
        swapped_in_bytes=100 * MIB,
        swapped_out_bytes=7 * MIB,
        major_faults=9,
        zspages_bytes=0,
    ),
    pressure=Pressure(1.5, 1, 1, 0.5, 0, 0),
)


def test_a_check_in_brief_keeps_its_numbers() -> None:
    kept = sample(SEEN, attribute(SEEN, (known("redis"),)))

    assert kept == Sample(
        host="web-1",
        taken_at=NOON,
        boot_id=SEEN.identity.boot_id,
        mem_total_bytes=961 * MIB,
        mem_available_bytes=96 * MIB,
        mem_free_bytes=34 * MIB,
        swap_total_bytes=GIB,
        swap_used_bytes=3 * MIB,
        swapped_in_bytes=100 * MIB,
        swapped_out_bytes=7 * MIB,
        major_faults=9,
        oom_kills=2,
        pressure_some_avg10=1.5,
        pressure_full_avg10=0.5,
        services=(ServiceSample("redis", 50 * MIB, "PSS"),),
    )


def test_what_the_host_did_not_tell_is_kept_as_none_never_as_0() -> None:
    kept = sample(snapshot(meminfo=meminfo(available=None)), ())

    assert (
        kept.mem_available_bytes,
        kept.swapped_in_bytes,
        kept.swapped_out_bytes,
        kept.major_faults,
        kept.oom_kills,
        kept.pressure_some_avg10,
        kept.pressure_full_avg10,
    ) == (None,) * 7


def later(seconds: float, swapped_in_bytes: int | None, boot_id: str = SEEN.identity.boot_id) -> Sample:
    return replace(
        sample(SEEN, ()),
        taken_at=NOON + timedelta(seconds=seconds),
        swapped_in_bytes=swapped_in_bytes,
        boot_id=boot_id,
    )


@pytest.mark.parametrize(
    ("now", "rate"),
    [
        (later(10, 150 * MIB), 5 * MIB),
        (later(10, 100 * MIB), 0),
        (later(10, 90 * MIB), 0),
        (later(10, None), None),
        (later(10, 150 * MIB, boot_id="another boot"), None),
        (later(0, 150 * MIB), None),
        (later(-5, 150 * MIB), None),
    ],
)
def test_two_checks_of_one_boot_tell_how_fast_swap_is_read_back(now: Sample, rate: float | None) -> None:
    assert swap_in_bytes_per_s(later(0, 100 * MIB), now) == rate


def test_a_check_without_counters_tells_no_rate_to_the_next() -> None:
    assert swap_in_bytes_per_s(later(0, None), later(10, 5)) is None
