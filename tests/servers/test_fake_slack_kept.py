"""What the fake keeps: messages, what belongs to them, pictures; and how they are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from slack_sdk import WebClient

from tests.servers.fake_slack import FakeSlack
from tests.servers.test_fake_slack_web_api import error_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_slack.shapes import Json


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as slack:
        slack.add_user("U02", "bob")
        slack.add_channel("C02", "quiet", members=("U01",), bot_is_member=False)
        slack.add_group("S01", "oncall", ("U01", "U02"))
        yield slack


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url)


def test_history_is_the_newest_first_in_pages_and_without_answers_in_threads(
    slack: FakeSlack, client: WebClient
) -> None:
    slack.add_channel("C10", "busy", ("U01",))
    said = [client.chat_postMessage(channel="C10", text=f"{number}")["ts"] for number in range(5)]
    client.chat_postMessage(channel="C10", text="an answer", thread_ts=said[0])
    slack.say("for one", channel="C10", only_for="U01")

    one = client.conversations_history(channel="C10", limit=3)
    two = client.conversations_history(channel="C10", limit=3, cursor=one["response_metadata"]["next_cursor"])

    assert [each["text"] for each in (*one["messages"], *two["messages"])] == ["4", "3", "2", "1", "0"]
    assert (one["has_more"], two["has_more"]) == (True, False)
    assert two["response_metadata"]["next_cursor"] == ""


def test_history_begins_after_the_oldest(slack: FakeSlack, client: WebClient) -> None:
    slack.add_channel("C11", "busy", ("U01",))
    _, two, three = (client.chat_postMessage(channel="C11", text=f"{number}")["ts"] for number in range(3))

    after = client.conversations_history(channel="C11", oldest=two)
    since = client.conversations_history(channel="C11", oldest=two, inclusive=True)

    assert [each["ts"] for each in after["messages"]] == [three]
    assert [each["ts"] for each in since["messages"]] == [three, two]


def test_what_an_app_keeps_with_a_message_is_told_to_who_asks_and_stays_when_it_changes(
    slack: FakeSlack, client: WebClient
) -> None:
    slack.add_channel("C12", "busy", ("U01",))
    mark = {"event_type": "memwarden", "event_payload": {"key": "k1"}}
    ts = client.chat_postMessage(channel="C12", text="one", metadata=mark)["ts"]
    client.chat_update(channel="C12", ts=ts, text="two")

    (quiet,) = client.conversations_history(channel="C12")["messages"]
    (told,) = client.conversations_history(channel="C12", include_all_metadata=True)["messages"]

    assert "metadata" not in quiet
    assert told["metadata"] == mark
    assert told["text"] == "two"


def test_a_thread_is_its_first_message_and_the_answers(slack: FakeSlack, client: WebClient) -> None:
    slack.add_channel("C13", "busy", ("U01",))
    ts = client.chat_postMessage(channel="C13", text="first")["ts"]
    for number in range(2):
        client.chat_postMessage(channel="C13", text=f"{number}", thread_ts=ts)

    replies = client.conversations_replies(channel="C13", ts=ts)

    assert [each["text"] for each in replies["messages"]] == ["first", "0", "1"]
    missing = error_of(lambda: client.conversations_replies(channel="C13", ts="1.000001"))
    assert missing["error"] == "thread_not_found"


@pytest.mark.parametrize(
    ("channel", "scope"),
    [("C01", "channels:history"), ("C14", "groups:history"), ("D01", "im:history")],
)
def test_each_kind_of_channel_has_its_scope_to_be_read(
    slack: FakeSlack, client: WebClient, channel: str, scope: str
) -> None:
    slack.add_channel("C14", "private", ("U01",), private=True)
    assert client.conversations_history(channel=channel)["ok"]
    slack.scopes.discard(scope)

    answer = error_of(lambda: client.conversations_history(channel=channel))

    slack.scopes.add(scope)
    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)


def test_nobody_reads_a_channel_that_they_are_not_in(client: WebClient) -> None:
    assert error_of(lambda: client.conversations_history(channel="C02"))["error"] == "not_in_channel"


@pytest.mark.parametrize(
    "metadata",
    [{"event_type": "memwarden"}, {"event_type": "Mem Warden", "event_payload": {}}, {"event_payload": {}}],
)
def test_metadata_has_a_shape(client: WebClient, metadata: Json) -> None:
    answer = error_of(lambda: client.chat_postMessage(channel="C01", text="x", metadata=metadata))
    assert answer["error"] == "invalid_metadata_format"


def test_a_thread_outlives_the_message_that_began_it(slack: FakeSlack, client: WebClient) -> None:
    slack.add_channel("C15", "busy", ("U01",))
    ts = client.chat_postMessage(channel="C15", text="first")["ts"]
    client.chat_postMessage(channel="C15", text="answer", thread_ts=ts)
    slack.delete(slack.shown("U01", "C15")[0])

    assert client.chat_postMessage(channel="C15", text="another", thread_ts=ts)["ok"]


PICTURE = b"\x89PNG\r\n\x1a\n and so on"


def image(file: str) -> list[Json]:
    return [{"type": "image", "slack_file": {"id": file}, "alt_text": "a picture"}]


def uploaded(client: WebClient, content: bytes = PICTURE) -> str:
    return str(client.files_upload_v2(content=content, filename="x.png")["files"][0]["id"])


def test_a_message_shows_an_uploaded_picture(slack: FakeSlack, client: WebClient) -> None:
    slack.add_channel("C16", "busy", ("U01",))
    client.chat_postMessage(channel="C16", text="x", blocks=image(uploaded(client)))

    (shown,) = slack.shown("U01", "C16")
    assert [file.content for file in shown.pictures] == [PICTURE]
    assert shown.plain == "a picture"


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_what_is_no_uploaded_picture_is_refused(client: WebClient, content: bytes | None) -> None:
    file = uploaded(client, content) if content else "F99"

    answer = error_of(lambda: client.chat_postMessage(channel="C01", text="x", blocks=image(file)))

    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]


def test_a_picture_is_unknown_for_a_moment(slack: FakeSlack, client: WebClient) -> None:
    slack.take_long_with_pictures(3600)
    file = uploaded(client)
    slack.take_long_with_pictures(0)
    refused = error_of(lambda: client.chat_postMessage(channel="C01", text="x", blocks=image(file)))

    assert refused["error"] == "invalid_blocks"


def test_what_one_person_sees_shows_no_picture(client: WebClient) -> None:
    blocks = image(uploaded(client))

    answer = error_of(lambda: client.chat_postEphemeral(channel="C01", user="U01", text="x", blocks=blocks))

    assert answer["error"] == "invalid_blocks"


@pytest.mark.parametrize("arrives", [True, False])
def test_a_connection_breaks_before_or_after_a_message_was_taken(slack: FakeSlack, *, arrives: bool) -> None:
    channel = "C17" if arrives else "C27"
    slack.add_channel(channel, "busy", ("U01",))
    client = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    lose = slack.lose_answer if arrives else slack.lose_call
    lose("chat.postMessage")

    with pytest.raises(OSError, match=r"[Rr]emote|reset|closed"):
        client.chat_postMessage(channel=channel, text="hello")

    assert len(slack.shown("U01", channel)) == int(arrives)


def test_the_timeline_tells_what_happened_to_messages(slack: FakeSlack, client: WebClient) -> None:
    slack.add_channel("C18", "busy", ("U01",))
    ts = client.chat_postMessage(channel="C18", text="one")["ts"]
    client.chat_update(channel="C18", ts=ts, text="two")
    client.chat_delete(channel="C18", ts=ts)

    assert [(each.what, each.shown.text) for each in slack.timeline("C18")] == [
        ("posted", "one"),
        ("changed", "two"),
        ("deleted", "two"),
    ]


def test_a_group_is_mentioned(slack: FakeSlack, client: WebClient) -> None:
    slack.add_channel("C19", "busy", ("U01",))
    elements = [{"type": "usergroup", "usergroup_id": "S01"}]
    section = {"type": "rich_text_section", "elements": elements}
    client.chat_postMessage(
        channel="C19", text="<!subteam^S01>", blocks=[{"type": "rich_text", "elements": [section]}]
    )

    (shown,) = slack.shown("U01", "C19")
    assert shown.markup == ("!subteam^S01", "@S01")
