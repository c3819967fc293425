"""What a test lets go wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads
from tests.servers.fake_discord.server import PATIENCE_S
from tests.servers.fake_discord.surroundings import Surroundings
from tests.servers.fake_discord.trouble import Failure, Limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.fake_discord.interaction import Interaction
    from tests.servers.fake_discord.seen import Shown
    from tests.servers.fake_discord.wire import JsonObject


class Mischief(Surroundings):
    """Trouble with connections, calls, tokens and messages."""

    def redeliver(self, interaction: Interaction) -> None:
        """Send the same event once more."""
        self._do(lambda: self._gateway.deliver(interaction._ask))

    def disconnect(self, code: int = 4000) -> None:
        """Close the gateway's connections with this code; 4007 and 4009 end the sessions too."""
        asyncio.run_coroutine_threadsafe(self._gateway.disconnect(code), self._loop).result(PATIENCE_S)

    def request_reconnect(self) -> None:
        """Ask the bot to reconnect and resume (opcode 7)."""
        self._do(self._gateway.request_reconnect)

    def invalidate_session(self, *, resumable: bool = False) -> None:
        """Tell the bot that its session is over (opcode 9)."""
        self._do(lambda: self._gateway.invalidate(resumable=resumable))

    def cut(self) -> None:
        """Reset the gateway's TCP connections."""
        self._do(self._gateway.cut)

    def deafen(self) -> None:
        """Keep connections open but answer nothing, heartbeats neither; new connections get no hello."""
        self._do(lambda: self._gateway.deafen(deaf=True))

    def undeafen(self) -> None:
        """Answer again. What happened meanwhile is sent to whoever resumes, not to those still connected."""
        self._do(lambda: self._gateway.deafen(deaf=False))

    def send_garbage(self, frame: str = "<html>502 Bad Gateway</html>") -> None:
        """Send a frame that is no JSON."""
        self._do(lambda: self._gateway.send_raw(frame))

    def rate_limit(
        self,
        route_prefix: str,
        for_s: float,
        retry_after: float,
        *,
        everywhere: bool = False,
        via: bool = True,
    ) -> None:
        """Answer 429 to calls whose `METHOD /path` or `/path` begins so, for a while from the first.

        `everywhere` makes the limit a global one; without `via` it looks like a ban by the proxy.
        """
        limit = Limit(route_prefix, for_s, retry_after, everywhere=everywhere, via=via)
        self._do(lambda: self._world.limits.append(limit))

    def fail(self, route_prefix: str, status: int, code: int = 0, times: int = 1) -> None:
        """Refuse the next calls whose `METHOD /path` or `/path` begins so."""
        self._do(lambda: self._world.failures.append(Failure(route_prefix, status, code, times)))

    def lose_answer(self, route_prefix: str, times: int = 1) -> None:
        """Do what the next such calls ask for, but break the connection instead of answering."""
        self._do(lambda: self._world.failures.append(Failure(route_prefix, 0, 0, times)))

    def lose_call(self, route_prefix: str, times: int = 1) -> None:
        """Break the connection of the next such calls before doing anything of what they ask for."""
        self._do(lambda: self._world.failures.append(Failure(route_prefix, 0, 0, times, lost=True)))

    def hold_answer(self, route_prefix: str, times: int = 1) -> None:
        """Do what the next such calls ask for, and never answer; `held` counts those that wait."""
        self._do(lambda: self._world.failures.append(Failure(route_prefix, 0, 0, times, held=True)))

    @property
    def held(self) -> int:
        """How many calls were done and are not answered."""
        return self._do(lambda: self._world.held)

    def end_trouble(self) -> None:
        """Let nothing more go wrong of what was planned for calls."""
        self._do(self._world.failures.clear)
        self._do(self._world.limits.clear)

    def forget_nonces(self) -> None:
        """Let the past few minutes be over, during which a nonce is recognised."""
        self._do(self._world.nonces.clear)

    def archive(self, thread: str, *, locked: bool = False) -> None:
        """Archive a thread, as its silence or a moderator does, and perhaps lock it."""

        def put_away() -> None:
            place = self._world.channels[thread]
            place.archived, place.locked = True, locked
            self._gateway.dispatch("THREAD_UPDATE", payloads.channel(self._world, thread))

        self._do(put_away)

    def delete_channel(self, channel: str) -> None:
        """Delete a channel or a thread with everything in it."""

        def remove() -> None:
            place = payloads.channel(self._world, channel)
            del self._world.channels[channel]
            for post in [one for one in self._world.posts.values() if one.channel == channel]:
                del self._world.posts[post.id]
            self._gateway.dispatch("THREAD_DELETE" if place["parent_id"] else "CHANNEL_DELETE", place)

        self._do(remove)

    def say_instead(self, route_prefix: str, text: str, content_type: str, times: int = 1) -> None:
        """Answer the next such calls as if something else stood there: a proxy, another web server."""
        failure = Failure(route_prefix, 200, 0, times, text, content_type)
        self._do(lambda: self._world.failures.append(failure))

    def tamper(self, change: Callable[[JsonObject], None]) -> None:
        """Change the guild's commands without the bot."""

        def tampered() -> None:
            for command in self._world.guild_commands.values():
                change(command)

        self._do(tampered)

    def revoke(self) -> None:
        """Make the token invalid: 401 for every call, close code 4004 at the gateway."""

        def end() -> None:
            self._world.revoked = True

        self._do(end)
        self.disconnect(4004)

    def expire(self, interaction: Interaction) -> None:
        """Let the interaction's 15 minutes be over."""

        def end() -> None:
            interaction._ask.expired = True

        self._do(end)

    def delete(self, shown: Shown) -> None:
        """Delete a message as a moderator would, or dismiss an ephemeral one."""

        def remove() -> None:
            post = self._world.posts.pop(shown.id, None)
            if post is not None:
                self._world.record("deleted", post)
            self._gateway.dispatch(
                "MESSAGE_DELETE", {"id": shown.id, "channel_id": shown.channel, "guild_id": self.guild_id}
            )

        self._do(remove)
