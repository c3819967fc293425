"""What `memwarden doctor` looks at, and how it tells what it found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

from bot.domain.finding import Finding, State

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from adapters.chat.discord.options import Options


@dataclass(slots=True)
class Case:
    """What is looked at, and what was learned on the way. `skew_s` is how far our clock is ahead."""

    options: Options
    surroundings: Surroundings
    skew_s: float | None = None
    guilds: list[discord.Guild] = field(default_factory=list)


Look = Callable[[Case, discord.Client], AsyncIterator[Finding]]


def right(subject: str, sentence: str) -> Finding:
    """Return that all is well."""
    return Finding(f"discord: {subject}", State.RIGHT, sentence)


def note(subject: str, sentence: str, remedy: str) -> Finding:
    """Return what is good to know."""
    return Finding(f"discord: {subject}", State.NOTE, sentence, remedy)


def wrong(subject: str, sentence: str, remedy: str) -> Finding:
    """Return what has to be mended."""
    return Finding(f"discord: {subject}", State.WRONG, sentence, remedy)
