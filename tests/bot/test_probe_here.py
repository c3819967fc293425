"""The probe for real: on this machine, with each awk and shell it has, while hostile processes run."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.attribution import Kind, attribute
from bot.domain.breakdown import break_down
from bot.domain.estimate import shares
from bot.domain.memory import Gap
from bot.domain.units import KIB, MIB
from bot.errors import CommandFailed, CutShort
from bot.facts.processes import CMDLINE_LIMIT_BYTES
from bot.ports import Completed
from tests.fakes.awks import AWKS, SHELLS, host_with, links
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.memory import ProcessMemory, Snapshot

ANON_MIB, SHARED_MIB = 24, 8
# A parent and its fork hold the same private pages, and both map the same shared ones.
FORKED = f"""
import mmap, os, sys
private = mmap.mmap(-1, {ANON_MIB} << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
shared = mmap.mmap(-1, {SHARED_MIB} << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
for page in range(0, {ANON_MIB} << 20, 4096): private[page] = 1
child = os.fork()
for page in range(0, {SHARED_MIB} << 20, 4096): shared[page] = 1
os.write(1, b"%d\\n" % os.getpid())
os.read(0, 1)
"""
# A shell writes by itself what it is called, so that can be anything; then it waits for its end.
NAMED = 'printf %b "$1" > /proc/$$/comm; echo; read -r _'
FORKING = "echo; while :; do (:); (sleep 0.01) & done"
SPOOFED = b"\n    1 spoofed\n1 spoofed"
HOSTILE = (
    b"plain",
    b"two\nlines",
    b"\n@end\n@pss\ns1 0 0 0 0 0 0 0\n@end\n",
    b"\np1 0 1 0 99999999 0 0 99999999 0 1\nnroot\ncroot",
    b"\n!/proc/meminfo\n@meminfo\n MemTotal: 1 kB\n",
    b"k0\n",
    b") R 1 2 (",
    b"\t'\"`$(reboot)\\ %s %n",
    b"\x1b]0;owned\x07\x1b[2J\r\x08",
    b"\x01\x01 \x01",
    b"\xff\xfe\xc3\x28",
    b"@everyone <!channel> *_~`",
    "\u202egnp\u200b\U0001f600".encode(),
    b"x" * 100_000,
    b"\n" * 1000,
    SPOOFED,
)
TOLERANCE_BYTES = 256 * KIB


@dataclass(frozen=True, slots=True)
class Zoo:
    """Processes of this test's own: two that share memory, hostile ones, and a zombie."""

    parent: int
    child: int
    hostile: dict[int, bytes]
    zombie: int


def octal(text: bytes) -> str:
    return "".join(f"\\0{byte:03o}" for byte in text)


@pytest.fixture(scope="module")
def zoo() -> Iterator[Zoo]:
    with ExitStack() as running:

        def start(executable: str, *argv: str | bytes) -> subprocess.Popen[bytes]:
            started = running.enter_context(
                subprocess.Popen(
                    argv, executable=executable, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
                )
            )
            running.callback(started.kill)
            return started

        def said(process: subprocess.Popen[bytes]) -> bytes:
            assert process.stdout is not None
            return process.stdout.readline()

        zombie = start("/bin/sh", "sh", "-c", "exit 0")
        forked = start(sys.executable, "python3", "-IS", "-c", FORKED)
        hostile = {start("/bin/sh", word, "-c", NAMED, "x", octal(word[:15]), word): word for word in HOSTILE}
        for process in hostile:
            said(process)
        (child,) = {int(said(forked)), int(said(forked))} - {forked.pid}
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        yield Zoo(forked.pid, child, {process.pid: word for process, word in hostile.items()}, zombie.pid)


def answer(path: Path, *, deep: bool = False, sudo: bool = False, alone: bool = False) -> Completed:
    """Run the probe with these programs first on PATH, or with nothing else there."""
    env = {"PATH": str(path) if alone else f"{path}:{os.environ['PATH']}"}
    done = subprocess.run(
        probe.command(deep=deep, sudo=sudo), env=env, capture_output=True, check=False, timeout=30
    )
    return Completed(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def seen(zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    """What each awk saw, PSS included."""
    assert zoo.hostile
    return {
        awk: probe.read(
            "here", NOON, answer(host_with(awk, tmp_path_factory.mktemp(awk)), deep=True), deep=True
        )
        for awk in AWKS
    }


def whole_answer(path: Path) -> Snapshot:
    """Ask again where mawk ended at a process that ended, as a check does."""
    for _ in range(2):
        with suppress(CutShort):
            return probe.read("here", NOON, answer(path, deep=True), deep=True)
    return probe.read("here", NOON, answer(path, deep=True), deep=True)


def by_pid(snapshot: Snapshot) -> dict[int, ProcessMemory]:
    return {process.pid: process for process in snapshot.processes}


def status_bytes(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").split("\n")
    return {
        key: int(value.split()[0]) * KIB
        for key, _, value in (line.partition(":") for line in lines)
        if "kB" in value
    }


def rollup_bytes(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").split("\n")[1:-1]
    return {line.split()[0].rstrip(":"): int(line.split()[1]) * KIB for line in lines}


def test_this_machine_has_an_awk_and_a_shell() -> None:
    assert AWKS
    assert SHELLS


@pytest.mark.parametrize("awk", AWKS)
def test_every_process_has_the_numbers_that_the_kernel_shows(
    awk: str, zoo: Zoo, seen: dict[str, Snapshot]
) -> None:
    found = by_pid(seen[awk])

    for pid in (zoo.parent, zoo.child, *zoo.hostile):
        process, kernel = found[pid], status_bytes(pid)
        assert process.rss_anon_bytes == pytest.approx(kernel["RssAnon"], abs=TOLERANCE_BYTES)
        assert process.rss_file_bytes == pytest.approx(kernel["RssFile"], abs=TOLERANCE_BYTES)
        assert process.rss_shmem_bytes == pytest.approx(kernel["RssShmem"], abs=TOLERANCE_BYTES)
        assert process.uid == os.geteuid()
        assert process.ppid == (zoo.parent if pid == zoo.child else os.getpid())
    assert found[zoo.parent].rss_anon_bytes >= ANON_MIB * MIB
    assert found[zoo.child].rss_shmem_bytes >= SHARED_MIB * MIB


@pytest.mark.parametrize("awk", AWKS)
def test_all_awks_see_the_same(awk: str, zoo: Zoo, seen: dict[str, Snapshot]) -> None:
    def said(by: str) -> dict[int, tuple[str | int | None, ...]]:
        return {
            pid: (p.ppid, p.started_ticks, p.uid, p.comm, p.unit, p.memory_group)
            for pid, p in by_pid(seen[by]).items()
            if pid in {zoo.parent, zoo.child, *zoo.hostile}
        }

    assert said(awk) == said(AWKS[0])
    assert replace(seen[awk].identity, uptime_s=0) == replace(seen[AWKS[0]].identity, uptime_s=0)
    assert seen[awk].meminfo.total_bytes == seen[AWKS[0]].meminfo.total_bytes


@pytest.mark.parametrize("awk", AWKS)
def test_a_hostile_name_is_the_name_that_the_kernel_shows_and_nothing_more(
    awk: str, zoo: Zoo, seen: dict[str, Snapshot]
) -> None:
    found = by_pid(seen[awk])

    for pid in zoo.hostile:
        comm = Path(f"/proc/{pid}/comm").read_bytes().removesuffix(b"\n")
        assert found[pid].comm == comm.decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("awk", [awk for awk in AWKS if awk != "original-awk"])
def test_a_hostile_command_line_is_split_where_the_kernel_splits_it(
    awk: str, zoo: Zoo, seen: dict[str, Snapshot]
) -> None:
    found = by_pid(seen[awk])

    for pid in zoo.hostile:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()[:CMDLINE_LIMIT_BYTES]
        parted = line.replace(b"\x01", b"\0") if awk == "busybox" else line
        words = parted.decode("utf-8", "backslashreplace").rstrip("\0 ").split("\0")
        assert found[pid].cmdline == tuple(words)


@pytest.mark.parametrize("awk", AWKS)
def test_nobody_speaks_for_another_process(awk: str, zoo: Zoo, seen: dict[str, Snapshot]) -> None:
    found = by_pid(seen[awk])

    speakers = {pid for pid, process in found.items() if "spoofed" in " ".join(process.cmdline)}
    assert speakers == {pid for pid, word in zoo.hostile.items() if word == SPOOFED}
    plain = next(pid for pid, word in zoo.hostile.items() if word == b"plain")
    assert found[plain].cmdline[0] == "plain"
    assert found[1].comm == Path("/proc/1/comm").read_text(encoding="utf-8").removesuffix("\n")
    assert 0 < found[1].rss_bytes < seen[awk].meminfo.total_bytes


@pytest.mark.parametrize("awk", AWKS)
def test_a_zombie_holds_nothing_and_is_left_out(awk: str, zoo: Zoo, seen: dict[str, Snapshot]) -> None:
    assert zoo.zombie not in by_pid(seen[awk])


@pytest.mark.parametrize("awk", AWKS)
def test_pss_divides_what_two_processes_share(awk: str, zoo: Zoo, seen: dict[str, Snapshot]) -> None:
    found = by_pid(seen[awk])

    for pid in (zoo.parent, zoo.child):
        pss, kernel = found[pid].pss, rollup_bytes(pid)
        assert pss is not None
        assert pss.anon_bytes == pytest.approx(kernel["Pss_Anon"], abs=TOLERANCE_BYTES)
        assert 0 < pss.file_bytes <= found[pid].rss_file_bytes
        assert pss.anon_bytes == pytest.approx(found[pid].rss_anon_bytes - ANON_MIB * MIB / 2, abs=5 * MIB)
        assert pss.shmem_bytes == pytest.approx(SHARED_MIB * MIB / 2, abs=TOLERANCE_BYTES)
        assert pss.uss_bytes < ANON_MIB * MIB / 2


@pytest.mark.parametrize("awk", AWKS)
def test_a_real_breakdown_adds_up_with_and_without_pss(awk: str, zoo: Zoo, seen: dict[str, Snapshot]) -> None:
    blind = replace(seen[awk], processes=tuple(replace(p, pss=None) for p in seen[awk].processes))

    for snapshot in (seen[awk], blind):
        breakdown = break_down(snapshot, attribute(snapshot, ()))
        assert sum(line.bytes for line in breakdown.lines) == snapshot.meminfo.total_bytes
        held = shares(snapshot)
        assert held.keys() == by_pid(snapshot).keys() >= zoo.hostile.keys()
        assert min(share.total_bytes for share in held.values()) >= 0


@pytest.mark.parametrize("awk", AWKS)
def test_what_the_check_itself_weighs_is_its_own_line(awk: str, seen: dict[str, Snapshot]) -> None:
    (own,) = (s for s in attribute(seen[awk], ()) if s.kind is Kind.MEMWARDEN)

    comms = [process.comm for process in own.processes]
    assert seen[awk].probe_pid in own.share_by_pid
    assert len(comms) == 2
    assert own.memory_bytes < 12 * MIB


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize("shell", SHELLS)
def test_any_shell_runs_it(awk: str, shell: str, zoo: Zoo, tmp_path: Path) -> None:
    path = links(tmp_path / "bin", awk=awk, sh=shell)

    found = probe.read("here", NOON, answer(path, deep=True), deep=True)

    assert by_pid(found).keys() >= zoo.hostile.keys() | {zoo.parent, zoo.child}
    assert by_pid(found)[zoo.parent].pss is not None


@pytest.mark.parametrize("awk", AWKS)
def test_processes_may_come_and_go_while_they_are_read(awk: str, zoo: Zoo, tmp_path: Path) -> None:
    path = host_with(awk, tmp_path / "bin")
    with subprocess.Popen(["/bin/sh", "-c", FORKING], stdout=subprocess.PIPE) as forking:
        assert forking.stdout is not None
        forking.stdout.readline()
        try:
            found = [whole_answer(path) for _ in range(2)]
        finally:
            forking.kill()

    assert all(by_pid(snapshot).keys() >= zoo.hostile.keys() for snapshot in found)


def test_a_host_without_awk_is_told_what_it_lacks(tmp_path: Path) -> None:
    path = links(tmp_path / "bin", sh="sh")

    with pytest.raises(CommandFailed, match=r"^The probe did not run \(status 127\).*It needs .*awk"):
        probe.read("here", NOON, answer(path, alone=True))


def test_a_host_with_nothing_but_a_shell_and_an_awk_is_enough(zoo: Zoo, tmp_path: Path) -> None:
    path = links(tmp_path / "bin", sh=SHELLS[0], awk=AWKS[0])

    found = probe.read("here", NOON, answer(path, alone=True))

    assert by_pid(found).keys() >= zoo.hostile.keys()


def sudo(directory: Path, script: str) -> Path:
    file = links(directory, awk=AWKS[0]) / "sudo"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return directory


def test_a_sudo_that_refuses_leaves_a_gap_and_everything_else(zoo: Zoo, tmp_path: Path) -> None:
    path = sudo(tmp_path / "bin", "echo 'sudo: a password is required' >&2; exit 1")

    found = probe.read("here", NOON, answer(path, deep=True, sudo=True), deep=True)

    assert by_pid(found)[zoo.parent].pss is None
    assert found.gaps == (Gap("PSS", "the host refused: sudo: a password is required"),)


def test_a_sudo_that_allows_it_runs_exactly_the_command_that_a_rule_can_name(
    zoo: Zoo, tmp_path: Path
) -> None:
    path = sudo(tmp_path / "bin", '[ "$1 $2" = "-n awk" ] || exit 9; shift; exec "$@"')

    found = probe.read("here", NOON, answer(path, deep=True, sudo=True), deep=True)

    assert by_pid(found)[zoo.parent].pss is not None
