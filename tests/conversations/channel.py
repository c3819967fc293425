"""What a channel shows: cards that are edited in place, and the notes in their threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.errors import ChatError
from tests.conversations.ops import text_of

if TYPE_CHECKING:
    from bot.message import Announcement, Message


@dataclass
class Card:
    """A card as it looks now, how often it was edited, whom it notified, and its thread."""

    message: Message
    mentions: tuple[str, ...]
    edits: int = 0
    notes: list[Message] = field(default_factory=list)
    note_mentions: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return text_of(self.message)

    @property
    def thread(self) -> list[str]:
        return [note.headline for note in self.notes]


class Channel:
    """`Chat.announce` of one destination."""

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.is_down = False

    @property
    def notifications(self) -> int:
        """How often somebody's phone made a sound: each new card and each note."""
        return sum(1 + len(card.notes) for card in self.cards)

    def announce(self, announcement: Announcement) -> str:
        if self.is_down:
            raise ChatError("The platform cannot be reached.", permanent=False)
        if announcement.thread:
            card = self.cards[int(announcement.thread)]
            card.notes.append(announcement.message)
            card.note_mentions.append(announcement.mentions)
            return announcement.thread
        if announcement.edits:
            card = self.cards[int(announcement.edits)]
            card.message = announcement.message
            card.edits += 1
            return announcement.edits
        self.cards.append(Card(announcement.message, announcement.mentions))
        return str(len(self.cards) - 1)
