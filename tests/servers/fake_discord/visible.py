"""A stored message as a test gets to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord.seen import Shown

if TYPE_CHECKING:
    from tests.servers.fake_discord.state import Post, World


def as_seen(world: World, post: Post) -> Shown:
    """Return a copy that later changes do not touch (a message's parts are replaced, never changed)."""
    return Shown(
        id=post.id,
        channel=post.channel,
        author=post.author,
        content=post.content,
        embeds=tuple(post.embeds),
        components=tuple(post.components),
        files=tuple(upload.file for upload in post.uploads),
        ephemeral=post.visible_to is not None,
        edited=post.edited_at is not None,
        pings=post.pings,
        names=world.names(),
        reply_to=post.reply_to,
        allowed_mentions=post.allowed_mentions,
    )
