"""HTTP mode: signed requests to the app's own address, and retries of events."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from tests.servers.fake_slack.shapes import ACKNOWLEDGE_S, Json

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Interaction
    from tests.servers.fake_slack.workspace import Workspace

# Documented: nearly at once, after a minute, after five.
RETRY_AFTER_S = (0.0, 60.0, 300.0)
_USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


def signed(secret: str, body: str, timestamp: int) -> dict[str, str]:
    """Return the headers that prove that a body comes from Slack (scheme v0)."""
    base = f"v0:{timestamp}:{body}".encode()
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}


class HttpMode:
    """Posts interactions to the request URL."""

    def __init__(self, workspace: Workspace, secret: str) -> None:
        self.url = ""
        self.retry_after_s = RETRY_AFTER_S
        self.failures: list[str] = []
        self._workspace = workspace
        self._secret = secret

    async def deliver(self, interaction: Interaction) -> None:
        """Post it; an event that is not answered with 200 in time is posted again."""
        reason = await self._post(interaction, _retry_headers(interaction.attempts, "http_timeout"))
        if interaction.kind == "events_api":
            for number, after_s in enumerate(self.retry_after_s, start=1):
                if not reason:
                    return
                await asyncio.sleep(after_s)
                reason = await self._post(interaction, _retry_headers(number, reason))
        if reason:
            interaction.give_up()

    async def send(self, body: str, headers: dict[str, str]) -> tuple[int, str, bool]:
        """Post this body; return the answer's status, its text, and whether it wants no retry."""
        timeout = aiohttp.ClientTimeout(total=ACKNOWLEDGE_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(
                self.url, data=body.encode(), headers={"User-Agent": _USER_AGENT} | headers
            ) as answer,
        ):
            no_retry = answer.headers.get("X-Slack-No-Retry") == "1"
            return answer.status, await answer.text(), no_retry

    async def _post(self, interaction: Interaction, headers: dict[str, str]) -> str:
        """Return why it was not acknowledged, or nothing."""
        body, content_type = _encoded(interaction)
        headers = headers | {"Content-Type": content_type}
        headers |= signed(self._secret, body, int(time.time()))
        interaction.delivered, interaction.sent_at = True, time.monotonic()
        interaction.attempts += 1
        if self.failures:
            return self.failures.pop()
        try:
            status, text, no_retry = await self.send(body, headers)
        except TimeoutError:
            return "http_timeout"
        except aiohttp.ClientError:
            return "connection_failed"
        if status != 200:
            return "" if no_retry else "http_error"
        if not interaction.acknowledge(_answer(text)):
            self._workspace.complain(f"acknowledged too late: {interaction.kind} {interaction.key}")
        return ""


def _retry_headers(number: int, reason: str) -> dict[str, str]:
    if not number:
        return {}
    return {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}


def _encoded(interaction: Interaction) -> tuple[str, str]:
    if interaction.kind == "events_api":
        return json.dumps(interaction.payload), "application/json"
    form = "application/x-www-form-urlencoded"
    if interaction.kind == "slash_commands":
        return urlencode(interaction.payload), form
    return urlencode({"payload": json.dumps(interaction.payload)}), form


def _answer(text: str) -> Json:
    if not text.strip():
        return {}
    try:
        answer = json.loads(text)
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
