"""Where Discord is: other addresses than its own, and the proxy on the way there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.proxy import proxy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.chat.discord.options import Options


@contextmanager
def pointed_at(options: Options) -> Iterator[None]:
    """Make discord.py use the configured addresses until the end.

    They are attributes of its classes: they hold for the whole process.
    """
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    if options.api_url is not None:
        Route.BASE = options.api_url
    if options.gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(options.gateway_url)
    if options.cdn_url is not None:
        Asset.BASE = options.cdn_url
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before


def proxy(options: Options) -> str | None:
    """Return the proxy on the way to Discord, if any. Raises ChatError if it cannot be used."""
    return proxy_of("Discord", options.api_url or Route.BASE)
