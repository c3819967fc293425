"""The program killed at 200 moments, the platforms failing in between: what people were told in the end."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.bot.crashing import crashing

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bench

_LIVES = int(os.environ.get("MEMWARDEN_LIVES", "200"))


def test_200_kills(tmp_path: Path) -> None:
    with crashing(tmp_path, seed=1) as crashed:
        for _ in range(_LIVES):
            crashed.life()
        crashed.settle()

        numbers = [incident.id for incident in crashed.incidents() if incident.told_at]
        sys.stdout.write(f"{crashed.kills} kills, {len(numbers)} incidents, {dict(crashed.troubles)}\n")
        for platform, seen in crashed.told().items():
            for what, counted in (("cards", seen.cards), ("ends", seen.ends)):
                missing = [number for number in numbers if not counted[number]]
                twice = [number for number in numbers if counted[number] > 1]
                sys.stdout.write(f"{platform} {what}: missing {missing}, more than once {twice}\n")
        assert all(not incident.is_open for incident in crashed.incidents())
        assert crashed.waiting() == 0
