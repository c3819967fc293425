"""Errors of Slack's that pass: nothing ends by them, and no answer is lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.chat import SlackChat
from bot.errors import ChatError
from bot.message import Announcement, Message
from tests.adapters.chat.slack.served import QUICK, Answers, long, options_of, serving, started, world_of

if TYPE_CHECKING:
    from tests.servers.fake_slack import FakeSlack
    from tests.servers.fake_slack.shapes import Shown

PASSING = ("internal_error", "fatal_error", "service_unavailable", "team_added_to_org", "request_timeout")
UNHEARD_OF = (
    "restricted_action_read_only_channel",
    "restricted_action_non_threadable_channel",
    "user_not_in_channel",
    "slack_connect_canvas_sharing_blocked",
)


def wait_seen(slack: FakeSlack, words: str, channel: str = "C01", timeout_s: float = 15) -> Shown:
    """Wait until the answer is in the channel or in direct messages."""
    until = time.monotonic() + timeout_s
    while True:
        for each in (*slack.shown("U01", channel), *slack.direct_messages("U01")):
            if words in each.plain:
                return each
        assert time.monotonic() < until, slack.calls
        time.sleep(0.01)


@pytest.mark.parametrize("code", [*PASSING, "of_next_year"])
def test_it_starts_although_slack_stumbles(slack: FakeSlack, code: str) -> None:
    slack.fail("auth.test", code, times=2)
    with serving(slack) as served:
        slack.command("U01", "hosts")
        slack.wait_shown("U01", 1)

    assert served.ended == []


def test_a_wait_without_an_end_is_no_error_either(slack: FakeSlack) -> None:
    slack.fail("auth.test", "ratelimited", status=200)
    served = started(SlackChat(options_of(slack), world_of(slack).surroundings, QUICK), Answers())
    slack.wait_called("auth.test")
    # Long enough for a second call, were it not waited for.
    time.sleep(0.3)
    served.stop()

    assert served.ended == []
    assert len(slack.called("auth.test")) == 1


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
def test_it_starts_although_something_else_answers_in_slacks_place(slack: FakeSlack, method: str) -> None:
    slack.garble(method, times=2)
    with serving(slack) as served:
        slack.command("U01", "hosts")
        slack.wait_shown("U01", 1)

    assert served.ended == []


@pytest.mark.parametrize("code", [*PASSING, *UNHEARD_OF])
@pytest.mark.parametrize(
    ("words", "method"), [("share hi", "chat.postMessage"), ("hi", "chat.postEphemeral")]
)
def test_an_answer_gets_through_whatever_slack_has_against_its_place(
    slack: FakeSlack, code: str, words: str, method: str
) -> None:
    with serving(slack):
        slack.fail(method, code)
        slack.mention("U01", words)

        assert wait_seen(slack, f"you said: {words}").from_app


@pytest.mark.parametrize(("code", "status"), [("", 403), ("", 400), ("of_next_year", 404), ("", 302)])
def test_a_response_url_that_does_not_say_ok_has_not_taken_the_answer(
    slack: FakeSlack, code: str, status: int
) -> None:
    with serving(slack):
        slack.fail("response_url", code, status=status)
        slack.command("U01", "hosts")

        (shown,) = slack.wait_shown("U01", 1)
        assert "you said: hosts" in shown.plain


@pytest.mark.parametrize("code", ["service_unavailable", "team_added_to_org"])
def test_an_announcement_is_tried_again(slack: FakeSlack, code: str) -> None:
    slack.fail("chat.postMessage", code)

    SlackChat(options_of(slack, channel="C01"), world_of(slack).surroundings).announce(
        Announcement(Message("web-1 is critical"), "k1")
    )

    assert len(slack.shown("U01")) == 1


@pytest.mark.parametrize("code", ["internal_error", "fatal_error"])
def test_an_announcement_that_may_have_been_made_is_for_later(slack: FakeSlack, code: str) -> None:
    slack.fail("chat.postMessage", code)
    chat = SlackChat(options_of(slack, channel="C01"), world_of(slack).surroundings)

    with pytest.raises(ChatError) as caught:
        chat.announce(Announcement(Message("web-1 is critical"), "k1"))

    assert not caught.value.permanent
    assert caught.value.in_doubt


@pytest.mark.parametrize(
    "failures",
    [
        [("response_url", "expired_url", 404)],
        [("response_url", "invalid_blocks", 0)],
        [("response_url", "expired_url", 404), ("chat.postEphemeral", "user_not_in_channel", 0)],
        [("response_url", "invalid_blocks", 0), ("response_url", "expired_url", 404)],
    ],
)
@pytest.mark.parametrize("words", ["long", "share long"])
def test_a_file_is_uploaded_once_whatever_way_the_answer_takes(
    slack: FakeSlack, failures: list[tuple[str, str, int]], words: str
) -> None:
    slack.add_channel("C02", "elsewhere", members=("U01",), bot_is_member=False)
    with serving(slack, Answers({"long": long})):
        for method, code, status in failures:
            slack.fail(method, code, status=status)
        slack.command("U01", words, channel="C02")

        seen = wait_seen(slack, "a long answer", "C02")
        assert len(slack.files) == 1
        assert "in your direct messages with the bot" in seen.plain
