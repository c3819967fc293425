"""What nobody asked for: announcements in the configured channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.chat import SlackChat
from bot.errors import ChatError
from bot.message import Code, Message, Tone
from tests.adapters.chat.slack.served import options_of, world_of

if TYPE_CHECKING:
    from tests.servers.fake_slack import FakeSlack

ALERT = Message("web-1 is critical", tone=Tone.CRITICAL, private=False)


def chat(slack: FakeSlack, **more: object) -> SlackChat:
    return SlackChat(options_of(slack, **more), world_of(slack).surroundings)


def test_an_announcement_is_seen_by_the_channel(slack: FakeSlack) -> None:
    chat(slack, channel="C01").post(ALERT)

    (shown,) = slack.shown("U01")
    assert not shown.ephemeral
    assert "web-1 is critical" in shown.text


def test_what_does_not_fit_is_a_file_in_the_thread(slack: FakeSlack) -> None:
    chat(slack, channel="C01").post(Message("long", (Code(tuple("x" * 90 for _ in range(500))),)))

    message, file = slack.shown("U01")
    assert file.thread_ts == message.ts
    assert len(file.files) == 1


def test_a_short_wait_is_waited_for(slack: FakeSlack) -> None:
    slack.rate_limit("chat.postMessage", 0.5, retry_after=1)

    chat(slack, channel="C01").post(ALERT)

    assert len(slack.shown("U01")) == 1


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        (None, "There is no channel to post to"),
        ("C02", "/invite @memwarden"),
        ("C99", "There is no channel of this id"),
    ],
)
def test_where_it_cannot_be_said_the_reason_is(slack: FakeSlack, channel: str | None, sentence: str) -> None:
    slack.add_channel("C02", "elsewhere", bot_is_member=False)

    with pytest.raises(ChatError, match=sentence) as caught:
        chat(slack, channel=channel).post(ALERT)

    assert caught.value.permanent


def test_a_long_wait_is_for_later(slack: FakeSlack) -> None:
    slack.rate_limit("chat.postMessage", 60, retry_after=60)

    with pytest.raises(ChatError) as caught:
        chat(slack, channel="C01").post(ALERT)

    assert not caught.value.permanent
