"""What a remediation would do to a host: every command, every file, what it brings, how it is undone."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.policy import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_USUAL = Thresholds()
_FIGURE = re.compile(r"[0-9]+([.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for: which remediation, on which host and service, and how much.

    `action` is a remediation's name. `count` is a number of workers, `size_bytes` a limit; `option` a word of
    the remediation's own choices (an eviction policy, `lasting`). What does not apply is None or empty.
    """

    action: str
    host: str
    service: str
    count: int | None = None
    size_bytes: int | None = None
    option: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One command that is run on the host, exactly these words.

    `sentence` says what it does. Where `prints` is not None, anything else on its standard output stops the
    plan. Where `workers` is not None, the next step waits until the service has so many, at most
    `settle_s` seconds. `timeout_s` is for the command itself. Any exit status but 0 stops the plan.
    """

    argv: tuple[str, ...]
    sentence: str
    prints: str | None = None
    workers: int | None = None
    settle_s: float = 30.0
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Goal:
    """How a service is when a plan (or its undo) has done what it should; what is None is not looked at.

    `workers` is their number, `active` whether its unit runs, `enabled` whether it starts at boot, `files`
    are those that must stand on the host with exactly this content (None: must not be there), `answers`
    commands that change nothing and must print exactly this.
    """

    workers: int | None = None
    active: bool | None = None
    enabled: bool | None = None
    files: tuple[tuple[str, str | None], ...] = ()
    answers: tuple[tuple[tuple[str, ...], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Saving:
    """What a plan is expected to free, in bytes of MemAvailable, and what that number was made from.

    `expected_bytes` is None where nobody can know. It is at most that, where it is not `exact`.
    """

    expected_bytes: int | None
    basis: str
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a person has to know to approve, and everything that is done then.

    `title` is what is done in a few words (`gunicorn 4 -> 2 workers`), `words` the command that asks for it
    again. `steps` are run in this order, `undo` to take it back (empty where it cannot be). `files` are those
    the steps write, in full. `lasting` tells whether it survives a restart and a reboot; `lasts` says how
    long in a sentence, `at_once` how it takes effect now. `side_effects` are what people may notice,
    `undone` says how it is undone or why it cannot be.
    `goal` is how all is afterwards, `origin` how it was before. `basis` names what it was made from, apart
    from what changes all the time: `fingerprint` is derived from it and from all that would be done.
    `available_bytes` and `total_bytes` are the host's memory at `made_at`, `thresholds` what it is judged by.
    """

    order: Order
    unit: str
    title: str
    words: str
    steps: tuple[Step, ...]
    undo: tuple[Step, ...]
    goal: Goal
    origin: Goal
    saving: Saving
    lasting: bool
    lasts: str
    at_once: str
    undone: str
    basis: tuple[str, ...]
    made_at: datetime
    available_bytes: int | None
    total_bytes: int
    files: tuple[tuple[str, str], ...] = ()
    side_effects: tuple[str, ...] = ()
    thresholds: Thresholds = _USUAL

    @property
    def fingerprint(self) -> str:
        """64 hex digits that are others as soon as the plan would do, mean, or stand on, anything else.

        Figures in what people may notice do not count: they change all the time.
        """
        steps = [[*step.argv, step.prints, step.workers] for step in (*self.steps, *self.undo)]
        order = [
            self.order.action,
            self.order.host,
            self.order.service,
            self.order.count,
            self.order.size_bytes,
        ]
        effects = [_FIGURE.sub("#", effect) for effect in self.side_effects]
        meaning = [self.lasting, self.lasts, self.at_once, self.undone, repr(self.goal), effects]
        said = [order, self.order.option, self.unit, steps, self.files, self.basis, meaning]
        return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()


def privileged(argv: Iterable[str], *, is_root: bool) -> tuple[str, ...]:
    """Return the words that run a command as root: `sudo` never asks, and never reads a password."""
    return tuple(argv) if is_root else ("/usr/bin/sudo", "-n", *argv)
