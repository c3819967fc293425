"""Whether something was said already: its first embed names an address that holds a key of ours.

A message keeps no nonce (Discord tells it only when the message is made). An embed whose title is empty shows
no address, and keeps it whole (discord/discord-api-docs#1643, #4129). A message without an embed is known by
its text.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.chat.discord.outgoing import Outgoing

_ADDRESS = "https://discord.com/#memwarden-"

# Clocks differ, and Discord's is the one that counts here.
_SKEW = timedelta(minutes=2)
_MOST = 300


def mark(nonce: str) -> str:
    """Return the address that marks a message."""
    return f"{_ADDRESS}{nonce}"


async def find(
    client: discord.Client,
    channel: int,
    message: Outgoing,
    nonce: str,
    since: datetime | None,
    *,
    about: int | None = None,
) -> int | None:
    """Return the id of the message that was posted with this nonce since then, as far as that can be seen.

    What has no embed must be a reply to the message it is `about`, or to none. Only some hundred messages are
    looked at. None too where the bot may not read them. Raises what discord.py does, but for that.
    """
    texts = message.texts()
    after = None if since is None else since - _SKEW
    history = client.get_partial_messageable(channel).history(limit=_MOST, after=after)
    try:
        async for found in history:
            if client.user is not None and found.author.id == client.user.id:
                marks = {embed.url for embed in found.embeds}
                replied_to = found.reference.message_id if found.reference else None
                is_text = not found.embeds and found.content.strip() in texts and replied_to == about
                if found.nonce == nonce or mark(nonce) in marks or is_text:
                    return found.id
    except (discord.Forbidden, discord.NotFound):
        return None
    return None
