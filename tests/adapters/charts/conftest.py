"""Where matplotlib's list of fonts is kept, once for all tests of charts; and a child that draws many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from adapters.charts.document import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.message import Chart

_DRAWS_MANY = """
import json, sys
from adapters.charts.picture import png
for line in sys.stdin.buffer:
    picture = png(json.loads(line))
    sys.stdout.buffer.write(b"%d\\n" % len(picture) + picture)
    sys.stdout.buffer.flush()
"""


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(_shared(tmp_path_factory)))
        yield


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one folder for all processes of a run."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "fonts"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="module")
def drawn_by_one(cache: None) -> Iterator[Callable[[Chart], bytes]]:
    """Draw as the child does; only that matplotlib, which takes most of the time, is started once for all."""
    assert cache is None
    with subprocess.Popen(
        (sys.executable, "-c", _DRAWS_MANY),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "MPLBACKEND": "Agg", "MPLCONFIGDIR": os.environ["XDG_CACHE_HOME"]},
    ) as child:
        asked, told = child.stdin, child.stdout
        assert asked is not None
        assert told is not None

        def drawn(chart: Chart) -> bytes:
            asked.write(json.dumps(document(chart)).encode("ascii") + b"\n")
            asked.flush()
            return told.read(int(told.readline()))

        yield drawn
