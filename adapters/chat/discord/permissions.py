"""What the bot needs to be allowed, by the names that Discord's settings use."""

from __future__ import annotations

from dataclasses import dataclass

import discord


@dataclass(frozen=True, slots=True)
class Need:
    """A permission: its name, its bit, what is lost without it, and whether alerts cannot do without it."""

    name: str
    permission: discord.Permissions
    lost: str
    essential: bool = False


NEEDED = (
    Need("View Channel", discord.Permissions(view_channel=True), "nothing can be said there", essential=True),
    Need(
        "Send Messages", discord.Permissions(send_messages=True), "nothing can be said there", essential=True
    ),
    Need(
        "Embed Links",
        discord.Permissions(embed_links=True),
        "an alert is plain text, cut short where it is long",
        essential=True,
    ),
    Need(
        "Attach Files",
        discord.Permissions(attach_files=True),
        "there are no charts, and a long alert is cut short",
        essential=True,
    ),
    Need(
        "Read Message History",
        discord.Permissions(read_message_history=True),
        "an alert of which nobody knows whether it arrived can appear twice",
    ),
    Need(
        "Create Public Threads",
        discord.Permissions(create_public_threads=True),
        "what happens to an incident stands in the channel itself, as replies",
    ),
    Need(
        "Send Messages in Threads",
        discord.Permissions(send_messages_in_threads=True),
        "what happens to an incident stands in the channel itself, as replies",
    ),
)
"""The least that alerts need. Answers to commands need no permission at all."""


def all_needed() -> discord.Permissions:
    """Return all of them together."""
    return discord.Permissions(sum(need.permission.value for need in NEEDED))


def missing(granted: discord.Permissions) -> tuple[Need, ...]:
    """Return those that were not granted."""
    return tuple(need for need in NEEDED if not granted.is_superset(need.permission))
