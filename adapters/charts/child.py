"""The process that draws one chart: `python -m adapters.charts.child`, numbers in, a PNG out."""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

from adapters.charts.picture import png

_LESS_URGENT = 10
_CPU_S = 30


def main() -> None:
    """Read a document from standard input and write its picture to standard output."""
    _step_back()
    sys.stdout.buffer.write(png(json.load(sys.stdin.buffer)))


def _step_back() -> None:
    """Let everything else go first, and be the first to go where memory runs out."""
    os.nice(_LESS_URGENT)
    # Refused where less is allowed already.
    with suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    main()
