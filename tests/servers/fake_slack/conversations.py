"""Which conversation a call means, and whether the app may speak there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.workspace import BOT_USER, Channel

if TYPE_CHECKING:
    from tests.servers.fake_slack.web_api import Backend


def channel_of(backend: Backend, said: str, *, by_name: bool = True) -> Channel:
    """Return the conversation with this id (or name). Raises Refused where the app cannot know of it."""
    channels = backend.workspace.channels
    found = channels.get(said)
    if found is None and by_name:
        found = next((each for each in channels.values() if each.name == said.removeprefix("#")), None)
    if found is None or (found.private and BOT_USER not in found.members):
        raise Refused("channel_not_found")
    return found


def open_for_posting(backend: Backend, said: str, *, public: bool = True) -> Channel:
    """Return the conversation if the app may post there.

    A person's id means the direct messages with them. `public`: chat:write.public counts.
    """
    if said in backend.workspace.users:
        return backend.workspace.im(said)
    channel = channel_of(backend, said)
    if channel.archived:
        raise Refused("is_archived")
    everywhere = public and "chat:write.public" in backend.credentials.scopes
    if BOT_USER not in channel.members and not everywhere:
        raise Refused("not_in_channel")
    return channel


def thread_of(backend: Backend, channel: str, thread_ts: str | None) -> str | None:
    """Return the thread a message goes to. Raises Refused where there is none."""
    if not thread_ts:
        return None
    begun = backend.workspace.find(channel, thread_ts)
    if begun is not None and begun.thread_ts not in (None, thread_ts):
        backend.workspace.complain("answered a reply instead of the message that begins its thread")
    others = (post for post in backend.workspace.posts if post.channel == channel)
    # A message that was deleted with answers below it leaves a stone there, and its thread goes on.
    goes_on = any(post.thread_ts == thread_ts for post in others)
    if (begun is None and not goes_on) or (begun is not None and begun.only_for):
        # Not documented whether Slack refuses; a reply to nothing is a mistake in any case.
        raise Refused("thread_not_found")
    return thread_ts
