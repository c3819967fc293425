"""Points the real discord.py at the fake, and back again."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import yarl

with warnings.catch_warnings():
    # discord.py's voice part imports a module that Python 3.13 has no more.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    from discord.asset import Asset
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_discord.fake import FakeDiscord


@contextmanager
def library_at(discord: FakeDiscord) -> Iterator[None]:
    """Make every client of discord.py in this process talk to the fake.

    The addresses are attributes of the library's classes, so they hold for the whole process until the end.
    """
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    Route.BASE = discord.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
    Asset.BASE = discord.cdn_url
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before
