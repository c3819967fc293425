"""What every Store does. A subclass provides the fixture `store`, empty."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from bot.domain.history import Sample, ServiceSample

if TYPE_CHECKING:
    from bot.ports import Store

GIB = 1024**3

SAMPLE = Sample(
    host="web-1",
    taken_at=datetime(2026, 3, 2, 14, 2, 31, 123456, tzinfo=UTC),
    boot_id="4d6f3c8e-8a43-4a0e-9f0e-1f4f7c1d2b3a",
    mem_total_bytes=4 * GIB,
    mem_available_bytes=GIB,
    mem_free_bytes=GIB // 4,
    swap_total_bytes=2 * GIB,
    swap_used_bytes=GIB // 8,
    swapped_in_bytes=40960,
    swapped_out_bytes=81920,
    major_faults=1234,
    oom_kills=2,
    pressure_some_avg10=1.25,
    pressure_full_avg10=0.07,
    services=(
        ServiceSample("gunicorn", 404 * 1024**2, "PSS"),
        ServiceSample("redis", 55 * 1024**2, "cgroup"),
        ServiceSample("nginx", 26 * 1024**2 + 1, "RSS estimate"),
    ),
)


class StoreContract:
    def test_of_an_unknown_host_nothing_is_known(self, store: Store) -> None:
        store.remember(SAMPLE)

        assert store.latest("web-2") is None

    def test_a_sample_comes_back_exactly(self, store: Store) -> None:
        store.remember(SAMPLE)

        assert store.latest("web-1") == SAMPLE

    def test_what_could_not_be_read_stays_none(self, store: Store) -> None:
        sample = replace(
            SAMPLE,
            mem_available_bytes=None,
            swapped_in_bytes=None,
            swapped_out_bytes=None,
            major_faults=None,
            oom_kills=None,
            pressure_some_avg10=None,
            pressure_full_avg10=None,
            services=(),
        )
        store.remember(sample)

        assert store.latest("web-1") == sample

    def test_zero_is_not_none(self, store: Store) -> None:
        sample = replace(SAMPLE, oom_kills=0, swap_used_bytes=0, pressure_some_avg10=0.0)
        store.remember(sample)

        assert store.latest("web-1") == sample

    @pytest.mark.parametrize(
        "memory_bytes", [0, 1, 1023, 1024, -1, -1024, 127 * 512, 128 * 512, 2**62, 2**70]
    )
    def test_a_service_may_have_any_size(self, store: Store, memory_bytes: int) -> None:
        sample = replace(SAMPLE, services=(ServiceSample("gunicorn", memory_bytes, "PSS"),))
        store.remember(sample)

        assert store.latest("web-1") == sample

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "a\nb\tc",
            "\x1b[31m",
            "nul\0",
            "not utf-8: \udcff",
            "lone \ud800",
            "grün 🐘",
            "@everyone",
            "x" * 4096,
        ],
    )
    def test_a_host_may_say_anything(self, store: Store, name: str) -> None:
        sample = replace(SAMPLE, boot_id=name, services=(ServiceSample(name, 1024, name),))
        store.remember(sample)

        assert store.latest("web-1") == sample

    @pytest.mark.parametrize("host", ["", "nul\0", "\udcff", "'; drop table host; --", "grün"])
    def test_a_host_may_have_any_name(self, store: Store, host: str) -> None:
        store.remember(replace(SAMPLE, host=host))

        assert store.latest(host) == replace(SAMPLE, host=host)
        assert store.latest(host + "x") is None

    def test_the_newest_sample_is_the_one_taken_last(self, store: Store) -> None:
        later = replace(SAMPLE, taken_at=SAMPLE.taken_at + timedelta(microseconds=1), mem_free_bytes=7)
        store.remember(later)
        store.remember(SAMPLE)

        assert store.latest("web-1") == later

    def test_of_two_at_one_moment_the_last_remembered_counts(self, store: Store) -> None:
        again = replace(SAMPLE, mem_free_bytes=7)
        store.remember(SAMPLE)
        store.remember(again)

        assert store.latest("web-1") == again

    def test_hosts_are_kept_apart(self, store: Store) -> None:
        other = replace(SAMPLE, host="web-2", services=(ServiceSample("redis", 1024, "PSS"),))
        store.remember(SAMPLE)
        store.remember(other)

        assert store.latest("web-1") == SAMPLE
        assert store.latest("web-2") == other

    def test_services_come_and_go_and_change_places(self, store: Store) -> None:
        a, b, c = SAMPLE.services
        for minute, services in enumerate([(a, b), (c, a), (), (b, c, a, a)]):
            sample = replace(SAMPLE, taken_at=SAMPLE.taken_at + timedelta(minutes=minute), services=services)
            store.remember(sample)

            assert store.latest("web-1") == sample

    def test_a_reboot_is_seen(self, store: Store) -> None:
        rebooted = replace(
            SAMPLE, taken_at=SAMPLE.taken_at + timedelta(minutes=1), boot_id="another", oom_kills=0
        )
        store.remember(SAMPLE)
        store.remember(rebooted)

        assert store.latest("web-1") == rebooted

    @pytest.mark.parametrize("year", [1, 1969, 2038, 9999])
    def test_any_moment_is_kept(self, store: Store, year: int) -> None:
        sample = replace(SAMPLE, taken_at=datetime(year, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
        store.remember(sample)

        assert store.latest("web-1") == sample

    def test_a_moment_of_another_time_zone_is_the_same_moment(self, store: Store) -> None:
        elsewhere = SAMPLE.taken_at.astimezone(timezone(timedelta(hours=5, minutes=30)))
        store.remember(replace(SAMPLE, taken_at=elsewhere))

        assert store.latest("web-1") == SAMPLE

    def test_a_moment_without_a_time_zone_is_refused(self, store: Store) -> None:
        naive = replace(SAMPLE, taken_at=SAMPLE.taken_at.replace(tzinfo=None))

        with pytest.raises(ValueError, match="time zone"):
            store.remember(naive)
        assert store.latest("web-1") is None

    def test_many_threads_remember_at_once(self, store: Store) -> None:
        samples = [
            replace(
                SAMPLE, host=f"web-{n % 5}", taken_at=SAMPLE.taken_at + timedelta(seconds=n), mem_free_bytes=n
            )
            for n in range(200)
        ]
        with ThreadPoolExecutor(20) as threads:
            list(threads.map(store.remember, samples))
            newest = list(threads.map(store.latest, [f"web-{n}" for n in range(5)]))

        assert newest == samples[-5:]

    @pytest.mark.parametrize(
        "words", ["status", 'service web-1 "my shop"', "report wéb-\N{SNOWMAN}", "x\udc80"]
    )
    def test_a_buttons_words_come_back_by_their_key(self, store: Store, words: str) -> None:
        key = store.keep_words(words)

        assert store.kept_words(key) == words
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}", key)

    def test_the_same_words_have_the_same_key_and_others_another(self, store: Store) -> None:
        assert store.keep_words("top web-1") == store.keep_words("top web-1")
        assert store.keep_words("top web-1") != store.keep_words("top web-2")

    def test_a_key_that_was_never_given_out_has_no_words(self, store: Store) -> None:
        store.keep_words("status")

        assert store.kept_words("A" * 22) is None

    def test_many_threads_keep_the_same_words_at_once(self, store: Store) -> None:
        with ThreadPoolExecutor(20) as threads:
            keys = set(threads.map(store.keep_words, ["status"] * 100))

        assert [store.kept_words(key) for key in keys] == ["status"]
