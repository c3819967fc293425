"""Which configuration is in force stands in the audit, whoever changed its file and whenever."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from adapters.hosts.configured import ConfiguredHosts
from adapters.wiring.recording import record
from adapters.wiring.reloading import InForce
from adapters.wiring.setting import setting
from bot.errors import ConfigError, StoreError
from bot.ports import Ports
from tests.fakes.clock import FixedClock
from tests.fakes.each import sequential_each
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

ONE = '[[host]]\nname = "web-1"\naddress = "192.0.2.1"\n'
TWO = f"{ONE}[remediation]\nquorum = 2\n"


def digest(text: str) -> str:
    """As sha256sum prints it."""
    return hashlib.sha256(text.encode()).hexdigest()


class Program:
    """What starts with a configuration file, again and again, and keeps its store."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.store = MemoryStore()

    def starts(self, text: str) -> InForce:
        self.file.write_text(text)
        made = setting(self.file)
        ports = Ports(
            config=made.config,
            known_services=(),
            hosts=ConfiguredHosts(made.config, made.means),
            store=self.store,
            now=FixedClock(),
            each=sequential_each,
        )
        record(ports, made)
        return InForce(made, ports, lambda _: None, lambda: None)

    @property
    def audited(self) -> list[tuple[str, str, str]]:
        lines = [link.entry for link in reversed(self.store.audited(9))]
        return [(line.who, line.what, line.result) for line in lines]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "config.toml")


def line(program: Program, text: str, before: str = "") -> tuple[str, str, str]:
    since = f"; before: {program.file} sha256 {digest(before)}" if before else ""
    return ("memwarden", "configuration in force", f"{program.file} sha256 {digest(text)}{since}")


def test_a_start_with_the_same_file_is_written_once(program: Program) -> None:
    program.starts(ONE).close()
    program.starts(ONE).close()

    assert program.audited == [line(program, ONE)]


def test_a_file_that_was_changed_while_nothing_ran_is_found_at_the_start(program: Program) -> None:
    for text in (ONE, TWO, TWO, ONE):
        program.starts(text).close()

    assert program.audited == [line(program, ONE), line(program, TWO, ONE), line(program, ONE, TWO)]


def test_what_is_read_while_it_runs_is_no_change_at_the_next_start(program: Program) -> None:
    in_force = program.starts(ONE)
    program.file.write_text(TWO)
    assert in_force.reload() == ("[remediation]: changed",)
    in_force.close()
    program.starts(TWO).close()

    assert program.audited == [line(program, ONE), line(program, TWO, ONE)]


def test_a_wrong_file_does_not_come_into_force(program: Program) -> None:
    in_force = program.starts(ONE)
    program.file.write_text("[[hots]]")
    with suppress(ConfigError):
        in_force.reload()
    in_force.close()

    assert program.audited == [line(program, ONE)]


def test_an_audit_that_cannot_be_written_is_told_in_the_log(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    program.store.fails(StoreError("There is no space left for the database."))

    program.starts(ONE).close()

    assert "could not be written to the audit: There is no space left" in caplog.text
