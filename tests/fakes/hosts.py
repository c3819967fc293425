"""Hosts that answer what a test prepared, and remember what was run on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.ports import Completed

if TYPE_CHECKING:
    from bot.errors import HostError

_NOT_FOUND = 127


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that was asked for."""

    argv: tuple[str, ...]
    timeout_s: float
    apart: bool = False


class ScriptedShell:
    """A `Shell`. A program that no test prepared is not installed, as a real host would say."""

    def __init__(self) -> None:
        self.ran: list[Ran] = []
        self._answers: dict[str, Completed] = {}
        self._first: dict[str, list[Completed]] = {}
        self._error: HostError | None = None

    def says(self, program: str, stdout: bytes = b"", *, stderr: bytes = b"", status: int = 0) -> None:
        """From now on `program` (the first word of a command) ends like this."""
        self._answers[program] = Completed(status, stdout, stderr)

    def says_first(self, program: str, *answers: bytes) -> None:
        """Answer so the next times, once each."""
        self._first[program] = [Completed(0, stdout, b"") for stdout in answers]

    def fails(self, error: HostError) -> None:
        """From now on nothing can be run."""
        self._error = error

    def recovers(self) -> None:
        """From now on commands run again."""
        self._error = None

    def run(self, argv: tuple[str, ...], *, timeout_s: float, apart: bool = False) -> Completed:
        self.ran.append(Ran(argv, timeout_s, apart))
        if self._error is not None:
            raise self._error
        if first := self._first.get(argv[0]):
            return first.pop(0)
        missing = Completed(_NOT_FOUND, b"", b"sh: " + argv[0].encode() + b": not found\n")
        return self._answers.get(argv[0], missing)


class ScriptedHosts:
    """`Hosts` by name, each a ScriptedShell."""

    def __init__(self, *names: str) -> None:
        self.shells = {name: ScriptedShell() for name in names}
        self.closed = False

    def __getitem__(self, host: str) -> ScriptedShell:
        return self.shells[host]

    def shell(self, host: str) -> ScriptedShell:
        return self.shells[host]

    def close(self) -> None:
        self.closed = True
