"""The `[chat.discord]` table of the configuration."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.config import Secret, Section

NAME = "discord"
"""What the platform is called in the configuration."""

_ID = re.compile(r"[0-9]{1,20}")
_COMMAND = re.compile(r"[a-z0-9_-]{1,32}")
_WEB = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_SOCKET = re.compile(r"wss?://[^\s/?#]+(/[^\s?#]*)?")
_AN_ID = 'an id in quotes, such as "1122334455667788990"'


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(
            f"expected {_AN_ID}: in Discord, switch on Settings > Advanced > Developer Mode,"
            " right-click and choose Copy ID"
        )
    return text


def _command(text: str) -> str:
    if not _COMMAND.fullmatch(text):
        raise ValueError(
            "expected a command's name of at most 32 small letters, digits, `-` and `_`, without the slash"
        )
    return text


def _web(text: str) -> str:
    if not _WEB.fullmatch(text):
        raise ValueError("expected an address that begins with `https://` or `http://`")
    return text.rstrip("/")


def _socket(text: str) -> str:
    if not _SOCKET.fullmatch(text):
        raise ValueError("expected an address that begins with `wss://` or `ws://`")
    return text


Id = Annotated[str, AfterValidator(_id)]
CommandName = Annotated[str, AfterValidator(_command)]
WebAddress = Annotated[str, AfterValidator(_web)]
SocketAddress = Annotated[str, AfterValidator(_socket)]


class Options(Section):
    """`[chat.discord]`: the bot's token, where it speaks and where it answers.

    `guild` is the server in which the commands are registered at once; None registers them globally.
    `channel` is the one in which alerts appear. `channels` are those it answers in; empty means all.
    """

    token: Secret = Field(description="where the bot's token stands")
    guild: Id | None = Field(default=None, description=f"a server's id: {_AN_ID}")
    channel: Id | None = Field(default=None, description=f"a channel's id: {_AN_ID}")
    channels: tuple[Id, ...] = Field(default=(), description=f"a list of channels' ids: {_AN_ID}")
    command: CommandName = Field(default="mem", description='a command\'s name, such as "mem"')
    api_url: WebAddress | None = Field(default=None, description="the address of Discord's API")
    gateway_url: SocketAddress | None = Field(default=None, description="the address of Discord's gateway")
    cdn_url: WebAddress | None = Field(default=None, description="the address of Discord's files")
