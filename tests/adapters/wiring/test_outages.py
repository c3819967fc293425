"""One platform's deafness is said on the others."""

from __future__ import annotations

import logging
from datetime import timedelta
from queue import SimpleQueue
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from adapters.wiring.outages import Herald
from bot.domain.outage import Outage
from bot.errors import ChatError
from bot.message import Message
from tests.fakes.clock import START

if TYPE_CHECKING:
    import pytest

    from bot.message import Announcement
    from bot.ports import Answer, Chat

BERLIN = ZoneInfo("Europe/Berlin")


class PostBox:
    """A `Chat` that only takes what is posted, or fails to: `often` times, else always."""

    def __init__(self, fails: Exception | None = None, often: int | None = None) -> None:
        self.posted: SimpleQueue[str] = SimpleQueue()
        self._fails = fails
        self._often = often

    def serve(self, answer: Answer) -> None:
        raise AssertionError(answer)

    def announce(self, announcement: Announcement) -> str:
        if self._fails and self._often != 0:
            self._often = None if self._often is None else self._often - 1
            raise self._fails
        self.posted.put(announcement.message.headline)
        return announcement.key

    def close(self) -> None:
        raise AssertionError


def herald(*, again_s: float = 60.0, give_up_s: float = 60.0, **chats: PostBox) -> Herald:
    served: dict[str, Chat] = dict(chats)
    told = Herald(BERLIN, again_s=again_s, give_up_s=give_up_s)
    told.start(lambda: served)
    return told


def test_every_other_platform_hears_of_it_in_order_and_in_the_people_s_time() -> None:
    slack, discord, terminal = PostBox(), PostBox(), PostBox()
    told = herald(slack=slack, discord=discord, terminal=terminal)

    told.tell(Outage("slack", START))
    told.tell(Outage("slack", START, START + timedelta(minutes=3)))

    for other in (discord, terminal):
        assert other.posted.get(timeout=15) == (
            "Slack has not heard anything since 15:02:31 CET; commands there are not answered."
            " memwarden keeps trying."
        )
        assert other.posted.get(timeout=15) == "Slack is back after 3 min."
    assert slack.posted.empty()


def test_who_cannot_be_told_is_one_line_and_keeps_nobody_else_from_hearing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusing = PostBox(ChatError("Discord has no channel.", permanent=True))
    broken, listening = PostBox(KeyError("channel")), PostBox()

    with caplog.at_level(logging.WARNING):
        herald(slack=PostBox(), discord=refusing, pigeon=broken, terminal=listening).tell(
            Outage("slack", START)
        )
        listening.posted.get(timeout=15)

    assert [record.getMessage() for record in caplog.records] == [
        "discord was not told about the outage of slack: Discord has no channel.",
        "pigeon failed to tell about the outage of slack",
    ]


def test_who_is_still_connecting_is_told_again_and_nobody_is_told_twice() -> None:
    connecting = PostBox(ChatError("Discord is not connected.", permanent=False), often=3)
    listening = PostBox()
    told = herald(again_s=0.001, discord=connecting, terminal=listening)

    told.tell(Outage("slack", START, reason="The token was revoked.", ended=True))
    told.tell(Outage("slack", START, START))

    said = "Slack is not served any more: The token was revoked."
    for other in (connecting, listening):
        assert other.posted.get(timeout=15) == said
        assert other.posted.get(timeout=15) == "Slack is back after 0 s."
        assert other.posted.empty()


def test_who_never_connects_is_one_line_in_the_end(caplog: pytest.LogCaptureFixture) -> None:
    absent, listening = PostBox(ChatError("Not connected.", permanent=False)), PostBox()
    told = herald(again_s=0.001, give_up_s=0.02, discord=absent, terminal=listening)

    with caplog.at_level(logging.WARNING):
        told.tell(Outage("slack", START))
        # Once this is told, the one before is done with.
        told.tell(Outage("discord", START))
        listening.posted.get(timeout=15)
        listening.posted.get(timeout=15)

    assert caplog.messages == ["discord was not told about the outage of slack: Not connected."]


def test_what_concerns_all_is_said_on_all_platforms() -> None:
    slack, discord = PostBox(), PostBox()
    told = herald(slack=slack, discord=discord)

    told.say(Message("Nothing can be recorded."), "not recorded")

    assert [box.posted.get(timeout=15) for box in (slack, discord)] == ["Nothing can be recorded."] * 2
