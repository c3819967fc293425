"""The real program, killed again and again while a host's memory comes and goes and the platforms fail.

The hosts are this machine with its MemAvailable written by the test: the program's `awk` puts it in.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.store.store import open_store
from tests.bot.both import DISCORD_CHANNEL, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.incident import Incident
    from tests.bot.both import Running

_AWK = """#!/bin/sh
{awk} "$@" | sed "s/^ MemAvailable: .*/ MemAvailable: $(cat {level}) kB/"
"""
# Every check counts at once, and is made as often as the configuration allows.
_CONFIGURATION = """
[bot]
database = "memwarden.sqlite3"

[check]
every = 5
closely = 5

[alerts]
gather = 0
reopen_within = 0
storm_hosts = 100
rules.memory = { hold = 0, critical_hold = 0, clear_hold = 0 }
rules.exhaustion = { enabled = false }
rules.leak = { enabled = false }
rules.swap_in = { enabled = false }
rules.pressure = { enabled = false }
rules.service_died = { enabled = false }
rules.service_restarting = { enabled = false }
rules.unit_limit = { enabled = false }
rules.oom_kills = { enabled = false }

[digest]
daily = ""
weekly = ""
""" + "".join(f'[[host]]\nname = "web-{number}"\naddress = "local"\n' for number in range(1, 9))
_WELL, _WARNING, _CRITICAL = 0.6, 0.15, 0.05
_LONGEST_LIFE_S = 4.5
_STUCK_S = 60.0
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """What people saw on one platform: for each incident how many cards, and how many notes that end it."""

    cards: Counter[int]
    ends: Counter[int]


@dataclass(slots=True)
class Crashing:
    """The program and what is done to it."""

    program: Running
    level: Path
    database: Path
    dice: random.Random
    kills: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    met: dict[str, int] = field(default_factory=dict)

    def available(self, share: float) -> None:
        """From now on the host has this share of its memory available."""
        total_kib = int(re.findall(r"MemTotal: +(\d+)", _meminfo())[0])
        written = self.level.with_suffix(".new")
        written.write_text(str(int(total_kib * share)))
        written.replace(self.level)

    def life(self) -> None:
        """Start it, let things happen, kill it at some moment."""
        self.program.begin()
        end = time.monotonic() + self.dice.uniform(0.3, _LONGEST_LIFE_S)
        while time.monotonic() < end:
            self.available(self.dice.choice((_WELL, _WARNING, _CRITICAL)))
            self._trouble()
            time.sleep(self.dice.uniform(0.1, 1.0))
        self.program.kill()
        self.kills += 1

    def settle(self) -> None:
        """Let all be well, and the program live until everything is said, at the platforms' pace."""
        self.available(_WELL)
        self.program.start()
        left, until = self._left(), time.monotonic() + _STUCK_S
        while left:
            time.sleep(0.5)
            before, left = left, self._left()
            if left < before:
                until = time.monotonic() + _STUCK_S
            assert time.monotonic() < until, (self.open_incidents(), self.waiting(), self.program.printed)

    def _left(self) -> int:
        return len(self.open_incidents()) + self.waiting()

    def open_incidents(self) -> list[int]:
        """The incidents that are not over."""
        return [incident.id for incident in self._incidents() if incident.is_open]

    def incidents(self) -> list[Incident]:
        """All incidents there were, by number."""
        return self._incidents()

    def waiting(self) -> int:
        """How much is still to be said."""
        store = open_store(str(self.database))
        try:
            return sum(backlog.count for backlog in store.backlog())
        finally:
            store.close()

    def told(self) -> dict[str, Told]:
        """What people saw, by platform."""
        return {"slack": self._on_slack(), "discord": self._on_discord()}

    def _incidents(self) -> list[Incident]:
        store = open_store(str(self.database))
        try:
            return list(store.incidents(_EVER))
        finally:
            store.close()

    def _on_slack(self) -> Told:
        shown = self.program.slack.shown("U01")
        by_ts = {each.ts: each for each in shown if not each.thread_ts}
        cards = Counter(map(_number, (each.plain for each in by_ts.values())))
        ends = [each for each in shown if each.thread_ts and _ends(each.plain)]
        return Told(cards, Counter(_number(by_ts[each.thread_ts or ""].plain) for each in ends))

    def _on_discord(self) -> Told:
        cards = self.program.discord.shown("1", DISCORD_CHANNEL)
        numbers = {card.id: _number(card.plain) for card in cards}
        ends: Counter[int] = Counter()
        for card, number in numbers.items():
            ends[number] += sum(_ends(note.plain) for note in self.program.discord.shown("1", card))
        return Told(Counter(numbers.values()), ends)

    def _trouble(self) -> None:
        """Have one of the platforms fail in some way, mostly not; not before it has met the last one."""
        slack, discord = self.program.slack, self.program.discord
        troubles: dict[str, Callable[[], None]] = {
            "slack: error": lambda: slack.fail("chat.postMessage", "internal_error"),
            "slack: 500": lambda: slack.fail("chat.postMessage", "", status=500),
            "slack: answer lost": lambda: slack.lose_answer("chat.postMessage"),
            "slack: edit lost": lambda: slack.lose_answer("chat.update"),
            "slack: limit": lambda: slack.rate_limit("chat.postMessage", for_s=1),
            "discord: 500": lambda: discord.fail("POST /channels/100/messages", 500),
            "discord: answer lost": lambda: discord.lose_answer("POST /channels/100/messages"),
            "discord: cut": discord.cut,
            "slack: cut": slack.cut,
        }
        if self.dice.random() < 0.3:
            name = self.dice.choice(list(troubles))
            platform = name.partition(":")[0]
            calls = len(slack.calls if platform == "slack" else discord.calls)
            if calls > self.met.get(platform, -1):
                troubles[name]()
                self.troubles[name] += 1
                self.met[platform] = calls


@contextmanager
def crashing(folder: Path, seed: int) -> Iterator[Crashing]:
    """Have the program, with what is done to it decided by `seed`."""
    awk, level, programs = shutil.which("awk"), folder / "level", folder / "bin"
    programs.mkdir()
    (programs / "awk").write_text(_AWK.format(awk=awk, level=level))
    (programs / "awk").chmod(0o755)
    with running(folder, _CONFIGURATION, PATH=f"{programs}{os.pathsep}{os.environ['PATH']}") as program:
        crashing = Crashing(program, level, folder / "memwarden.sqlite3", random.Random(seed))  # noqa: S311 - it has to be repeatable
        crashing.available(_WELL)
        yield crashing


def _meminfo() -> str:
    return Path("/proc/meminfo").read_text()


def _number(plain: str) -> int:
    found = re.search(r"incident (\d+)", plain)
    return int(found[1]) if found else 0


def _ends(plain: str) -> bool:
    return "resolved" in plain.casefold()
