"""What people see in the terminal, view by view, of hosts that are real.

`GOLDEN=write make test` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.chat.terminal import Screen, render
from tests.cases import SEED_AS_ROOT, SEED_AS_USER, captured
from tests.conversations.ops import Ops

GOLDEN = Path(__file__).parents[2] / "golden" / "terminal"


@pytest.mark.parametrize("width", [120, 100, 60])
@pytest.mark.parametrize("words", ["status", "report", "top 10", "service gunicorn"])
@pytest.mark.parametrize(("as_whom", "case"), [("root", SEED_AS_ROOT), ("user", SEED_AS_USER)])
def test_the_seed_is_shown_as_agreed(words: str, as_whom: str, case: str, width: int) -> None:
    ops = Ops('[[host]]\nname = "web-1"')
    ops.hosts["web-1"].says("sh", captured(case))
    command, _, _ = words.partition(" ")
    golden = GOLDEN / f"seed-{as_whom}-{command}-{width}.txt"

    shown = render(ops.say("alice", words), Screen(width))

    if os.environ.get("GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
