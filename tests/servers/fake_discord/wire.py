"""The shape of what goes over the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.fake_discord.seen import File

JsonObject = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
"""The first moment of 2015, which Discord's ids count milliseconds from."""


@dataclass(frozen=True, slots=True)
class Received:
    """A call as its handler gets it: the ids in its path, its query, its body, its files by their number."""

    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: object
    files: Mapping[int, File]


Handler = Callable[[Received], tuple[int, object]]
"""Does what a call asks for and returns the status and what is sent back (None: nothing). Raises ApiError."""
