"""The Events API: which messages the app hears of.

The app hears of what it subscribed to (`subscribed`) and has the scope for. Messages of its own come back to
it as `message` events with its bot_id, so that an app that answers itself shows.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.servers.fake_slack import payloads
from tests.servers.fake_slack.shapes import Interaction
from tests.servers.fake_slack.workspace import BOT_USER, TEAM

if TYPE_CHECKING:
    from tests.servers.fake_slack.delivery import Delivery
    from tests.servers.fake_slack.shapes import Json
    from tests.servers.fake_slack.workspace import Channel, Post, Workspace

SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channel": "channels:history",
    "message.group": "groups:history",
}


class Events:
    """Turns what happens in the workspace into events."""

    def __init__(self, workspace: Workspace, delivery: Delivery, scopes: set[str]) -> None:
        self.subscribed = {"app_mention", "message.im"}
        self._scopes = scopes
        self._workspace = workspace
        self._delivery = delivery
        self._sending: set[asyncio.Task[Interaction]] = set()
        workspace.watchers.append(self._watch)

    async def mentioned(self, post: Post) -> Interaction:
        """Tell the app that it is mentioned in this message."""
        event = payloads.mention_event(post, number=self._workspace.number())
        member = BOT_USER in self._workspace.channels[post.channel].members
        return await self._send("app_mention", event, reaches=member)

    async def written(self, post: Post) -> Interaction:
        """Tell the app of a message in a channel or a direct message that it reads."""
        channel = self._workspace.channels[post.channel]
        event = payloads.message_event(post, channel, number=self._workspace.number())
        return await self._send(_name(channel), event, reaches=BOT_USER in channel.members)

    def _watch(self, what: str, post: Post) -> None:
        # Ephemeral messages make no events.
        channel = self._workspace.channels[post.channel]
        if post.only_for or BOT_USER not in channel.members or not self._hears(_name(channel)):
            return
        if what == "posted":
            # What people write is told by who makes them write, because tests wait for that.
            if not post.from_app:
                return
            event = payloads.message_event(post, channel, number=self._workspace.number())
        else:
            event = payloads.changed_event(post, channel, f"message_{what}", self._workspace.ts())
        sending = asyncio.ensure_future(self._send(_name(channel), event, reaches=True))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    def _hears(self, name: str) -> bool:
        return name in self.subscribed and SCOPES[name] in self._scopes

    async def _send(self, name: str, event: Json, *, reaches: bool) -> Interaction:
        event_id = f"Ev{self._workspace.number():08d}"
        author = self._workspace.users.get(str(event.get("user")))
        by_stranger = author is not None and author.team != TEAM
        if author is not None and by_stranger:
            event |= {"team": author.team, "user_team": author.team, "source_team": author.team}
        payload = payloads.event(event, event_id, self._workspace.now(), by_stranger=by_stranger)
        interaction = Interaction("events_api", event_id, payload)
        if reaches and self._hears(name):
            await self._delivery.deliver(interaction)
        return interaction


def _name(channel: Channel) -> str:
    return f"message.{payloads.channel_type(channel)}"
