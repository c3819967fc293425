"""A running host as a test sees it."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .commands import HostsError, run
from .layer import lay_out
from .nspawn import Place, leader, running
from .rootfs import USERS
from .services import SERVICES

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BOOT_TIMEOUT_S: Final = 300
_NAMESPACES: Final = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--time")
_ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Machine:
    """A running host; its address can be reached from this machine."""

    name: str
    address: str
    port: int
    host_key_line: str
    """As it stands in a known_hosts file."""
    users: tuple[str, ...]
    """Who can log in with the key: deploy (no sudo), oncall (sudo for awk alone), root."""
    key_file: Path
    leader_pid: int
    """The host's process 1 as this machine numbers it."""
    launch_pid: int
    """What all its processes are below, whenever it boots."""

    def run_as_root(
        self, argv: Sequence[str], *, stdin: str | None = None, timeout_s: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the host without ssh, whatever its status.

        It sees what root sees there, but stays in the caller's cgroup: its memory is not the host's.
        Raises HostsError when it does not end in time.
        """
        enter = ("nsenter", "--target", str(self.leader_pid), *_NAMESPACES, "--root", "--wd", "--")
        return run(*enter, *argv, stdin=stdin, timeout_s=timeout_s, env=_ENVIRONMENT)

    def reset(self) -> Machine:
        """Have it begin anew at once, as the button at a computer's front does; return it once it is up.

        What is on its disk stays, and its address; its services may still be growing. Raises HostsError
        when it does not come up.
        """
        self.run_as_root(("systemctl", "reboot", "--force", "--force"))
        again = replace(self, leader_pid=leader(self.launch_pid, besides=self.leader_pid))
        _wait_until_up(again, ())
        return again


@contextmanager
def booted(place: Place, name: str, *, services: Sequence[str], key_file: Path) -> Iterator[Machine]:
    """Boot a host and yield it once every service has its full size; kill it at the end.

    Raises HostsError, with what the host says about itself, when it does not come up.
    """
    host_key = lay_out(
        place.upper, name=name, services=services, public_key=key_file.with_suffix(".pub").read_text()
    )
    with running(place, name) as (launch_pid, leader_pid):
        machine = Machine(
            name=name,
            address=str(place.address.ip),
            port=22,
            host_key_line=f"{place.address.ip} {host_key}",
            users=(*USERS, "root"),
            key_file=key_file,
            leader_pid=leader_pid,
            launch_pid=launch_pid,
        )
        _wait_until_up(machine, services)
        yield machine


def _wait_until_up(machine: Machine, services: Sequence[str]) -> None:
    tests = ("systemctl is-system-running --quiet", *(SERVICES[service].loaded for service in services))
    all_tests = ("sh", "-c", " && ".join(tests))
    deadline = time.monotonic() + _BOOT_TIMEOUT_S
    while machine.run_as_root(all_tests).returncode != 0 or not _sshd_answers(machine):
        if time.monotonic() > deadline:
            asked = "systemctl --no-pager --failed; systemctl --no-pager list-jobs; free -m"
            said = machine.run_as_root(("sh", "-c", asked))
            raise HostsError(
                f"{machine.name} is not up after {_BOOT_TIMEOUT_S} s\n{said.stdout}{said.stderr}"
            )
        time.sleep(0.1)


def _sshd_answers(machine: Machine) -> bool:
    try:
        with socket.create_connection((machine.address, machine.port), timeout=5) as connection:
            return connection.recv(256).startswith(b"SSH-")
    except OSError:
        return False
