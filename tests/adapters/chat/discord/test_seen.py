"""What was dealt with is remembered, for a while."""

from __future__ import annotations

from adapters.chat.discord.seen import Seen


def test_only_the_first_time_is_new() -> None:
    seen = Seen(lambda: 0.0)

    assert [seen.is_new(key) for key in (1, 2, 1)] == [True, True, False]


def test_after_ten_minutes_it_is_forgotten() -> None:
    now = [0.0]
    seen = Seen(lambda: now[0])
    seen.is_new(1)

    now[0] = 601.0

    assert seen.is_new(1)


def test_ten_thousand_are_remembered() -> None:
    seen = Seen(lambda: 0.0)
    for key in range(10_001):
        seen.is_new(key)

    assert not seen.is_new(10_000)
    assert not seen.is_new(2)
    assert seen.is_new(0)
