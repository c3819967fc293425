"""What the bot needs to be allowed, by the names that Discord's settings use."""

from __future__ import annotations

import discord

NEEDED = {
    "View Channel": discord.Permissions(view_channel=True),
    "Send Messages": discord.Permissions(send_messages=True),
    "Embed Links": discord.Permissions(embed_links=True),
    "Attach Files": discord.Permissions(attach_files=True),
}
"""The least that alerts need. Answers to commands need no permission at all."""


def all_needed() -> discord.Permissions:
    """Return all of them together."""
    return discord.Permissions(sum(permission.value for permission in NEEDED.values()))


def missing(granted: discord.Permissions) -> tuple[str, ...]:
    """Name those that were not granted."""
    return tuple(name for name, needed in NEEDED.items() if not granted.is_superset(needed))
