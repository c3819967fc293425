"""Slack's Web API and response URLs: waits when told to, and says nothing twice.

slack_sdk repeats a call whose connection broke, which can post a message twice, and does not wait when Slack
says "429, retry after …". Here it is the other way round.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, TypeVar
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse, WebClient
from slack_sdk.webhook import WebhookClient

from adapters.chat.slack.payload import items_at, mapping_at, text_at
from adapters.chat.slack.refusals import MAYBE_DONE, RATE_LIMITED, TRANSIENT, SlackRefused, SlackUnreachable
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.chat.slack.rendering import JsonObject

Result = TypeVar("Result")

RESPONSE_URL = "response_url"
_TIMEOUT_S = 10
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_DEFAULT_RETRY_AFTER_S = 30.0
_OK, _REDIRECTED, _TOO_MANY_REQUESTS, _NOT_FOUND, _GONE, _SERVER_ERROR = 200, 300, 429, 404, 410, 500
# What slack_sdk puts where Slack's word for an error would stand.
_NO_JSON = "Received a response in a non-JSON format"


@dataclass(frozen=True, slots=True)
class Answered:
    """What Slack answered; `said_at` is its own clock."""

    data: Mapping[str, object]
    scopes: frozenset[str]
    said_at: datetime | None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something is worth trying: until a moment of the monotonic clock.

    `repeatable` is what may happen twice without harm, so that it is tried again even if it may have arrived.
    """

    until: float
    repeatable: bool = False

    @classmethod
    def of(cls, seconds: float, *, repeatable: bool = False) -> Patience:
        """Return the patience of this many seconds from now."""
        return cls(time.monotonic() + seconds, repeatable)


def library_logger() -> logging.Logger:
    """Return the logger for Slack's libraries, which says nothing.

    They would log bodies, URLs with tickets and tracebacks; what matters of it is said by us in one line.
    """
    logger = logging.getLogger("memwarden.slack-libraries")
    logger.setLevel(logging.CRITICAL + 1)
    logger.disabled = True
    return logger


class Web:
    """Calls Slack; safe to be used by many threads.

    `on_final` hears of every refusal that means that the token is wrong.
    """

    def __init__(self, token: str, api_url: str, *, on_final: Callable[[SlackRefused], None]) -> None:
        # One context for all calls: making one reads every certificate authority of the machine.
        self._ssl = ssl.create_default_context()
        self.client = WebClient(
            token=token,
            base_url=api_url,
            timeout=_TIMEOUT_S,
            ssl=self._ssl,
            logger=library_logger(),
            retry_handlers=[],
        )
        # Without a proxy of its own it asks urllib, which obeys NO_PROXY too.
        self.client.proxy = None
        self._on_final = on_final
        self._closed = threading.Event()
        self._not_before: dict[str, float] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """End all waiting."""
        self._closed.set()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until `close`."""
        self._closed.wait(seconds)

    def call(self, name: str, send: Callable[[WebClient], SlackResponse], patience: Patience) -> Answered:
        """Call a method of the Web API. Raises SlackRefused, SlackUnreachable."""
        return self._patiently(name, lambda: _answered(name, send(self.client)), patience)

    def respond(self, url: str, body: JsonObject, patience: Patience) -> None:
        """Answer an interaction by its response_url. Raises SlackRefused, SlackUnreachable."""
        webhook = WebhookClient(
            url, timeout=_TIMEOUT_S, ssl=self._ssl, logger=library_logger(), retry_handlers=[]
        )
        webhook.proxy = None

        def send() -> None:
            response = webhook.send_dict(dict(body))
            _check_hook(response.status_code, response.body, response.headers)

        self._patiently(RESPONSE_URL, send, patience)

    def _patiently(self, name: str, send: Callable[[], Result], patience: Patience) -> Result:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                self._wait_for_turn(name, patience)
                return _translated(name, send)
            except SlackRefused as refused:
                if refused.is_final:
                    self._on_final(refused)
                if refused.code == RATE_LIMITED:
                    # For whoever calls next, even if this one has no time to wait.
                    self._hold(name, refused.retry_after_s)
                    if not self._can_wait(refused.retry_after_s, patience):
                        raise
                    continue
                maybe_done = refused.code in MAYBE_DONE and not patience.repeatable
                if refused.code not in TRANSIENT or maybe_done or not self._can_wait(pause, patience):
                    raise
            except SlackUnreachable as unreachable:
                if unreachable.maybe_heard and not patience.repeatable:
                    raise
                if not self._can_wait(pause, patience):
                    raise
            self._closed.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _can_wait(self, seconds: float, patience: Patience) -> bool:
        return not self._closed.is_set() and time.monotonic() + seconds < patience.until

    def _hold(self, name: str, seconds: float) -> None:
        """Let nobody call this method for so long: many calls at once are refused only once."""
        with self._lock:
            self._not_before[name] = max(self._not_before.get(name, 0.0), time.monotonic() + seconds)

    def _wait_for_turn(self, name: str, patience: Patience) -> None:
        while (wait_s := self._not_before.get(name, 0.0) - time.monotonic()) > 0:
            if not self._can_wait(wait_s, patience):
                raise SlackRefused(name, RATE_LIMITED, retry_after_s=wait_s)
            self._closed.wait(wait_s)
        if self._closed.is_set():
            raise ChatError("memwarden is ending.", permanent=False)


def _translated(name: str, send: Callable[[], Result]) -> Result:
    try:
        return send()
    except SlackApiError as error:
        raise _refusal(name, error.response) from None
    except HTTPError as error:
        raise _by_status(name, error.code, dict(error.headers.items())) from None
    except URLError as error:
        # urllib says this where the request was never sent as a whole.
        raise SlackUnreachable(name, reason_of(error.reason), maybe_heard=False) from None
    except (OSError, HTTPException, SlackRequestError, ValueError) as error:
        raise SlackUnreachable(name, reason_of(error), maybe_heard=True) from None


def reason_of(error: object) -> str:
    """Say what went wrong without what a library may have put into its words: addresses, tickets, tokens."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _answered(name: str, response: SlackResponse) -> Answered:
    if not isinstance(response.data, dict):
        raise SlackUnreachable(name, "the answer is no JSON", maybe_heard=True)
    headers = _lowered(response.headers)
    scopes = headers.get("x-oauth-scopes", "")
    return Answered(
        response.data,
        frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        _date(headers.get("date", "")),
    )


def _refusal(name: str, response: SlackResponse | Mapping[str, object]) -> ChatError:
    """Return what an answer that is not ok means."""
    if not isinstance(response, SlackResponse):
        return SlackRefused(name, text_at(response, "error"))
    if response.status_code == _TOO_MANY_REQUESTS or response.status_code >= _SERVER_ERROR:
        return _by_status(name, response.status_code, _lowered(response.headers))
    data = mapping_at(response.data)
    code = text_at(data, "error")
    if code.startswith(_NO_JSON):
        return SlackUnreachable(name, "the answer is no JSON", maybe_heard=True)
    if code in (RATE_LIMITED, "rate_limited"):
        return _by_status(name, _TOO_MANY_REQUESTS, _lowered(response.headers))
    hints = items_at(data, "response_metadata", "messages")
    return SlackRefused(
        name,
        code,
        needed=text_at(data, "needed"),
        hints=tuple(hint for hint in hints if isinstance(hint, str)),
    )


def _by_status(name: str, status: int, headers: Mapping[str, str]) -> ChatError:
    if status == _TOO_MANY_REQUESTS:
        return SlackRefused(name, RATE_LIMITED, retry_after_s=_retry_after_s(_lowered(headers)))
    if status >= _SERVER_ERROR:
        return SlackUnreachable(name, f"HTTP status {status}", maybe_heard=True)
    return SlackRefused(name, f"http_{status}")


def _check_hook(status: int, body: str, headers: Mapping[str, str]) -> None:
    """Raise what the answer to a response_url means; it is the word ok, or JSON."""
    said: object = body.strip()
    with suppress(ValueError):
        said = json.loads(body)
    code = text_at(said, "error") or (said if isinstance(said, str) else "")
    if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
        raise _by_status(RESPONSE_URL, status, headers)
    if status in (_NOT_FOUND, _GONE) and code not in ("message_not_found", "channel_not_found"):
        raise SlackRefused(RESPONSE_URL, "expired_url")
    if not _OK <= status < _REDIRECTED:
        raise SlackRefused(RESPONSE_URL, _word(code) or f"http_{status}")
    if code and code != "ok":
        raise SlackRefused(RESPONSE_URL, _word(code))


def _word(said: str) -> str:
    return said.lower().replace(" ", "_")


def _retry_after_s(headers: Mapping[str, str]) -> float:
    try:
        return max(float(headers.get("retry-after", "")), 0.1)
    except ValueError:
        return _DEFAULT_RETRY_AFTER_S


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
