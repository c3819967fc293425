"""systemd-nspawn: the processes of a host, from its process 1 to the last."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .cgroups import add_cgroups
from .commands import HostsError
from .network import connect

if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Iterator

_START_TIMEOUT_S: Final = 120

# Runs as process 1 of a namespace that the kernel empties when the test process ends, however that happens.
# Joins the cgroups, waits for its end of the cable, and mounts what shall end with the host's processes where
# nobody else sees it: the overlay, and nspawn's own state, which it does not tidy up where /run is on a disk.
_LAUNCH: Final = """
lower=$1 directory=$2 address=$3; shift 3
while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs"; shift; done
shift
until ip link set eth0 up 2>/dev/null; do sleep 0.02; done
ip address add "$address" dev eth0
ip link set lo up
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
layers="lowerdir=$lower,upperdir=$directory/upper,workdir=$directory/work"
mount -t overlay -o "$layers" overlay "$directory/root"
status=0
"$@" || status=$?
# So it ends when the host reboots; what begins anew has been up for no time at all.
while [ $status = 133 ]; do
    status=0
    unshare --time --boottime "-$(cut -d. -f1 /proc/uptime)" --fork "$@" || status=$?
done
exit $status
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one host runs on this machine."""

    label: str
    """Unique on this machine; its cgroups, its interface and its directory are called so."""
    directory: Path
    rootfs: Path
    lxcfs_files: Path
    bridge: str
    address: ipaddress.IPv4Interface
    memory_mib: int

    @property
    def upper(self) -> Path:
        """What the host has of its own above the root file system."""
        return self.directory / "upper"

    @property
    def console(self) -> Path:
        """What the host printed while it came up."""
        return self.directory / "console.log"


@contextmanager
def running(place: Place, hostname: str) -> Iterator[tuple[int, int]]:
    """Start a host whose upper layer is filled; kill all its processes at the end.

    Yields the process below which it is, whenever it boots, and its process 1. Raises HostsError if there is
    no process 1 in time.
    """
    for name in ("work", "root"):
        (place.directory / name).mkdir()
    cgroups = add_cgroups(place.label, memory_mib=place.memory_mib)
    with place.console.open("wb") as console:
        launch = subprocess.Popen(
            _argv(place, hostname, cgroups),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
        )
    try:
        yield launch.pid, _come_up(launch, place)
    finally:
        _kill(launch)


def _argv(place: Place, hostname: str, cgroups: tuple[Path, ...]) -> tuple[str, ...]:
    return (
        *("setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--propagation", "private"),
        *("--pid", "--fork", "--kill-child", "--mount-proc"),
        *("sh", "-euc", _LAUNCH, "launch", str(place.rootfs), str(place.directory), str(place.address)),
        *(*map(str, cgroups), "--"),
        *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--settings=no"),
        *(f"--machine={place.label}", f"--hostname={hostname}", f"--directory={place.directory / 'root'}"),
        *("--network-namespace-path=/proc/self/ns/net", "--resolv-conf=off", "--timezone=off"),
        *("--link-journal=no", "--console=pipe"),
        *(f"--bind-ro={place.lxcfs_files}:/var/lib/lxcfs", "/usr/local/sbin/host-init"),
    )


def _come_up(launch: subprocess.Popen[bytes], place: Place) -> int:
    try:
        connect(launch.pid, bridge=place.bridge, link=place.label)
        return leader(launch.pid)
    except HostsError as error:
        raise HostsError(f"{error}\n{place.console.read_text(errors='replace')}") from error


def leader(launch_pid: int, *, besides: int = 0) -> int:
    """Wait for the host's systemd: only then is its whole set of namespaces there to be entered.

    After a reboot it is another one `besides` the process 1 there was. Raises HostsError.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    # One that has ended has no command line any more.
    while Path(f"/proc/{launch_pid}/cmdline").read_bytes() and time.monotonic() < deadline:
        with suppress(FileNotFoundError, ProcessLookupError):
            for pid in _systemds(launch_pid):
                if pid != besides:
                    return pid
        time.sleep(0.02)
    raise HostsError("systemd-nspawn started no systemd")


def _systemds(pid: int) -> Iterator[int]:
    for child in _children(pid):
        if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
            yield child
        else:
            yield from _systemds(child)


def _kill(launch: subprocess.Popen[bytes]) -> None:
    """End the host at once; returns when the kernel has ended the last of its processes."""
    if launch.poll() is None:
        for launcher in _children(launch.pid):
            os.kill(launcher, signal.SIGKILL)
    try:
        launch.wait(timeout=10)
    except subprocess.TimeoutExpired:
        launch.kill()
        launch.wait()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
