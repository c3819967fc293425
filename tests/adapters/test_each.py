"""The same work for many, several at a time."""

from __future__ import annotations

import threading

import pytest

from adapters.each import each


def test_results_come_in_the_order_of_the_items() -> None:
    assert each(lambda n: n * n, range(200)) == [n * n for n in range(200)]


def test_nothing_to_do_gives_nothing() -> None:
    assert each(str, []) == []


def test_a_slow_item_does_not_hold_up_the_others() -> None:
    others_done = threading.Barrier(3, timeout=5)

    def work(item: int) -> int:
        others_done.wait()
        return item

    assert each(work, [1, 2, 3]) == [1, 2, 3]


def test_an_error_is_raised_after_the_others_have_ended() -> None:
    ended: list[int] = []

    def work(item: int) -> None:
        if item == 0:
            raise ValueError("zero")
        ended.append(item)

    with pytest.raises(ValueError, match="zero"):
        each(work, range(5))

    assert sorted(ended) == [1, 2, 3, 4]
