"""What every Store does with samples over time. A subclass provides the fixture `store`, empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.history import Retention, ServiceSample
from bot.domain.incident import State
from tests.contracts.store import SAMPLE
from tests.contracts.store_ledger import EVENT, INCIDENT, SILENCE, STATE
from tests.contracts.store_outbox import CARD, claimed, enqueue

if TYPE_CHECKING:
    from bot.domain.history import Sample
    from bot.ports import Store

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
KEEP = Retention()


def series(count: int, *, every: timedelta = MINUTE, since: datetime = MIDNIGHT) -> list[Sample]:
    """Return samples whose least available memory is in the middle of each 5 minutes, of the hour at :32."""
    return [
        replace(
            SAMPLE,
            taken_at=since + n * every,
            mem_available_bytes=1000
            + abs(n * every // MINUTE % 60 - 32)
            + abs(n * every // MINUTE % 5 - 2) * 100,
            services=tuple(replace(s, memory_bytes=s.memory_bytes + n * 37) for s in SAMPLE.services),
        )
        for n in range(count)
    ]


def remember(store: Store, samples: list[Sample]) -> None:
    with store.changing() as ledger:
        for sample in samples:
            ledger.remember(sample)


def thin(store: Store, now: datetime) -> None:
    while store.thin(now, KEEP, most_hosts=3):
        pass


class HistoryContract:
    def test_samples_of_a_time_come_oldest_first(self, store: Store) -> None:
        samples = series(10)
        remember(store, [*samples[5:], *samples[:5]])

        assert store.samples("web-1", samples[2].taken_at, samples[8].taken_at) == tuple(samples[2:8])
        assert store.samples("web-1", FIRST, LAST) == tuple(samples)
        assert store.samples("web-2", FIRST, LAST) == ()

    @pytest.mark.parametrize("packed_until", [MIDNIGHT, MIDNIGHT + 70 * MINUTE, MIDNIGHT + 8 * DAY])
    @pytest.mark.parametrize(("begin", "every"), [(0, 7), (3, 5), (3, 60), (59, 60), (0, 100_000), (2, 1)])
    def test_read_in_brief_only_the_worst_of_each_span_has_its_services(
        self, store: Store, packed_until: datetime, begin: int, every: int
    ) -> None:
        remember(store, series(130))
        thin(store, packed_until)
        since, until, span = MIDNIGHT + begin * MINUTE, MIDNIGHT + 127 * MINUTE, every * MINUTE
        whole = store.samples("web-1", since, until)
        spans: dict[int, list[Sample]] = {}
        for sample in whole:
            spans.setdefault((sample.taken_at - since) // span, []).append(sample)
        worst = {min(each, key=lambda s: s.mem_available_bytes or 0) for each in spans.values()}
        with_services = worst | {whole[0], whole[-1]}

        assert store.samples("web-1", since, until, services_every=span) == tuple(
            sample if sample in with_services else replace(sample, services=()) for sample in whole
        )

    def test_in_brief_unknown_is_not_the_worst_and_of_equals_it_is_the_first(self, store: Store) -> None:
        known = [None, None, None, 5, 5, None, None]
        samples = [replace(s, mem_available_bytes=b) for s, b in zip(series(7), known, strict=True)]
        remember(store, [*samples[3:], *samples[:3]])

        found = store.samples("web-1", FIRST, LAST, services_every=DAY)
        assert [n for n, sample in enumerate(found) if sample.services] == [0, 3, 6]

    def test_nothing_in_brief_is_nothing(self, store: Store) -> None:
        remember(store, series(3))

        assert store.samples("web-1", LAST - DAY, LAST, services_every=DAY) == ()
        assert store.samples("web-2", FIRST, LAST, services_every=DAY) == ()

    def test_of_packs_only_those_around_are_read_and_none_is_missed(self, store: Store) -> None:
        samples = series(6 * 60, every=5 * MINUTE)
        remember(store, samples)
        thin(store, MIDNIGHT + 2 * DAY)

        for first in range(0, len(samples) - 14, 5):
            since, until = samples[first].taken_at, samples[first + 13].taken_at
            assert store.samples("web-1", since, until) == tuple(samples[first : first + 13])

    def test_for_a_week_nothing_is_lost(self, store: Store) -> None:
        samples = series(600)
        remember(store, samples)
        thin(store, MIDNIGHT + 7 * DAY)

        assert store.samples("web-1", FIRST, LAST) == tuple(samples)
        assert store.samples("web-1", samples[59].taken_at, samples[61].taken_at) == tuple(samples[59:61])
        assert store.latest("web-1") == samples[-1]

    def test_what_comes_while_older_hours_are_packed_is_found_with_them(self, store: Store) -> None:
        samples = series(300)
        for first in range(0, 300, 50):
            remember(store, samples[first : first + 50])
            thin(store, samples[first].taken_at + 50 * MINUTE)

            assert store.samples("web-1", FIRST, LAST) == tuple(samples[: first + 50])

    def test_then_the_worst_of_each_5_minutes_is_kept(self, store: Store) -> None:
        samples = series(3 * 60)
        remember(store, samples)
        thin(store, MIDNIGHT + 8 * DAY)

        assert store.samples("web-1", FIRST, LAST) == tuple(samples[2::5])

    def test_then_the_worst_of_each_hour(self, store: Store) -> None:
        samples = series(3 * 60)
        remember(store, samples)
        thin(store, MIDNIGHT + 8 * DAY)
        thin(store, MIDNIGHT + 31 * DAY)

        assert store.samples("web-1", FIRST, LAST) == tuple(samples[32::60])

    def test_it_is_the_same_if_it_was_not_thinned_for_long(self, store: Store) -> None:
        samples = series(3 * 60)
        remember(store, samples)
        thin(store, MIDNIGHT + 31 * DAY)

        assert store.samples("web-1", FIRST, LAST) == tuple(samples[32::60])

    def test_in_the_end_nothing(self, store: Store) -> None:
        remember(store, series(3))
        thin(store, MIDNIGHT + 731 * DAY)

        assert store.samples("web-1", FIRST, LAST) == ()

    def test_days_are_thinned_as_a_whole(self, store: Store) -> None:
        samples = series(20, since=MIDNIGHT + DAY - 10 * MINUTE)
        remember(store, samples)
        thin(store, MIDNIGHT + 8 * DAY + 23 * 60 * MINUTE)

        assert store.samples("web-1", FIRST, LAST) == (samples[2], samples[7], *samples[10:])

    def test_unknown_is_not_the_worst(self, store: Store) -> None:
        samples = [replace(s, mem_available_bytes=None if n != 3 else 5) for n, s in enumerate(series(5))]
        remember(store, samples)
        thin(store, MIDNIGHT + 8 * DAY)

        assert store.samples("web-1", FIRST, LAST) == (samples[3],)

    def test_a_late_sample_is_thinned_with_its_day(self, store: Store) -> None:
        samples = series(5)
        remember(store, samples[:4])
        thin(store, MIDNIGHT + 8 * DAY)
        late = replace(samples[4], mem_available_bytes=1)
        remember(store, [late])
        thin(store, MIDNIGHT + 8 * DAY)

        found = store.samples("web-1", FIRST, LAST)
        assert late in found
        assert len(found) <= 2

    @pytest.mark.parametrize("most_hosts", [1, 2, 5])
    def test_hosts_are_thinned_some_at_a_time(self, store: Store, most_hosts: int) -> None:
        hosts = [f"web-{n}" for n in range(4)]
        remember(store, [replace(s, host=host) for s in series(10) for host in hosts])
        calls = 1
        while store.thin(MIDNIGHT + 8 * DAY, KEEP, most_hosts=most_hosts):
            calls += 1

        assert calls == -(-4 // most_hosts)
        assert [len(store.samples(host, FIRST, LAST)) for host in hosts] == [2] * 4

    def test_a_host_may_say_anything_in_its_history(self, store: Store) -> None:
        odd = ServiceSample("\udcff\0", -(2**70), "grün \ud800")
        samples = series(6)
        samples[1] = replace(samples[1], services=(odd, odd, *reversed(samples[1].services)))
        samples[2] = replace(samples[2], services=(), boot_id="", mem_available_bytes=None)
        samples[3] = replace(samples[3], pressure_some_avg10=-0.0, cpu_system_s=1e300, cpu_total_s=0.1)
        samples[4] = replace(samples[4], pressure_full_avg10=None, swapped_in_bytes=2**63 - 1)
        remember(store, samples)
        thin(store, MIDNIGHT + DAY)

        assert store.samples("web-1", FIRST, LAST) == tuple(samples)

    def test_what_is_over_since_long_is_forgotten_and_what_is_open_is_not(self, store: Store) -> None:
        over = replace(INCIDENT, id=13, state=State.RESOLVED, resolved_at=EVENT.at)
        enqueue(store, CARD)
        store.give_up(claimed(store), EVENT.at, "refused")
        with store.changing() as ledger:
            ledger.mark(EVENT)
            ledger.save_state(STATE)
            ledger.save_silence(SILENCE)
            ledger.save_incident(over)
            ledger.save_incident(INCIDENT)
        thin(store, EVENT.at + 729 * DAY)
        before = (store.incident(13), store.state("web-1"), len(store.events(None, FIRST, LAST)))
        thin(store, EVENT.at + 731 * DAY)

        assert before == (over, STATE, 1)
        assert store.incident(13) is None
        assert store.incidents() == (INCIDENT,)
        assert store.state("web-1") is None
        assert store.events(None, FIRST, LAST) == ()
        assert store.silences(SILENCE.begins_at) == ()
        assert store.given_up(FIRST) == ()
