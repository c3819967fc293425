"""The breakdown of a real host, over real SSH, beside what its own tools say as root."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters import wiring
from bot.domain.attribution import Kind
from bot.domain.estimate import Method
from bot.domain.policy import Level
from bot.flows.check import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.attribution import Service
    from bot.domain.check import Checked
    from bot.ports import Ports

    from .lab import Lab
    from .machine import Machine

pytestmark = pytest.mark.host

MIB = 1024 * 1024
SERVICES = ("gunicorn", "daphne", "nginx", "redis")


@pytest.fixture
def folder(seed_host: Machine, tmp_path: Path) -> Path:
    """A folder with a configuration of the seed host for each of its users, its key pinned."""
    (tmp_path / "known_hosts").write_text(f"{seed_host.host_key_line}\n")
    (tmp_path / "config.toml").write_text("".join(entry(user, seed_host, user) for user in seed_host.users))
    return tmp_path


def entry(name: str, host: Machine, user: str, more: str = "") -> str:
    return (
        f'[[host]]\nname = "{name}"\naddress = "{host.address}"\nport = {host.port}\nuser = "{user}"\n'
        f'key_file = "{host.key_file}"\nknown_hosts = "known_hosts"\nsudo = {str(user == "oncall").lower()}\n'
        f"{more}\n"
    )


@contextmanager
def connected(folder: Path) -> Iterator[Ports]:
    with wiring.ports(wiring.setting(folder / "config.toml"), remember=False) as ports:
        yield ports


def look(folder: Path, user: str, *, deep: bool) -> Checked:
    with connected(folder) as ports:
        return check(ports, user, deep=deep)


def service(checked: Checked, name: str) -> Service:
    return next(service for service in checked.services if service.name == name)


def ps_mem_bytes(host: Machine, pids: list[int]) -> int:
    """What ps_mem, as root on the host, finds at this moment: private memory and PSS of shared."""
    found = importlib.util.find_spec("ps_mem")
    assert found is not None
    assert found.origin is not None
    listed = ",".join(map(str, pids))
    done = host.run_as_root(("python3", "-", "-p", listed, "-t"), stdin=Path(found.origin).read_text())
    return int(done.stdout.split()[-1])


def test_pss_of_each_service_is_what_ps_mem_finds(seed_host: Machine, folder: Path) -> None:
    checked = look(folder, "root", deep=True)

    for name in SERVICES:
        ours = service(checked, name)
        theirs = ps_mem_bytes(seed_host, [process.pid for process in ours.processes])
        assert ours.method is Method.PSS
        assert ours.memory_bytes == pytest.approx(theirs, rel=0.03), name


@pytest.mark.parametrize("user", ["root", "oncall", "deploy"])
@pytest.mark.parametrize("deep", [True, False])
def test_the_lines_add_up_to_the_machine_whoever_looks(folder: Path, user: str, *, deep: bool) -> None:
    checked = look(folder, user, deep=deep)

    assert sum(line.bytes for line in checked.breakdown.lines) == checked.snapshot.meminfo.total_bytes
    assert abs(checked.breakdown.of(Kind.UNACCOUNTED)[0].bytes) < 0.05 * checked.breakdown.total_bytes


def test_workers_are_counted_and_the_level_is_critical(folder: Path) -> None:
    checked = look(folder, "deploy", deep=False)

    assert len(service(checked, "gunicorn").workers) == 4
    assert len(service(checked, "nginx").workers) == 2
    assert checked.assessment.level is Level.CRITICAL


def test_without_root_cgroups_come_near_to_pss_and_are_called_so(folder: Path) -> None:
    exact = look(folder, "root", deep=True)
    plain = look(folder, "deploy", deep=True)

    for name in ("gunicorn", "daphne", "redis"):
        assert service(plain, name).method is Method.CGROUP
        assert service(plain, name).memory_bytes == pytest.approx(service(exact, name).memory_bytes, rel=0.1)
    assert any(gap.what.startswith("PSS of") for gap in plain.snapshot.gaps)


def test_the_kernel_memory_of_full_pipes_is_found_with_the_unit_that_filled_them(folder: Path) -> None:
    checked = look(folder, "deploy", deep=False)

    (kernel,) = checked.breakdown.of(Kind.KERNEL)
    assert kernel.parts[0].name == "for platform-agent"
    assert kernel.parts[0].bytes > 100 * MIB


@pytest.mark.parametrize("user", ["deploy", "oncall", "root"])
def test_what_the_check_weighs_is_said_and_small(seed_host: Machine, folder: Path, user: str) -> None:
    before = available_bytes(seed_host)

    with connected(folder) as ports:
        checked = check(ports, user)
        during = available_bytes(seed_host)

    (own,) = checked.breakdown.of(Kind.MEMWARDEN)
    fallen = (before - during) / MIB
    sys.stdout.write(
        f"{user}: our processes {own.bytes / MIB:.1f} MiB, available falls by {fallen:.1f} MiB\n"
    )
    assert own.service is not None
    assert {process.comm for process in own.service.processes} >= {"sshd", "sh"}
    assert own.bytes < 10 * MIB
    assert before - during < 20 * MIB


def available_bytes(host: Machine) -> int:
    done = host.run_as_root(("awk", "/^MemAvailable/ {print $2 * 1024}", "/proc/meminfo"))
    return int(done.stdout)


def test_a_service_is_shown_with_its_unit_and_its_log(folder: Path) -> None:
    said = memwarden(folder, "chat", typed="service root gunicorn\n").stdout

    assert "gunicorn.service: active (running)" in said
    assert "Started gunicorn.service" in said or "Listening at" in said


def test_a_jump_host_an_unpinned_key_a_changed_key_and_a_dead_host_side_by_side(
    seed_host: Machine, hosts: Lab, folder: Path
) -> None:
    with hosts.boot("inner") as inner:
        (folder / "known_hosts").write_text(f"{seed_host.host_key_line}\n{inner.host_key_line}\n")
        changed = seed_host.host_key_line.replace(seed_host.address, inner.address)
        (folder / "changed").write_text(f"{changed}\n")
        (folder / "config.toml").write_text(
            entry("outer", seed_host, "root")
            + entry("inner", inner, "deploy", 'jump = ["outer"]')
            + entry("unpinned", inner, "deploy").replace('"known_hosts"', '"nothing-pinned"')
            + entry("changed", inner, "deploy").replace('"known_hosts"', '"changed"')
            + entry("dead", inner, "deploy").replace("port = 22", "port = 1")
        )

        ended = memwarden(folder, "check", "--json")

    found = {host["name"]: host for host in json.loads(ended.stdout)["hosts"]}
    assert found["inner"]["error"] is None
    assert found["inner"]["level"] == "good"
    assert "memwarden trust unpinned" in found["unpinned"]["error"]
    assert "shows another host key than the pinned one" in found["changed"]["error"]
    assert "refused" in found["dead"]["error"]
    assert ended.returncode == 2
    assert ended.stderr == ""


def memwarden(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "bot", "--config", str(folder / "config.toml"), *arguments),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
