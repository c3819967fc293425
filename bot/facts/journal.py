"""The last lines a unit wrote to the journal.

`journalctl` shows another user's unit only to members of adm, systemd-journal or root; to all others it
shows nothing and still ends well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.memory import Gap

if TYPE_CHECKING:
    from bot.ports import Completed

LINES = 10
_WIDTH = 300


def command(unit: str) -> tuple[str, ...]:
    """Return the argument vector that asks for one unit's last lines."""
    return ("journalctl", "--no-pager", "--quiet", "--output=short-iso", f"--lines={LINES}", f"--unit={unit}")


def parse(answer: Completed) -> tuple[str, ...] | Gap:
    """Read the lines, each cut at a sensible width; a Gap where there are none to see."""
    if answer.status != 0:
        return Gap("the last log lines", "journalctl did not answer")
    text = answer.stdout.decode("utf-8", "backslashreplace")
    lines = tuple(line[:_WIDTH] for line in text.split("\n") if line.strip())
    if not lines or lines == ("-- No entries --",):
        return Gap(
            "the last log lines", "the login needs the group adm or systemd-journal, or there are none"
        )
    return lines
