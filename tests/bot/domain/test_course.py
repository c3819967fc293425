"""Many checks reduced to a picture that never looks better than it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.course import Course, course, elapsed, least_step, step_of
from bot.domain.history import Retention, Sample
from bot.domain.policy import Thresholds
from bot.domain.units import MIB
from tests.fakes.past import sample_at

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")


def of(
    samples: list[Sample], *, span: timedelta = 4 * HOUR, step: timedelta = HOUR, service: str = ""
) -> Course:
    return course(samples, NOW - span, NOW, host="web-1", thresholds=Thresholds(), step=step, service=service)


def available(found: Course) -> list[float | None]:
    return [
        None
        if p.sample is None or p.sample.mem_available_bytes is None
        else p.sample.mem_available_bytes / MIB
        for p in found.points
    ]


def test_each_point_is_the_worst_check_of_its_part_at_its_own_moment() -> None:
    worst = NOW - 3.5 * HOUR
    samples = [sample_at(NOW - 3.9 * HOUR, 300), sample_at(worst, 40), sample_at(NOW - 3.1 * HOUR, 200)]

    found = of(samples)

    assert available(found) == [40, None, None, None]
    assert found.points[0].at == worst


def test_what_was_not_measured_is_a_gap_in_its_own_place() -> None:
    found = of([sample_at(NOW - 4 * HOUR, 100), sample_at(NOW - MINUTE, 90)])

    assert available(found) == [100, None, None, 90]
    assert [point.at for point in found.points[1:3]] == [NOW - 2.5 * HOUR, NOW - 1.5 * HOUR]


def test_a_check_that_does_not_tell_is_shown_only_where_none_tells() -> None:
    found = of([sample_at(NOW - 30 * MINUTE, None), sample_at(NOW - 20 * MINUTE, 90)])

    assert available(found)[-1] == 90
    assert (found.samples, found.latest, found.median_bytes) == (
        2,
        sample_at(NOW - 20 * MINUTE, 90),
        90 * MIB,
    )


def test_of_a_service_the_worst_is_when_it_held_most() -> None:
    samples = [
        sample_at(NOW - (50 - n) * MINUTE, 100, services={"gunicorn": held})
        for n, held in enumerate((300, 500, 400))
    ]

    found = of(samples, service="gunicorn")

    assert found.points[-1].sample == samples[1]
    assert (found.most, found.least, found.latest) == (samples[1], samples[0], samples[2])


def test_growth_is_from_when_a_service_was_first_seen_to_when_it_was_last() -> None:
    samples = [
        sample_at(NOW - 3 * MINUTE, 100, services={"gunicorn": 300}),
        sample_at(NOW - 2 * MINUTE, 100, services={"gunicorn": 500, "redis": 50}),
        sample_at(NOW - MINUTE, 100, services={"gunicorn": 400}),
    ]

    gunicorn, redis = of(samples).growths

    assert (gunicorn.service, gunicorn.grown_bytes, gunicorn.most_bytes) == ("gunicorn", 100 * MIB, 500 * MIB)
    assert (redis.service, redis.grown_bytes) == ("redis", 0)


def test_of_no_samples_there_is_nothing_but_gaps() -> None:
    found = of([])

    assert available(found) == [None] * 4
    assert (found.least, found.most, found.latest, found.median_bytes) == (None, None, None, None)


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)])
def test_a_day_on_which_clocks_change_has_its_real_length(month: int, day: int, hours: int) -> None:
    since = datetime(2026, month, day, tzinfo=BERLIN)
    until = datetime(2026, month, day + 1, tzinfo=BERLIN)
    samples = [replace(sample_at(until, 90), taken_at=(until.astimezone(UTC) - MINUTE).astimezone(BERLIN))]

    found = course(samples, since, until, host="web-1", thresholds=Thresholds(), step=HOUR)

    assert found.span == elapsed(since, until) == hours * HOUR
    assert len(found.points) == hours
    assert available(found) == [None] * (hours - 1) + [90]
    moments = [point.at.timestamp() for point in found.points]
    assert moments == sorted(moments)
    assert {point.at.tzinfo for point in found.points} == {BERLIN}


@pytest.mark.parametrize(
    ("span", "minutes_apart", "step"),
    [
        (timedelta(hours=24), 1, timedelta(seconds=144)),
        (timedelta(hours=24), 5, 10 * MINUTE),
        (timedelta(hours=24), 300, 20 * MINUTE),
        (timedelta(days=7), 1, timedelta(minutes=16, seconds=48)),
        (timedelta(days=30), 1, timedelta(minutes=72)),
        (timedelta(days=365), 60, timedelta(hours=14, minutes=36)),
    ],
)
def test_a_point_is_so_long_that_it_normally_has_a_check(
    span: timedelta, minutes_apart: float, step: timedelta
) -> None:
    samples = [sample_at(NOW + minutes_apart * n * MINUTE, 90) for n in range(10)]

    found = step_of(samples, least_step(span, MINUTE, Retention()))

    assert found == step
    assert span / found <= 600
