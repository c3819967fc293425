"""What nobody asked for: said once, changed in place, noted in threads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import ChatError, MessageGone
from bot.message import Announcement, Button, Code, Message, Text, Tone
from tests.adapters.chat.slack.announced import ALERT, BETTER, SAID, chat

if TYPE_CHECKING:
    from tests.servers.fake_slack import FakeSlack


def headlines(slack: FakeSlack, channel: str = "C01") -> list[str]:
    return [shown.text.partition("\n")[0] for shown in slack.shown("U01", channel)]


# --- saying


def test_an_announcement_is_seen_by_the_channel(slack: FakeSlack) -> None:
    ref = chat(slack).announce(SAID)

    (shown,) = slack.shown("U01")
    assert not shown.ephemeral
    assert "web-1 is critical" in shown.text
    assert ref == f"C01:{shown.ts}"


def test_it_goes_to_the_channel_it_names(slack: FakeSlack) -> None:
    slack.add_channel("C02", "elsewhere", ("U01",))

    ref = chat(slack).announce(replace(SAID, channel="C02"))

    assert ref.startswith("C02:")
    assert headlines(slack, "C02") == ["🔴 web-1 is critical"]
    assert headlines(slack, "C01") == []


def test_a_person_can_be_told_directly(slack: FakeSlack) -> None:
    chat(slack).announce(replace(SAID, channel="D01"))

    assert len(slack.direct_messages("U01")) == 1


def test_what_does_not_fit_is_a_file_in_the_thread(slack: FakeSlack) -> None:
    long = Message("long", (Code(tuple("x" * 90 for _ in range(500))),))

    ref = chat(slack).announce(Announcement(long, "k1"))

    message, file = slack.shown("U01")
    assert ref == f"C01:{message.ts}"
    assert file.thread_ts == message.ts
    assert len(file.files) == 1


def test_a_file_that_cannot_be_attached_makes_it_no_failure(slack: FakeSlack) -> None:
    long = Message("long", (Code(tuple("x" * 90 for _ in range(500))),))
    slack.fail("files.completeUploadExternal", "posting_to_channel_denied")

    ref = chat(slack).announce(Announcement(long, "k1"))

    message, missing = slack.shown("U01")
    assert ref == f"C01:{message.ts}"
    assert "The file is missing" in missing.plain


# --- changing


def test_a_card_is_changed_in_place_and_keeps_its_reference(slack: FakeSlack) -> None:
    announcing = chat(slack)
    ref = announcing.announce(
        replace(SAID, message=replace(ALERT, buttons=(Button("Acknowledge", "ack 1"),)))
    )

    assert announcing.announce(Announcement(BETTER, "k2", edits=ref)) == ref

    (shown,) = slack.shown("U01")
    assert "web-1 is good again" in shown.plain
    assert shown.edited
    assert shown.buttons == ()
    assert [each.what for each in slack.timeline()] == ["posted", "changed"]


def test_a_note_is_in_the_thread_of_its_card(slack: FakeSlack) -> None:
    announcing = chat(slack)
    ref = announcing.announce(SAID)

    note = announcing.announce(Announcement(Message("acknowledged by ann"), "k2", thread=ref))

    card, shown = slack.shown("U01")
    assert slack.thread("U01", card) == [shown]
    assert note == f"C01:{shown.ts}"
    assert "acknowledged by ann" in shown.plain


def test_a_card_of_another_channel_is_changed_where_it_is(slack: FakeSlack) -> None:
    slack.add_channel("C02", "elsewhere", ("U01",))
    announcing = chat(slack)
    ref = announcing.announce(replace(SAID, channel="C02"))

    announcing.announce(Announcement(BETTER, "k2", edits=ref))
    announcing.announce(Announcement(Message("note"), "k3", thread=ref))

    assert headlines(slack, "C02") == ["🟢 web-1 is good again", "note"]
    assert headlines(slack, "C01") == []


def test_a_change_whose_answer_was_lost_is_made_again(slack: FakeSlack) -> None:
    announcing = chat(slack)
    ref = announcing.announce(SAID)
    slack.lose_answer("chat.update")

    announcing.announce(Announcement(BETTER, "k2", edits=ref))

    assert headlines(slack) == ["🟢 web-1 is good again"]


def test_a_change_that_does_not_fit_says_so_and_uploads_nothing(slack: FakeSlack) -> None:
    announcing = chat(slack)
    ref = announcing.announce(SAID)

    long = Message("long", (Code(tuple("x" * 90 for _ in range(500))),))
    announcing.announce(Announcement(long, "k2", edits=ref))

    (shown,) = slack.shown("U01")
    assert "The whole of it does not fit here." in shown.plain
    assert slack.files == []


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed", "message_not_found"])
def test_what_cannot_be_changed_any_more_is_gone(slack: FakeSlack, code: str) -> None:
    announcing = chat(slack)
    ref = announcing.announce(SAID)
    slack.fail("chat.update", code)

    with pytest.raises(MessageGone):
        announcing.announce(Announcement(BETTER, "k2", edits=ref))


@pytest.mark.parametrize("doubtful", [False, True])
def test_a_deleted_card_is_gone_for_changes_and_for_notes(slack: FakeSlack, *, doubtful: bool) -> None:
    announcing = chat(slack)
    ref = announcing.announce(SAID)
    slack.delete(slack.shown("U01")[0])

    with pytest.raises(MessageGone):
        announcing.announce(Announcement(BETTER, "k2", edits=ref, doubtful=doubtful))
    with pytest.raises(MessageGone):
        announcing.announce(Announcement(Message("note"), "k3", thread=ref, doubtful=doubtful))


@pytest.mark.parametrize("ref", ["12", "C01", "C01:", "C01:x", "discord:12.5", "C01:1.5:2"])
def test_a_reference_that_is_none_is_gone(slack: FakeSlack, ref: str) -> None:
    with pytest.raises(MessageGone):
        chat(slack).announce(Announcement(BETTER, "k2", edits=ref))
    assert slack.calls == []


# --- mentions


def test_people_and_groups_are_mentioned_and_nobody_else(slack: FakeSlack) -> None:
    hostile = Message("<@U02> <!channel> @here", (Text("<!subteam^S02>"),), tone=Tone.CRITICAL)
    entries = (
        "slack:U01",
        "slack-group:S01",
        "discord:12",
        "slack:U01",
        "slack:<!here>",
        "slack-group:x",
        "",
    )

    chat(slack).announce(Announcement(hostile, "k1", mentions=entries))

    (shown,) = slack.shown("U01")
    assert sorted(shown.markup) == ["!subteam^S01", "@S01", "@U01", "@U01"]
    assert shown.plain.splitlines()[:3] == ["🔴 <@U02> <!channel> @here", "<!subteam^S02>", "@U01 @S01"]


def test_the_plain_message_mentions_too(slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "invalid_blocks")

    chat(slack).announce(replace(SAID, mentions=("slack-group:S01",)))

    (shown,) = slack.shown("U01")
    assert shown.blocks == ()
    assert shown.text == "web-1 is critical <!subteam^S01>"


# --- what goes wrong


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        (None, "There is no channel to post to"),
        ("C02", "/invite @memwarden"),
        ("C03", "The channel is archived"),
        ("C99", "There is no channel of this id"),
    ],
)
def test_where_it_cannot_be_said_the_reason_is(slack: FakeSlack, channel: str | None, sentence: str) -> None:
    slack.add_channel("C02", "elsewhere", bot_is_member=False)
    slack.add_channel("C03", "old", archived=True)

    with pytest.raises(ChatError, match=sentence) as caught:
        chat(slack, channel=channel).announce(SAID)

    assert caught.value.permanent
    assert not caught.value.in_doubt
    assert not isinstance(caught.value, MessageGone)


def test_a_missing_scope_is_named_with_its_remedy(slack: FakeSlack) -> None:
    slack.scopes.discard("chat:write")

    with pytest.raises(ChatError, match=r"lacks the scope chat:write .* install the app again") as caught:
        chat(slack).announce(SAID)

    assert caught.value.permanent


def test_a_short_wait_is_waited_for(slack: FakeSlack) -> None:
    slack.rate_limit("chat.postMessage", 0.5, retry_after=1)

    chat(slack).announce(SAID)

    assert len(slack.shown("U01")) == 1


def test_a_long_wait_is_for_later_and_says_how_long(slack: FakeSlack) -> None:
    slack.rate_limit("chat.postMessage", 60, retry_after=60)

    with pytest.raises(ChatError) as caught:
        chat(slack).announce(SAID)

    assert not caught.value.permanent
    assert not caught.value.in_doubt
    assert caught.value.retry_after_s == pytest.approx(60)


def test_a_slack_that_is_not_there_is_no_doubt(slack: FakeSlack) -> None:
    announcing = chat(slack, api_url="http://127.0.0.1:1/api/")

    with pytest.raises(ChatError) as caught:
        announcing.announce(SAID)

    assert not caught.value.permanent
    assert not caught.value.in_doubt


@pytest.mark.parametrize("named", ["#ops", "ops", "U01", "C", "<!channel>"])
def test_a_channel_by_another_name_than_its_id_tells_what_to_correct(slack: FakeSlack, named: str) -> None:
    with pytest.raises(ChatError, match="correct the route") as caught:
        chat(slack).announce(replace(SAID, channel=named))

    assert caught.value.permanent
    assert slack.calls == []
