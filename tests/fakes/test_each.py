"""The sequential `each` keeps the port's promises."""

from __future__ import annotations

import pytest

from tests.fakes.each import sequential_each


def test_results_come_in_order() -> None:
    assert sequential_each(lambda n: 10 * n, [3, 1, 2]) == [30, 10, 20]


def test_what_one_raises_is_raised_after_the_others_have_ended() -> None:
    done: list[str] = []

    def work(number: str) -> int:
        done.append(number)
        return int(number)

    with pytest.raises(ValueError, match="'x'"):
        sequential_each(work, ["1", "x", "y", "2"])
    assert done == ["1", "x", "y", "2"]
