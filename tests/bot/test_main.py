"""The front door, as a person or a script comes through it: a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Memwarden = Callable[..., subprocess.CompletedProcess[str]]


def test_one_command_tells_where_this_machines_memory_is(memwarden: Memwarden) -> None:
    ended = memwarden("check")

    assert ended.returncode in {0, 1, 2}
    assert ended.stdout.splitlines()[0].partition(" ")[2].startswith("local is ")
    assert "unaccounted" in ended.stdout
    assert ended.stderr == ""


def test_the_json_adds_up_and_its_level_is_the_exit_status(memwarden: Memwarden) -> None:
    ended = memwarden("check", "--json")

    (host,) = json.loads(ended.stdout)["hosts"]
    assert sum(line["bytes"] for line in host["breakdown"]) == host["mem_total_bytes"]
    assert ended.returncode == {"good": 0, "acceptable": 0, "warning": 1, "critical": 2}[host["level"]]


def test_a_check_keeps_nothing_and_needs_no_database(memwarden: Memwarden, tmp_path: Path) -> None:
    memwarden("check")

    assert not (tmp_path / "state").exists()


def test_lines_piped_into_the_chat_are_answered_until_the_input_ends(memwarden: Memwarden) -> None:
    ended = memwarden("chat", typed="/mem status\ntop 1\nfrobnicate\n")

    assert ended.returncode == 0
    assert "local is " in ended.stdout
    assert "the largest process holds" in ended.stdout
    assert "There is no command `frobnicate`." in ended.stdout
    assert ended.stderr == ""


def test_run_without_a_configuration_is_this_machine_in_this_terminal(
    memwarden: Memwarden, tmp_path: Path
) -> None:
    ended = memwarden("run", typed="hosts\n")

    assert ended.returncode == 0
    assert "1 host" in ended.stdout
    assert (tmp_path / "state" / "memwarden" / "memwarden.sqlite3").exists()


def test_an_unknown_host_is_unknown_to_a_monitoring_system(memwarden: Memwarden) -> None:
    ended = memwarden("check", "lcoal")

    assert ended.returncode == 3
    assert ended.stderr == (
        "There is no host `lcoal`. Did you mean `local`? Known hosts: `local`."
        " (No configuration file was found: name it with --config.)\n"
    )


def test_every_mistake_of_the_configuration_is_told_at_once(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[[host]]\nname = "web-1"\nknown_host = "x"\n[chat.slak]\n')

    ended = memwarden("config", "check")

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "config.toml:3: host[0].known_host: there is no such key; did you mean `known_hosts`?",
        "config.toml:4: chat.slak: there is no such chat platform; did you mean `slack`?",
    ]
    assert memwarden("check").returncode == 3


def test_a_key_or_secret_that_is_not_there_is_a_mistake(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[[host]]\nname = "web-1"\nkey_file = "nowhere"\npassphrase = { env = "NOT_SET" }\n'
    )

    ended = memwarden("config", "check")

    assert ended.returncode == 1
    key, secret = ended.stderr.splitlines()
    assert key == "config.toml: host[0].key_file: nowhere: No such file or directory"
    assert secret.startswith("config.toml: host[0].passphrase: environment: NOT_SET: is not set")


def test_the_doctor_finds_nothing_wrong_with_this_machine(memwarden: Memwarden) -> None:
    ended = memwarden("doctor")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "right  local: login: this machine, as " in ended.stdout
    assert "right  local: clock: agrees with ours to 5 s" in ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("○ Nothing is wrong: ")


def test_the_doctor_makes_no_database_but_says_where_it_will_be(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[bot]\ndatabase = "new/x.sqlite3"\n')

    ended = memwarden("doctor")

    assert "note   database: there is none yet; `memwarden run` makes new/x.sqlite3" in ended.stdout
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "state").exists()


def test_the_doctor_says_that_a_database_cannot_be_made(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "config.toml").write_text('[bot]\ndatabase = "file/x.sqlite3"\n')

    ended = memwarden("doctor")

    assert ended.returncode == 1
    assert "WRONG  database: there is none, and file/x.sqlite3 cannot be made" in ended.stdout


def test_the_doctor_tells_every_mistake_of_the_configuration(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[[host]]\nname = "web-1"\nknown_host = "x"\nprt = 1\n')

    ended = memwarden("doctor")

    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.count("WRONG  configuration: config.toml:") == 2
    assert ended.stdout.splitlines()[-1] == "● Something is wrong: 2 wrong, 0 right."


def test_the_doctor_tells_what_is_missing_and_who_is_down(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[bot]\ndatabase = "~nosuchuser/x.sqlite3"\n[[host]]\nname = "web-1"\naddress = "127.0.0.1"\n'
        'port = 1\nuser = "x"\nkey_file = "nowhere"\n[[host]]\nname = "here"\naddress = "local"\n'
    )

    ended = memwarden("doctor", "WEB-1")

    said = " ".join(ended.stdout.split())
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "WRONG configuration: config.toml: host[0].key_file: nowhere: No such file or directory" in said
    assert "there is no such home directory" in said
    assert "WRONG web-1: login: web-1" in said
    assert "here: login" not in said


def test_the_doctor_knows_no_unknown_host(memwarden: Memwarden) -> None:
    ended = memwarden("doctor", "lcoal")

    assert ended.returncode == 1
    assert ended.stderr.startswith("There is no host `lcoal`. Did you mean `local`?")


def test_a_right_configuration_is_called_right(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[[host]]\nname = "web-1"\n[[host]]\nname = "db-2"\n')

    ended = memwarden("config", "check")

    assert (ended.returncode, ended.stdout) == (0, "config.toml: right (2 hosts)\n")


def test_a_host_that_is_down_is_one_sentence_and_status_unknown(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[[host]]\nname = "web-1"\naddress = "127.0.0.1"\nport = 1\nuser = "x"\n'
    )

    ended = memwarden("check")

    assert ended.returncode == 3
    assert "web-1" in ended.stdout
    assert "refused" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_this_machine_has_no_key_to_trust(memwarden: Memwarden) -> None:
    ended = memwarden("trust", "local")

    assert (ended.returncode, ended.stderr) == (1, "local is this machine; it has no host key to trust.\n")


def test_a_database_that_is_none_is_told_and_costs_no_answer(memwarden: Memwarden, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("I am no database. " * 100)
    (tmp_path / "config.toml").write_text('[bot]\ndatabase = "note.txt"\n')

    ended = memwarden("chat", typed="status\n")

    assert ended.returncode == 0
    assert "local is " in ended.stdout
    told, consequence = ended.stderr.splitlines()
    assert "note.txt" in told
    assert consequence == "Answers are given all the same; nothing is remembered."


def test_a_reader_that_goes_away_ends_the_program_quietly(
    environment: dict[str, str], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        (sys.executable, "-m", "bot", "check", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    said = process.stderr.read()

    process.stderr.close()
    assert process.wait(timeout=30) == 3
    assert said == b""


def test_an_answer_that_cannot_be_written_is_one_sentence(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            (sys.executable, "-m", "bot", "check"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=environment,
            timeout=60,
            check=False,
        )

    assert ended.returncode == 3
    assert ended.stderr == "The answer could not be written: No space left on device.\n"


def test_a_mistyped_option_is_no_state_of_a_host(memwarden: Memwarden) -> None:
    ended = memwarden("check", "--jsno")

    assert ended.returncode == 3
    assert "--jsno" in ended.stderr


def test_one_host_that_is_configured_wrongly_does_not_silence_the_others(
    memwarden: Memwarden, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(
        '[[host]]\nname = "here"\naddress = "local"\n'
        '[[host]]\nname = "web-1"\nkey_file = "~nosuchuser/id"\nuser = "x"\n'
    )

    found = {host["name"]: host for host in json.loads(memwarden("check", "--json").stdout)["hosts"]}

    assert found["here"]["error"] is None
    assert "there is no such home directory" in found["web-1"]["error"]


@pytest.fixture
def _can_be_interrupted() -> Iterator[None]:
    """What the programs that are begun inherit: a shell lets its background jobs ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_can_be_interrupted")
@pytest.mark.parametrize(
    ("sent", "status", "words"), [(signal.SIGINT, 130, ["stopped"]), (signal.SIGTERM, 0, [])]
)
def test_a_signal_ends_the_program_without_a_traceback(
    sent: signal.Signals, status: int, words: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        (sys.executable, "-m", "bot", "chat"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("help\n")
    process.stdin.flush()
    process.stdout.readline()

    process.send_signal(sent)
    _, said = process.communicate(timeout=30)

    assert process.returncode == status
    assert said.split() == words
