"""Where a call wants to do something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord import permissions
from tests.servers.fake_discord.errors import refused

if TYPE_CHECKING:
    from tests.servers.fake_discord.state import Channel, World
    from tests.servers.fake_discord.wire import Received


def place_of(world: World, asked: Received) -> Channel:
    """Return the channel or thread that the path names. Raises ApiError: unknown, or not to be seen."""
    place = world.channels.get(asked.parts["channel_id"])
    if place is None:
        raise refused(10003)
    if not world.in_guild and place.recipient is None:
        raise refused(50001)
    if not world.allowed(place.id) & permissions.VIEW_CHANNEL:
        raise refused(50001)
    return place
