"""HTTP mode: Slack posts signed requests to an address behind the operator's own reverse proxy.

What is not signed by Slack within the last five minutes, or asks for anything but the one path, is turned
away before Bolt or any other library reads it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import waitress  # type: ignore[import-untyped] # it has no types
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier
from waitress import wasyncore

from adapters.chat.slack.manifest import PATH
from adapters.chat.slack.options import is_loopback
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from slack_bolt import App

_LOG = logging.getLogger(__name__)

_LONGEST_BODY = 300_000
_LOGGED_EVERY_S = 60.0
_THREADS = 8
_LOOK_S = 0.5
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class HttpMode:
    """Listens on an address until it is closed."""

    def __init__(self, app: App, address: tuple[str, int], signing_secret: str) -> None:
        self._app = _Guard(SlackRequestHandler(app, path=PATH), signing_secret)
        self._address = address

    def run(self, closed: threading.Event, raise_if_final: Callable[[], None]) -> None:
        """Listen until `closed`. Raises ChatError if the address cannot be listened on."""
        if not is_loopback(self._address[0]):
            _LOG.warning(
                "memwarden listens on %s, where others than your reverse proxy may connect and hold it up:"
                " let `listen` under [chat.slack] be a loopback address.",
                self._address[0],
            )
        channels: dict[int, object] = {}
        server = waitress.create_server(
            self._app,
            channels,
            sockets=[_listening(*self._address)],
            threads=_THREADS,
            ident=None,
            max_request_body_size=_LONGEST_BODY,
            channel_timeout=30,
        )
        thread = threading.Thread(target=server.run, name="slack-http", daemon=True)
        thread.start()
        try:
            while not closed.wait(_LOOK_S):
                raise_if_final()
        finally:
            # First those who answer, for they wake the server when they are done.
            server.task_dispatcher.shutdown()
            # The server may close on the first half of this, before the second half wakes it.
            with suppress(OSError):
                server.trigger.pull_trigger(partial(wasyncore.close_all, channels))
            thread.join()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ChatError(
            f"memwarden cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}): change `listen`"
            " under [chat.slack].",
            permanent=True,
        ) from None


class _Guard:
    """Lets through to the app what Slack signed, and only that."""

    def __init__(self, app: WSGIApplication, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)
        self._lock = threading.Lock()
        self._silent_until = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        # Bolt has more pages than that if the environment holds a client's secret.
        if environ.get("REQUEST_METHOD") != "POST" or environ.get("PATH_INFO") != PATH:
            return _refused(start_response, "404 Not Found")
        body: bytes = environ["wsgi.input"].read()
        if not self._is_slacks(environ, body):
            self._log("A request was turned away: it is not signed with what `signing_secret` names.")
            return _refused(start_response, "401 Unauthorized")
        if not _is_readable(str(environ.get("CONTENT_TYPE", "")), body):
            self._log("A request of Slack's was turned away: nothing could be read from it.")
            return _refused(start_response, "400 Bad Request")
        read = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self._app({**environ, **read}, start_response)

    def _is_slacks(self, environ: WSGIEnvironment, body: bytes) -> bool:
        timestamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
        signature = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return False
        try:
            return self._verifier.is_valid(body=body, timestamp=timestamp, signature=signature)
        except UnicodeDecodeError:
            return False

    def _log(self, sentence: str) -> None:
        """Log it, once in a while: anybody can make it happen as often as they like."""
        with self._lock:
            now = time.monotonic()
            if now < self._silent_until:
                return
            self._silent_until = now + _LOGGED_EVERY_S
        _LOG.warning("%s", sentence)


def _refused(start_response: StartResponse, status: str) -> Iterable[bytes]:
    start_response(status, [("content-type", "text/plain"), ("content-length", "0")])
    return []


def _is_readable(content_type: str, body: bytes) -> bool:
    """Tell whether it is a JSON object, or a form whose payload, if it has one, is one."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == "application/json" or text.startswith("{"):
            return isinstance(json.loads(text), dict)
        form = parse_qs(text, keep_blank_values=True)
        return bool(form) and all(isinstance(json.loads(each), dict) for each in form.get("payload", ()))
    except (ValueError, RecursionError):
        return False
