"""trigger_ids: good for one exchange, and not for long."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from tests.servers.fake_slack.refusal import Refused

if TYPE_CHECKING:
    from tests.servers.fake_slack.workspace import Workspace

# Slack's 3 s, and as long as a machine that does much else may stand still.
LASTS_S = 10.0


@dataclass
class _Trigger:
    user: str
    made_at: float
    exchanged: bool = False


class Triggers:
    """All trigger_ids that were handed out."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers: dict[str, _Trigger] = {}

    def make(self, user: str) -> str:
        trigger_id = f"{self._workspace.number()}.{int(self._workspace.now())}.{token_hex(16)}"
        self._triggers[trigger_id] = _Trigger(user, self._workspace.now())
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """Return whose trigger it is, once. Raises Refused."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.exchanged:
            raise Refused("exchanged_trigger_id")
        if self._workspace.now() > trigger.made_at + LASTS_S:
            raise Refused("expired_trigger_id")
        trigger.exchanged = True
        return trigger.user
