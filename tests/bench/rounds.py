"""Measuring in turns: every round runs each thing once, and ratios are taken within a round."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Outcome = TypeVar("Outcome")

_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: CPU time with that of its children, time on the clock, what it printed."""

    cpu_ms: float
    wall_ms: float
    printed: bytes


def run(argv: Sequence[str], env: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, without input; its standard error is not kept."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    pid = os.posix_spawnp(
        argv[0],
        list(argv),
        os.environ if env is None else env,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, writer, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    os.close(writer)
    printed = bytearray()
    while chunk := os.read(reader, _CHUNK_BYTES):
        printed += chunk
    os.close(reader)
    _, _, used = os.wait4(pid, 0)
    wall_s = time.perf_counter() - started
    return Run((used.ru_utime + used.ru_stime) * 1e3, wall_s * 1e3, bytes(printed))


def in_turns(works: Mapping[str, Callable[[], Outcome]], rounds: int) -> dict[str, list[Outcome]]:
    """Do each work once per round, after a round that does not count."""
    done: dict[str, list[Outcome]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            outcome = work()
            if number:
                done[name].append(outcome)
    return done


def ratio(values: Sequence[float], to: Sequence[float]) -> float:
    """Return the median of the rounds' ratios: what slows a whole round down does not count."""
    return median(value / other for value, other in zip(values, to, strict=True))


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> None:
    """Print a table; `make bench` lets pytest show it."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [title, "", _line(head, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    sys.stdout.write("\n" + "\n".join([*lines, *notes]) + "\n")


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(w) if i == 0 else cell.rjust(w)
        for i, (cell, w) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join((first, *others)).rstrip()
