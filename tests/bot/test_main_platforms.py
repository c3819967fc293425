"""The front door and chat platforms that never were (`tests.fakes.birds`)."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Begin = Callable[..., subprocess.Popen[str]]

_AMONG_BIRDS = "from tests.fakes.birds import settle; settle(); from bot.__main__ import main; main()"
# Taking the interpreter apart takes ten minutes then.
_ENDLESS = """
import time
class Endless:
    def __del__(self, sleep=time.sleep): sleep(600)
endless = Endless()
"""
_NEVER_NEEDED_BY_A_CHECK = {"aiohttp", "discord", "slack_bolt", "slack_sdk", "sqlalchemy", "paramiko"}

BOTH = '[chat.pigeon]\nletters = "letters"\n{pigeon}\n[chat.wren]\nletters = "letters"\n{wren}\n'


@pytest.fixture
def begin(environment: dict[str, str], tmp_path: Path) -> Iterator[Begin]:
    """`memwarden ARGUMENTS` among birds; ended with the test."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, options: tuple[str, ...] = (), first: str = "") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            (sys.executable, *options, "-c", first + _AMONG_BIRDS, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=environment,
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def wait_for(words: str, letters: Path) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        said = letters.read_text() if letters.exists() else ""
        if words in said:
            return said
        time.sleep(0.02)
    raise AssertionError(words)


def test_help_lists_platforms_that_can_print_something(begin: Begin) -> None:
    said, _ = begin("--help").communicate(timeout=30)

    assert re.search("pigeon +Set up Pigeon[.]\n", said)
    assert "wren" not in said
    assert "terminal  " not in said


def test_what_a_platform_prints_is_the_output(begin: Begin, tmp_path: Path) -> None:
    unconfigured, _ = begin("pigeon", "song").communicate(timeout=30)
    (tmp_path / "config.toml").write_text('[chat.pigeon]\nletters = "Ann"\n')
    configured, _ = begin("pigeon", "song").communicate(timeout=30)
    listed, _ = begin("pigeon", "--help").communicate(timeout=30)

    assert re.fullmatch(r"nobody's song of [a-z, ]*report[a-z, ]*\n", unconfigured)
    assert re.fullmatch(r"Ann's song of [a-z, ]*report[a-z, ]*\n", configured)
    assert "song  Print what it sings." in listed


@pytest.mark.parametrize("name", ["wren", "terminal", "sparrow"])
def test_a_platform_that_prints_nothing_is_no_command(name: str, begin: Begin) -> None:
    process = begin(name)

    _, said = process.communicate(timeout=30)

    assert process.returncode == 2
    assert f"No such command '{name}'" in said


def test_a_check_imports_no_platform_s_library(begin: Begin) -> None:
    _, told = begin("check", options=("-X", "importtime")).communicate(timeout=60)

    imported = {line.rpartition("|")[2].strip() for line in told.splitlines() if "import time:" in line}
    assert "bot.flows.check" in imported
    assert not {name.partition(".")[0] for name in imported} & _NEVER_NEEDED_BY_A_CHECK
    assert not {f"adapters.chat.{name}" for name in ("discord", "pigeon", "slack", "wren")} & imported


def test_a_platform_that_has_to_end_is_one_line_while_the_others_go_on(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BOTH.format(pigeon='refuses = "No seed."', wren=""))

    process = begin("run")
    wait_for("wren: 1 host", tmp_path / "letters")
    wait_for("wren: Pigeon is not served any more", tmp_path / "letters")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 0
    (line,) = said.splitlines()
    assert line.endswith("ERROR adapters.wiring.serving: pigeon is not served any more, but wren: No seed.")


def test_run_fails_when_no_platform_is_left(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[chat.pigeon]\nletters = "x"\nrefuses = "No seed."\n')

    process = begin("run")
    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (1, "No seed.\n")


def test_a_mistake_in_a_platform_is_logged_without_its_secret(
    begin: Begin, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["RING"] = "hunter2-of-the-pigeon"
    (tmp_path / "config.toml").write_text(
        '[chat.pigeon]\nletters = "x"\nbreaks = true\nring = { env = "RING" }\n'
    )

    process = begin("run")
    _, said = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "RuntimeError: a broken wing ***\n" in said
    assert said.endswith("A mistake of ours ended pigeon; the log tells more.\n")
    assert "hunter2" not in said


def test_a_deaf_platform_is_told_about_on_the_others(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BOTH.format(pigeon="deaf = true", wren=""))

    begin("run")
    said = wait_for("heard", tmp_path / "letters")

    (told,) = (line for line in said.splitlines() if "heard" in line)
    assert re.fullmatch(r"wren: Pigeon has not heard anything since [0-9:]{8} UTC; .*", told)


def test_sigterm_ends_it_soon_even_if_a_platform_does_not_close(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BOTH.format(pigeon="stubborn = true", wren=""))
    process = begin("run")
    wait_for("wren: 1 host", tmp_path / "letters")
    wait_for("pigeon: 1 host", tmp_path / "letters")

    process.send_signal(signal.SIGTERM)
    # Closing takes ten minutes here.
    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, "")


def test_sigterm_ends_it_whichever_thread_it_arrives_on(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BOTH.format(pigeon="terminates = true", wren=""))

    process = begin("run")
    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, "")


def test_sigterm_ends_it_soon_even_if_the_interpreter_would_not_end(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BOTH.format(pigeon="", wren=""))
    process = begin("run", first=_ENDLESS)
    wait_for("wren: 1 host", tmp_path / "letters")

    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, "")


def test_a_platform_s_secret_that_is_not_there_is_a_mistake(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[chat.pigeon]\nletters = "x"\nring = { env = "NO_RING" }\n')

    process = begin("config", "check")
    _, said = process.communicate(timeout=30)

    assert process.returncode == 1
    assert said == (
        "config.toml: chat.pigeon.ring: environment: NO_RING: is not set, and a secret should be in it\n"
    )


def test_the_doctor_asks_every_configured_platform(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        BOTH.format(pigeon='refuses = "No seed."', wren="") + '[people]\noperators = ["wren-group:9"]\n'
    )

    process = begin("doctor")
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    lines = said.splitlines()
    wrong = next(place for place, line in enumerate(lines) if "WRONG" in line)
    assert lines[wrong : wrong + 2] == ["● WRONG  pigeon: wings: were looked at", "  -> Mend them."]
    assert "○ right  pigeon: groups: none" in lines
    assert "○ right  wren: groups: wren-group:9" in lines
    assert lines[-1].startswith("● Something is wrong: 1 wrong, ")
