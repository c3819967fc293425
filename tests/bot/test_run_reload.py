"""`memwarden run` as a process: SIGHUP, and a second one by the same database."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PATIENCE_S = 30.0


class Running:
    """A program that is typed to."""

    def __init__(self, process: subprocess.Popen[str], printed: Path) -> None:
        self.process = process
        self._printed = printed

    @property
    def printed(self) -> str:
        return self._printed.read_text()

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def wait(self, fulfilled: Callable[[str], bool]) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not fulfilled(self.printed):
            assert time.monotonic() < until, self.printed
            time.sleep(0.01)


@contextmanager
def running(environment: dict[str, str], folder: Path, name: str) -> Iterator[Running]:
    with (folder / name).open("w") as printed:
        process = subprocess.Popen(
            (sys.executable, "-m", "bot", "run"),
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env=environment,
        )
    try:
        yield Running(process, folder / name)
    finally:
        process.kill()
        process.communicate()


def test_after_sighup_the_new_configuration_is_in_force_and_a_wrong_one_is_not(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[[host]]\nname = "old-name"\naddress = "local"\n')
    with running(environment, tmp_path, "printed") as program:
        program.type("hosts")
        program.wait(lambda printed: "old-name" in printed)

        file.write_text('[[host]]\nname = "new-name"\naddress = "local"\n')
        program.process.send_signal(signal.SIGHUP)
        program.wait(lambda printed: "read again: host new-name: is new" in printed)
        file.write_text("[[hots]]")
        program.process.send_signal(signal.SIGHUP)
        program.wait(lambda printed: "the one in force stays" in printed)
        before = len(program.printed)
        program.type("hosts")
        program.wait(lambda printed: "new-name" in printed[before:])

        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(_PATIENCE_S) == 0


def test_of_two_one_watches_and_both_answer(environment: dict[str, str], tmp_path: Path) -> None:
    with running(environment, tmp_path, "first") as first:
        first.type("hosts")
        first.wait(lambda printed: "1 host" in printed)
        lock = tmp_path / "state" / "memwarden" / "memwarden.sqlite3.watching"
        first.wait(lambda _: lock.exists())
        with running(environment, tmp_path, "second") as second:
            second.wait(lambda printed: "another memwarden watches by the database" in printed)
            second.type("hosts")
            second.wait(lambda printed: "1 host" in printed)
