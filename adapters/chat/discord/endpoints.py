"""Where Discord is: other addresses than its own, and the proxy on the way there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import ChatError

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
    """Return the proxy that HTTPS_PROXY and NO_PROXY (or the system) want for Discord, if any.

    Raises ChatError where it is of a kind that cannot be used. The sentence does not repeat the address:
    a password may be in it.
    """
    api = urlsplit(options.api_url or Route.BASE)
    if proxy_bypass(api.netloc):
        return None
    found = getproxies().get(api.scheme)
    if not found:
        return None
    address = found if "://" in found else f"http://{found}"
    if not address.startswith(("http://", "https://")):
        raise ChatError(
            f"Discord cannot be reached through the proxy that {api.scheme.upper()}_PROXY names: "
            "only `http://` proxies can be used.",
            permanent=True,
        )
    return address
