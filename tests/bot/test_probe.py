"""Answers of the probe: captured on real hosts, cut, garbled and hostile."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.known_services
import tests.cases
from bot import probe
from bot.catalogue import entries
from bot.domain.advice import advise
from bot.domain.attribution import Kind, attribute
from bot.domain.breakdown import break_down
from bot.domain.history import sample
from bot.domain.memory import Gap
from bot.domain.policy import Level, Thresholds, assess
from bot.domain.service import KnownService
from bot.domain.units import MIB
from bot.errors import CommandFailed, HostError, Unreadable
from bot.ports import Completed
from tests.cases import (
    MADE_ALPINE,
    MADE_CGROUP_V2,
    MADE_DOCKER,
    MADE_HIDEPID,
    MADE_WITHOUT_MEM_AVAILABLE,
    MADE_WITHOUT_RSS_ANON,
    SEED_AS_ROOT,
    SEED_AS_USER,
    captured,
)
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from bot.domain.memory import Snapshot

KNOWN = entries(bot.known_services, "SERVICE", KnownService)
MANY = settings(max_examples=150, derandomize=True, deadline=None)
DEEP = captured(SEED_AS_ROOT)
LINES = DEEP.split(b"\n")


def read(stdout: bytes, *, status: int = 0, stderr: bytes = b"", deep: bool = True) -> Snapshot:
    return probe.read("web-1", NOON, Completed(status, stdout, stderr), deep=deep)


def think_through(snapshot: Snapshot) -> None:
    """Do all that a check does with a snapshot; nothing may fail, whatever the numbers are."""
    services = attribute(snapshot, KNOWN)
    breakdown = break_down(snapshot, services)
    assert sum(line.bytes for line in breakdown.lines) == snapshot.meminfo.total_bytes
    assess(snapshot, Thresholds())
    advise(services, snapshot.meminfo.total_bytes)
    kept = sample(snapshot, services)
    numbers = [getattr(kept, field.name) for field in fields(kept)] + [s.memory_bytes for s in kept.services]
    assert all(abs(number) < 1 << 63 for number in numbers if isinstance(number, int))


def refused_or_sound(stdout: bytes, *, status: int = 0) -> None:
    """Assert that an answer is refused as a host's error, or is a snapshot that can be thought through."""
    try:
        snapshot = read(stdout, status=status)
    except HostError as error:
        assert str(error).isprintable()  # noqa: PT017 - a refusal is one of two right outcomes
    else:
        think_through(snapshot)


# --- captured


def test_a_captured_host_is_read_whole() -> None:
    found = read(DEEP)

    assert found.meminfo.total_bytes == 961 * MIB
    assert found.meminfo.available_bytes is not None
    assert found.identity.container == "systemd-nspawn"
    assert found.identity.virtual_meminfo
    assert found.pressure is not None
    assert found.vmstat is not None
    assert (found.host, found.taken_at, found.gaps, found.limit) == ("web-1", NOON, (), None)


def test_a_captured_host_tells_where_its_memory_is() -> None:
    services = {service.name: service for service in attribute(read(DEEP), KNOWN)}

    assert {name: (len(service.processes), len(service.workers)) for name, service in services.items()} == {
        "gunicorn": (5, 4),
        "daphne": (1, 0),
        "redis": (1, 0),
        "nginx": (3, 2),
        "platform-agent": (1, 0),
        "backup-agent": (1, 0),
        "systemd": (4, 0),
        "journald": (1, 0),
        "ssh": (1, 0),
        "cron": (1, 0),
        "dbus": (1, 0),
        "rsyslog": (1, 0),
        "memwarden (this check)": (4, 0),
    }
    assert 350 < services["gunicorn"].memory_bytes / MIB < 375
    assert 110 < services["daphne"].memory_bytes / MIB < 118


def test_without_root_the_same_host_tells_nearly_the_same_from_its_cgroups() -> None:
    def mib(case: str) -> dict[str, float]:
        return {s.name: s.memory_bytes / MIB for s in attribute(read(captured(case)), KNOWN)}

    exact, estimated = mib(SEED_AS_ROOT), mib(SEED_AS_USER)

    for name in ("gunicorn", "daphne", "redis", "platform-agent", "backup-agent"):
        assert estimated[name] == pytest.approx(exact[name], rel=0.1)
    assert read(captured(SEED_AS_USER)).gaps == (Gap("PSS of 26 of 29 processes", "only root may read them"),)


def test_an_everyday_read_has_no_pss_and_no_gap_for_it() -> None:
    everyday = DEEP[: DEEP.index(b"@pss\n")]

    found = read(everyday, deep=False)

    assert all(process.pss is None for process in found.processes)
    assert found.gaps == ()


@pytest.mark.parametrize(
    "case", sorted(path.name for path in Path(tests.cases.__file__).parent.glob("*.txt"))
)
def test_every_answer_that_was_kept_can_be_thought_through(case: str) -> None:
    think_through(read(captured(case), status=1))


def held_mib(snapshot: Snapshot) -> dict[str, int]:
    return {service.name: service.memory_bytes // MIB for service in attribute(snapshot, KNOWN)}


def test_cgroup_v2_tells_each_units_memory_without_root() -> None:
    found = read(captured(MADE_CGROUP_V2), deep=False)

    assert held_mib(found) == {
        "gunicorn": 369,
        "daphne": 104,
        "platform-agent": 97,
        "redis": 46,
        "journald": 9,
        "systemd": 7,
        "nginx": 6,
        "memwarden (this check)": 4,
        "user 1000": 3,
        "ssh": 2,
    }
    assert found.identity.container is None
    assert assess(found, Thresholds()).level is Level.WARNING
    (kernel,) = break_down(found, attribute(found, KNOWN)).of(Kind.KERNEL)
    assert {part.name: part.bytes for part in kernel.parts}["buffers of platform-agent"] == 100 * MIB


def test_a_container_with_a_limit_is_judged_by_it_and_counts_preloaded_pages_once() -> None:
    found = read(captured(MADE_DOCKER), deep=False)

    assessment = assess(found, Thresholds())
    assert (assessment.level, assessment.confined, assessment.total_bytes) == (
        Level.CRITICAL,
        True,
        512 * MIB,
    )
    assert held_mib(found)["gunicorn"] == 473
    assert sum(process.rss_anon_bytes for process in found.processes) > 2048 * MIB


def test_a_kernel_that_does_not_split_rss_is_read_within_what_its_cgroup_says() -> None:
    found = read(captured(MADE_WITHOUT_RSS_ANON), deep=False)

    assert found.pressure is None
    assert found.vmstat is not None
    assert found.vmstat.oom_kills is None
    assert found.meminfo.huge_pages_bytes == 32 * MIB
    assert held_mib(found) == {
        "mysql": 255,
        "apache": 207,
        "memwarden (this check)": 8,
        "ssh": 5,
        "systemd": 5,
    }


def test_a_kernel_that_does_not_tell_what_is_available_is_unknown() -> None:
    found = read(captured(MADE_WITHOUT_MEM_AVAILABLE), deep=False)

    assert assess(found, Thresholds()).level is Level.UNKNOWN
    assert held_mib(found).keys() == {"mysql", "nginx", "ssh", "init", "memwarden (this check)"}
    assert found.groups == ()


def test_a_host_that_hides_others_processes_says_so() -> None:
    found = read(captured(MADE_HIDEPID), deep=False)

    assert [gap.what for gap in found.gaps] == ["processes of other users"]
    assert held_mib(found).keys() == {"memwarden (this check)"}


def test_a_busybox_host_without_systemd_goes_by_programs() -> None:
    found = read(captured(MADE_ALPINE), deep=False)

    assert held_mib(found).keys() == {"redis", "ssh", "cron", "init", "memwarden (this check)"}
    assert {p.cmdline[0] for p in found.processes} >= {"/usr/bin/redis-server *:6379", "/usr/sbin/crond"}


# --- cut


@pytest.mark.parametrize("fiftieth", range(50))
def test_an_answer_that_is_cut_is_never_a_snapshot(fiftieth: int) -> None:
    with pytest.raises(HostError):
        read(DEEP[: len(DEEP) * fiftieth // 50])


def test_an_answer_that_is_cut_at_the_end_of_any_line_is_never_a_snapshot() -> None:
    for end in range(len(LINES) - 1):
        with pytest.raises(HostError):
            read(b"".join(line + b"\n" for line in LINES[:end]))


def test_an_everyday_answer_that_is_cut_at_the_end_of_any_line_is_never_a_snapshot() -> None:
    lines = DEEP[: DEEP.index(b"@pss\n")].splitlines(keepends=True)

    for end in range(len(lines)):
        with pytest.raises(HostError):
            read(b"".join(lines[:end]), deep=False)


def test_the_last_byte_of_an_answer_matters() -> None:
    with pytest.raises(Unreadable, match="ends in the middle"):
        read(DEEP[:-1])


@pytest.mark.parametrize("part", [b"vmstat", b"pressure", b"identity", b"processes", b"groups"])
def test_an_answer_without_one_of_its_parts_is_refused(part: bytes) -> None:
    with pytest.raises(Unreadable, match=f"lacks its part '{part.decode()}'"):
        read(DEEP.replace(b"@" + part + b"\n", b"@other\n"))


# --- garbled


@pytest.mark.parametrize(
    "stdout", [b"", b"\n", b"\0", b"@end\n", b"@meminf\n@end\n", b"\xff\xfe" * 99, b"<html>\n"]
)
def test_what_is_no_answer_at_all_is_a_probe_that_did_not_run(stdout: bytes) -> None:
    with pytest.raises(
        CommandFailed, match=r"^The probe did not run \(status 3\); the host said: .*It needs"
    ):
        read(stdout, status=3)


@pytest.mark.parametrize(
    ("stdout", "stderr", "said"),
    [
        (b"", b"", "nothing"),
        (b"", b"warning\nsh: awk: not found\n\n", "sh: awk: not found"),
        (b"This account is disabled.\n", b"", "This account is disabled."),
        (b"", b"\x1b[31mred\x1b[0m\x07", "\ufffd[31mred\ufffd[0m\ufffd"),
        (b"", b"\xff" + b"x" * 999, "\ufffd" + "x" * 199),
    ],
)
def test_what_a_host_says_instead_is_passed_on_short_and_harmless(
    stdout: bytes, stderr: bytes, said: str
) -> None:
    with pytest.raises(CommandFailed) as failed:
        read(stdout, stderr=stderr, status=1)

    assert f"(status 1); the host said: {said}. It needs" in str(failed.value)


def test_a_shell_that_greets_before_the_answer_is_named_as_the_cause() -> None:
    with pytest.raises(Unreadable, match=r"^The host says 'Welcome to web-1!' before its answer; a shell's"):
        read(b"Welcome to web-1!\n" + DEEP)


@MANY
@given(st.binary(max_size=300))
def test_garbage_is_always_refused(garbage: bytes) -> None:
    with pytest.raises(HostError):
        read(garbage)


@MANY
@given(st.binary(max_size=300))
def test_garbage_between_a_right_start_and_a_right_end_is_refused_or_sound(garbage: bytes) -> None:
    refused_or_sound(b"@meminfo\n" + garbage + b"\n@end\n")


@MANY
@given(st.integers(0, len(DEEP) - 1), st.integers(0, 255))
def test_one_wrong_byte_is_refused_or_sound(position: int, byte: int) -> None:
    refused_or_sound(DEEP[:position] + bytes([byte]) + DEEP[position + 1 :])


@MANY
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(LINES) - 1),
            st.sampled_from(
                [
                    b"",
                    b"@end",
                    b"k0",
                    b"-1",
                    b"s",
                    b"d/x",
                    b"l",
                    b" ",
                    b"+",
                    b"p1 1 1 1 1 1 1 1 1 1",
                    b" MemTotal: 0 kB",
                ]
            )
            | st.sampled_from(LINES),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_wrong_lines_are_refused_or_sound(changes: list[tuple[int, bytes]]) -> None:
    lines = list(LINES)
    for position, line in changes:
        lines[position] = line

    refused_or_sound(b"\n".join(lines))


@MANY
@given(st.integers(0, len(DEEP)), st.integers(0, len(DEEP)))
def test_a_piece_that_is_lost_is_refused_or_sound(one: int, other: int) -> None:
    refused_or_sound(DEEP[: min(one, other)] + DEEP[max(one, other) :])


@MANY
@given(
    st.sampled_from([i for i, line in enumerate(LINES) if any(48 <= byte < 58 for byte in line)]),
    st.sampled_from(
        [b"0", b"-1", b"99999999999999999999", b"9" * 5000, b"1e9", b"nan", b"inf", b"\xd9\xa3", b""]
    ),
)
def test_an_absurd_number_is_refused_or_sound(index: int, absurd: bytes) -> None:
    words = LINES[index].split(b" ")
    for position, word in enumerate(words):
        if word[-1:].isdigit():
            changed = [*words[:position], absurd, *words[position + 1 :]]
            refused_or_sound(b"\n".join([*LINES[:index], b" ".join(changed), *LINES[index + 1 :]]))


# --- what is asked


def test_an_everyday_probe_is_one_constant_command() -> None:
    assert probe.command() == probe.command(sudo=True, budget_gib=1)
    assert probe.command()[:2] == ("sh", "-c")
    assert not any("\n" in word or "'" in word for word in probe.command()[:4])


def test_a_deep_probe_is_followed_by_the_command_that_reads_pss() -> None:
    deep = probe.command(deep=True, budget_gib=2)

    assert deep == (*probe.command(), *probe.pss_command(sudo=False, budget_gib=2))
    assert "budget=2097152" in deep


def test_with_sudo_only_pss_is_read_as_root_and_never_asked_for_a_password() -> None:
    plain = probe.pss_command(sudo=False, budget_gib=16)

    assert probe.command(deep=True, sudo=True) == (*probe.command(), "sudo", "-n", *plain)


def test_a_refused_deep_read_is_a_gap_with_the_hosts_reason() -> None:
    everyday = DEEP[: DEEP.index(b"@pss\n")]

    found = read(everyday, status=1, stderr=b"sudo: a password is required\n")

    assert found.gaps == (Gap("PSS", "the host refused: sudo: a password is required"),)
    assert read(everyday, status=126).gaps == (Gap("PSS", "the host refused: status 126"),)
