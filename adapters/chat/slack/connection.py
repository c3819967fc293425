"""Socket Mode that stays awake: a connection counts by what was last heard, not by its flag.

slack_sdk keeps one connection and pings. It may take half a minute to notice that the connection is gone, and
may never notice that nothing comes any more; so this watches, and makes a new client when in doubt, or when
Slack announces the end of a connection: the next one is opened first, so that nothing is lost in between.
"""

from __future__ import annotations

import json
import math
import os
import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.chat.slack.payload import at, text_at
from adapters.chat.slack.refusals import OPEN_CONNECTION, SlackRefused, SlackUnreachable
from adapters.chat.slack.web import Patience, library_logger, reason_of
from adapters.proxy import proxy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_bolt import App
    from slack_sdk.socket_mode.client import BaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from adapters.chat.slack.web import Web
    from adapters.hearing import Hearing

# A form that is sent off may be told what is wrong with it; a list of options is the answer.
_ANSWERED_BY_ACKNOWLEDGEMENT = frozenset({"view_submission", "block_suggestion"})


@dataclass(frozen=True, slots=True)
class Watch:
    """How closely to watch, in seconds.

    Pings go out every `ping_s`; a connection on which nothing was heard for `silent_s` is replaced, trying
    again after `pause_s`, twice that, … at most `longest_pause_s`. After `deaf_s` the others are told. A
    connection whose end Slack announced is listened to until `renewal_s` after the next one was opened.
    """

    look_s: float = 0.5
    ping_s: float = 5.0
    silent_s: float = 20.0
    deaf_s: float = 45.0
    renewal_s: float = 5.0
    pause_s: float = 1.0
    longest_pause_s: float = 60.0


class _Client(SocketModeClient):
    """slack_sdk's client, but that it renews nothing by itself.

    It would on a thread of its own, after a pause as long as Slack asks for: by then we have another
    connection, and nobody would read from the one it opens, over which Slack sends all the same.
    """

    def connect_to_new_endpoint(self, *_: object, **_named: object) -> None:
        """Do nothing: whoever watches makes a new client."""


class Connection:
    """One Socket Mode client, used until it is in doubt."""

    def __init__(
        self, app: App, app_token: str, url: str, *, watch: Watch, heard: Callable[[], None]
    ) -> None:
        self._app = app
        self._heard = heard
        self._pong: float | None = None
        self._closed = False
        self.greeted = False
        self.is_leaving = False
        self.reason = ""
        self._client = _Client(
            app_token,
            logger=library_logger(),
            web_client=app.client,
            auto_reconnect_enabled=False,
            ping_interval=watch.ping_s,
            receive_buffer_size=16_384,
            # Bolt only hands on, and computes all the while: more threads would only delay one another.
            concurrency=2,
        )
        self._client.wss_uri = url
        self._client.proxy = proxy_of("Slack", url)  # slack_sdk would ignore NO_PROXY
        self._client.socket_mode_request_listeners.append(self._on_request)
        self._client.on_message_listeners.append(self._on_frame)
        self._client.message_listeners.append(self._on_message)
        self._client.on_error_listeners.append(self._on_error)

    def open(self) -> None:
        """Connect. Where that fails, `is_broken` tells it."""
        self._client.connect()

    def close(self) -> None:
        """Hang up: nothing is acknowledged any more. The client's threads may take a second to end."""
        if self._closed:
            return
        self._closed = True
        session = self._client.current_session
        self._client.current_session_state.terminated = True
        if session is not None:
            _shut_down(session.sock)
        threading.Thread(target=self._tidy_up, name="slack-hangs-up", daemon=True).start()

    def listen(self) -> None:
        """Note the answers to our pings."""
        session = self._client.current_session
        pong = session.last_ping_pong_time if session else None
        if pong is not None and pong != self._pong and self.greeted:
            self._pong = pong
            self._heard()

    @property
    def is_broken(self) -> bool:
        """Whether the connection is closed, by us, by the network or by Slack."""
        session = self._client.current_session
        return session is None or not session.is_active() or _hung_up(session.sock)

    def _on_message(
        self, _client: BaseSocketModeClient, message: Mapping[str, object], _raw: str | None
    ) -> None:
        self.greeted = self.greeted or text_at(message, "type") == "hello"
        self._heard()

    def _on_frame(self, text: str) -> None:
        """Acknowledge what has come, on the thread that reads, so that nothing that is done delays it."""
        frame = _json(text)
        if text_at(frame, "type") == "disconnect":
            self.is_leaving = True
        envelope, payload = text_at(frame, "envelope_id"), at(frame, "payload")
        if envelope and isinstance(payload, dict) and not _is_answered_by_acknowledgement(payload):
            # Slack sends again what was not acknowledged; the frames behind it are not to suffer.
            with suppress(SlackClientNotConnectedError):
                self._client.send_socket_mode_response(SocketModeResponse(envelope_id=envelope))

    def _on_request(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Hand on to Bolt, and acknowledge what is answered by that."""
        began = time.time()
        response = run_bolt_app(self._app, request)
        if _is_answered_by_acknowledgement(request.payload):
            send_response(client, request, response, began)

    def _on_error(self, error: Exception) -> None:
        self.reason = reason_of(error)

    def _tidy_up(self) -> None:
        try:
            self._client.close()
        except AttributeError:
            # Another thread of slack_sdk closed the socket in between; the rest is still to be closed.
            self._client.close()


class _Leaving:
    """Connections whose end was announced, until they end or nothing can come over them any more."""

    def __init__(self, kept_s: float) -> None:
        self._kept_s = kept_s
        self._until: dict[Connection, float] = {}

    def add(self, connection: Connection) -> None:
        """Listen to it still, for as long as no other is opened."""
        self._until[connection] = math.inf

    def another_is_open(self) -> None:
        """Begin to count: what was sent over the old ones has arrived soon."""
        until = time.monotonic() + self._kept_s
        self._until = {each: min(until, before) for each, before in self._until.items()}

    def look(self) -> None:
        """Close those whose time is over."""
        for connection, until in tuple(self._until.items()):
            connection.listen()
            if connection.is_broken or time.monotonic() > until:
                connection.close()
                del self._until[connection]

    def close(self) -> None:
        """Close all of them."""
        for connection in self._until:
            connection.close()


class SocketMode:
    """Keeps a connection to Slack until it is closed."""

    def __init__(self, app: App, app_token: str, web: Web, hearing: Hearing, watch: Watch) -> None:
        self._app = app
        self._app_token = app_token
        self._web = web
        self._hearing = hearing
        self._watch = watch
        self._leaving = _Leaving(watch.renewal_s)
        self._not_before = 0.0

    def run(self, closed: threading.Event, raise_if_final: Callable[[], None]) -> None:
        """Listen until `closed`. Raises ChatError if Slack will never accept the app token."""
        failures = 0
        try:
            while not closed.is_set():
                began = time.monotonic()
                greeted = self._listen(closed, raise_if_final)
                failures = 0 if greeted else failures + 1
                self._pause(began, failures, closed, raise_if_final)
        finally:
            self._leaving.close()

    def _listen(self, closed: threading.Event, raise_if_final: Callable[[], None]) -> bool:
        """Connect and listen until the connection is in doubt; tell whether Slack had greeted us on it."""
        try:
            connection = self._connection()
        except SlackRefused as error:
            if error.is_final:
                raise
            self._not_before = time.monotonic() + error.retry_after_s
            return self._failed(f"Slack: {error.code}")
        except SlackUnreachable as error:
            return self._failed(error.reason)
        opened = time.monotonic()
        try:
            while not closed.is_set() and not self._is_in_doubt(connection, opened):
                raise_if_final()
                connection.listen()
                self._look()
                closed.wait(self._watch.look_s)
        finally:
            if connection.is_leaving and not closed.is_set():
                self._leaving.add(connection)
            else:
                connection.close()
        self._failed(connection.reason)
        return connection.greeted

    def _connection(self) -> Connection:
        answer = self._web.call(
            OPEN_CONNECTION,
            lambda client: client.apps_connections_open(app_token=self._app_token),
            Patience.of(0),  # trying again is done here, with an eye on the time
        )
        url = text_at(answer.data, "url")
        connection = Connection(self._app, self._app_token, url, watch=self._watch, heard=self._hearing.heard)
        connection.open()
        if not connection.is_broken:
            self._leaving.another_is_open()
        return connection

    def _is_in_doubt(self, connection: Connection, opened: float) -> bool:
        silent_s = min(self._hearing.silent_s, time.monotonic() - opened)
        return connection.is_leaving or connection.is_broken or silent_s > self._watch.silent_s

    def _failed(self, reason: str) -> bool:
        self._hearing.reason = reason or self._hearing.reason
        return False

    def _pause(
        self, began: float, failures: int, closed: threading.Event, raise_if_final: Callable[[], None]
    ) -> None:
        """Wait before the next attempt: not at all after a good connection, else longer each time."""
        watch = self._watch
        longest = min(watch.pause_s * 2.0 ** (failures - 1), watch.longest_pause_s) if failures else 0.0
        # Not all instances that lost Slack at once shall come back at once.
        until = max(
            time.monotonic() + longest * random.uniform(0.5, 1.0),  # noqa: S311 - no secret depends on it
            began + watch.pause_s,
            self._not_before,
        )
        while (left_s := until - time.monotonic()) > 0 and not closed.wait(min(left_s, watch.look_s)):
            raise_if_final()
            self._look()

    def _look(self) -> None:
        self._hearing.look()
        self._leaving.look()


def _is_answered_by_acknowledgement(payload: object) -> bool:
    return text_at(payload, "type") in _ANSWERED_BY_ACKNOWLEDGEMENT


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _hung_up(sock: socket.socket | None) -> bool:
    """Tell whether the other side has closed, which slack_sdk takes for silence for a long time."""
    try:
        with _same(sock) as peeked:
            return peeked.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _shut_down(sock: socket.socket | None) -> None:
    with suppress(OSError), _same(sock) as same:
        same.shutdown(socket.SHUT_RDWR)


def _same(sock: socket.socket | None) -> socket.socket:
    """Return the connection below TLS as a socket of its own. Raises OSError if it is closed."""
    if sock is None:
        raise OSError
    return socket.socket(fileno=os.dup(sock.fileno()))
