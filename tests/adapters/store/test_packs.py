"""Many samples as one blob, and back."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.store.columns import Reader, Writer
from adapters.store.packing import label
from adapters.store.packs import Names, Pack, pack
from bot.domain.history import Sample, ServiceSample
from tests.contracts.store import SAMPLE

TEXT = st.sampled_from(["", "a", "redis", "\udcff\0", "grün \ud800"])
NUMBER = st.integers(-(2**70), 2**70)
SERVICE = st.builds(ServiceSample, TEXT, NUMBER, TEXT)
FLOAT = st.none() | st.floats(allow_nan=False)
SAMPLES = st.lists(
    st.builds(
        Sample,
        host=st.just("web-1"),
        taken_at=st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
        boot_id=TEXT,
        mem_total_bytes=NUMBER,
        mem_available_bytes=st.none() | NUMBER,
        mem_free_bytes=NUMBER,
        swap_total_bytes=NUMBER,
        swap_used_bytes=NUMBER,
        swapped_in_bytes=st.none() | NUMBER,
        swapped_out_bytes=st.none() | NUMBER,
        major_faults=st.none() | NUMBER,
        oom_kills=st.none() | NUMBER,
        pressure_some_avg10=FLOAT,
        pressure_full_avg10=FLOAT,
        services=st.lists(SERVICE, max_size=4).map(tuple),
        cpu_system_s=FLOAT,
        cpu_total_s=FLOAT,
    ),
    min_size=1,
    max_size=5,
)


def names_of(samples: list[Sample], labels: int) -> tuple[dict[str, int], dict[tuple[str, str], int], Names]:
    boots = {name: number for number, name in enumerate(dict.fromkeys(s.boot_id for s in samples), 7)}
    known = sorted({label(service) for sample in samples for service in sample.services})[:labels]
    numbers = {each: number for number, each in enumerate(known, 1)}
    names = Names({n: name for name, n in boots.items()}, {n: each for each, n in numbers.items()})
    return boots, numbers, names


@settings(max_examples=100, deadline=None)
@given(SAMPLES, st.integers(0, 10))
def test_nothing_is_lost(samples: list[Sample], labels: int) -> None:
    boots, numbers, names = names_of(samples, labels)
    found = Pack(pack(samples, boots, numbers), "web-1", names).samples()

    assert found == samples
    assert repr(found) == repr(samples)


@given(st.lists(st.none() | NUMBER, max_size=20), st.lists(FLOAT, max_size=20))
def test_columns_come_back_exactly(integers: list[int | None], floats: list[float | None]) -> None:
    writer = Writer()
    writer.integers(integers)
    writer.floats(floats)
    reader = Reader(writer.finished())

    assert reader.integers(len(integers)) == integers
    assert repr(reader.floats(len(floats))) == repr(floats)


def test_services_may_come_go_and_change_places() -> None:
    a, b, c = (ServiceSample(name, size, "PSS") for name, size in (("a", 3), ("b", 2), ("c", 1)))
    orders = [
        (a, b, c),
        (a, b, c),
        (c, a, b),
        (c, a, b),
        (a, b),
        (),
        (a, a, b),
        (a, b, c),
        (replace(c, memory_bytes=9), a, b),
    ]
    samples = [replace(SAMPLE, services=services) for services in orders]
    boots, numbers, names = names_of(samples, 2)

    assert Pack(pack(samples, boots, numbers), "web-1", names).samples() == samples


def test_an_hour_of_a_host_with_30_services_takes_about_100_bytes_a_check() -> None:
    dice = random.Random(4)  # noqa: S311 - a walk, no secret
    sizes = {n: dice.randrange(20, 400) << 20 for n in range(30)}
    samples = []
    for minute in range(60):
        sizes = {
            n: max(4096, size + (dice.randrange(-64, 65) << 12 if dice.random() < 0.5 else 0))
            for n, size in sizes.items()
        }
        services = sorted(
            (ServiceSample(f"service-{n:02}", size, "PSS") for n, size in sizes.items()),
            key=lambda s: (-s.memory_bytes, s.name),
        )
        at = datetime(2026, 3, 2, 14, minute, 2, dice.randrange(10**6), tzinfo=UTC)
        samples.append(replace(SAMPLE, taken_at=at, services=tuple(services)))
    boots, numbers, names = names_of(samples, 30)
    packed = pack(samples, boots, numbers)

    assert Pack(packed, "web-1", names).samples() == samples
    assert len(packed) / 60 < 110


@pytest.mark.parametrize("at", range(0, 90, 7))
def test_damage_is_noticed_or_read_but_nothing_else_happens(at: int) -> None:
    boots, numbers, names = names_of([SAMPLE], 2)
    packed = bytearray(pack([SAMPLE] * 3, boots, numbers))
    packed[at % len(packed)] ^= 0xA5

    try:
        found = Pack(bytes(packed), "web-1", names).samples()
    except ValueError:
        found = []
    assert all(isinstance(sample, Sample) for sample in found)


@pytest.mark.parametrize("detailed", [None, set[int](), {1}])
def test_damage_under_the_compression_is_no_worse(detailed: set[int] | None) -> None:
    boots, numbers, names = names_of([SAMPLE], 2)
    body = zlib.decompress(pack([SAMPLE] * 3, boots, numbers)[1:])

    for at, flipped in product(range(len(body)), (0x01, 0x02, 0x7F, 0x80, 0xA5)):
        damaged = bytearray(b"\0" + body)
        damaged[at + 1] ^= flipped
        try:
            found = Pack(bytes(damaged), "web-1", names).samples(detailed)
        except ValueError:
            found = []
        assert all(isinstance(sample, Sample) for sample in found)


def test_services_are_there_where_they_are_wanted() -> None:
    samples = [replace(SAMPLE, mem_free_bytes=n, services=SAMPLE.services[n % 3 :]) for n in range(20)]
    boots, numbers, names = names_of(samples, 2)
    packed = pack(samples, boots, numbers)

    for wanted in ({0}, {19}, {3, 4, 11}, set(range(20)), set[int]()):
        assert Pack(packed, "web-1", names).samples(wanted) == [
            each if place in wanted else replace(each, services=()) for place, each in enumerate(samples)
        ]


def test_a_pack_that_ends_in_the_middle_is_noticed() -> None:
    boots, numbers, names = names_of([SAMPLE], 2)
    packed = pack([SAMPLE], boots, numbers)

    for end in range(len(packed)):
        with pytest.raises(ValueError, match=r".+"):
            Pack(packed[:end], "web-1", names).samples()
