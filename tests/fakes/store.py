"""Memory that lasts as long as the test."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from bot.message import key_of

if TYPE_CHECKING:
    from bot.domain.history import Sample
    from bot.errors import StoreError


class MemoryStore:
    """`Ports.store` without a database."""

    def __init__(self) -> None:
        self._newest: dict[str, Sample] = {}
        self._words: dict[str, str] = {}
        self._lock = Lock()
        self._error: StoreError | None = None

    def fails(self, error: StoreError) -> None:
        """From now on nothing can be kept or read."""
        self._error = error

    def remember(self, sample: Sample) -> None:
        if sample.taken_at.utcoffset() is None:
            raise ValueError("a sample's taken_at needs a time zone")
        self._raise()
        with self._lock:
            known = self._newest.get(sample.host)
            if known is None or sample.taken_at >= known.taken_at:
                self._newest[sample.host] = sample

    def latest(self, host: str) -> Sample | None:
        self._raise()
        return self._newest.get(host)

    def keep_words(self, words: str) -> str:
        self._raise()
        key = key_of(words)
        self._words[key] = words
        return key

    def kept_words(self, key: str) -> str | None:
        self._raise()
        return self._words.get(key)

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error
