"""lxcfs: a /proc/meminfo that shows a host the size of its memory cgroup, not of this machine."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .commands import HostsError, must_run

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def lxcfs(directory: Path) -> Iterator[Path]:
    """Serve on the directory until the end; yields the directory of the files that stand for /proc's."""
    directory.mkdir()
    argv = (
        "setpriv",
        "--pdeathsig",
        "TERM",
        "lxcfs",
        "--foreground",
        f"--pidfile={directory}.pid",
        str(directory),
    )
    with (directory.parent / "lxcfs.log").open("wb") as log:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_served(process, directory)
        yield directory / "proc"
    finally:
        process.terminate()
        process.wait()
        unmount_below(directory)


def unmount_below(directory: Path) -> None:
    """Unmount whatever is mounted on the directory or in it."""
    mounted = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for point in reversed(mounted):
        if point == str(directory) or point.startswith(f"{directory}{os.sep}"):
            must_run("umount", "--lazy", point)


def _wait_until_served(process: subprocess.Popen[bytes], directory: Path) -> None:
    deadline = time.monotonic() + 60
    while not (directory / "proc" / "meminfo").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            log = (directory.parent / "lxcfs.log").read_text()
            raise HostsError(f"lxcfs does not serve:\n{log}")
        time.sleep(0.02)
