"""The `[chat.slack]` table of the configuration file."""

import re
from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, model_validator

from bot.config import Secret, Section

_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_LAST_PORT = 65535


def _channel(text: str) -> str:
    if not _CHANNEL.fullmatch(text):
        raise ValueError(
            'expected the id of a channel, such as "C0123456789", not its name:'
            " Slack shows it at the bottom of the channel's details"
        )
    return text


def _command(text: str) -> str:
    if not _COMMAND.fullmatch(text):
        raise ValueError(
            'expected a slash command such as "/mem": `/`, then at most 31 small letters, digits, `-` and `_`'
        )
    return text


def _listen(text: str) -> str:
    found = _LISTEN.fullmatch(text)
    if found is None or not 1 <= int(found["port"]) <= _LAST_PORT:
        raise ValueError('expected an address and a port to listen on, such as "127.0.0.1:3000"')
    return text


def _api_url(text: str) -> str:
    url = _split(text)
    if url is None or not url.hostname or url.username or url.query or url.fragment:
        raise ValueError('expected the address of Slack\'s Web API, such as "https://slack-gov.com/api/"')
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname)):
        raise ValueError("expected an address that begins with https://, as tokens are sent there")
    return text if text.endswith("/") else f"{text}/"


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        _ = url.port  # raises where it is no number
    except ValueError:
        return None
    return url if text.isprintable() and " " not in text else None


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can be behind the name or the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_Channel = Annotated[str, AfterValidator(_channel)]
_SECRET = "where the secret stands"  # noqa: S105 - words for people, no secret


class Options(Section):
    """`[chat.slack]`: the app's tokens, where it speaks and listens.

    With `app_token` events come over a connection that memwarden opens (Socket Mode). With `listen` they are
    posted to that address (HTTP mode) and proved by `signing_secret`. An empty `channels` means everywhere.
    """

    bot_token: Secret = Field(description=_SECRET)
    app_token: Secret | None = Field(default=None, description=_SECRET)
    signing_secret: Secret | None = Field(default=None, description=_SECRET)
    listen: Annotated[str, AfterValidator(_listen)] | None = Field(
        default=None, description='an address and a port such as "127.0.0.1:3000"'
    )
    channel: _Channel | None = Field(default=None, description='the id of a channel, such as "C0123456789"')
    channels: tuple[_Channel, ...] = Field(
        default=(), description='a list of ids of channels, such as ["C0123456789"]'
    )
    command: Annotated[str, AfterValidator(_command)] = Field(
        default="/mem", description='a slash command such as "/mem"'
    )
    api_url: Annotated[str, AfterValidator(_api_url)] = Field(
        default="https://slack.com/api/", description='an address such as "https://slack.com/api/"'
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.app_token and self.listen:
            raise ValueError(
                "`app_token` (Socket Mode) and `listen` (HTTP mode) are two ways to hear the same: keep one"
            )
        if self.listen and not self.signing_secret:
            raise ValueError("`listen` needs `signing_secret`: without it, requests could come from anybody")
        if not self.app_token and not self.listen:
            raise ValueError(
                "expected `app_token` (Socket Mode), or `signing_secret` and `listen` (HTTP mode)"
            )
        return self

    @property
    def is_socket_mode(self) -> bool:
        """Whether events come over a connection of our own."""
        return self.app_token is not None

    @property
    def answers_in(self) -> tuple[str, ...]:
        """The channels where questions are answered; empty means everywhere."""
        if not self.channels:
            return ()
        return tuple(dict.fromkeys((*self.channels, *((self.channel,) if self.channel else ()))))

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port to listen on in HTTP mode."""
        host, _, port = (self.listen or "").rpartition(":")
        return host.removeprefix("[").removesuffix("]"), int(port)
