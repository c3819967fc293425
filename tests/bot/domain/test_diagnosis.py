"""Is memory the problem? Each piece of evidence with its verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked
from bot.domain.diagnosis import Diagnosis, Rates, Verdict, evidence, rates
from bot.domain.memory import MemInfo, Pressure, VmStat
from bot.domain.policy import Level, Thresholds, assess
from bot.domain.units import MIB
from bot.rules.pressure import RULE as PRESSURE
from bot.rules.swap_in import RULE as SWAP_IN
from tests.fakes.past import sample_at
from tests.fakes.snapshots import NOON, meminfo, process, snapshot

STILL = Rates(60.0, 0.0, 0.0, 0.0, 5.0, 0)
ROOMY = meminfo(available=500 * MIB, swap_total=512 * MIB, swap_free=300 * MIB)
CALM = Pressure(0, 0, 0, 0, 0, 0)


def diagnosed(
    measured: Rates | None = STILL,
    memory: MemInfo = ROOMY,
    pressure: Pressure | None = CALM,
    vmstat: VmStat | None = None,
    container: str | None = None,
) -> Diagnosis:
    shot = snapshot(process(7, "gunicorn"), meminfo=memory, pressure=pressure, vmstat=vmstat)
    shot = replace(shot, identity=replace(shot.identity, container=container))
    services = attribute(shot, ())
    checked = Checked(shot, services, break_down(shot, services), assess(shot, Thresholds()))
    return Diagnosis(checked, Thresholds(), measured, (), None, None, evidence(checked, measured))


def verdict_on(found: Diagnosis, what: str) -> Verdict:
    (each,) = (each for each in found.evidence if each.what == what)
    return each.verdict


def test_where_nothing_speaks_for_it_memory_is_not_the_problem() -> None:
    found = diagnosed()

    assert found.verdict is Verdict.NO
    assert verdict_on(found, "swap") is Verdict.NO


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (diagnosed(memory=meminfo(available=40 * MIB)), "only 4 % available"),
        (diagnosed(replace(STILL, swap_in_bytes_per_s=12.0 * MIB)), "12.0 MiB/s are read back from swap"),
        (
            diagnosed(pressure=Pressure(9, 20, 3, 2, 1, 0)),
            "work waited for memory 20 % of the last minute, all of it 1 %",
        ),
        (
            diagnosed(pressure=Pressure(9, 12, 3, 8, 10, 0)),
            "work waited for memory 12 % of the last minute, all of it 10 %",
        ),
        (
            diagnosed(replace(STILL, oom_kills=1), vmstat=VmStat(3, 0, 0, 0, 0)),
            "a process was killed just now",
        ),
    ],
)
def test_each_of_these_is_reason_enough(found: Diagnosis, reason: str) -> None:
    assert found.verdict is Verdict.YES
    assert found.reasons == (reason,)


@pytest.mark.parametrize(
    ("found", "doubt"),
    [
        (diagnosed(replace(STILL, swap_in_bytes_per_s=1.5 * MIB)), "1.5 MiB/s are read back from swap"),
        (
            diagnosed(pressure=Pressure(9, 10, 3, 2, 1, 0)),
            "work waited for memory 10 % of the last minute, all of it 1 %",
        ),
        (
            diagnosed(pressure=Pressure(9, 9, 3, 2, 5, 0)),
            "work waited for memory 9 % of the last minute, all of it 5 %",
        ),
    ],
)
def test_what_no_alert_would_tell_of_but_is_more_than_usual_is_neither_yes_nor_no(
    found: Diagnosis, doubt: str
) -> None:
    assert found.verdict is Verdict.UNKNOWN
    assert (found.reasons, found.doubts) == ((), (doubt,))


def test_an_alert_and_the_answer_begin_at_the_same_figures() -> None:
    (swap, swapping) = (SWAP_IN.defaults.warning, SWAP_IN.defaults.critical)
    (some, full) = (PRESSURE.defaults.warning, PRESSURE.defaults.critical)
    assert swap is not None
    assert swapping is not None
    assert some is not None
    assert full is not None

    for measured, pressure in (
        (replace(STILL, swap_in_bytes_per_s=swap * MIB), CALM),
        (STILL, Pressure(0, some, 0, 0, 0, 0)),
        (STILL, Pressure(0, 0, 0, 0, full, 0)),
    ):
        assert diagnosed(measured, pressure=pressure).verdict is Verdict.YES
    for measured, pressure in (
        (replace(STILL, swap_in_bytes_per_s=0.9 * swap * MIB), CALM),
        (STILL, Pressure(0, 0.9 * some, 0, 0, 0.9 * full, 0)),
    ):
        assert diagnosed(measured, pressure=pressure).verdict is Verdict.UNKNOWN


LOW = meminfo(available=120 * MIB)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (diagnosed(None, LOW, pressure=None), Verdict.UNKNOWN),
        (diagnosed(replace(STILL, major_faults_per_s=90.0), LOW, pressure=None), Verdict.UNKNOWN),
        (diagnosed(STILL, LOW, pressure=None), Verdict.NO),
        (diagnosed(None, LOW, pressure=CALM), Verdict.NO),
    ],
)
def test_little_memory_is_no_problem_only_if_something_tells_that_nothing_waits_for_it(
    found: Diagnosis, verdict: Verdict
) -> None:
    assert found.checked.assessment.level is Level.WARNING
    assert found.verdict is verdict


def test_what_a_container_is_told_of_its_machine_is_no_yes() -> None:
    found = diagnosed(
        Rates(60.0, 9.0 * MIB, 0.0, 900.0, 60.0, 1),
        pressure=Pressure(50, 50, 50, 30, 30, 30),
        vmstat=VmStat(3, 0, 0, 0, 0),
        container="docker",
    )

    assert found.verdict is Verdict.UNKNOWN
    assert Verdict.YES not in {each.verdict for each in found.evidence}
    assert "a process was killed just now" in found.doubts


def test_a_container_that_has_little_itself_has_the_problem() -> None:
    found = diagnosed(memory=meminfo(available=40 * MIB), container="docker")

    assert found.reasons == ("only 4 % available",)


def test_swap_in_use_that_nobody_reads_is_no_problem() -> None:
    (swap,) = (each for each in diagnosed().evidence if each.what == "swap")

    assert swap.figures == "212 of 512 MiB used, in 0 MiB/s, out 0 MiB/s: what lies there is not missed"


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (replace(STILL, system_percent=60.0), Verdict.NO),
        (replace(STILL, system_percent=60.0, swap_in_bytes_per_s=9.0 * MIB), Verdict.YES),
        (replace(STILL, system_percent=None), Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_a_busy_kernel_speaks_for_it_only_beside_other_signs(
    measured: Rates | None, verdict: Verdict
) -> None:
    assert verdict_on(diagnosed(measured), "CPU time in the kernel") is verdict


def test_where_nothing_is_left_a_busy_kernel_looks_for_memory_even_without_swap_and_pressure() -> None:
    found = diagnosed(replace(STILL, system_percent=60.0), meminfo(available=40 * MIB), pressure=None)

    assert verdict_on(found, "CPU time in the kernel") is Verdict.YES


def test_a_busy_kernel_is_not_explained_away_where_pressure_is_not_told() -> None:
    found = diagnosed(replace(STILL, system_percent=60.0), pressure=None)

    assert verdict_on(found, "CPU time in the kernel") is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("per_s", "swap_in", "verdict"),
    [
        (3, 0, Verdict.NO),
        (900, 0, Verdict.UNKNOWN),
        (900, 9 * MIB, Verdict.YES),
        (None, 0, Verdict.UNKNOWN),
    ],
)
def test_major_faults_alone_cannot_tell(per_s: float | None, swap_in: float, verdict: Verdict) -> None:
    found = diagnosed(replace(STILL, major_faults_per_s=per_s, swap_in_bytes_per_s=swap_in))

    assert verdict_on(found, "major page faults") is verdict


def test_what_a_host_does_not_tell_is_not_taken_for_a_no() -> None:
    found = diagnosed(None, memory=meminfo(available=None), pressure=None)

    assert found.verdict is Verdict.UNKNOWN
    assert {each.verdict for each in found.evidence if each.what != "swap"} == {Verdict.UNKNOWN}


def test_rates_are_per_second_between_two_samples_of_one_boot() -> None:
    before = sample_at(NOON, 96, swapped_in=0, faults=100, oom_kills=1, system_s=10.0, total_s=100.0)
    now = sample_at(
        NOON + timedelta(seconds=10),
        96,
        swapped_in=50 * MIB,
        faults=150,
        oom_kills=2,
        system_s=14.0,
        total_s=120.0,
    )

    assert rates(before, now) == Rates(10.0, 5.0 * MIB, 0.0, 5.0, 20.0, 1)


@pytest.mark.parametrize(
    "now",
    [
        sample_at(NOON + timedelta(seconds=1), 96),
        sample_at(NOON + timedelta(minutes=20), 96),
        sample_at(NOON - timedelta(minutes=1), 96),
        sample_at(NOON + timedelta(seconds=10), 96, boot_id="another"),
    ],
)
def test_samples_too_near_too_far_or_of_another_boot_tell_nothing_together(now: object) -> None:
    assert rates(sample_at(NOON, 96), now) is None  # type: ignore[arg-type] # each is a sample


def test_counters_that_went_back_are_no_negative_rate() -> None:
    before = sample_at(NOON, 96, swapped_in=9 * MIB, system_s=9.0, total_s=9.0)

    found = rates(before, sample_at(NOON + timedelta(seconds=10), 96, system_s=1.0, total_s=1.0))

    assert found is not None
    assert (found.swap_in_bytes_per_s, found.system_percent) == (0.0, None)
