"""How long `memwarden check` takes from start to answer, and what it imports for that."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import pytest

from bot import probe
from tests.bench.rounds import in_turns, ratio, run, show

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bench

_ROUNDS = 11
_PYTHON = (sys.executable, "-c", "pass")
_IMPORT = (sys.executable, "-c", "import bot.__main__")
_CHECK = (sys.executable, "-m", "bot", "check")
_JSON = (*_CHECK, "--json")
# Each is the home of one adapter that a look at this machine has no use for.
_NOT_NEEDED = {
    "aiohttp",
    "alembic",
    "discord",
    "paramiko",
    "prompt_toolkit",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
}
_IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")
_SHOWN = 12


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The defaults as configuration, and a cache of compiled modules, however this was started."""
    config = tmp_path / "config.toml"
    config.touch()
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**env, "MEMWARDEN_CONFIG": str(config), "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}


def test_time_from_start_to_answer(env: dict[str, str]) -> None:
    works = {
        "python, doing nothing": _PYTHON,
        "our imports": _IMPORT,
        "memwarden check": _CHECK,
        "memwarden check --json": _JSON,
        "the probe alone": probe.command(),
    }

    runs = in_turns({name: partial(run, argv, env) for name, argv in works.items()}, _ROUNDS)

    whole = [one.cpu_ms for one in runs["memwarden check"]]
    show(
        f"From start to answer, this machine as host: medians of {_ROUNDS} rounds",
        ("", "wall ms", "CPU ms", "share of check's CPU"),
        [
            [
                name,
                f"{median(one.wall_ms for one in done):.0f}",
                f"{median(one.cpu_ms for one in done):.0f}",
                f"{ratio([one.cpu_ms for one in done], whole):.0%}",
            ]
            for name, done in runs.items()
        ],
        "goal: 600 ms on the clock",
    )
    assert b"local" in runs["memwarden check"][-1].printed
    assert json.loads(runs["memwarden check --json"][-1].printed)["hosts"][0]["name"] == "local"


def test_only_what_is_used_is_imported(env: dict[str, str]) -> None:
    argv = (sys.executable, "-X", "importtime", *_CHECK[1:])
    run(argv, env)
    told = subprocess.run(argv, env=env, capture_output=True, text=True, check=False).stderr

    own_us = {name: int(us) for us, name in _IMPORTED.findall(told)}
    by_package: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for name, us in own_us.items():
        package = name.split(".")[0]
        package = "standard library" if package in sys.stdlib_module_names else package.lstrip("_")
        package = "pydantic" if package.startswith(("pydantic", "annotated_types", "typing_")) else package
        by_package[package] += us
        modules[package] += 1
    whole_us = by_package.total()
    show(
        f"What importing goes to: {len(own_us)} modules",
        ("", "modules", "share"),
        [[name, str(modules[name]), f"{us / whole_us:.0%}"] for name, us in by_package.most_common(_SHOWN)],
        "without the files of catalogues, which Python does not list",
    )
    assert "bot.flows.check" in own_us
    assert not _NOT_NEEDED & {name.split(".")[0] for name in own_us}
