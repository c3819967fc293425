"""Visitors of a site: so many requests a second, whatever becomes of them."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMEOUT_S = 30.0


class Visitors:
    """What visitors got so far: the answers by status, 0 for none; and how long the slowest waited."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.answers: Counter[int] = Counter()
        self.slowest_s = 0.0

    @property
    def failed(self) -> int:
        """How many got no page."""
        return self.answers.total() - self.answers[200]

    def __str__(self) -> str:
        """Say it for a report."""
        return f"{self.failed} of {self.answers.total()} requests failed, slowest {self.slowest_s:.2f} s"

    def visit(self, address: str) -> None:
        """Ask for the page once."""
        began = time.monotonic()
        connection = http.client.HTTPConnection(address, timeout=_TIMEOUT_S)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            status = 0
        finally:
            connection.close()
        with self._lock:
            self.answers[status] += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)


@contextmanager
def visited(address: str, per_s: float) -> Iterator[Visitors]:
    """Have the site visited until the end, evenly; no visitor waits for another."""
    visitors, ended = Visitors(), threading.Event()
    threads: list[threading.Thread] = []

    def come() -> None:
        began = time.monotonic()
        while not ended.wait(max(0.0, began + len(threads) / per_s - time.monotonic())):
            threads.append(threading.Thread(target=visitors.visit, args=(address,), daemon=True))
            threads[-1].start()

    coming = threading.Thread(target=come, daemon=True)
    coming.start()
    try:
        yield visitors
    finally:
        ended.set()
        coming.join()
        for thread in threads:
            thread.join()
