"""A host with a kernel of its own, over real SSH: cgroup v2, swap in use, after an OOM kill."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters import wiring
from bot.domain.attribution import Kind
from bot.domain.estimate import Method
from bot.flows.check import check

from . import uml
from .test_breakdown import MIB, service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.check import Checked

    from .lab import Lab

pytestmark = pytest.mark.host

SERVICES = ("gunicorn", "nginx")
MEMORY_MIB, SWAP_MIB, IDLE_MIB, SWAPPED_MIB = 560, 48, 40, 32
ADD_SWAP = (
    f"dd if=/dev/zero of=/swap bs=1M count={SWAP_MIB} && chmod 600 /swap && mkswap /swap && swapon /swap"
)
# Says that a unit is ready, for which systemd-run waits.
READY = 'socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])'
HOLD_IDLE = f"""
import os, signal, socket
held = [b"i" * (1 << 20) for _ in range({IDLE_MIB})]
{READY}
signal.pause()
"""
# Memory goes to swap because the kernel is told so: a host that runs short of memory thrashes for minutes.
SWAP_OUT = f"""
cd /sys/fs/cgroup/system.slice/archive.service
until [ "$(cat memory.swap.current)" -ge {SWAPPED_MIB * MIB} ]; do echo 8M > memory.reclaim || sleep 0.5; done
"""
# At the unit's limit the kernel kills the child; the service lives on.
EAT_ALL = f"""
import os, signal, socket
if os.fork() == 0:
    held = []
    while True: held.append(b"r" * (1 << 20))
os.wait()
{READY}
signal.pause()
"""
LIMITED = ("--property=OOMPolicy=continue", "--property=MemoryMax=32M", "--property=MemorySwapMax=0")


@pytest.fixture(scope="module")
def host(hosts: Lab) -> Iterator[uml.VirtualMachine]:
    with uml.booted(hosts, "web-1", services=SERVICES, memory_mib=MEMORY_MIB) as machine:
        start = ("systemd-run", "--property=Type=notify")
        for argv in (
            ("sh", "-c", ADD_SWAP),
            (*start, "--unit=archive", "python3", "-c", HOLD_IDLE),
            ("sh", "-c", SWAP_OUT),
            (*start, "--unit=reports", *LIMITED, "python3", "-c", EAT_ALL),
        ):
            done = machine.run_as_root(argv)
            assert done.returncode == 0, done.stderr
        yield machine


@pytest.fixture(scope="module")
def checked(host: uml.VirtualMachine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checked]:
    """What each user sees."""
    folder: Path = tmp_path_factory.mktemp("uml")
    (folder / "known_hosts").write_text(f"{host.host_key_line}\n")
    (folder / "config.toml").write_text(
        '[check]\ntimeout = "5m"\n'
        + "".join(
            f'[[host]]\nname = "{user}"\naddress = "{host.address}"\nuser = "{user}"\n'
            f'key_file = "{host.key_file}"\nknown_hosts = "known_hosts"\n'
            f"sudo = {str(user == 'oncall').lower()}\n"
            for user in host.users
        )
    )
    with wiring.ports(wiring.setting(folder / "config.toml"), remember=False) as ports:
        return {user: check(ports, user, deep=user != "deploy") for user in host.users}


def ps_mem_bytes(host: uml.VirtualMachine, unit: str) -> int:
    """What ps_mem, as root on the host, finds in a unit at this moment."""
    found = importlib.util.find_spec("ps_mem")
    assert found is not None
    assert found.origin is not None
    pids = f"tr '\\n' , < /sys/fs/cgroup/system.slice/{unit}.service/cgroup.procs"
    ps_mem = f"listed=$({pids}); python3 - -t -p ${{listed%,}}"
    done = host.run_as_root(("sh", "-c", ps_mem), stdin=Path(found.origin).read_text())
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("user", ["deploy", "oncall", "root"])
def test_the_lines_add_up_to_the_machine(checked: dict[str, Checked], user: str) -> None:
    breakdown = checked[user].breakdown

    (unaccounted,) = breakdown.of(Kind.UNACCOUNTED)
    sys.stdout.write(f"{user}: {unaccounted.bytes / MIB:.1f} MiB unaccounted\n")
    assert sum(line.bytes for line in breakdown.lines) == breakdown.total_bytes
    assert breakdown.total_bytes == pytest.approx(MEMORY_MIB * MIB, rel=0.03)
    assert abs(unaccounted.bytes) < 0.02 * breakdown.total_bytes


def test_pss_and_cgroups_are_what_ps_mem_finds(host: uml.VirtualMachine, checked: dict[str, Checked]) -> None:
    theirs = ps_mem_bytes(host, "gunicorn")

    for user, method in (("root", Method.PSS), ("oncall", Method.PSS), ("deploy", Method.CGROUP)):
        ours = service(checked[user], "gunicorn")
        assert ours.method is method
        assert ours.memory_bytes == pytest.approx(theirs, rel=0.03), user


@pytest.mark.parametrize("user", ["deploy", "root"])
def test_swap_and_the_oom_kill_are_seen(checked: dict[str, Checked], user: str) -> None:
    snapshot = checked[user].snapshot

    assert snapshot.meminfo.swap_used_bytes > SWAP_MIB * MIB / 2
    assert snapshot.vmstat is not None
    assert snapshot.vmstat.oom_kills == 1
    assert [group.path for group in snapshot.groups if group.oom_kills] == ["/system.slice/reports.service"]
