"""What a chat platform is given, where a test needs nothing particular of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.chat import Surroundings
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Secret


def surroundings(state_folder: Path) -> Surroundings:
    """No commands, no groups, no charts, nobody else to tell; a secret's value is its description."""
    store = MemoryStore()

    def reveal(secret: Secret) -> str:
        return str(secret)

    return Surroundings(
        usages=(),
        complete=lambda _: (),
        offers=lambda _person, _kind, _typed: (),
        groups=(),
        state_folder=state_folder,
        reveal=reveal,
        keep_words=store.keep_words,
        kept_words=store.kept_words,
        tell_others=lambda _: None,
        now=FixedClock(),
        draw=lambda _: None,
    )
