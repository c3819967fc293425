"""A service that grows steadily."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.domain.policy import Severity
from bot.domain.units import MIB
from bot.rules.leak import RULE
from tests.bot.rules.observations import after, checked, observed, read, read_one, sample, signal, state
from tests.fakes.snapshots import identity, process, snapshot

if TYPE_CHECKING:
    from bot.domain.check import Checked
    from bot.domain.history import Sample
    from bot.domain.rule import Observation

WARNING = Severity.WARNING
HOUR_S = 3600
Curve = Callable[[float], float]
"""MiB by hours before noon."""


def running(hours: float, held_mib: float) -> Checked:
    """Redis, started some hours before noon."""
    booted = replace(identity(), uptime_s=hours * HOUR_S + 5000)
    one = process(5, "redis-server", anon=int(held_mib * MIB), started_ticks=500_000, uid=33)
    return checked(snapshot(one, identity=booted))


def grown(curve: Curve, hours: float, *, noise_mib: float = 0, every_s: float = 300) -> tuple[Sample, ...]:
    dice = Random(7)  # noqa: S311 - the same dice every time, for a test
    count = int(hours * HOUR_S / every_s)
    times = [(i - count) * every_s for i in range(count)]
    return tuple(
        sample(
            t,
            services={"redis": int((curve(t / HOUR_S) + dice.gauss(0, noise_mib)) * MIB)},
            method="RSS estimate",
        )
        for t in times
    )


def watched(
    curve: Curve, hours: float, *, noise_mib: float = 0, up_hours: float | None = None
) -> Observation:
    outcome = running(up_hours or hours, curve(0))
    method = outcome.services[0].method
    history = tuple(
        replace(each, services=tuple(replace(s, method=method) for s in each.services))
        for each in grown(curve, hours, noise_mib=noise_mib)
    )
    return observed(outcome, now=sample(), kept=state(-600), history=history)


def steady(hours: float) -> float:
    return 400 + 20 * hours


def test_steady_growth_since_the_start_is_a_leak() -> None:
    found = read_one(RULE, watched(steady, 9, noise_mib=3))

    assert (found.reached, found.kept, found.at_once) == (WARNING, WARNING, True)
    assert (found.cause, found.subject) == ("service redis", "redis")
    assert found.sentence.startswith("redis grew steadily by 17")
    assert found.sentence.endswith(" MiB per day) and holds 400 MiB")
    assert " in 9 h (4" in found.sentence


@pytest.mark.parametrize(
    "curve",
    [
        pytest.param(lambda _: 400, id="flat"),
        pytest.param(lambda h: 400 + 20 * min(h, -3), id="a cache that is full since three hours"),
        pytest.param(lambda h: 400 + (100 if h > -4 else 0), id="one step"),
        pytest.param(lambda h: 400 + 60 * (h % 1), id="a saw"),
        pytest.param(lambda h: 400 - 20 * h, id="shrinking"),
        pytest.param(lambda h: 400 + 4 * h, id="less than 50 MiB"),
        pytest.param(lambda h: 900 + 8 * h, id="less than a fifth"),
    ],
)
def test_what_does_not_grow_steadily_and_by_much_is_no_leak(curve: Curve) -> None:
    assert read_one(RULE, watched(curve, 9, noise_mib=1)).kept is None


def test_a_service_that_grows_by_day_and_shrinks_by_night_is_no_leak() -> None:
    from_midnight = watched(lambda h: 300 + 15 * h if h > -12 else -60 - 15 * h, 24)

    assert read_one(RULE, from_midnight).kept is None


def test_less_than_six_hours_since_the_start_tell_nothing() -> None:
    assert read(RULE, watched(steady, 5)) == ()
    assert read(RULE, watched(steady, 20, up_hours=5)) == ()


def test_a_restart_ends_what_was_said() -> None:
    told = replace(signal("leak", "redis", WARNING, cause="service redis"), since=after(-2 * HOUR_S))
    young = watched(steady, 20, up_hours=1)

    found = read_one(RULE, replace(young, state=state(-600, signals=(told,))))

    assert (found.kept, found.sentence) == (None, "redis was started again")


def test_a_service_that_ended_leaks_no_more() -> None:
    told = signal("leak", "java", WARNING, cause="service java")
    found = read(RULE, observed(checked(snapshot()), kept=state(-600, signals=(told,))))

    assert [(each.subject, each.kept, each.cause) for each in found] == [("java", None, "service java")]


def test_sizes_found_by_another_method_do_not_count() -> None:
    good = watched(steady, 9)
    other = tuple(
        replace(each, services=tuple(replace(s, method="PSS") for s in each.services))
        for each in good.history(timedelta(days=1))
    )

    assert read(RULE, replace(good, history=lambda _: other)) == ()


def test_a_leak_too_slow_for_a_day_is_found_in_three_where_one_is_known() -> None:
    told = replace(signal("leak", "redis", WARNING, cause="service redis"), since=after(-50 * HOUR_S))
    slow = watched(lambda h: 500 + 2.5 * h, 71, up_hours=100)

    assert read_one(RULE, slow).kept is None
    assert read_one(RULE, replace(slow, state=state(-600, signals=(told,)))).reached is WARNING
    assert read_one(RULE, replace(slow, state=state(-6 * HOUR_S))).reached is WARNING


def test_a_history_with_a_hole_ends_nothing() -> None:
    told = replace(signal("leak", "redis", WARNING, cause="service redis"), since=after(-2 * HOUR_S))
    hole = watched(steady, 3, up_hours=30)

    assert read(RULE, replace(hole, state=state(-600, signals=(told,)))) == ()


def test_hosts_are_judged_at_different_moments() -> None:
    found = watched(steady, 9)

    def due(host: str) -> list[int]:
        moments = range(0, 600, 10)
        return [s for s in moments if read(RULE, replace(found, host=host, at=after(s), state=state(s - 10)))]

    assert all(len(due(host)) == 1 for host in ("web-1", "web-2"))
    assert due("web-1") != due("web-2")


@pytest.mark.parametrize(("checked_s", "judged"), [(-600, True), (0, False)])
def test_it_is_judged_once_in_ten_minutes(checked_s: float, *, judged: bool) -> None:
    found = watched(steady, 9)

    assert bool(read(RULE, replace(found, state=state(checked_s)))) is judged


def test_at_the_first_check_there_is_nothing_to_judge_by() -> None:
    assert read(RULE, replace(watched(steady, 9), state=None)) == ()


def test_our_own_weight_is_never_said_to_leak() -> None:
    seen = snapshot(process(5, "awk"), probe_pid=5)

    assert read(RULE, observed(checked(seen), kept=state(-600))) == ()
