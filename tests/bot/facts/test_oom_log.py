"""OOM kills in the kernel's log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.memory import Gap
from bot.domain.oom import Kill
from bot.domain.units import KIB
from bot.facts import oom_log
from bot.ports import Completed
from tests import cases

FOLDER = Path(cases.__file__).parent / "kernel_log"
MANY = settings(max_examples=150, derandomize=True, deadline=None)
KILLED = (
    "Out of memory: Killed process {pid} ({name}) total-vm:9kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB"
)


def parse(text: str | bytes, status: int = 0) -> tuple[Kill, ...] | Gap:
    return oom_log.parse(Completed(status, text.encode() if isinstance(text, str) else text, b""))


def kill(victim: str, pid: int, kib: int, unit: str = "") -> Kill:
    return Kill(victim=victim, pid=pid, victim_bytes=kib * KIB, unit=unit, source="the kernel's log")


@pytest.mark.parametrize(
    ("case", "kills"),
    [
        ("made-linux-3.10-rhel-7.txt", (kill("java", 2201, 1603488),)),
        ("made-linux-4.15-ubuntu-18.04.txt", (kill("mysqld", 1180, 392856),)),
        (
            "made-linux-4.19-docker-debian-10.txt",
            (kill("java", 9120, 524008, "docker-4f66ad9ab38a"), kill("cron-job", 300, 1024)),
        ),
        ("made-linux-5.4-memory-cgroup.txt", (kill("gunicorn", 2214, 144052, "gunicorn.service"),)),
        (
            "made-linux-5.15-dmesg-T.txt",
            (
                kill("python3", 3301, 702248, "session-3.scope"),
                kill("redis-server", 611, 160120, "redis-server.service"),
            ),
        ),
        ("made-linux-6.1-journal.json", (kill("grow", 731, 320840, "reports.service"),)),
        (
            "made-linux-6.12-journal-oom-group.json",
            (
                kill("node", 880, 225280, "shop.service"),
                kill("node", 881, 102400, "shop.service"),
                kill("x)\n(y\x1b[1m", 900, 2048, "shop.service"),
            ),
        ),
    ],
)
def test_kills_are_read_from_the_logs_of_kernels_old_and_new(case: str, kills: tuple[Kill, ...]) -> None:
    assert parse((FOLDER / case).read_bytes()) == kills


def test_every_case_is_read() -> None:
    found = {path.name: parse(path.read_bytes()) for path in FOLDER.iterdir()}

    assert len(found) == 7
    assert all(isinstance(kills, tuple) and kills for kills in found.values())


# --- names that lie


@pytest.mark.parametrize(
    "name", ["x) (y", "((((", "", "a b", ")", "], [", r"a\x0ab", "total-vm:1kB", "café", "-1kB, UID:0"]
)
def test_a_name_may_be_anything(name: str) -> None:
    assert parse(f"[ 12.000001] {KILLED.format(pid=7, name=name)}\n") == (kill(name, 7, 1024),)


def test_a_line_break_in_a_name_begins_no_message() -> None:
    lying = "x\nOut of memory: Killed process 1 (init) total-vm:1kB, anon-rss:1kB, file-rss:0kB"
    entry = json.dumps({"MESSAGE": list(f"{lying} invoked oom-killer: order=0".encode())})

    assert parse(entry) == ()


@pytest.mark.parametrize(
    "said",
    [
        "nginx: Out of memory: Killed process 1 (init) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
        "audit: comm=Killed process 1 (init) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
        "Out of memory: Kill process 7 (x) score 9 or sacrifice child",
        "Killed process 7 (x) total-vm:1kB",
        "oom_reaper: reaped process 7 (x), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
    ],
)
def test_what_only_looks_like_a_kill_is_none(said: str) -> None:
    assert parse(f"[ 1.000000] {said}\n") == ()


def test_a_cgroup_may_call_itself_anything_below_its_unit() -> None:
    chosen = (
        "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
        "task_memcg=/system.slice/shop.service/x,task=init,pid=1,uid=0/y,task=,task=z,pid=1,pid=7,uid=33"
    )

    found = parse(f"[ 1.0] {chosen}\n[ 1.0] {KILLED.format(pid=7, name=',task=z,pid=1')}\n")

    assert found == (kill(",task=z,pid=1", 7, 1024, "shop.service"),)


def test_more_memory_than_there_can_be_is_not_told() -> None:
    huge = KILLED.format(pid=7, name="x").replace("anon-rss:1024", f"anon-rss:{10**19}")

    assert parse(huge) == (Kill("x", 7, None, "", source="the kernel's log"),)


# --- what is no answer


@pytest.mark.parametrize("stdout", [b"", b"\n", b"-- No entries --\n", b"{\n", b'{"MESSAGE": null}\n'])
def test_a_log_that_shows_nothing_is_not_ours_to_see(stdout: bytes) -> None:
    found = parse(stdout)

    assert isinstance(found, Gap)
    assert found.what == "who the OOM killer killed"
    assert "group adm" in found.reason


def test_a_refusal_is_a_gap() -> None:
    refused = Completed(1, b"", b"dmesg: read kernel buffer failed: Operation not permitted\n")

    assert oom_log.parse(refused) == Gap(
        "who the OOM killer killed", "the host does not show the kernel's log"
    )


def test_a_log_without_kills_says_that_there_were_none() -> None:
    assert parse("[ 1.000000] usb 1-1: new device\n") == ()


@MANY
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_answer_breaks_it(stdout: bytes) -> None:
    assert isinstance(parse(stdout), tuple | Gap)
    assert isinstance(parse(b'{"MESSAGE": ' + stdout + b"}"), tuple | Gap)


@MANY
@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists, max_leaves=8))
def test_no_message_breaks_it(message: object) -> None:
    assert isinstance(parse(json.dumps({"MESSAGE": message})), tuple | Gap)


# --- what is asked


def test_the_journal_is_asked_for_one_of_three_windows_so_that_sudo_can_allow_the_command() -> None:
    windows = {oom_log.command(sudo=False, since_s=since)[-1] for since in (0, 90, 900, 901, 9999, 1e9)}

    assert windows == {"--since=-15min", "--since=-60min", "--since=-1440min"}
    assert oom_log.command(sudo=False, since_s=90)[:3] == ("journalctl", "--dmesg", "--no-pager")


def test_with_sudo_it_is_the_same_command_and_never_asks_for_a_password() -> None:
    plain = oom_log.command(sudo=False, since_s=90)

    assert oom_log.command(sudo=True, since_s=90) == ("sudo", "-n", *plain)
    assert oom_log.ring_command(sudo=False) == ("dmesg",)
    assert oom_log.ring_command(sudo=True) == ("sudo", "-n", "dmesg")
