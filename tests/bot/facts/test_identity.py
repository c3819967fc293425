"""Which boot of which system, in which container, seen by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.memory import Identity
from bot.errors import Unreadable
from bot.facts import Section, identity
from tests.fakes.proc import FakeProc
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.memory import Snapshot

LINES = ("bboot-1", "u12.5 3.1", "k6.1.0", "s4", "p900", "i1000")


def seen(machine: FakeProc, awk: Path) -> Snapshot:
    machine.process(1)
    return probe.read("web-1", NOON, machine.answer(awk))


def test_a_machine_is_no_container(machine: FakeProc, awk: Path) -> None:
    found = seen(machine, awk)

    assert found.identity == Identity(
        boot_id="7deb53e0-174c-4787-b8da-b47ddf140bdd",
        uptime_s=86400.25,
        kernel="6.1.0-18-amd64",
        page_bytes=4096,
        ticks_per_s=100,
        container=None,
        virtual_meminfo=False,
    )
    assert found.probe_pid == 900
    assert found.gaps == ()


@pytest.mark.parametrize(
    ("file", "content", "container"),
    [
        ("/run/systemd/container", "lxc\n", "lxc"),
        ("/.dockerenv", "", "docker"),
        ("/run/.containerenv", 'engine="podman"\n', "podman"),
        ("/run/.containerenv", "", "podman"),
    ],
)
def test_a_container_says_of_which_kind_it_is(
    tmp_path: Path, any_awk: Path, file: str, content: str, container: str
) -> None:
    machine = FakeProc(tmp_path / "root", container=True)
    machine.write(file, content)

    assert seen(machine, any_awk).identity.container == container


def test_who_sees_no_kernel_threads_is_in_a_container_that_does_not_say_so(
    tmp_path: Path, any_awk: Path
) -> None:
    found = seen(FakeProc(tmp_path / "root", container=True), any_awk)

    assert found.identity.container == "of an unknown kind"


def test_a_mark_that_was_left_on_a_machine_does_not_make_it_a_container(
    machine: FakeProc, any_awk: Path
) -> None:
    machine.write("/.dockerenv", "")

    assert seen(machine, any_awk).identity.container is None


def test_meminfo_that_lxcfs_draws_is_known_as_such(machine: FakeProc, awk: Path) -> None:
    machine.mounts("proc /proc proc rw", "lxcfs /proc/meminfo fuse.lxcfs rw,allow_other")

    assert seen(machine, awk).identity.virtual_meminfo


@pytest.mark.parametrize(
    ("options", "hidden"),
    [
        ("rw,nosuid", False),
        ("rw,hidepid=0", False),
        ("rw,hidepid=off", False),
        ("rw,gid=27,hidepid=2", True),
        ("rw,hidepid=invisible", True),
    ],
)
def test_processes_that_are_hidden_from_us_are_a_gap(
    machine: FakeProc, any_awk: Path, options: str, *, hidden: bool
) -> None:
    machine.mounts(f"proc /proc proc {options}", "tmpfs /mnt/hidepid=2 tmpfs rw,hidepid=2")
    machine.process(900, b"awk", uid=1000)

    gaps = [gap.what for gap in probe.read("web-1", NOON, machine.answer(any_awk)).gaps]

    assert gaps == (["processes of other users"] if hidden else [])


def test_who_is_in_the_group_that_hidepid_spares_sees_everybody(machine: FakeProc, any_awk: Path) -> None:
    machine.mounts("proc /proc proc rw,gid=27,hidepid=2")
    machine.process(900, b"awk", uid=1000)

    assert seen(machine, any_awk).gaps == ()


def test_nothing_is_hidden_from_root(machine: FakeProc, any_awk: Path) -> None:
    machine.mounts("proc /proc proc rw,hidepid=2")
    machine.write("/proc/self/status", "Name:\tawk\nPid:\t900\nUid:\t1000\t0\t0\t0\n")

    assert seen(machine, any_awk).gaps == ()


@pytest.mark.parametrize(
    "lines",
    [
        LINES[1:],
        LINES[:1] + LINES[2:],
        LINES[:4] + LINES[5:],
        LINES[:5],
        (*LINES[:5], "i-1"),
        (*LINES[:5], "iroot"),
        (*LINES, "u"),
        (*LINES, "unan 1"),
        (*LINES, "uinf 1"),
        (*LINES, "u-5 1"),
        (*LINES, "u1e300 1"),
        (*LINES, "s0"),
        (*LINES, "s4096"),
        (*LINES, "s-4"),
        (),
    ],
)
def test_a_boot_that_does_not_tell_what_it_is_is_unreadable(lines: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable):
        identity.parse(Section("identity", lines))


def test_without_a_page_size_pages_are_taken_to_be_4_kib() -> None:
    found, _ = identity.parse(Section("identity", tuple(line for line in LINES if line != "s4")))

    assert found.page_bytes == 4096
