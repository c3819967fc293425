"""A cgroup per host in every hierarchy, with the memory limit that makes its machine small."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from .commands import HostsError

_INHERITED = ("cpuset.cpus", "cpuset.mems")
"""Version 1 takes no process before these are set."""


def add_cgroups(name: str, *, memory_mib: int) -> tuple[Path, ...]:
    """Add a cgroup in every hierarchy, limited in memory and without swap, and return their directories.

    Raises HostsError where no hierarchy has the memory controller.
    """
    limit = str(memory_mib * 1024 * 1024)
    # Version 1, where the second one is memory and swap together; then version 2. The order matters.
    limits = {
        "memory.limit_in_bytes": limit,
        "memory.memsw.limit_in_bytes": limit,
        "memory.max": limit,
        "memory.swap.max": "0",
    }
    limited = False
    created = []
    for root in _hierarchies():
        directory = root / name
        directory.mkdir()
        created.append(directory)
        for file in _INHERITED:
            if (directory / file).exists() and (root / file).exists():
                (directory / file).write_text((root / file).read_text())
        for file, value in limits.items():
            if (directory / file).exists():
                (directory / file).write_text(value)
                limited = True
    if not limited:
        raise HostsError("no cgroup hierarchy of this machine limits memory (controller memory is missing)")
    return tuple(created)


def remove_cgroups(prefix: str) -> None:
    """Remove the cgroups whose name starts so, and kill what still runs in them. Raises HostsError."""
    for root in _hierarchies():
        for directory in root.glob(f"{prefix}*"):
            inner = sorted((path for path in directory.rglob("*") if path.is_dir()), reverse=True)
            for path in (*inner, directory):
                _kill_all(path)
                path.rmdir()


def _kill_all(cgroup: Path) -> None:
    deadline = time.monotonic() + 60
    while pids := (cgroup / "cgroup.procs").read_text().split():
        if time.monotonic() > deadline:
            raise HostsError(f"the processes {' '.join(pids)} in {cgroup} do not end")
        for pid in pids:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)


def _hierarchies() -> list[Path]:
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return [Path(mount_point) for _, mount_point, kind, *_ in mounts if kind in {"cgroup", "cgroup2"}]
