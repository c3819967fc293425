"""How an interaction reaches the app: over a socket, or posted to its request URL."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tests.servers.fake_slack.shapes import Interaction

if TYPE_CHECKING:
    from tests.servers.fake_slack.http_mode import HttpMode
    from tests.servers.fake_slack.sockets import Sockets
    from tests.servers.fake_slack.workspace import Workspace


class Delivery:
    """Delivers interactions, and remembers them."""

    def __init__(self, workspace: Workspace, sockets: Sockets, http: HttpMode) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._http = http
        self._posting: set[asyncio.Task[None]] = set()

    async def deliver(self, interaction: Interaction) -> Interaction:
        """Send it. With nobody connected it is lost, as Slack tells the person of it at once."""
        self._workspace.interactions.append(interaction)
        if not self._http.url:
            await self._sockets.deliver(interaction)
            return interaction
        interaction.delivered, interaction.sent_at = True, time.monotonic()
        posting = asyncio.create_task(self._http.deliver(interaction))
        self._posting.add(posting)
        posting.add_done_callback(self._posting.discard)
        return interaction

    async def again(self, interaction: Interaction, *, new_envelope: bool) -> Interaction:
        """Deliver the same once more. Both happen: in the same envelope, and in a new one."""
        repeated = Interaction(
            kind=interaction.kind,
            key=interaction.key,
            payload=interaction.payload,
            accepts_response=interaction.accepts_response,
            envelope_id="" if new_envelope else interaction.envelope_id,
            attempts=max(1, interaction.attempts),
        )
        return await self.deliver(repeated)
