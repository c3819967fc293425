"""The real program killed at every moment of an execution on a real host: what ran, what was said."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.hosts.interrupted import STOP, WORKERS, Bench
from tests.hosts.lab import lab
from tests.hosts.services import SEED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bench

_EVERY = int(os.environ.get("MEMWARDEN_EVERY", "1"))


@pytest.mark.skipif(os.geteuid() != 0, reason="boots a real host, which needs root")
@pytest.mark.parametrize("words", [WORKERS, STOP])
def test_a_kill_at_every_moment(words: str, tmp_path: Path) -> None:
    wrong, place = [], 1
    with lab() as place_of_hosts, place_of_hosts.boot("web-1", services=SEED) as host:
        bench = Bench(host, tmp_path)
        while True:
            with bench.program(str(place)) as program:
                program.ask(words)
                moment = program.halted()
                if not moment:
                    break
                program.kill()
                ended = program.ended(moment)
            sys.stdout.write(f"{place:3} {ended}\n")
            wrong += [ended] if ended.wrong else []
            place += _EVERY

    sys.stdout.write(f"{words}: {(place - 1) // _EVERY} kills, {len(wrong)} wrong\n")
    assert not wrong
