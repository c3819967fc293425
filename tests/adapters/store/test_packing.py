"""Services as a few bytes, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.store.packing import label, pack, unpack
from bot.domain.history import ServiceSample

TEXT = st.text(st.characters())
SERVICES = st.lists(st.builds(ServiceSample, TEXT, st.integers(-(2**70), 2**70), TEXT), max_size=20).map(
    tuple
)


@given(SERVICES, st.integers(0, 300))
def test_nothing_is_lost_whether_labels_are_numbered_or_not(
    services: tuple[ServiceSample, ...], first: int
) -> None:
    numbers = {label(service): first + n for n, service in enumerate(services[::2], 1)}
    labels = {number: each for each, number in numbers.items()}

    assert unpack(pack(services, numbers), labels) == services


def test_an_ordinary_service_takes_four_bytes() -> None:
    service = ServiceSample("gunicorn", 404 * 1024**2, "PSS")

    assert len(pack([service], {("gunicorn", "PSS"): 7})) == 4


@given(st.binary(max_size=40))
def test_garbage_is_refused_or_read_but_nothing_else_happens(garbage: bytes) -> None:
    try:
        services = unpack(garbage, {1: ("redis", "PSS")})
    except ValueError:
        services = ()

    assert all(isinstance(service, ServiceSample) for service in services)


@pytest.mark.parametrize(
    ("packed", "what"),
    [
        (b"\x01", "no size"),
        (b"\x01\x80", "a size that does not end"),
        (b"\x02\x04", "a number without a label"),
        (b"\x00\x05ab", "a name that does not end"),
        (b"\x00\x01\xff\x00\x04", "a name that is not UTF-8"),
    ],
)
def test_damage_is_noticed(packed: bytes, what: str) -> None:
    with pytest.raises(ValueError, match=r"packed services|can't decode"):
        unpack(packed, {1: ("redis", "PSS")})
    assert what
