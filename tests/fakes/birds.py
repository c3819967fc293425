"""A chat platform that never was: what it does is written in its section of the configuration."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import adapters.chat
from adapters.chat import Platform, Print
from bot.config import Secret, Section
from bot.domain.finding import Finding, State
from bot.domain.outage import Outage
from bot.domain.people import Person
from bot.errors import ChatError
from bot.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.chat import Surroundings
    from bot.message import Announcement
    from bot.ports import Answer

FOLDER = Path(__file__).with_name("platforms")


class Habits(Section):
    """`refuses`, `breaks`, `exits`, `is_cancelled` and `leaves` end it at once, each another way.

    `leaves_after` ends it when that was posted; else it stays until it is closed. Whoever is `deaf` says so
    to the others. Who `terminates` has SIGTERM arrive on its own thread. `letters` is the file of all that it
    ever said.
    """

    letters: str
    ring: Secret | None = None
    asks: str = "hosts"
    refuses: str = ""
    breaks: bool = False
    exits: bool = False
    is_cancelled: bool = False
    leaves: bool = False
    leaves_after: str = ""
    deaf: bool = False
    stubborn: bool = False
    terminates: bool = False


class BirdChat:
    """A `Chat`."""

    def __init__(self, name: str, habits: Habits, around: Surroundings) -> None:
        self._name = name
        self._habits = habits
        self._around = around
        self._closed = Event()
        self._ring = around.reveal(habits.ring) if habits.ring else ""

    def serve(self, answer: Answer) -> None:
        if self._habits.refuses:
            raise ChatError(f"{self._habits.refuses}{self._ring}", permanent=True)
        if self._habits.breaks:
            raise RuntimeError(f"a broken wing {self._ring}")
        if self._habits.exits:
            sys.exit()
        if self._habits.is_cancelled:
            raise asyncio.CancelledError
        self._write(answer(Request(Person(self._name, "1", "Ann"), self._habits.asks)).headline)
        if self._habits.deaf:
            self._around.tell_others(Outage(self._name, self._around.now()))
        if self._habits.terminates:
            time.sleep(0.5)  # until the main thread does nothing but wait
            signal.raise_signal(signal.SIGTERM)
        if not self._habits.leaves:
            self._closed.wait()

    def announce(self, announcement: Announcement) -> str:
        headline = announcement.message.headline
        self._write(headline)
        if self._habits.leaves_after and self._habits.leaves_after in headline:
            self._closed.set()
        return announcement.key

    def close(self) -> None:
        if self._habits.stubborn:
            time.sleep(600)
        self._closed.set()

    def _write(self, letter: str) -> None:
        with Path(self._habits.letters).open("a", encoding="utf-8") as file:
            file.write(f"{self._name}: {letter}\n")


def bird(name: str, *, sings: bool = False) -> Platform[Habits]:
    """Return a platform of this name."""

    def build(habits: Habits, around: Surroundings) -> BirdChat:
        return BirdChat(name, habits, around)

    def examine(habits: Habits, around: Surroundings) -> Iterator[Finding]:
        state = State.WRONG if habits.refuses else State.RIGHT
        yield Finding(f"{name}: groups", State.RIGHT, ", ".join(around.groups) or "none")
        yield Finding(f"{name}: wings", state, "were looked at", "Mend them." if habits.refuses else "")

    def song(habits: Habits | None, around: Surroundings) -> str:
        who = "nobody's" if habits is None else f"{habits.letters}'s"
        return f"{who} song of {', '.join(usage.name for usage in around.usages)}\n"

    songs: tuple[Print[Habits], ...] = (Print("song", "Print what it sings.", song),)
    return Platform(name, Habits, build, examine, songs if sings else (), group="group")


def settle() -> None:
    """Let the birds be platforms of this process."""
    adapters.chat.__path__.append(str(FOLDER))
