"""The questions that were asked before something dangerous, each of which is answered once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import LRUCache

from adapters.seen import Seen

if TYPE_CHECKING:
    from adapters.chat.discord.commands import Interaction

_MOST = 1000


class Questions:
    """Knows which questions were answered, and the click that led to each: its message can be changed."""

    def __init__(self) -> None:
        self._answered = Seen()
        self._clicks: LRUCache[int, Interaction] = LRUCache(_MOST)

    def asked(self, question: int, click: Interaction) -> None:
        """Note that this message is the question about a click."""
        self._clicks[question] = click

    def is_open(self, interaction: Interaction) -> bool:
        """Tell whether this is the first answer to the question that was clicked on."""
        return interaction.message is not None and self._answered.is_new(str(interaction.message.id))

    def click(self, interaction: Interaction) -> Interaction | None:
        """Return the click that led to the question that was clicked on, if Discord still listens to it."""
        click = self._clicks.pop(interaction.message.id, None) if interaction.message else None
        return None if click is None or click.is_expired() else click
