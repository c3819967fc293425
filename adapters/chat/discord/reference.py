"""Where a message stands, as it is remembered outside: `channel/message`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from bot.errors import MessageGone

_REFERENCE = re.compile(r"(?P<channel>[0-9]{1,20})/(?P<message>[0-9]{1,20})")


@dataclass(frozen=True, slots=True)
class Reference:
    """A message by its ids. A thread that began with it has the id of the message."""

    channel: int
    message: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Read what `str` wrote. Raises MessageGone if it is something else."""
        if found := _REFERENCE.fullmatch(text):
            return cls(int(found["channel"]), int(found["message"]))
        raise MessageGone(
            "The message to change is none of Discord's: it has to be said anew.", permanent=True
        )

    def __str__(self) -> str:
        """`100/1234`."""
        return f"{self.channel}/{self.message}"
