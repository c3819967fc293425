"""The seed host is what it claims to be: the situation that everything starts from."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .lab import Lab
    from .machine import Machine

pytestmark = pytest.mark.host

MIB = 1024 * 1024


def printed(host: Machine, *argv: str) -> str:
    done = host.run_as_root(argv)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def main_pid(host: Machine, unit: str) -> str:
    return printed(host, "systemctl", "show", "--property=MainPID", "--value", unit)


def children(host: Machine, pid: str) -> list[str]:
    return printed(host, "cat", f"/proc/{pid}/task/{pid}/children").split()


def resident_mib(host: Machine, pid: str, figure: str) -> float:
    for line in printed(host, "cat", f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(f"{figure}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(figure)


def meminfo_mib(host: Machine) -> dict[str, float]:
    lines = printed(host, "cat", "/proc/meminfo").splitlines()
    return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}


def ssh(host: Machine, user: str, known_hosts: Path, *command: str) -> subprocess.CompletedProcess[str]:
    options = (
        *("-F", "none", "-i", str(host.key_file), "-p", str(host.port)),
        *(
            "-o",
            "BatchMode=yes",
            "-o",
            f"UserKnownHostsFile={known_hosts}",
            "-o",
            "GlobalKnownHostsFile=none",
        ),
    )
    argv = ("ssh", *options, f"{user}@{host.address}", *command)
    return subprocess.run(argv, capture_output=True, check=False, text=True, timeout=60)


@pytest.fixture
def known_hosts(seed_host: Machine, tmp_path: Path) -> Path:
    file = tmp_path / "known_hosts"
    file.write_text(f"{seed_host.host_key_line}\n")
    return file


def test_systemd_runs_and_nothing_has_failed(seed_host: Machine) -> None:
    assert printed(seed_host, "systemctl", "is-system-running") == "running"
    assert printed(seed_host, "ps", "-o", "comm=", "1") == "systemd"


@pytest.mark.parametrize(
    "unit", ["gunicorn", "daphne", "nginx", "redis-server", "ssh", "cron", "rsyslog", "systemd-journald"]
)
def test_service_is_active_and_its_memory_is_accounted(seed_host: Machine, unit: str) -> None:
    assert printed(seed_host, "systemctl", "is-active", unit) == "active"
    assert int(printed(seed_host, "systemctl", "show", "--property=MemoryCurrent", "--value", unit)) > 0


def test_gunicorn_has_four_workers_of_about_the_same_private_memory(seed_host: Machine) -> None:
    workers = children(seed_host, main_pid(seed_host, "gunicorn"))

    private = [resident_mib(seed_host, worker, "Private_Dirty") for worker in workers]

    assert len(workers) == 4
    assert all(75 < mib < 95 for mib in private), private


def test_daphne_holds_about_115_mib(seed_host: Machine) -> None:
    assert 105 < resident_mib(seed_host, main_pid(seed_host, "daphne"), "Pss") < 130


def test_nginx_has_two_workers(seed_host: Machine) -> None:
    assert len(children(seed_host, main_pid(seed_host, "nginx"))) == 2


def test_redis_holds_about_50_mib_of_data(seed_host: Machine) -> None:
    assert printed(seed_host, "redis-cli", "dbsize") == "40000"
    assert 45 < resident_mib(seed_host, main_pid(seed_host, "redis-server"), "Pss") < 65


def test_machine_shows_961_mib_of_which_less_than_a_tenth_is_available(seed_host: Machine) -> None:
    shown = meminfo_mib(seed_host)

    assert shown["MemTotal"] == 961
    assert 0.06 * 961 < shown["MemAvailable"] < 0.1 * 961
    assert shown["SwapTotal"] == 0


@pytest.mark.parametrize("path", ["", "live/"])
def test_site_answers_through_nginx(seed_host: Machine, path: str) -> None:
    fetch = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1/{path}').read().decode())"
    assert printed(seed_host, "python3", "-c", fetch).startswith("scan2food")


@pytest.mark.parametrize(("user", "uid"), [("deploy", "1000"), ("oncall", "1001"), ("root", "0")])
def test_each_user_logs_in_by_key(seed_host: Machine, known_hosts: Path, user: str, uid: str) -> None:
    login = ssh(seed_host, user, known_hosts, "id -u")

    assert login.stdout.strip() == uid, login.stderr


def test_deploy_may_not_use_sudo(seed_host: Machine, known_hosts: Path) -> None:
    assert ssh(seed_host, "deploy", known_hosts, "sudo -n true").returncode != 0


def test_oncall_reads_others_memory_through_sudo_awk_alone(seed_host: Machine, known_hosts: Path) -> None:
    rollup = f"/proc/{main_pid(seed_host, 'daphne')}/smaps_rollup"

    assert "Pss:" in ssh(seed_host, "oncall", known_hosts, f"sudo -n awk '{{print}}' {rollup}").stdout
    assert ssh(seed_host, "oncall", known_hosts, f"cat {rollup}").returncode != 0
    assert ssh(seed_host, "oncall", known_hosts, "sudo -n true").returncode != 0


def test_wrong_host_key_is_noticed(seed_host: Machine, hosts: Lab, known_hosts: Path) -> None:
    with hosts.boot("web-2") as other:
        known_hosts.write_text(seed_host.host_key_line.replace(seed_host.address, other.address))
        login = ssh(other, "deploy", known_hosts, "true")

    assert login.returncode != 0
    assert "HOST IDENTIFICATION HAS CHANGED" in login.stderr


def test_another_host_has_its_own_size_and_only_the_services_asked_for(hosts: Lab) -> None:
    with hosts.boot("cache-1", services=("redis",), memory_mib=400) as host:
        assert meminfo_mib(host)["MemTotal"] == 400
        assert printed(host, "hostname") == "cache-1"
        assert printed(host, "systemctl", "is-active", "redis-server") == "active"
        assert host.run_as_root(("systemctl", "is-active", "nginx")).returncode != 0
