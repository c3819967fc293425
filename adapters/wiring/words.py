"""The words of buttons, remembered whatever becomes of the database."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.errors import StoreError
from bot.message import key_of

if TYPE_CHECKING:
    from bot.ports import Store

_LOG = logging.getLogger(__name__)

MOST = 2000
"""So many are kept in memory, those that were not used for longest go first."""


class KeptWords:
    """Words by their keys: in the store, and the latest also in memory; safe for any number of threads.

    Without a store, or while it fails, they are remembered only as long as the program runs.
    """

    def __init__(self, store: Store | None, most: int = MOST) -> None:
        self._store = store
        self._lock = threading.Lock()
        # Each with whether it is in the store.
        self._latest: LRUCache[str, tuple[str, bool]] = LRUCache(most)
        self._complained = False

    def keep(self, words: str) -> str:
        """Remember the words and return their key; never raises."""
        key = key_of(words)
        with self._lock:
            _, known = self._latest.get(key, ("", False))
        self._hold(key, words, stored=known or self._keep_in_store(words))
        return key

    def kept(self, key: str) -> str | None:
        """Return the words of a key, None where there are none; never raises."""
        with self._lock:
            words, _ = self._latest.get(key, (None, False))
        if words is not None:
            return words
        words = self._kept_in_store(key)
        if words is not None:
            self._hold(key, words, stored=True)
        return words

    def _hold(self, key: str, words: str, *, stored: bool) -> None:
        with self._lock:
            self._latest[key] = words, stored

    def _keep_in_store(self, words: str) -> bool:
        if self._store is None:
            return False
        try:
            self._store.keep_words(words)
        except StoreError as error:
            self._complain(error)
            return False
        return True

    def _kept_in_store(self, key: str) -> str | None:
        if self._store is None:
            return None
        try:
            return self._store.kept_words(key)
        except StoreError as error:
            self._complain(error)
            return None

    def _complain(self, error: StoreError) -> None:
        with self._lock:
            first = not self._complained
            self._complained = True
        if first:
            _LOG.warning("buttons are remembered only until the end of this program: %s", error)
