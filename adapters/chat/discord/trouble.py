"""What discord.py and Discord complain about, in one line that is safe to show."""

from __future__ import annotations

from enum import IntEnum
from http import HTTPStatus

import aiohttp
import discord

from adapters.plain_text import visible

TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError)
"""What can go wrong between us and Discord without anybody's mistake; a TimeoutError is an OSError."""

STRANGE = (ValueError, TypeError, LookupError, AttributeError)
"""What discord.py raises where an answer is not one of Discord: it takes the form of answers for granted."""

NOT_DISCORD = "what answers at `api_url` is not Discord"

_LONGEST = 200
_NO_LOGIN = "Discord does not accept the token"


class Code(IntEnum):
    """Error codes of Discord's API that mean something to us."""

    UNKNOWN_CHANNEL = 10003
    UNKNOWN_MESSAGE = 10008
    UNKNOWN_INTERACTION = 10062
    ALREADY_ACKNOWLEDGED = 40060
    MISSING_ACCESS = 50001
    NOT_OURS = 50005
    MISSING_PERMISSIONS = 50013
    NO_TEXT_CHANNEL = 50008
    WRONG_CHANNEL_TYPE = 50024
    ENDED_TOKEN = 50027
    ARCHIVED = 50083
    NO_HISTORY = 160002
    HAS_THREAD = 160004
    LOCKED = 160005


_MEANINGS = {
    Code.UNKNOWN_CHANNEL: "there is no such channel",
    Code.UNKNOWN_MESSAGE: "the message was deleted meanwhile",
    Code.UNKNOWN_INTERACTION: "it was not acknowledged within 3 seconds",
    Code.ALREADY_ACKNOWLEDGED: "it was acknowledged already: does memwarden run twice with this token?",
    Code.MISSING_ACCESS: "the bot has no access there (error 50001)",
    Code.MISSING_PERMISSIONS: "the bot lacks a permission there (error 50013)",
    Code.NOT_OURS: "the message is another bot's",
    Code.ARCHIVED: "the thread is archived",
    Code.LOCKED: "the thread is locked",
    Code.NO_TEXT_CHANNEL: "nothing can be written there",
    Code.WRONG_CHANNEL_TYPE: "nothing can be written there",
    Code.ENDED_TOKEN: "it took longer than the 15 minutes that Discord waits for an answer",
}

REFUSED_TOKEN = 4004
REMEDIES = {
    REFUSED_TOKEN: (
        "Discord does not accept the bot's token. In the Developer Portal open the application, choose"
        " Bot > Reset Token, and put the new token where `token` of [chat.discord] says."
    ),
    4010: "Discord refused our shard (4010): this is a mistake of ours or of discord.py; update memwarden.",
    4011: "The bot is in too many servers for one connection (4011): remove it from those it is not used in.",
    4012: "Discord no longer speaks this version of its protocol (4012): update discord.py and memwarden.",
    4013: "Discord refused the intents we asked for (4013): update discord.py and memwarden.",
    4014: (
        "Discord refused the intents we asked for (4014). memwarden needs no privileged one: update it, and"
        " look at the application's Bot page in the Developer Portal."
    ),
}
"""What to do about the codes with which Discord closes a connection for good."""


def code_of(error: BaseException) -> int | None:
    """Return the code of Discord's API, if the error has one."""
    return error.code if isinstance(error, discord.HTTPException) else None


def lasting(error: BaseException | None) -> str | None:
    """Return what to do about an error that trying again cannot mend; None if it can."""
    if isinstance(error, discord.LoginFailure):
        return REMEDIES[REFUSED_TOKEN]
    return REMEDIES.get(error.code) if isinstance(error, discord.ConnectionClosed) else None


def reason(error: BaseException | None) -> str:
    """Say in one line what went wrong. Never an address: those of interactions hold their tokens."""
    match error:
        case None:
            said = "the connection was closed"
        case discord.RateLimited():
            said = f"Discord asks to wait for {error.retry_after:.0f} s"
        case discord.HTTPException():
            said = _of_http(error)
        case discord.ConnectionClosed():
            said = f"Discord closed it with code {error.code}"
        case discord.LoginFailure():
            said = _NO_LOGIN
        case TimeoutError():
            said = "there was no answer in time"
        case aiohttp.ClientConnectorError():
            said = error.os_error.strerror or type(error.os_error).__name__
        case aiohttp.ClientResponseError():
            said = f"Discord answered with status {error.status}"
        case OSError() if error.strerror:
            said = error.strerror
        case _:
            said = f"{type(error).__name__} in what Discord sent"
    return visible(said)


def _of_http(error: discord.HTTPException) -> str:
    if error.code in _MEANINGS:
        return _MEANINGS[Code(error.code)]
    if error.status == HTTPStatus.UNAUTHORIZED:
        return _NO_LOGIN
    text = " ".join(error.text.split())
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"status {error.status}, error {error.code} {short}".rstrip()
