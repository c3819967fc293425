"""The part of FakeSlack that makes trouble."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.fake_slack.loop_thread import LoopThread
    from tests.servers.fake_slack.rooms import Rooms
    from tests.servers.fake_slack.shapes import Interaction, Shown
    from tests.servers.fake_slack.web_api import Credentials

Result = TypeVar("Result")
_POLL_S = 0.005


class TroubleMakers:
    """What goes wrong with Slack and the network in between."""

    _rooms: Rooms
    _loop: LoopThread
    _credentials: Credentials

    def redeliver(self, interaction: Interaction, *, new_envelope: bool = True) -> Interaction:
        """Deliver the same thing once more, in a new envelope or in the old one."""
        return self._loop.run(self._rooms.delivery.again(interaction, new_envelope=new_envelope))

    def disconnect(self, reason: str = "refresh_requested", close_after_s: float | None = None) -> None:
        """Announce the end of all connections.

        `warning` closes nothing by itself, other reasons close at once unless `close_after_s` says when.
        """
        if close_after_s is None and reason != "warning":
            close_after_s = 0.0
        self._loop.run(self._rooms.sockets.disconnect(reason, close_after_s))

    def cut(self) -> None:
        """Reset all connections (TCP RST), without a word."""
        self._call(self._rooms.sockets.cut)

    def deafen(self, *, new_ones_too: bool = False) -> None:
        """Let all connections stay open while nothing comes or goes, not even answers to pings.

        Connections opened later work, unless `new_ones_too`. What is sent to a deaf connection is lost.
        """
        self._rooms.sockets.new_ones_deaf = new_ones_too
        self._call(self._rooms.sockets.deafen)

    def undeafen(self) -> None:
        """Let deaf connections work again."""
        self._call(self._rooms.sockets.undeafen)

    def send_garbage(self, text: str = "no JSON") -> None:
        """Send a frame that Slack would not."""
        self._loop.run(self._rooms.sockets.send_text(text))

    def rate_limit(
        self, method: str, for_s: float, retry_after: int = 1, *, under_way_s: float = 0.5
    ) -> None:
        """Answer this method (or `response_url`) with 429 for so long; `retry_after` is the header.

        A call within `under_way_s` after the first refusal is no complaint: it may have been sent before it.
        """
        self._call(lambda: self._rooms.trouble.limit(method, for_s, retry_after, under_way_s))

    def lift_rate_limit(self, method: str) -> None:
        """Answer this method as usual again; whoever was told to wait is still to do so."""
        self._call(lambda: self._rooms.trouble.lift(method))

    def fail(self, method: str, error_code: str, times: int = 1, status: int = 0) -> None:
        """Answer the next calls with this error; `status` is the HTTP status if not the usual one."""
        self._call(lambda: self._rooms.trouble.fail(method, error_code, times, status))

    def lose_answer(self, method: str, times: int = 1) -> None:
        """Carry the next calls out, but break the connection instead of answering."""
        self._call(lambda: self._rooms.trouble.lose_answer(method, times))

    def lose_call(self, method: str, times: int = 1) -> None:
        """Break the connection instead of carrying the next calls out; the app sees no difference."""
        self._call(lambda: self._rooms.trouble.lose_call(method, times))

    def take_long_with_pictures(self, seconds: float) -> None:
        """Let files that are uploaded from now on be unknown to messages for so long."""
        self._rooms.workspace.ready_after_s = seconds

    def garble(self, method: str, times: int = 1) -> None:
        """Let something on the way answer the next calls in Slack's place, with 200 and a page of HTML."""
        self._call(lambda: self._rooms.trouble.garble(method, times))

    def ping_every(self, seconds: float) -> None:
        """Ping connections more often than once in a second."""
        self._rooms.sockets.ping_every_s = seconds

    def break_request_url(self, times: int = 1, reason: str = "http_error") -> None:
        """Let the next posts to the request URL fail on their way (HTTP mode); events are posted again.

        Reasons are Slack's: http_timeout, connection_failed, http_error.
        """
        self._call(lambda: self._rooms.http.failures.extend([reason] * times))

    def revoke(self, token: str) -> None:
        """Revoke a token; calls answer token_revoked. Without its app token the app is disconnected."""
        self._credentials.revoked.add(token)
        if token == self._credentials.app_token:
            self.disconnect("link_disabled")

    def restore(self, token: str) -> None:
        """Make a revoked token good again."""
        self._credentials.revoked.discard(token)

    def delete(self, shown: Shown) -> None:
        """Let somebody delete the message (or dismiss the ephemeral one)."""
        self._call(lambda: self._deleted(shown))

    def pass_time(self, seconds: float) -> None:
        """Set Slack's clock forward: response_urls end after 1,800 s, triggers after `triggers.LASTS_S`."""
        self._call(lambda: self._rooms.workspace.pass_time(seconds))

    def stop_listening(self) -> None:
        """Take Slack off the network: connections break, new ones are refused."""
        self.cut()
        self._loop.run(self._rooms.close())

    def listen_again(self) -> None:
        """Put Slack back on the network, at the same address."""
        self._loop.run(self._rooms.open())

    def _deleted(self, shown: Shown) -> None:
        post = self._rooms.workspace.find(shown.channel, shown.ts)
        assert post is not None, "the message is no longer there"
        self._rooms.workspace.remove(post)

    def _call(self, work: Callable[[], Result]) -> Result:
        return self._loop.call(work)

    def _until(self, fulfilled: Callable[[], bool], timeout_s: float, otherwise: Callable[[], str]) -> None:
        until = time.monotonic() + timeout_s
        while not self._call(fulfilled):
            assert time.monotonic() < until, f"after {timeout_s} s: {otherwise()}"
            time.sleep(_POLL_S)
