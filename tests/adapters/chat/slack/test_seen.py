"""What was handled already is known for a while, and not for ever."""

from __future__ import annotations

from adapters.chat.slack.seen import Seen


def test_any_known_key_makes_it_known() -> None:
    seen = Seen()

    assert seen.is_new("event 1", "message 1")
    assert not seen.is_new("event 2", "message 1")
    assert not seen.is_new("event 2")


def test_what_has_no_key_is_new() -> None:
    seen = Seen()

    assert seen.is_new("")
    assert seen.is_new("")


def test_old_keys_are_forgotten() -> None:
    seen = Seen(kept_s=-1)

    assert seen.is_new("event 1")
    assert seen.is_new("event 1")


def test_there_are_never_too_many() -> None:
    seen = Seen(most=2)

    for number in range(10):
        assert seen.is_new(f"event {number}")

    assert seen.is_new("event 0")
