"""What an examination of the installation found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether something is as it should be; a NOTE is worth knowing but fails nothing."""

    RIGHT = "right"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what (`slack: bot token`), how it is, and how to mend what is wrong.

    `sentence` says what was seen, `remedy` what exactly to do; a remedy is empty where nothing is wrong.
    """

    subject: str
    state: State
    sentence: str
    remedy: str = ""
