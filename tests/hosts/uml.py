"""User Mode Linux: a host with a kernel of its own, run as ordinary processes of this machine.

Unlike a container it has its own cgroup v2 tree, memory counters, swap, OOM killer and kernel log. It has no
pressure stall information (Debian builds it without), and its processor is slow: a quarter of a minute to
boot, several times that on a busy machine.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .commands import HostsError, must_run, run
from .lab import SEED_MEMORY_MIB
from .layer import lay_out
from .rootfs import USERS
from .services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .lab import Lab

_BOOT_TIMEOUT_S: Final = 600
_COMMAND_TIMEOUT_S: Final = 300
_DISK_SIZE: Final = "1500M"
# MemTotal is less than `mem` by 21 to 39: the more, the farther this machine moves the heap of the kernel's
# process, which differs at each boot (ASLR).
_KERNEL_MIB: Final = 30

# What systemd and gunicorn allow a start by themselves is for faster processors.
_PATIENCE: Final = (
    f"systemd.default_timeout_start_sec={_BOOT_TIMEOUT_S}",
    f"systemd.setenv=GUNICORN_CMD_ARGS=--timeout={_BOOT_TIMEOUT_S}",
)

# A disk of the shared root file system below the host's own files; the mount ends with this shell.
_MAKE_DISK: Final = """
cd "$2"
mkdir work root
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay root
exec mke2fs -q -t ext4 -d root disk.ext4 "$3"
"""

_CABLE_UNIT: Final = """
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

_SSH_OPTIONS: Final = (
    *("-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=60", "-o", "LogLevel=ERROR"),
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
)


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
        self, argv: Sequence[str], *, stdin: str | None = None, timeout_s: float = _COMMAND_TIMEOUT_S
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the host over ssh, whatever its status; 255 where ssh fails.

        Raises HostsError when it does not end in time.
        """
        destination = ("-i", str(self.key_file), f"root@{self.address}")
        return run("ssh", *_SSH_OPTIONS, *destination, shlex.join(argv), stdin=stdin, timeout_s=timeout_s)


@contextmanager
def booted(
    lab: Lab, name: str, *, services: Sequence[str] = (), memory_mib: int = SEED_MEMORY_MIB
) -> Iterator[VirtualMachine]:
    """Boot a host and yield it once every service has its full size; kill it at the end.

    Its MemTotal is `memory_mib`, to about 10 MiB. Raises HostsError, with what the console shows, when it
    does not come up.
    """
    number = next(lab.numbers)
    # As the lab calls its other hosts, so that it removes what a killed run leaves.
    link = f"mw{lab.owner}.{number:03}"
    directory = lab.directory / link
    address = lab.network[number]
    try:
        host_key = _make_disk(lab, directory, name, services, address=f"{address}/{lab.network.prefixlen}")
        must_run("ip", "tuntap", "add", "dev", link, "mode", "tap")
        must_run("ip", "address", "add", str(lab.network[1]), "peer", str(address), "dev", link)
        must_run("ip", "link", "set", link, "up")
        machine = VirtualMachine(
            name=name,
            address=str(address),
            port=22,
            host_key_line=f"{address} {host_key}",
            users=(*USERS, "root"),
            key_file=lab.key_file,
        )
        with _running(directory, link, memory_mib) as kernel:
            _wait_until_up(machine, kernel, services, directory / "console.log")
            yield machine
    finally:
        run("ip", "link", "delete", link)
        shutil.rmtree(directory, ignore_errors=True)


def _make_disk(lab: Lab, directory: Path, name: str, services: Sequence[str], *, address: str) -> str:
    """Make the host's disk and return its ed25519 host key."""
    upper = directory / "upper"
    public_key = lab.key_file.with_suffix(".pub").read_text()
    host_key = lay_out(upper, name=name, services=services, public_key=public_key)
    units = upper / "etc/systemd/system"
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(parents=True, exist_ok=True)
    (units / "cable.service").write_text(_CABLE_UNIT.format(address=address))
    (wanted / "cable.service").symlink_to("/etc/systemd/system/cable.service")
    must_run(
        *("unshare", "--mount", "--propagation", "private", "sh", "-euc", _MAKE_DISK, "make-disk"),
        *(str(lab.rootfs), str(directory), _DISK_SIZE),
        timeout_s=_COMMAND_TIMEOUT_S,
    )
    return host_key


@contextmanager
def _running(directory: Path, link: str, memory_mib: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the kernel, in a namespace that is emptied when the test process ends, however that happens.

    All on one processor: it hands over to a process of its host and back at each system call and page fault,
    which takes several times as long from one processor to another.
    """
    argv = (
        *("setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("taskset", "--cpu-list", str(max(os.sched_getaffinity(0)))),
        *("env", "TMPDIR=/dev/shm", "linux.uml", f"mem={memory_mib + _KERNEL_MIB}M", *_PATIENCE),
        *(f"ubda={directory / 'disk.ext4'}", "root=/dev/ubda", "rw", f"eth0=tuntap,{link}"),
        *("con=null", "con0=null,fd:1", "ssl=null", f"uml_dir={directory}/", "umid=uml"),
    )
    with (directory / "console.log").open("wb") as console:
        kernel = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
        )
    try:
        yield kernel
    finally:
        kernel.kill()
        kernel.wait()


def _wait_until_up(
    machine: VirtualMachine, kernel: subprocess.Popen[bytes], services: Sequence[str], console: Path
) -> None:
    loaded = "; ".join(f"until {SERVICES[name].loaded}; do sleep 0.5; done" for name in services)
    wait = ("sh", "-c", f"systemctl is-system-running --wait --quiet && {{ {loaded or 'true'}; }}")
    deadline = time.monotonic() + _BOOT_TIMEOUT_S
    while machine.run_as_root(wait, timeout_s=_BOOT_TIMEOUT_S).returncode != 0:
        if kernel.poll() is not None or time.monotonic() > deadline:
            raise HostsError(f"{machine.name} is not up\n{console.read_text(errors='replace')[-2000:]}")
        time.sleep(0.3)
