"""Every test gets the log as it is at the program's start, and leaves none behind."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, library = logging.getLogger(), logging.getLogger("slack_bolt.App")
    before = (list(root.handlers), root.level)
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    yield
    root.handlers[:], root.level = before
    library.handlers[:], library.propagate = [], True
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)
