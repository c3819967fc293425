"""What tests announce, and how it can go wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.chat.slack.chat import SlackChat, Timing
from bot.message import Announcement, Message, Tone
from tests.adapters.chat.slack.served import options_of, world_of

if TYPE_CHECKING:
    from tests.servers.fake_slack import FakeSlack

ALERT = Message("web-1 is critical", tone=Tone.CRITICAL, private=False)
SAID = Announcement(ALERT, "k1")
BETTER = Message("web-1 is good again", tone=Tone.GOOD, private=False)


def chat(slack: FakeSlack, **more: object) -> SlackChat:
    return SlackChat(
        options_of(slack, **{"channel": "C01"} | more), world_of(slack).surroundings, Timing(announcing_s=2.0)
    )


def again(announcement: Announcement) -> Announcement:
    """The same after a crash: it may have arrived."""
    return replace(announcement, doubtful=True, since=datetime.now(UTC))


def make_trouble(slack: FakeSlack, trouble: str) -> None:
    """Let the next post fail: after it was taken, before, or so that nobody knows."""
    if trouble == "lose_answer":
        slack.lose_answer("chat.postMessage")
    elif trouble == "lose_call":
        slack.lose_call("chat.postMessage")
    elif trouble == "500":
        slack.fail("chat.postMessage", "fatal_error", status=500)
    else:
        slack.fail("chat.postMessage", trouble)
