"""Charts: pictures wherever Slack can show them, and lines of characters everywhere else; never no answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.chat import SlackChat
from bot.errors import ChatError
from bot.message import Announcement, Button, Code, Message
from tests.adapters.chat.any_chart import FALLING
from tests.adapters.chat.slack.served import PNG, Answers, World, options_of, serving, world_of

if TYPE_CHECKING:
    from bot.message import Request
    from tests.servers.fake_slack import FakeSlack
    from tests.servers.fake_slack.shapes import Shown

SPARKLINE = "▄▄·▂▁▁▂▄"


def history(request: Request) -> Message:
    """A chart with a button that shows another in its place."""
    shared = request.text.startswith("share ")
    prefix = "share " if shared else ""
    return Message(
        f"web-1: {request.text.removeprefix('share ')}",
        (FALLING,),
        (Button("7 d", f"{prefix}history 7d", in_place=True),),
        private=not shared,
    )


def answers() -> Answers:
    return Answers({"history": history})


def pictures(shown: Shown) -> list[bytes]:
    return [file.content for file in shown.pictures]


def test_everybody_sees_the_picture_of_a_shared_answer(slack: FakeSlack) -> None:
    world = world_of(slack)
    with serving(slack, answers(), world=world):
        slack.command("U01", "share history web-1")
        (shown,) = slack.wait_shown("U01", 1)

    assert pictures(shown) == [PNG]
    assert not shown.ephemeral
    assert SPARKLINE not in shown.plain
    assert shown.plain.splitlines()[:3] == ["web-1: history web-1", FALLING.title, FALLING.text]
    assert world.drawn == [FALLING]
    assert [file.channel for file in slack.files] == [""]


def test_what_only_the_asker_sees_has_a_line_and_the_picture_is_in_their_direct_messages(
    slack: FakeSlack,
) -> None:
    with serving(slack, answers()):
        slack.command("U01", "history web-1")
        (shown,) = slack.wait_shown("U01", 1)
        (sent,) = slack.wait_direct_messages("U01", 1)

    assert shown.ephemeral
    assert SPARKLINE in shown.plain
    assert "The chart as a picture is in your direct messages with the bot." in shown.plain
    assert [(file.name, file.title, file.content) for file in sent.files] == [
        ("memwarden-web-1-memory-available.png", FALLING.title, PNG)
    ]


def test_in_direct_messages_the_picture_is_in_the_answer(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.direct_message("U01", "history web-1")
        (shown,) = slack.wait_direct_messages("U01", 1)

    assert pictures(shown) == [PNG]


@pytest.mark.parametrize("alone", [False, True])
def test_a_button_shows_another_picture_in_its_place(slack: FakeSlack, *, alone: bool) -> None:
    with serving(slack, answers()):
        if alone:
            slack.direct_message("U01", "history web-1")
            (shown,) = slack.wait_direct_messages("U01", 1)
        else:
            slack.command("U01", "share history web-1")
            (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "7 d")
        (replaced,) = slack.wait_until("U01", lambda seen: seen[0].edited, shown.channel)

    assert replaced.ts == shown.ts
    assert "history 7d" in replaced.plain
    assert pictures(replaced) == [PNG]
    assert replaced.pictures != shown.pictures


def test_a_button_of_a_private_answer_replaces_its_line(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.command("U01", "history web-1")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "7 d")
        (replaced,) = slack.wait_until("U01", lambda seen: seen[0].edited)

    assert "history 7d" in replaced.plain
    assert SPARKLINE in replaced.plain
    assert len(slack.direct_messages("U01")) == 2


def test_a_picture_that_slack_still_looks_at_is_waited_for(slack: FakeSlack) -> None:
    slack.take_long_with_pictures(0.6)
    with serving(slack, answers()):
        slack.command("U01", "share history web-1")
        (shown,) = slack.wait_shown("U01", 1)

    assert pictures(shown) == [PNG]
    assert len(slack.called("chat.postMessage")) > 1
    assert len(slack.files) == 1


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("files.getUploadURLExternal", "missing_scope"),
        ("files.completeUploadExternal", "file_update_failed"),
        ("chat.postMessage", "not_in_channel"),
        ("chat.postMessage", "invalid_blocks"),
    ],
)
@pytest.mark.parametrize("words", ["history web-1", "share history web-1"])
def test_without_a_picture_there_is_a_line(slack: FakeSlack, method: str, code: str, words: str) -> None:
    with serving(slack, answers()):
        slack.fail(method, code)
        slack.command("U01", words)
        (shown,) = slack.wait_shown("U01", 1)

    assert SPARKLINE in shown.plain
    assert shown.pictures == ()
    assert shown.buttons == ("7 d",)


def test_why_there_is_no_picture_is_said_to_the_asker(slack: FakeSlack) -> None:
    slack.scopes.discard("files:write")
    with serving(slack, answers()):
        slack.command("U01", "history web-1")
        (shown,) = slack.wait_shown("U01", 1)

    assert "The chart could not be uploaded: The Slack app lacks the scope files:write" in shown.plain


def test_a_chart_that_cannot_be_drawn_is_a_line(slack: FakeSlack) -> None:
    world = world_of(slack)
    world.png = None
    with serving(slack, answers(), world=world):
        slack.command("U01", "history web-1")
        slack.command("U01", "share history web-1")
        private, shared = slack.wait_shown("U01", 2)

    assert SPARKLINE in private.plain
    assert SPARKLINE in shared.plain
    assert "picture" not in private.plain
    assert slack.files == []


def test_where_the_bot_is_no_member_the_shared_answer_is_a_line(slack: FakeSlack) -> None:
    slack.add_channel("C02", "elsewhere", ("U01",), bot_is_member=False)
    with serving(slack, answers()):
        slack.command("U01", "share history web-1", channel="C02")
        (shown,) = slack.wait_shown("U01", 1, "C02")

    assert not shown.ephemeral
    assert SPARKLINE in shown.plain


def test_a_picture_and_a_file_go_with_the_same_answer(slack: FakeSlack) -> None:
    long = Message("long", (FALLING, Code(tuple("x" * 90 for _ in range(500)))), private=False)
    with serving(slack, Answers({"history": lambda _request: long})):
        slack.command("U01", "share history web-1")
        answer, file = slack.wait_shown("U01", 2)

    assert pictures(answer) == [PNG]
    assert file.thread_ts == answer.ts
    assert SPARKLINE in file.files[0].text


def test_an_announcement_has_its_picture_when_posted_and_when_changed(slack: FakeSlack) -> None:
    slack.take_long_with_pictures(0.3)
    chat = announcing(slack)
    ref = chat.announce(Announcement(Message("Yesterday", (FALLING,)), "k1"))
    (posted,) = slack.shown("U01")

    chat.announce(Announcement(Message("Yesterday, corrected", (FALLING,)), "k2", edits=ref))

    (changed,) = slack.shown("U01")
    assert pictures(posted) == pictures(changed) == [PNG]
    assert posted.pictures != changed.pictures


def test_a_picture_that_never_becomes_ready_costs_no_announcement(slack: FakeSlack) -> None:
    slack.take_long_with_pictures(3600)
    began = time.monotonic()

    announcing(slack).announce(Announcement(Message("Yesterday", (FALLING,)), "k1"))

    (shown,) = slack.shown("U01")
    assert SPARKLINE in shown.plain
    assert time.monotonic() - began < 10


def test_an_announcement_that_arrived_is_not_drawn_again(slack: FakeSlack) -> None:
    digest = Announcement(Message("Yesterday", (FALLING,)), "k1")
    slack.lose_answer("chat.postMessage")
    with pytest.raises(ChatError):
        announcing(slack).announce(digest)
    world = world_of(slack)

    announcing(slack, world).announce(Announcement(digest.message, "k1", doubtful=True))

    assert len(slack.shown("U01")) == 1
    assert world.drawn == []


def announcing(slack: FakeSlack, world: World | None = None) -> SlackChat:
    return SlackChat(options_of(slack, channel="C01"), (world or world_of(slack)).surroundings)
