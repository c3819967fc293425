"""When work is done, by the real scheduler and the real clock."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, defaultdict
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from adapters.schedule import Next, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BERLIN = ZoneInfo("Europe/Berlin")
_PATIENCE_S = 15.0


@pytest.fixture
def schedule() -> Iterator[Schedule]:
    made = Schedule()
    yield made
    made.close()


def until(fulfilled: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _PATIENCE_S
    while not fulfilled():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def test_work_is_done_again_and_again_and_never_twice_at_a_time(schedule: Schedule) -> None:
    at_work: list[int] = []
    runs: list[int] = []

    def slow() -> None:
        at_work.append(1)
        runs.append(len(at_work))
        time.sleep(0.1)
        at_work.pop()

    schedule.every("slow", 0.05, slow)

    until(lambda: len(runs) >= 4)
    assert set(runs) == {1}


def test_each_name_has_moments_of_its_own_that_a_restart_does_not_change(schedule: Schedule) -> None:
    names = [f"host web-{number}" for number in range(40)]
    for name in names:
        schedule.every(name, 3600.0, lambda: None)
    another = Schedule()
    another.every(names[0], 3600.0, lambda: None)

    moments = [moment for name in names if (moment := schedule.next_at(name))]
    quarters = Counter(moment.minute // 15 for moment in moments)

    assert another.next_at(names[0]) == schedule.next_at(names[0])
    assert len(moments) == 40
    assert min(quarters[quarter] for quarter in range(4)) >= 4
    another.close()


def test_our_own_affairs_are_seen_to_at_once(schedule: Schedule) -> None:
    done = threading.Event()

    def work() -> None:
        done.set()

    schedule.every("tend", 3600.0, work, spread=False)

    assert done.wait(_PATIENCE_S)


def test_work_says_when_it_wants_to_be_done_again_and_returns_to_its_turn_after_that(
    schedule: Schedule,
) -> None:
    wishes: list[Next | None] = [Next(in_s=0.01), Next(in_s=0.01), None]

    def work() -> Next | None:
        return wishes.pop(0)

    schedule.every("host web-1", 1.0, work)
    before = schedule.next_at("host web-1")

    until(lambda: not wishes)
    time.sleep(0.05)
    after = schedule.next_at("host web-1")

    assert before is not None
    assert after is not None
    assert (after - before).total_seconds() % 1.0 == pytest.approx(0.0, abs=0.001)


def test_what_work_raises_is_logged_with_its_place_once_and_the_next_run_is_made(
    schedule: Schedule, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[int] = []

    def work() -> None:
        runs.append(1)
        raise KeyError("a mistake of ours")

    with caplog.at_level(logging.WARNING):
        schedule.every("host web-1", 0.02, work)
        until(lambda: len(runs) >= 3)

    assert caplog.messages[:2] == ["host web-1 failed: KeyError('a mistake of ours')"] * 2
    assert caplog.text.count("Traceback") == 1


def test_what_is_removed_or_not_kept_is_done_no_more(schedule: Schedule) -> None:
    for name in ("a", "b", "c"):
        schedule.every(name, 3600.0, lambda: None)

    schedule.remove("a")
    schedule.keep_only({"c", "d"})

    assert [name for name in ("a", "b", "c") if schedule.next_at(name)] == ["c"]


def test_replaced_work_keeps_its_turn_and_does_not_run_beside_the_old(schedule: Schedule) -> None:
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def old() -> None:
        begun.set()
        go_on.wait(_PATIENCE_S)
        order.append("old")

    def new() -> None:
        order.append("new")

    schedule.every("host web-1", 0.05, old)
    assert begun.wait(_PATIENCE_S)
    schedule.every("host web-1", 0.06, new)
    time.sleep(0.2)
    go_on.set()

    until(lambda: "new" in order)
    assert order[0] == "old"


def test_closing_waits_for_what_is_under_way_but_not_for_ever() -> None:
    ended: list[str] = []
    begun = threading.Barrier(3)

    def work(name: str, seconds: float) -> None:
        begun.wait(_PATIENCE_S)
        time.sleep(seconds)
        ended.append(name)

    schedule = Schedule()
    schedule.every("short", 3600.0, lambda: work("short", 0.05), spread=False)
    schedule.every("long", 3600.0, lambda: work("long", 3.0), spread=False)
    begun.wait(_PATIENCE_S)
    before = time.monotonic()
    schedule.close(within_s=0.3)

    assert ended == ["short"]
    assert time.monotonic() - before < 2


def test_dead_hosts_delay_no_healthy_one() -> None:
    """Ten times as fast as in earnest: every 6 s for a minute, 1 s for a timeout of 10 s; half are dead."""
    interval_s, timeout_s, hosts = 1.5, 0.25, 120
    schedule = Schedule()
    runs: dict[str, list[float]] = defaultdict(list)
    over = threading.Event()

    def look(name: str, *, dead: bool) -> Next:
        runs[name].append(time.time())
        if dead:
            over.wait(timeout_s)
        return Next(prompt=not dead)

    for number in range(hosts):
        name, dead = f"web-{number}", number % 2 == 1
        schedule.every(name, interval_s, partial(look, name, dead=dead))
    time.sleep(4 * interval_s)
    schedule.close()
    over.set()

    healthy = [moments for name, moments in runs.items() if int(name[4:]) % 2 == 0]
    gaps = sorted(after - before for moments in healthy for before, after in pairwise(moments))
    assert len(healthy) == hosts / 2
    assert gaps[len(gaps) // 2] == pytest.approx(interval_s, abs=0.05)
    assert gaps[int(len(gaps) * 0.95)] < interval_s + 0.5


def test_calendar_work_is_scheduled_in_its_zone(schedule: Schedule) -> None:
    schedule.cron("daily", "0 8 * * *", BERLIN, lambda: None)

    moment = schedule.next_at("daily")

    assert moment is not None
    assert f"{moment.astimezone(BERLIN):%H:%M}" == "08:00"
