"""Charts as pictures, drawn by matplotlib in a child process that ends with the picture.

matplotlib brings some 70 MiB, more than all the rest of memwarden: they are gone again when the child is.
The child is given the numbers and nothing else: no secret of our environment, no file, no connection.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from adapters.charts.document import document

if TYPE_CHECKING:
    from bot.message import Chart

__all__ = ["draw"]

_LOG = logging.getLogger(__name__)

# More at a time would only be slower, and each needs its 70 MiB.
_FREE = BoundedSemaphore(2)

_INSTALLED_IN = Path(__file__).parents[2]
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 4 * 1024 * 1024
_TOLD_CHARACTERS = 300


def draw(chart: Chart, *, timeout_s: float = 15.0, wait_s: float = 30.0) -> bytes | None:
    """Return the chart as a PNG of 1100 x 680 pixels, or None where that failed: the log says why.

    Waits up to `wait_s` while two others are being drawn: one takes about a second.
    """
    if not _FREE.acquire(timeout=wait_s):
        _LOG.warning("a chart was not drawn: others took longer than %g s", wait_s)
        return None
    try:
        return _drawn(chart, timeout_s)
    except subprocess.TimeoutExpired:
        _LOG.warning("a chart was not drawn within %g s", timeout_s)
    except OSError as error:
        _LOG.warning("a chart was not drawn: %s", error)
    finally:
        _FREE.release()
    return None


def _drawn(chart: Chart, timeout_s: float) -> bytes | None:
    text = json.dumps(document(chart))
    with ExitStack() as stack:
        done = subprocess.run(
            (sys.executable, "-P", "-s", "-m", "adapters.charts.child"),
            input=text.encode("ascii"),
            capture_output=True,
            env=_environment(stack),
            timeout=timeout_s,
            check=False,
        )
    if done.returncode == 0 and done.stdout.startswith(_SIGNATURE) and len(done.stdout) <= _MOST_BYTES:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip()[-_TOLD_CHARACTERS:]
    _LOG.warning("a chart was not drawn: the child ended with %d and said %r", done.returncode, said)
    return None


def _environment(stack: ExitStack) -> dict[str, str]:
    """Everything that the child learns of our environment. One thread is enough for adding up few numbers."""
    return {
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(_font_cache(stack)),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join((str(_INSTALLED_IN), *filter(None, sys.path))),
    }


def _font_cache(stack: ExitStack) -> Path:
    """Return a folder for the list of fonts, which takes matplotlib a second to make at its first start."""
    kept = user_cache_path("memwarden") / "charts"
    # A user without a home is told of a folder named `~`, which would be made wherever we are.
    if kept.is_absolute():
        with suppress(OSError):
            kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(kept, os.W_OK):
            return kept
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="memwarden-charts-")))
