"""However a run ends, nothing of it stays on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .rootfs import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .lab import Lab

pytestmark = pytest.mark.host

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def host_started_by_hand() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `python -m tests.hosts up`; yields it and the host's process 1 once the host is up."""
    argv = (sys.executable, "-m", "tests.hosts", "up")
    with subprocess.Popen(
        argv, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("a root shell"):
                    words = line.split()
                    yield process, int(words[words.index("--target") + 1])
                    break
        finally:
            process.kill()


def traces(run: int) -> list[str]:
    """What this machine still has of a run: interfaces, cgroups, mounts, files."""
    label = f"mw{run}."
    links = subprocess.run(("ip", "-oneline", "link"), capture_output=True, check=True, text=True).stdout
    return [
        *(name for line in links.splitlines() if (name := line.split()[1]).startswith(label)),
        *(str(path) for path in Path("/sys/fs/cgroup").glob(f"*/{label}*")),
        *(line for line in Path("/proc/self/mounts").read_text().splitlines() if f"/runs/{run}/" in line),
        *(str(path) for path in (cache_directory() / "runs").glob(f"{run}*")),
    ]


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.05)


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_nothing(way: signal.Signals) -> None:
    with host_started_by_hand() as (process, leader):
        before = traces(process.pid)
        process.send_signal(way)
        status = process.wait(timeout=60)

    assert before
    assert status == 0
    assert traces(process.pid) == []
    assert not Path(f"/proc/{leader}").exists()


def test_killed_run_leaves_no_process_and_the_next_run_removes_the_rest() -> None:
    with host_started_by_hand() as (killed, leader):
        killed.kill()
        killed.wait()
    wait_until_gone(leader)

    with host_started_by_hand() as (process, _):
        rest = traces(killed.pid)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)

    assert rest == []


def test_host_is_gone_after_its_with_block(hosts: Lab) -> None:
    before = traces(os.getpid())

    with hosts.boot("gone-1") as host:
        during = traces(os.getpid())

    assert len(during) > len(before)
    assert traces(os.getpid()) == before
    assert not Path(f"/proc/{host.leader_pid}").exists()
