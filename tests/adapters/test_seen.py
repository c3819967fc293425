"""What was handled already is known for a while, and not for ever."""

from __future__ import annotations

from adapters.seen import Seen


def test_any_known_key_makes_it_known() -> None:
    seen = Seen()

    assert seen.is_new("event 1", "message 1")
    assert not seen.is_new("event 2", "message 1")
    assert not seen.is_new("event 2")


def test_what_has_no_key_is_new() -> None:
    seen = Seen()

    assert seen.is_new("")
    assert seen.is_new("")


def test_after_ten_minutes_a_key_is_forgotten_however_often_it_came() -> None:
    now = [0.0]
    seen = Seen(clock=lambda: now[0])
    seen.is_new("event 1")

    now[0] = 599.0
    assert not seen.is_new("event 1")

    now[0] = 601.0
    assert seen.is_new("event 1")


def test_there_are_never_too_many() -> None:
    seen = Seen(most=2)

    for number in range(10):
        assert seen.is_new(f"event {number}")

    assert seen.is_new("event 0")


def test_ten_thousand_are_remembered() -> None:
    seen = Seen()
    for number in range(10_001):
        seen.is_new(str(number))

    assert not seen.is_new("0")
    assert not seen.is_new("10000")
