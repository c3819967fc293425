"""A handle on what a person did: what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.fake_discord.state import Ask


# Discord waits 3 s; a machine that does much else may stand still for longer.
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Interaction:
    """One command, click or submitted form."""

    id: str
    user: str
    channel: str
    token: str = field(repr=False)
    _ask: Ask = field(repr=False)
    _wait: Callable[[Callable[[], bool], float], bool] = field(repr=False)
    _patience_s: float = field(default=PATIENCE_S, repr=False)

    @property
    def acknowledged_after_s(self) -> float | None:
        """How long the first response took, in seconds; waits for it; None if there was none."""
        self._wait(lambda: self._ask.acknowledged_at is not None, self._patience_s)
        if self._ask.acknowledged_at is None:
            return None
        return self._ask.acknowledged_at - self._ask.at

    @property
    def response_type(self) -> int | None:
        """The type of the first response (4 message, 5 deferred, 6 deferred update, 7 update, 9 modal)."""
        return self._ask.response_type

    @property
    def ephemeral(self) -> bool | None:
        """Whether the response is seen by its person alone; None as long as there is no message."""
        self._wait(lambda: self._ask.acknowledged_at is not None, self._patience_s)
        return self._ask.ephemeral

    @property
    def failed(self) -> bool:
        """Whether the client told the person that the application did not respond in time."""
        return self.acknowledged_after_s is None
