"""Whatever Slack and the network do: one answer to each question, or one line in the log."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.chat import SlackChat
from bot.message import Button, Message
from tests.adapters.chat.slack.served import QUICK, WATCHFUL, Answers, options_of, serving, started, world_of

if TYPE_CHECKING:
    from bot.message import Request
    from tests.servers.fake_slack import FakeSlack
    from tests.servers.fake_slack.shapes import Shown


def texts(shown: list[Shown]) -> list[str]:
    return [each.plain.strip() for each in shown]


def settled(slack: FakeSlack, words: str) -> list[str]:
    """Everything that is seen once this, too, was answered."""
    slack.command("U01", words)
    slack.wait_until("U01", lambda seen: any(words in each.plain for each in seen))
    return texts(slack.shown("U01"))


def test_what_is_delivered_twice_is_answered_once(slack: FakeSlack) -> None:
    answer = Answers()
    with serving(slack, answer):
        for said in (slack.command("U01", "one"), slack.mention("U01", "two")):
            for new_envelope in (True, False):
                again = slack.redeliver(said, new_envelope=new_envelope)
                assert again.acknowledged_after_s is not None
        settled(slack, "last")

        assert answer.wait(3) == ["last", "one", "two"]


def test_a_click_that_is_delivered_twice_is_one_click(slack: FakeSlack) -> None:
    answer = Answers({"card": lambda _: Message("card", buttons=(Button("Go", "gone"),))})
    with serving(slack, answer):
        slack.command("U01", "card")
        (shown,) = slack.wait_shown("U01", 1)
        click = slack.click("U01", shown, "Go")
        slack.redeliver(click)
        settled(slack, "last")

        assert answer.wait(3) == ["card", "gone", "last"]


def test_a_question_that_is_lost_with_its_connection_is_answered_when_it_comes_again(
    slack: FakeSlack,
) -> None:
    answer = Answers()
    with serving(slack, answer, timing=WATCHFUL):
        slack.deafen()
        lost = slack.command("U01", "hosts")
        slack.wait_opened(2)
        # Over a connection that, on a busy machine, may be given up again.
        until = time.monotonic() + 30
        while slack.redeliver(lost).acknowledged_after_s is None:
            assert time.monotonic() < until
            time.sleep(0.05)
        (shown,) = slack.wait_shown("U01", 1)

    assert "you said: hosts" in shown.plain


def test_while_slack_asks_to_wait_nothing_is_lost_and_nothing_doubled(slack: FakeSlack) -> None:
    with serving(slack):
        for method in ("response_url", "chat.postEphemeral", "chat.postMessage"):
            slack.rate_limit(method, 1.2, retry_after=1, under_way_s=60)
        for number in range(5):
            slack.command("U01", f"number {number}")
            slack.mention("U01", f"mention {number}")
            slack.mention("U01", f"share mention {number}")
        shown = slack.wait_shown("U01", 15)
        refused = [call for call in slack.calls if call.error == "ratelimited"]

    assert refused
    assert len({each.plain for each in shown if "you said" in each.plain}) == 15
    assert len([each for each in shown if "you said" in each.plain]) == 15


def test_an_answer_that_may_have_arrived_is_not_given_again(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(slack):
        slack.lose_answer("response_url")
        slack.lose_answer("chat.postMessage")
        slack.command("U01", "one")
        slack.mention("U01", "share two")
        slack.wait_shown("U01", 2)
        shown = settled(slack, "last")

    assert len(shown) == len(set(shown)) == 3
    assert "may not have arrived" in caplog.text


def test_an_expired_response_url_is_not_the_end(slack: FakeSlack) -> None:
    going = threading.Event()

    def slow(request: Request) -> Message:
        going.wait(15)
        return Message(f"after all: {request.text}")

    with serving(slack, Answers({"slow": slow})):
        slack.command("U01", "slow")
        slack.pass_time(1801)
        going.set()

        (shown,) = slack.wait_shown("U01", 1)
        assert shown.ephemeral
        assert "after all: slow" in shown.plain


def test_where_the_bot_may_not_whisper_it_writes_to_the_person(slack: FakeSlack) -> None:
    slack.add_channel("C02", "elsewhere", members=("U01",), bot_is_member=False)
    with serving(slack):
        slack.fail("response_url", "expired_url", status=404)
        slack.command("U01", "hosts", channel="C02")

        (shown,) = slack.wait_direct_messages("U01", 1)
        assert "you said: hosts" in shown.plain


def test_a_click_on_a_message_that_is_deleted_meanwhile_is_answered(slack: FakeSlack) -> None:
    going = threading.Event()

    def slow(request: Request) -> Message:
        going.wait(15)
        return Message(f"done: {request.text}")

    card = Message("card", buttons=(Button("Go", "slow", in_place=True),), private=False)
    with serving(slack, Answers({"card": lambda _: card, "slow": slow})):
        slack.command("U01", "card")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Go")
        slack.delete(shown)
        going.set()

        (answered,) = slack.wait_until("U01", bool)
        assert answered.ephemeral
        assert "done: slow" in answered.plain


def test_what_slack_does_not_take_is_given_as_plain_text(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(slack):
        slack.fail("response_url", "invalid_blocks")
        slack.command("U01", "hosts")
        (shown,) = slack.wait_shown("U01", 1)

    assert shown.blocks == ()
    assert "you said: hosts" in shown.plain
    assert "invalid_blocks" in caplog.text


def test_a_slow_answer_is_announced(slack: FakeSlack) -> None:
    going = threading.Event()

    def slow(_request: Request) -> Message:
        going.wait(15)
        return Message("at last")

    with serving(slack, Answers({"slow": slow}), timing=replace(QUICK, patience_s=0.1)):
        slack.command("U01", "slow")
        slack.wait_shown("U01", 1)
        going.set()
        note, answered = slack.wait_shown("U01", 2)

    assert "Looking…" in note.plain
    assert "at last" in answered.plain


def test_whoever_asks_while_too_much_is_asked_is_told_so(slack: FakeSlack) -> None:
    going = threading.Event()

    def slow(request: Request) -> Message:
        going.wait(15)
        return Message(f"done: {request.text}")

    timing = replace(QUICK, threads=1, most=2)
    with serving(slack, Answers({"slow": slow}), timing=timing):
        for number in range(3):
            slack.command("U01", f"slow {number}")
        (busy,) = slack.wait_shown("U01", 1)
        going.set()
        slack.wait_shown("U01", 3)

    assert busy.ephemeral
    assert "Too many questions" in busy.plain


def test_fifty_commands_at_once_are_all_acknowledged_before_any_is_answered(slack: FakeSlack) -> None:
    going = threading.Event()

    def report(request: Request) -> Message:
        going.wait(30)
        return Message(f"report of {request.text}")

    with serving(slack, Answers({"report": report})):
        # A connection that was just opened is read from only after 0.1 s (slack_sdk's own pace).
        settled(slack, "first")
        asked = [slack.command("U01", f"report {number}") for number in range(50)]
        took = sorted(after for each in asked if (after := each.acknowledged_after_s) is not None)
        answered_before = len(slack.shown("U01")) - 1
        going.set()
        shown = slack.wait_shown("U01", 51, timeout_s=30)

    print(f"acknowledged: p50 {1000 * took[24]:.1f} ms, p99 {1000 * took[-1]:.1f} ms")  # noqa: T201
    assert len(took) == 50
    assert answered_before == 0
    assert len(set(texts(shown))) == 51


def test_a_mistake_of_ours_costs_one_answer_not_the_bot(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_request: Request) -> Message:
        raise LookupError("with something secret in it")

    with serving(slack, Answers({"broken": broken})):
        asked = slack.command("U01", "broken")
        assert asked.acknowledged_after_s is not None
        settled(slack, "last")

    assert "LookupError" in caplog.text
    assert "secret" not in caplog.text


def test_a_revoked_bot_token_ends_it_with_one_sentence(slack: FakeSlack) -> None:
    with serving(slack) as served:
        slack.revoke(slack.bot_token)
        slack.mention("U01", "hosts")
        error = served.wait_ended()

    assert error.permanent
    assert str(error) == (
        "The bot token was revoked (token_revoked): take a new one from the app's settings,"
        " OAuth & Permissions > Bot User OAuth Token."
    )


@pytest.mark.parametrize(
    ("secret", "value", "sentence"),
    [
        ("BOT", "xoxb-wrong", "Slack does not accept the bot token (invalid_auth): copy it again"),
        ("BOT", "xoxp-1-a-person", "What `bot_token` under [chat.slack] names is no such token"),
        ("APP", "xapp-wrong", "Slack does not accept the app token (invalid_auth): copy it again"),
        ("APP", "xoxb-mixed-up", "What `app_token` under [chat.slack] names is no such token"),
    ],
)
def test_a_wrong_token_ends_it_at_once(slack: FakeSlack, secret: str, value: str, sentence: str) -> None:
    world = world_of(slack)
    world.secrets[secret] = value

    error = started(SlackChat(options_of(slack), world.surroundings, QUICK), Answers()).wait_ended()

    assert error.permanent
    assert str(error).startswith(sentence)
    assert value not in str(error)


def test_an_app_token_without_its_scope_says_which(slack: FakeSlack) -> None:
    slack.app_scopes.clear()

    served = started(SlackChat(options_of(slack), world_of(slack).surroundings, QUICK), Answers())
    error = served.wait_ended()

    assert error.permanent
    assert "connections:write" in str(error)


def test_a_missing_scope_is_one_line_in_the_log(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    slack.scopes.discard("chat:write")
    with serving(slack):
        slack.mention("U01", "hosts")
        settled(slack, "last")
        until = time.monotonic() + 15
        while "An answer could not be given" not in caplog.text:
            assert time.monotonic() < until
            time.sleep(0.01)

    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    (line,) = [line for line in lines if "chat:write" in line]
    assert "install the app again" in line


HOSTILE = [
    "",
    "   ",
    "x" * 4000,
    'report "web-1',
    "report 🔥🧠-1",
    "report <!channel> <@U01> @everyone",
    "``` *bold* _it_ ~no~ <https://example.org|here> &amp; &lt;",
    "\u202eevil \u200b\ufeff",
    "nosuchcommand",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_gets_one_answer(slack: FakeSlack, text: str) -> None:
    with serving(slack):
        slack.command("U01", text)
        (shown,) = slack.wait_shown("U01", 1)

    assert shown.ephemeral
    assert "<!channel>" not in shown.text


def test_no_secret_is_ever_logged(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(slack):
        slack.fail("response_url", "expired_url", times=1, status=404)
        command = slack.command("U01", "one")
        slack.wait_until("U01", lambda seen: any("one" in each.plain for each in seen))
        settled(slack, "two")
        slack.lose_answer("chat.postEphemeral")
        slack.mention("U01", "three")
        slack.wait_until("U01", lambda seen: any("three" in each.plain for each in seen))
        slack.cut()
        slack.wait_opened(2)
        slack.wait_connected()
        settled(slack, "last")

    logged = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    for secret in (slack.bot_token, slack.app_token, str(command.payload["response_url"]), "ticket="):
        assert secret not in logged
