"""Every process with memory of its own, whatever it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import Section, processes
from tests.fakes.proc import FakeProc
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.memory import ProcessMemory, Snapshot

ONE = ("p7 1 500 0 1000 500 20 1520 8 1", "nnginx", "cnginx\0-g\0daemon off;\0")


def seen(machine: FakeProc, awk: Path) -> Snapshot:
    return probe.read("web-1", NOON, machine.answer(awk))


def by_pid(machine: FakeProc, awk: Path) -> dict[int, ProcessMemory]:
    return {process.pid: process for process in seen(machine, awk).processes}


def parsed(*lines: str) -> ProcessMemory:
    (found,) = processes.parse(Section("processes", (*lines, "k0"))).seen
    return found.process


def test_a_process_tells_its_numbers(machine: FakeProc, awk: Path) -> None:
    kib = {"RssAnon": 90_000, "RssFile": 7_000, "RssShmem": 600, "VmSwap": 50}
    machine.process(4242, b"redis", ppid=17, uid=101, started_ticks=123456789, kib=kib)

    found = by_pid(machine, awk)[4242]

    assert (found.pid, found.ppid, found.uid, found.started_ticks) == (4242, 17, 101, 123456789)
    assert found.comm == "redis"
    assert (found.rss_anon_bytes, found.rss_file_bytes) == (90_000 * KIB, 7_000 * KIB)
    assert (found.rss_shmem_bytes, found.swap_bytes) == (600 * KIB, 50 * KIB)


def test_numbers_that_some_awks_would_round_are_told_to_the_last_digit(machine: FakeProc, awk: Path) -> None:
    kib = {"RssAnon": 3_000_000_001, "RssFile": 2_147_483_649, "RssShmem": 0, "VmSwap": 4_294_967_297}
    machine.process(6, started_ticks=7)
    machine.process(7, uid=4_294_967_294, started_ticks=3_000_000_017, kib=kib)
    machine.process(8, started_ticks=9)

    found = by_pid(machine, awk)

    assert found[7].uid == 4_294_967_294
    assert [found[pid].started_ticks for pid in (6, 7, 8)] == [7, 3_000_000_017, 9]
    assert (found[7].rss_anon_bytes, found[7].rss_file_bytes, found[7].swap_bytes) == (
        3_000_000_001 * KIB,
        2_147_483_649 * KIB,
        4_294_967_297 * KIB,
    )


def test_kernel_threads_and_zombies_are_left_out(machine: FakeProc, awk: Path) -> None:
    machine.process(1, b"systemd")
    machine.process(3, b"kworker/0:1", ppid=2, flags=0x4208060, kib={})
    machine.process(60, b"zombie", kib={})

    found = seen(machine, awk)

    assert [process.pid for process in found.processes] == [1]
    assert found.identity.container is None


def test_process_2_of_a_container_and_its_children_are_no_kernel_threads(tmp_path: Path, awk: Path) -> None:
    machine = FakeProc(tmp_path / "container", container=True)
    machine.process(1, b"tini", ppid=0)
    machine.process(2, b"gunicorn")
    machine.process(3, b"gunicorn", ppid=2)

    found = seen(machine, awk)

    assert sorted(process.pid for process in found.processes) == [1, 2, 3]
    assert found.identity.container == "of an unknown kind"


def test_a_kernel_that_does_not_split_rss_counts_all_of_it_as_the_process_s_own(
    machine: FakeProc, awk: Path
) -> None:
    machine.process(7, kib={"VmRSS": 1500, "VmSwap": 3})
    machine.process(8, kib={"VmRSS": 10})

    found = by_pid(machine, awk)

    assert (found[7].rss_anon_bytes, found[7].rss_bytes, found[7].swap_bytes) == (
        1500 * KIB,
        1500 * KIB,
        3 * KIB,
    )
    assert found[8].swap_bytes == 0


def test_a_hostile_name_is_only_a_name(machine: FakeProc, awk: Path) -> None:
    names = (
        b"plain",
        b") R 1 2 (",
        b"a) S 1 1 1 0 -1",
        b"\n@end\np1 1 1",
        b"\n+\n+n\n!x\n@x",
        b"\t \t",
        b"'\"`$(id)\\",
        b"\x01\x01",
        b"\x1b]0;x\x07",
        b"<!channel>",
        b"Uid:\t0",
        b"",
        b"last",
    )
    for number, name in enumerate(names):
        machine.process(100 + number, name, uid=number, started_ticks=77 + number)

    found = by_pid(machine, awk)

    assert {pid: (process.comm, process.uid, process.started_ticks) for pid, process in found.items()} == {
        100 + number: (name.decode(), number, 77 + number) for number, name in enumerate(names)
    }
    assert all(process.rss_anon_bytes == 1000 * KIB for process in found.values())


def test_bytes_that_are_no_text_are_shown_as_what_they_are(machine: FakeProc, awk: Path) -> None:
    machine.process(7, b"\xff\xfecaf\xc3\xa9")

    assert by_pid(machine, awk)[7].comm == r"\xff\xfecafé"


def test_a_process_that_vanished_half_read_is_left_out(machine: FakeProc, awk: Path) -> None:
    machine.process(6)
    machine.process(7)
    machine.process(8)
    (machine.root / "proc/7/status").unlink()
    (machine.root / "proc/8/stat").unlink()

    assert [process.pid for process in seen(machine, awk).processes] == [6]


def test_a_process_that_vanished_after_its_numbers_were_read_is_kept(machine: FakeProc, awk: Path) -> None:
    nobody = 4_999_999
    machine.process(nobody)
    (machine.root / f"proc/{nobody}/cgroup").unlink()
    (machine.root / f"proc/{nobody}/cmdline").unlink()

    found = by_pid(machine, awk)[nobody]

    assert (found.cmdline, found.memory_group) == ((), None)


def test_what_is_beside_the_processes_in_proc_is_none_of_them(machine: FakeProc, awk: Path) -> None:
    machine.process(6)
    machine.write("/proc/7x/stat", "7 (x) S 1\n")
    machine.write("/proc/-8/stat", "8 (x) S 1\n")

    assert [process.pid for process in seen(machine, awk).processes] == [6]


def test_a_command_line_is_split_at_its_zero_bytes() -> None:
    assert parsed(*ONE).cmdline == ("nginx", "-g", "daemon off;")


@pytest.mark.parametrize(
    ("line", "cmdline"),
    [
        ("c", ()),
        ("c\0\0", ()),
        ("credis-server *:6379\0\0\0\0", ("redis-server *:6379",)),
        ("cnginx: worker process          ", ("nginx: worker process",)),
        ("cx\0\0y\0", ("x", "", "y")),
        ("c \0x", (" ", "x")),
        ("bx\x01\x01y", ("x", "", "y")),
        ("b", ()),
        ("a", ()),
        ("anginx -g daemon", ("nginx", "-g", "daemon")),
        ("a[nginx]", ()),
        ("a[other]", ("[other]",)),
        ("a{nginx} /bin/sh /bin/nginx", ("/bin/sh", "/bin/nginx")),
        ("a{other} x", ("{other}", "x")),
    ],
)
def test_a_command_line_is_read_as_the_kernel_or_ps_shows_it(line: str, cmdline: tuple[str, ...]) -> None:
    assert parsed(ONE[0], ONE[1], line).cmdline == cmdline


def test_newlines_in_names_are_put_together_again() -> None:
    found = parsed(ONE[0], "na", "+", "+b", "cx", "+p9 1 1 1 1 1 1 1 1 1", "+y\0z")

    assert (found.comm, found.cmdline) == ("a\n\nb", ("x\np9 1 1 1 1 1 1 1 1 1\ny", "z"))


def test_pid_and_start_are_told_as_the_difference_to_the_process_before() -> None:
    later = ("p-2 1 30 0 1000 500 20 1520 8 1", *ONE[1:])

    found = processes.parse(Section("processes", (*ONE, *later, "k0")))

    assert [(one.process.pid, one.process.started_ticks) for one in found.seen] == [(7, 500), (5, 530)]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("k0",),
        (*ONE,),
        (*ONE[:2], "k0"),
        (ONE[0], "k0"),
        ("+x", *ONE, "k0"),
        (ONE[1], ONE[2], "k0"),
        (ONE[0], ONE[2], ONE[1], "k0"),
        (*ONE, ONE[2], "k0"),
        (*ONE, "p0 1 0 0 1000 500 20 1520 8 1", *ONE[1:], "k0"),
        ("p7 1 500 0 1000 500 20 1520 8", *ONE[1:], "k0"),
        ("p7 1 500 0 1000 500 20 1520 8 1 1", *ONE[1:], "k0"),
        ("p7 1 500 0 1e3 500 20 1520 8 1", *ONE[1:], "k0"),
        ("p7 1 500 0 1000 500 20 -1 8 1", *ONE[1:], "k0"),
        ("p-7 1 500 0 1000 500 20 1520 8 1", *ONE[1:], "k0"),
        ("p7 1 500 0 1000 500 20 1520 8 -1", *ONE[1:], "k0"),
        ("p7 1 500 0 99999999999999 500 20 1520 8 1", *ONE[1:], "k0"),
        ("p", *ONE[1:], "k0"),
        (*ONE, "k"),
        (*ONE, "kx"),
        (*ONE, "k0", "x"),
    ],
)
def test_what_the_probe_cannot_have_printed_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable):
        processes.parse(Section("processes", lines))
