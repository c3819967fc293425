"""A platform that falls silent, and is heard again."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from adapters.hearing import Hearing
from bot.domain.outage import Outage

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_the_others_are_told_of_silence_once_and_when_it_is_over() -> None:
    told: list[Outage] = []
    hearing = Hearing("slack", lambda: NOW, told.append, deaf_s=0.2)
    hearing.look()
    assert told == []

    time.sleep(0.25)
    hearing.reason = "the connection was reset"
    hearing.look()
    hearing.look()
    assert told == [Outage("slack", NOW, reason="the connection was reset")]

    hearing.heard()
    hearing.look()
    hearing.look()
    assert told[1:] == [Outage("slack", NOW, until=NOW, reason="the connection was reset")]
    assert hearing.reason == ""


def test_a_sign_of_life_ends_the_silence() -> None:
    hearing = Hearing("slack", lambda: NOW, lambda _: None, deaf_s=30.0)
    time.sleep(0.05)
    before = hearing.silent_s

    hearing.heard()

    assert hearing.silent_s < before
    assert not hearing.is_deaf
