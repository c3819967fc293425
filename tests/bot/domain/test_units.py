"""Numbers as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.units import (
    GIB,
    KIB,
    MIB,
    column_unit,
    duration,
    fitting_unit,
    number,
    part_of,
    percent,
    percent_at_least,
    size,
)
from tests.bot.domain.any_snapshot import FEW


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [
        (0, "0 MiB"),
        (1, "<1 KiB"),
        (KIB, "1 KiB"),
        (12 * KIB, "12 KiB"),
        (MIB - KIB, "1023 KiB"),
        (MIB, "1 MiB"),
        (404 * MIB + MIB // 3, "404 MiB"),
        (999 * MIB, "999 MiB"),
        (1000 * MIB, "1.0 GiB"),
        (3891 * MIB, "3.8 GiB"),
        (24 * GIB, "24.0 GiB"),
        (-5 * MIB, "-5 MiB"),
        (-3 * GIB, "-3.0 GiB"),
        (-7, "-<1 KiB"),
    ],
)
def test_a_size_is_written_in_the_unit_that_fits_it(bytes_: int, text: str) -> None:
    assert size(bytes_) == text


@pytest.mark.parametrize(
    ("bytes_", "unit", "text"),
    [
        (200 * KIB, "MiB", "<1 MiB"),
        (-200 * KIB, "MiB", "-<1 MiB"),
        (MIB // 2, "MiB", "<1 MiB"),
        (10 * MIB, "GiB", "<0.1 GiB"),
        (0, "GiB", "0.0 GiB"),
        (2 * GIB, "MiB", "2048 MiB"),
    ],
)
def test_in_a_unit_that_is_asked_for_what_is_not_nothing_never_reads_as_nothing(
    bytes_: int, unit: str, text: str
) -> None:
    assert size(bytes_, unit) == text


@FEW
@given(st.integers(-(1 << 60), 1 << 60), st.sampled_from(("KiB", "MiB", "GiB")))
def test_no_number_is_minus_nothing(bytes_: int, unit: str) -> None:
    written = number(bytes_, unit)

    assert written.removeprefix("-") not in {"0", "0.0"} or bytes_ == 0
    assert written.startswith("-") is (bytes_ < 0)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (96 * MIB, 961 * MIB, "96 of 961 MiB"),
        (610 * MIB, 3891 * MIB, "0.6 of 3.8 GiB"),
        (0, 0, "0 of 0 MiB"),
        (5 * KIB, 9 * KIB, "5 of 9 KiB"),
    ],
)
def test_part_and_whole_are_in_one_unit(part: int, whole: int, text: str) -> None:
    assert part_of(part, whole) == text


def test_a_column_has_one_unit_where_mib_suffice() -> None:
    assert [column_unit(whole) for whole in (961 * MIB, 10 * GIB - 1, 10 * GIB)] == ["MiB", "MiB", None]


def test_the_fitting_unit_goes_by_magnitude() -> None:
    assert [fitting_unit(n) for n in (0, -1, KIB, -MIB, -1000 * MIB)] == ["MiB", "KiB", "KiB", "MiB", "GiB"]


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "0 %"),
        (0.04, "<0.1 %"),
        (0.49, "0.4 %"),
        (0.99, "0.9 %"),
        (1, "1 %"),
        (9.99, "9 %"),
        (10, "10 %"),
        (29.999999, "29 %"),
        (30, "30 %"),
        (100, "100 %"),
    ],
)
def test_what_is_available_is_rounded_down(part: float, text: str) -> None:
    assert percent_at_least(part) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "0 %"),
        (0.04, "<0.1 %"),
        (0.44, "0.4 %"),
        (0.96, "1 %"),
        (36.8, "37 %"),
        (-1.4, "-1 %"),
        (99.6, "100 %"),
    ],
)
def test_a_share_is_rounded(part: float, text: str) -> None:
    assert percent(part) == text


@FEW
@given(st.floats(1, 100))
def test_a_percentage_never_looks_better_than_it_is(part: float) -> None:
    assert part - 1 < int(percent_at_least(part).removesuffix(" %")) <= part


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (3.4, "3 s"),
        (60, "1 min"),
        (720, "12 min"),
        (3600, "1 h"),
        (5 * 3600, "5 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 d"),
        (41 * 86400, "41 d"),
    ],
)
def test_a_duration_is_written_in_its_largest_fitting_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
