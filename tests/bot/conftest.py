"""`memwarden` as a process of its own, in a person's empty directories."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Memwarden = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A person's own directories, empty."""
    measured = [name for name in os.environ if name.startswith("COVERAGE_")]
    kept = {name: os.environ[name] for name in ("PATH", "LANG", *measured) if name in os.environ}
    return kept | {
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONWARNINGS": "error",
    }


@pytest.fixture
def memwarden(environment: dict[str, str], tmp_path: Path) -> Memwarden:
    """`memwarden ARGUMENTS`, run in an empty directory."""

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, "-m", "bot", *arguments),
            input=typed,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            timeout=60,
            check=False,
        )

    return run
