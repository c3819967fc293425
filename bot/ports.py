"""What the core asks of the outside world; adapters provide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Config
    from bot.domain.history import Sample
    from bot.domain.service import KnownService
    from bot.message import Message, Request

Item = TypeVar("Item")
Result = TypeVar("Result")
Answer = Callable[["Request"], "Message"]


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended: its exit status and what it printed, as bytes."""

    status: int
    stdout: bytes
    stderr: bytes


class Shell(Protocol):
    """One host's way to run commands."""

    def run(self, argv: tuple[str, ...], *, timeout_s: float) -> Completed:
        """Run an argument vector, without input, and return what came of it.

        Words are handed to the command exactly as they are. A command must leave nothing running behind:
        what that printed later could not be told from another command's answer.

        Raises HostError: HostUnreachable, HostKeyUnknown, HostKeyChanged, LoginRefused, CommandTimedOut.
        """
        ...


class Hosts(Protocol):
    """All configured hosts."""

    def shell(self, host: str) -> Shell:
        """Return the shell of a configured host; connects only when something runs."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class Store(Protocol):
    """What memwarden remembers."""

    def remember(self, sample: Sample) -> None:
        """Keep the sample. Raises StoreError."""
        ...

    def latest(self, host: str) -> Sample | None:
        """Return the host's newest sample. Raises StoreError."""
        ...

    def keep_words(self, words: str) -> str:
        """Keep the words of a button and return their key (`message.key_of`). Raises StoreError."""
        ...

    def kept_words(self, key: str) -> str | None:
        """Return the words that were kept under this key. Raises StoreError."""
        ...


class Chat(Protocol):
    """One chat platform."""

    def serve(self, answer: Answer) -> None:
        """Listen and answer until the conversation ends or `close` is called.

        Raises ChatError if it cannot go on: the credentials are wrong, there is no terminal.
        """
        ...

    def post(self, message: Message) -> None:
        """Say something that nobody asked for, to everybody in the configured channel. Raises ChatError."""
        ...

    def close(self) -> None:
        """End `serve` from another thread."""
        ...


class Each(Protocol):
    """Does the same for many, several at a time, and returns the results in order."""

    def __call__(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Call `work` for each item; what one raises is raised after the others have ended."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a command or flow may use: the configuration, what we recognise, the outside world.

    `store` is None where nothing is to be remembered. `now` is aware of its time zone (UTC).
    """

    config: Config
    known_services: tuple[KnownService, ...]
    hosts: Hosts
    store: Store | None
    now: Callable[[], datetime]
    each: Each
