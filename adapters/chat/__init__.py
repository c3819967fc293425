"""The chat platforms: one file or package each, defining `PLATFORM`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Section
    from bot.ports import Chat

Options = TypeVar("Options", bound="Section")

Complete = Callable[[str], Sequence[str]]
"""Given a partly typed line, the words that may stand where its last word is."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every platform may use besides its own section of the configuration.

    `state_folder` is where a platform may keep files of its own; it need not exist yet.
    """

    complete: Complete
    state_folder: Path


@dataclass(frozen=True, slots=True)
class Platform(Generic[Options]):
    """A chat platform: its name, the model of its `[chat.<name>]` section, and how it is made from that."""

    name: str
    section: type[Options]
    build: Callable[[Options, Surroundings], Chat]
