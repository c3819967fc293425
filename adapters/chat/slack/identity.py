"""The app's tokens, and who the bot is by them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.chat.slack.payload import text_at
from bot.errors import BotError, ChatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.chat.slack.web import Patience, Web
    from bot.config import Secret

_TOKEN = re.compile(r"[A-Za-z0-9.-]+")
_SIGNING_SECRET = re.compile(r"[0-9a-f]{16,128}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is; `said_at` is Slack's clock, None where it did not say."""

    bot_user: str
    bot_id: str
    name: str
    team: str
    team_id: str
    enterprise_id: str
    scopes: frozenset[str]
    said_at: datetime | None


def bot_token(secret: Secret, reveal: Callable[[Secret], str]) -> str:
    """Return the bot token. Raises ChatError if it is not there or cannot be one."""
    return _token("bot_token", "xoxb-", "OAuth & Permissions > Bot User OAuth Token", _read(secret, reveal))


def app_token(secret: Secret, reveal: Callable[[Secret], str]) -> str:
    """Return the app-level token. Raises ChatError if it is not there or cannot be one."""
    return _token("app_token", "xapp-", "Basic Information > App-Level Tokens", _read(secret, reveal))


def signing_secret(secret: Secret, reveal: Callable[[Secret], str]) -> str:
    """Return what requests are signed with. Raises ChatError if it is not there or cannot be one."""
    text = _read(secret, reveal)
    if not _SIGNING_SECRET.fullmatch(text):
        raise ChatError(
            "What `signing_secret` under [chat.slack] names is no signing secret, which is 32 hexadecimal"
            " digits: copy it from the app's settings, Basic Information > App Credentials.",
            permanent=True,
        )
    return text


def identify(web: Web, patience: Patience) -> Identity:
    """Ask Slack who we are, which proves the bot token. Raises ChatError."""
    answer = web.call("auth.test", lambda client: client.auth_test(), patience)
    return _identity(answer.data, answer.scopes, answer.said_at)


def _identity(data: Mapping[str, object], scopes: frozenset[str], said_at: datetime | None) -> Identity:
    return Identity(
        bot_user=text_at(data, "user_id"),
        bot_id=text_at(data, "bot_id"),
        name=text_at(data, "user"),
        team=text_at(data, "team"),
        team_id=text_at(data, "team_id"),
        enterprise_id=text_at(data, "enterprise_id"),
        scopes=scopes,
        said_at=said_at,
    )


def _read(secret: Secret, reveal: Callable[[Secret], str]) -> str:
    try:
        return reveal(secret).strip()
    except BotError as error:
        raise ChatError(str(error), permanent=True) from None


def _token(key: str, prefix: str, place: str, text: str) -> str:
    if text.startswith(prefix) and _TOKEN.fullmatch(text):
        return text
    raise ChatError(
        f"What `{key}` under [chat.slack] names is no such token, which begins with {prefix}: copy it"
        f" from the app's settings, {place}.",
        permanent=True,
    )
