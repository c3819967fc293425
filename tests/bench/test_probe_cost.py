"""What the probe costs a host, beside the least that reading costs and beside what others do."""

from __future__ import annotations

import os
import shutil
import sys
import zlib
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import psutil
import pytest

from bot import probe
from bot.ports import Completed
from tests.bench.processes import RESIDENT_MIB, compiled, crowd
from tests.bench.rounds import Run, in_turns, ratio, run, show
from tests.fakes.awks import AWKS, host_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

pytestmark = pytest.mark.bench

_PLAIN_FILES = ("stat", "status", "cgroup", "cmdline")
_DEEP_FILES = (*_PLAIN_FILES, "statm", "smaps_rollup")
_PSUTIL = """
import psutil
for process in psutil.process_iter():
    with process.oneshot():
        try:
            process.memory_full_info(), process.cmdline(), process.uids(), process.create_time()
        except psutil.Error:
            pass
"""
_PEERS = {
    "psutil": (sys.executable, "-c", _PSUTIL),
    "ps_mem": ("ps_mem",),
    "smem": ("smem",),
}
_PEAK = """
BEGIN { RS = "\\n"; while ((getline l < "/proc/self/status") > 0) if (l ~ /^VmHWM/) print l "\\n" }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cost")


@pytest.fixture(scope="module")
def floor(folder: Path) -> Path:
    return compiled("floor", folder)


@pytest.fixture(scope="module")
def envs(folder: Path) -> dict[str, dict[str, str]]:
    """The environment of a host for each awk of this machine."""
    path = os.environ["PATH"]
    return {awk: {"PATH": f"{host_with(awk, folder / awk)}:{path}", "HOME": "/"} for awk in AWKS}


@pytest.mark.parametrize(("processes", "rounds"), [(60, 15), (1000, 9)])
def test_cost_of_every_check(
    folder: Path, floor: Path, envs: dict[str, dict[str, str]], processes: int, rounds: int
) -> None:
    works: dict[str, Sequence[str]] = {"ps aux": ("ps", "aux"), "C, same files": (str(floor), *_PLAIN_FILES)}
    missing = _missing(processes)
    with crowd(compiled("crowd", folder), missing) as parent:
        runs = _measured(works, probe.command(), envs, rounds)
        peaks = {awk: _peak_kib(env) for awk, env in envs.items()}

    rows = _rows(runs, ("ps aux", "C, same files"))
    for row in rows:
        row.append(f"{peaks[row[0]] / 1024:.1f}" if row[0] in peaks else "")
    show(
        f"Every check, {_seen(runs)} processes: CPU of the command and its children, {rounds} rounds",
        ("", "CPU ms", "x ps aux", "x C", "answer KB", "zlib KB", "peak RSS MiB"),
        rows,
        "goals: 0.4x ps aux, zlib 11 KB for 1,000 processes, peak 3 MiB",
    )
    _assert_same(runs, envs, parent, missing, deep=False)


@pytest.mark.parametrize(("processes", "rounds"), [(60, 9), (1000, 5)])
def test_cost_of_a_deep_read(
    folder: Path, floor: Path, envs: dict[str, dict[str, str]], processes: int, rounds: int
) -> None:
    installed = {name: argv for name, argv in _PEERS.items() if shutil.which(argv[0])}
    works: dict[str, Sequence[str]] = {"C, same files": (str(floor), *_DEEP_FILES), **installed}
    missing = _missing(processes)
    with crowd(compiled("crowd", folder), missing) as parent:
        runs = _measured(works, probe.command(deep=True, budget_gib=1000), envs, rounds)

    rows = _rows(runs, ("C, same files",))
    rows += [[name, "not installed", "", "", ""] for name in _PEERS if name not in installed]
    show(
        f"Deep, {_seen(runs)} processes (ours {RESIDENT_MIB} MiB each): CPU, {rounds} rounds",
        ("", "CPU ms", "x C", "answer KB", "zlib KB"),
        rows,
        "goal: 1.10x C",
    )
    _assert_same(runs, envs, parent, missing, deep=True)


def _missing(processes: int) -> int:
    """Return how many processes this machine lacks; kernel threads do not count."""
    memory = (process.info["memory_info"] for process in psutil.process_iter(["memory_info"]))
    return max(10, processes - sum(bool(found and found.rss) for found in memory))


def _measured(
    works: Mapping[str, Sequence[str]],
    command: tuple[str, ...],
    envs: Mapping[str, Mapping[str, str]],
    rounds: int,
) -> dict[str, list[Run]]:
    others = {name: partial(run, argv) for name, argv in works.items()}
    ours = {awk: partial(run, command, env) for awk, env in envs.items()}
    return in_turns({**others, **ours}, rounds)


def _peak_kib(env: Mapping[str, str]) -> int:
    """Return the peak RSS of the awk that runs the probe's program, as it tells at its end."""
    *shell, program = probe.command()
    last = run((*shell, program + _PEAK), env).printed.split(b"\n")[-2]
    return int(last.split()[1])


def _rows(runs: Mapping[str, Sequence[Run]], references: Sequence[str]) -> list[list[str]]:
    cpu = {name: [one.cpu_ms for one in done] for name, done in runs.items()}
    rows = []
    for name, done in runs.items():
        printed = done[-1].printed
        rows.append(
            [
                name,
                f"{sorted(cpu[name])[len(done) // 2]:.1f}",
                *(f"{ratio(cpu[name], cpu[reference]):.2f}" for reference in references),
                *(
                    (f"{len(printed) / 1e3:.1f}", f"{len(zlib.compress(printed)) / 1e3:.1f}")
                    if name in AWKS
                    else ("", "")
                ),
            ]
        )
    return rows


def _seen(runs: Mapping[str, Sequence[Run]]) -> int:
    return int(runs["C, same files"][-1].printed.split()[0])


def _assert_same(
    runs: Mapping[str, Sequence[Run]], awks: Mapping[str, object], parent: int, count: int, *, deep: bool
) -> None:
    """Every awk tells the same of our own processes, and C has read no fewer."""
    told = []
    for awk in awks:
        answer = Completed(0, runs[awk][-1].printed, b"")
        snapshot = probe.read("here", datetime.now(UTC), answer, deep=deep)
        told.append(
            sorted(
                (p.pid, p.comm, " ".join(p.cmdline), p.rss_anon_bytes, p.pss is not None)
                for p in snapshot.processes
                if p.ppid == parent
            )
        )
    assert all(one == told[0] for one in told)
    assert len(told[0]) == count <= _seen(runs)
    assert all(has_pss is deep for *_, has_pss in told[0])
