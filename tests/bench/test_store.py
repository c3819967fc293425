"""What a year of history costs: room, time to read it, and what checks wait for while it is thinned."""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from adapters.store import numbering, packs
from adapters.store.history import FIVE_MINUTES, FULL, HOURLY
from adapters.store.packing import label
from adapters.store.store import SqlStore, open_store
from adapters.store.tables import pack
from bot.domain.course import MOST_POINTS
from bot.domain.history import Retention, Sample, ServiceSample
from tests.contracts.store import SAMPLE
from tests.contracts.store_ledger import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.bench

HOSTS, SERVICES = 50, 30
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
KEEP = Retention()
_SIZE = attrgetter("memory_bytes")


class Walk:
    """A host whose services' sizes walk at random, each as restless as services are: half of them idle."""

    def __init__(self, host: str, seed: int) -> None:
        self.host = host
        self.dice = random.Random(seed)  # noqa: S311 - a walk, no secret
        self.services = [
            ServiceSample(f"service-{n:02}", self.dice.randrange(5, 400) << 20, "cgroup")
            for n in range(SERVICES)
        ]
        self.pages = [0 if n % 2 else self.dice.choice((4, 64, 512)) for n in range(SERVICES)]
        self.counters = [self.dice.randrange(10**9) for _ in range(4)]

    def sample(self, at: datetime) -> Sample:
        dice = self.dice.random
        for n, pages in enumerate(self.pages):
            if pages or dice() < 0.02:
                old = self.services[n]
                size = max(1 << 20, old.memory_bytes + (int((dice() - 0.5) * 2 * (pages or 16)) << 12))
                self.services[n] = ServiceSample(old.name, size, old.method)
        services = sorted(self.services, key=_SIZE, reverse=True)
        self.counters = [c + int(dice() * 200) for c in self.counters]
        swapped_in, swapped_out, faults, cpu = self.counters
        used = sum(map(_SIZE, services))
        return Sample(
            host=self.host,
            boot_id=SAMPLE.boot_id,
            swap_total_bytes=2 << 30,
            swap_used_bytes=0,
            oom_kills=0,
            taken_at=at + timedelta(microseconds=int(dice() * 30_000)),
            mem_total_bytes=16 << 30,
            mem_available_bytes=(15 << 30) - used + (int(dice() * 2000) << 12),
            mem_free_bytes=(1 << 30) + (int(dice() * 50_000) << 12),
            swapped_in_bytes=swapped_in << 12,
            swapped_out_bytes=swapped_out << 12,
            major_faults=faults,
            pressure_some_avg10=round(max(0.0, dice() - 0.7), 2),
            pressure_full_avg10=0.0,
            services=tuple(services),
            cpu_system_s=cpu / 100,
            cpu_total_s=cpu / 10,
        )


def stretches() -> Iterator[tuple[int, datetime, timedelta, timedelta]]:
    """Yield what is kept of a year that ends an hour ago: tier, begin, length and interval of each pack."""
    midnight = NOW.replace(hour=0)
    for day in range(365, 30, -1):
        yield HOURLY, midnight - day * DAY, DAY, HOUR
    for day in range(30, 7, -1):
        yield FIVE_MINUTES, midnight - day * DAY, DAY, 5 * MINUTE
    begins_at = midnight - 7 * DAY
    while begins_at < NOW - HOUR:
        yield FULL, begins_at, HOUR, MINUTE
        begins_at += HOUR


def remember_a_year(store: SqlStore, walk: Walk) -> tuple[int, int]:
    """Write a year of a host and return how many samples and bytes are of the last week."""
    store.remember(walk.sample(NOW - HOUR))
    with store._database.reading() as connection:
        numbers = numbering.read(connection, walk.host)
    assert numbers
    rows, count, size = [], 0, 0
    for tier, begins_at, length, interval in stretches():
        samples = [walk.sample(begins_at + n * interval) for n in range(length // interval)]
        assert label(samples[0].services[0]) in numbers.labels
        data = packs.pack(samples, numbers.boots, numbers.labels)
        if tier == FULL:
            count, size = count + len(samples), size + len(data)
        rows.append({"host_id": numbers.host_id, "tier": tier, "begins_at": begins_at, "samples": data})
    with store._database.writing() as connection:
        connection.execute(insert(pack), rows)
    return count, size


def read_in(store: SqlStore, host: str, days: float) -> str:
    """Say how long reading takes: everything, what a picture shows, and the figures alone."""
    since, step = NOW - days * DAY, max(days * DAY / MOST_POINTS, 2 * MINUTE)
    whole, picture, figures = (
        min(milliseconds(partial(store.samples, host, since, NOW, services_every=every)) for _ in range(5))
        for every in (None, step, days * DAY)
    )
    return f"{days:.2g} d of a host: all {whole:.1f}, a picture's {picture:.1f}, figures {figures:.1f} ms"


def check(store: SqlStore, sample: Sample) -> None:
    """Write what a check writes while nothing is wrong."""
    with store.changing() as ledger:
        ledger.state(sample.host)
        ledger.open_incidents(sample.host)
        ledger.silences(sample.taken_at)
        ledger.remember(sample)
        ledger.save_state(replace(STATE, host=sample.host, checked_at=sample.taken_at, good=sample))


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def spread(times: list[float]) -> str:
    ordered = sorted(times)
    p99 = ordered[int(len(ordered) * 0.99)]
    return f"p50 {statistics.median(ordered):.2f} p99 {p99:.2f} max {ordered[-1]:.2f} ms ({len(ordered)})"


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")


def test_a_year_of_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "memwarden.db"
    walks = [Walk(f"web-{n}", n) for n in range(HOSTS)]
    with closing(open_store(str(path))) as store:
        began = time.perf_counter()
        counts = [remember_a_year(store, walk) for walk in walks]
        made_s = time.perf_counter() - began
        size = path.stat().st_size + path.with_name("memwarden.db-wal").stat().st_size
        per_snapshot = sum(size for _, size in counts) / sum(count for count, _ in counts)
        # What the walks and the tests' own modules are is not the bot's to look through for garbage.
        gc.collect()
        gc.freeze()
        reads = [read_in(store, "web-7", days) for days in (1 / 48, 1, 7, 30)]
        found = len(store.samples("web-7", NOW - 366 * DAY, NOW))
        quiet = [
            milliseconds(partial(check, store, walk.sample(NOW + minute * MINUTE)))
            for minute in range(20)
            for walk in walks
        ]
        busy, thinned_s, wal = checks_while_thinning(store, walks, path)

    with capsys.disabled():
        say(f"\n{HOSTS} hosts x {SERVICES} services, a year, made in {made_s:.0f} s")
        say(f"database {size / 2**20:.0f} MiB; a snapshot of the last week {per_snapshot:.0f} bytes")
        say("\n".join(reads))
        say(f"a check's write, alone: {spread(quiet)}")
        say(f"a check's write, while packing and thinning for {thinned_s:.1f} s: {spread(busy)}")
        say(f"WAL at most {wal / 2**20:.1f} MiB")
    assert found == 335 * 24 + 23 * 288 + (7 * 24 + 13) * 60 + 1


def checks_while_thinning(store: SqlStore, walks: list[Walk], path: Path) -> tuple[list[float], float, int]:
    """Return how long writes took while a day was thinned, how long that took, and the largest WAL."""
    later = NOW + DAY + HOUR
    done, took = Event(), []

    def thin() -> None:
        try:
            took.append(milliseconds(lambda: _thin_all(store, later)) / 1000)
        finally:
            done.set()

    thread = Thread(target=thin)
    thread.start()
    times, wal, minute = [], 0, 0
    while not done.is_set():
        minute += 1
        for walk in walks:
            sample = walk.sample(later + minute * MINUTE)
            times.append(milliseconds(partial(check, store, sample)))
        wal = max(wal, path.with_name("memwarden.db-wal").stat().st_size)
    thread.join()
    return times, took[0], wal


def _thin_all(store: SqlStore, now: datetime) -> None:
    while store.thin(now, KEEP, most_hosts=10):
        pass


def test_a_sweep_of_500_hosts_and_its_reading(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    walks = [Walk(f"web-{n}", n) for n in range(500)]
    with closing(open_store(str(tmp_path / "memwarden.db"))) as store:
        sweeps = []
        for minute in range(12):
            samples = [walk.sample(NOW + minute * MINUTE) for walk in walks]
            sweeps.append(milliseconds(partial(_sweep, store, samples)))
        day = [walks[0].sample(NOW + DAY + minute * MINUTE) for minute in range(24 * 60)]
        _sweep(store, day)
        packed = milliseconds(lambda: _thin_all(store, NOW + 3 * DAY))
        gc.collect()
        gc.freeze()
        read = min(milliseconds(lambda: store.samples("web-0", NOW + DAY, NOW + 2 * DAY)) for _ in range(5))

        with capsys.disabled():
            say(f"\na sweep of 500 hosts in one transaction: {statistics.median(sweeps[2:]):.1f} ms")
            say(f"packing 500 hosts' hour and a day of one: {packed:.0f} ms")
            say(f"24 h of one host read in {read:.1f} ms")
        assert store.samples("web-0", NOW + DAY, NOW + 2 * DAY) == tuple(day)


def _sweep(store: SqlStore, samples: list[Sample]) -> None:
    with store.changing() as ledger:
        for sample in samples:
            ledger.remember(sample)
