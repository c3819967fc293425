"""The words of buttons are found again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from adapters.wiring.words import KeptWords
from bot.errors import StoreError
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    import pytest

BROKEN = StoreError("The disk is full.")


def test_words_are_found_by_their_key_after_a_restart() -> None:
    store = MemoryStore()
    key = KeptWords(store).keep("report web-1")

    assert KeptWords(store).kept(key) == "report web-1"


def test_an_unknown_key_has_no_words() -> None:
    assert KeptWords(MemoryStore()).kept("A" * 22) is None
    assert KeptWords(None).kept("A" * 22) is None


def test_without_a_store_words_are_kept_as_long_as_the_program_runs() -> None:
    words = KeptWords(None)

    assert words.kept(words.keep("top web-1 20")) == "top web-1 20"


def test_a_store_that_fails_is_told_once_and_costs_no_button(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    store.fails(BROKEN)
    words = KeptWords(store)

    with caplog.at_level(logging.WARNING):
        key = words.keep("report web-1")
        words.keep("report db-2")
        words.kept("A" * 22)

    assert words.kept(key) == "report web-1"
    assert [record.getMessage() for record in caplog.records] == [
        "buttons are remembered only until the end of this program: The disk is full."
    ]


def test_what_was_read_once_is_there_while_the_store_fails() -> None:
    store = MemoryStore()
    key = KeptWords(store).keep("report web-1")
    words = KeptWords(store)
    words.kept(key)

    store.fails(BROKEN)

    assert words.kept(key) == "report web-1"


def test_words_that_a_failing_store_missed_are_stored_the_next_time() -> None:
    store, working = MemoryStore(), MemoryStore()
    store.fails(BROKEN)
    words = KeptWords(store)
    key = words.keep("report web-1")

    words._store = working
    words.keep("report web-1")

    assert working.kept_words(key) == "report web-1"


def test_memory_is_bounded_and_the_least_used_go_first() -> None:
    words = KeptWords(None, most=2)
    first, second = words.keep("report a"), words.keep("report b")
    words.keep("report a")

    third = words.keep("report c")

    assert [words.kept(key) for key in (first, second, third)] == ["report a", None, "report c"]
