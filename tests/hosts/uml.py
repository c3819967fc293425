"""User Mode Linux: a host with a kernel of its own, run as ordinary processes of this machine.

Unlike a container it has its own cgroup v2 tree, memory counters, swap, OOM killer and kernel log. It has no
pressure stall information (Debian builds it without), and its processor is slow.
"""

from __future__ import annotations

import ipaddress
import shlex
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .commands import HostsError, must_run, run
from .layer import lay_out
from .rootfs import USERS
from .services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BOOT_TIMEOUT_S: Final = 180
_DISK: Final = "1500M"
# What the kernel itself holds from the start: `mem` counts it, MemTotal does not.
_KERNEL_MIB: Final = 35

# Makes the disk from the shared root file system below the host's own files; nobody else sees the mount.
_MAKE_DISK: Final = """
lower=$1 directory=$2; shift 2
mount -t overlay -o "lowerdir=$lower,upperdir=$directory/upper,workdir=$directory/work" overlay "$directory/root"
exec mke2fs -q -t ext4 -d "$directory/root" "$directory/disk.ext4" "$1"
"""

_NETWORK_UNIT: Final = """
[Unit]
DefaultDependencies=no
Before=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ip link set lo up
ExecStart=ip address add {address} dev eth0
ExecStart=ip link set eth0 up
"""


@dataclass(frozen=True, slots=True)
class Drive:
    """Where one host runs on this machine."""

    label: str
    """Unique on this machine; its interface is called so."""
    directory: Path
    rootfs: Path
    bridge: str
    address: ipaddress.IPv4Interface
    memory_mib: int
    """MemTotal, to a few MiB."""


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    """A running host with its own kernel; its address can be reached from this machine."""

    name: str
    address: str
    port: int
    host_key_line: str
    """As it stands in a known_hosts file."""
    users: tuple[str, ...]
    """Who can log in with the key: deploy (no sudo), oncall (sudo for awk alone), root."""
    key_file: Path

    def run_as_root(
        self, argv: Sequence[str], *, stdin: str | None = None, timeout_s: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the host over ssh, whatever its status (255: no ssh). Raises HostsError if late."""
        options = ("BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
        return run(
            *("ssh", "-F", "none", "-i", str(self.key_file), "-o", "ConnectTimeout=5"),
            *(word for option in options for word in ("-o", option)),
            *(f"root@{self.address}", shlex.join(argv)),
            stdin=stdin,
            timeout_s=timeout_s,
        )


@contextmanager
def booted(
    drive: Drive, name: str, *, services: Sequence[str], key_file: Path
) -> Iterator[VirtualMachine]:
    """Boot a host and yield it once every service has its full size; kill it at the end.

    Raises HostsError, with what the host says about itself, when it does not come up.
    """
    host_key = _make_disk(drive, name, services, key_file)
    must_run("ip", "tuntap", "add", "dev", drive.label, "mode", "tap")
    must_run("ip", "link", "set", drive.label, "master", drive.bridge, "up")
    machine = VirtualMachine(
        name=name,
        address=str(drive.address.ip),
        port=22,
        host_key_line=f"{drive.address.ip} {host_key}",
        users=(*USERS, "root"),
        key_file=key_file,
    )
    with (drive.directory / "console.log").open("wb") as console:
        kernel = subprocess.Popen(
            _argv(drive), stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
        )
    try:
        _wait_until_up(machine, kernel, services, drive)
        yield machine
    finally:
        kernel.kill()
        kernel.wait()


def _make_disk(drive: Drive, name: str, services: Sequence[str], key_file: Path) -> str:
    upper = drive.directory / "upper"
    host_key = lay_out(
        upper, name=name, services=services, public_key=key_file.with_suffix(".pub").read_text()
    )
    own = upper / "etc/systemd/system"
    (own / "multi-user.target.wants").mkdir(parents=True, exist_ok=True)
    (own / "cable.service").write_text(_NETWORK_UNIT.format(address=drive.address))
    (own / "multi-user.target.wants/cable.service").symlink_to("/etc/systemd/system/cable.service")
    for each in ("work", "root"):
        (drive.directory / each).mkdir()
    must_run(
        *("unshare", "--mount", "--propagation", "private", "sh", "-euc", _MAKE_DISK, "make-disk"),
        *(str(drive.rootfs), str(drive.directory), _DISK),
        timeout_s=120,
    )
    return host_key


def _argv(drive: Drive) -> tuple[str, ...]:
    # In a PID namespace that the kernel empties when the test process ends, however that happens.
    return (
        *("setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("env", "TMPDIR=/dev/shm", "linux.uml", f"mem={drive.memory_mib + _KERNEL_MIB}M"),
        *(f"ubda={drive.directory / 'disk.ext4'}", "root=/dev/ubda", "rw", f"eth0=tuntap,{drive.label}"),
        *("con=null", "con0=null,fd:1", "ssl=null", f"uml_dir={drive.directory}/", "umid=uml"),
    )


def _wait_until_up(
    machine: VirtualMachine, kernel: subprocess.Popen[bytes], services: Sequence[str], drive: Drive
) -> None:
    tests = ("systemctl is-system-running --wait --quiet", *(SERVICES[name].loaded for name in services))
    script = " && ".join(f"until {test}; do sleep 0.5; done" for test in tests[1:])
    all_tests = ("sh", "-c", f"{tests[0]} && {script or 'true'}")
    deadline = time.monotonic() + _BOOT_TIMEOUT_S
    while machine.run_as_root(all_tests, timeout_s=_BOOT_TIMEOUT_S).returncode != 0:
        if kernel.poll() is not None or time.monotonic() > deadline:
            said = (drive.directory / "console.log").read_text(errors="replace")[-2000:]
            raise HostsError(f"{machine.name} is not up after {_BOOT_TIMEOUT_S} s\n{said}")
        time.sleep(0.3)
