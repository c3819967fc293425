"""The fake's Web API and response_urls say no where Slack says no, and as Slack does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from tests.servers.fake_slack import FakeSlack
from tests.servers.fake_slack.triggers import LASTS_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.fake_slack.shapes import Json

BLOCKS: list[Json] = [
    {"type": "section", "text": {"type": "plain_text", "text": "hello"}},
    {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Refresh"}}]},
]
VIEW: Json = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Report"},
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "hello"}}],
}


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as slack:
        slack.scopes.update(("channels:read", "groups:read", "im:read"))
        slack.add_user("U02", "bob")
        slack.add_channel("C02", "quiet", members=("U01",), bot_is_member=False)
        slack.add_channel("C03", "secret", members=("U01",), bot_is_member=False, private=True)
        slack.add_channel("C04", "old", archived=True)
        slack.add_group("S01", "oncall", ("U01", "U02"))
        yield slack


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url)


def error_of(call: Callable[[], object]) -> Json:
    """Return what a call that must fail was answered."""
    with pytest.raises(SlackApiError) as failed:
        call()
    answer: Json = failed.value.response.data
    return answer


def test_tokens_are_looked_at_first(slack: FakeSlack, client: WebClient) -> None:
    unknown = WebClient(token="xoxb-unknown", base_url=slack.api_url)
    nobody = WebClient(base_url=slack.api_url)

    assert error_of(nobody.auth_test) == {"ok": False, "error": "not_authed"}
    assert error_of(unknown.auth_test) == {"ok": False, "error": "invalid_auth"}
    assert client.auth_test()["user_id"] == slack.bot_user
    assert client.auth_test().headers["x-oauth-scopes"] == ",".join(sorted(slack.scopes))


def test_each_kind_of_token_has_its_methods(slack: FakeSlack, client: WebClient) -> None:
    wrong = error_of(lambda: client.apps_connections_open(app_token=slack.bot_token))
    opened = client.apps_connections_open(app_token=slack.app_token)

    assert wrong["error"] == "not_allowed_token_type"
    assert opened["url"].startswith("ws://127.0.0.1:")


def test_a_missing_scope_is_named(slack: FakeSlack, client: WebClient) -> None:
    slack.scopes.discard("chat:write")

    answer = error_of(lambda: client.chat_postMessage(channel="C01", text="hello"))

    slack.scopes.add("chat:write")
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "chat:write"
    assert answer["provided"] == ",".join(sorted(slack.scopes - {"chat:write"}))


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C02", "not_in_channel"),
        ("C03", "channel_not_found"),
        ("C04", "is_archived"),
        ("C99", "channel_not_found"),
        ("", "invalid_arguments"),
    ],
)
def test_where_the_app_may_not_post(client: WebClient, channel: str, error: str) -> None:
    assert error_of(lambda: client.chat_postMessage(channel=channel, text="hello"))["error"] == error


def test_a_limited_method_answers_429_and_says_how_long(slack: FakeSlack, client: WebClient) -> None:
    slack.rate_limit("chat.postMessage", for_s=60, retry_after=7)

    with pytest.raises(SlackApiError) as limited:
        client.chat_postMessage(channel="C01", text="hello")
    slack.lift_rate_limit("chat.postMessage")

    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "7"
    assert limited.value.response["error"] == "ratelimited"
    assert client.chat_postMessage(channel="C01", text="hello")["ok"]


def test_a_failure_comes_as_often_as_asked_for(slack: FakeSlack, client: WebClient) -> None:
    slack.fail("users.info", "fatal_error", times=2)

    errors = [error_of(lambda: client.users_info(user="U01"))["error"] for _ in range(2)]

    assert errors == ["fatal_error", "fatal_error"]
    assert client.users_info(user="U01")["user"]["name"] == "ann"


def test_unknown_methods_and_arguments_are_refused(client: WebClient) -> None:
    assert error_of(lambda: client.api_call("chat.shout"))["error"] == "unknown_method"
    answer = error_of(lambda: client.chat_postMessage(channel="C01", text="x", colour="red"))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] unknown argument: colour"]


def test_blocks_beyond_a_limit_are_refused_by_name(client: WebClient) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]

    answer = error_of(lambda: client.chat_postMessage(channel="C01", text="x", blocks=blocks))

    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_messages_are_updated_and_deleted(slack: FakeSlack, client: WebClient) -> None:
    ts = client.chat_postMessage(channel="C01", text="one", blocks=BLOCKS)["ts"]

    client.chat_update(channel="C01", ts=ts, text="two")
    updated = slack.shown("U01")[-1]
    client.chat_delete(channel="C01", ts=ts)

    assert (updated.text, updated.edited, updated.buttons) == ("two", True, ("Refresh",))
    assert ts not in [each.ts for each in slack.shown("U01")]
    assert (
        error_of(lambda: client.chat_update(channel="C01", ts=ts, text="x"))["error"] == "message_not_found"
    )
    assert error_of(lambda: client.chat_delete(channel="C01", ts=ts))["error"] == "message_not_found"


def test_what_others_wrote_cannot_be_updated(slack: FakeSlack, client: WebClient) -> None:
    slack.write("U01", "mine")
    ts = slack.shown("U01", everything=True)[-1].ts

    answer = error_of(lambda: client.chat_update(channel="C01", ts=ts, text="yours"))

    assert answer["error"] == "cant_update_message"


def test_ephemeral_messages_are_seen_by_one_and_touched_by_nobody(
    slack: FakeSlack, client: WebClient
) -> None:
    slack.add_channel("C05", "both", members=("U01", "U02"))
    ts = client.chat_postEphemeral(channel="C05", user="U01", text="for you")["message_ts"]

    answer = error_of(lambda: client.chat_update(channel="C05", ts=ts, text="x"))
    stranger = error_of(lambda: client.chat_postEphemeral(channel="C01", user="U02", text="x"))

    assert [each.text for each in slack.shown("U01", "C05")] == ["for you"]
    assert slack.shown("U02", "C05") == []
    assert answer["error"] == "message_not_found"
    assert stranger["error"] == "user_not_in_channel"


def test_long_updates_are_refused(client: WebClient) -> None:
    ts = client.chat_postMessage(channel="C01", text="x" * 40_000)["ts"]

    answer = error_of(lambda: client.chat_update(channel="C01", ts=ts, text="x" * 4001))

    assert answer["error"] == "msg_too_long"


def test_people_channels_and_groups_are_looked_up(slack: FakeSlack, client: WebClient) -> None:
    groups = client.usergroups_list(include_users=True)["usergroups"]
    direct = client.conversations_open(users="U01")["channel"]["id"]

    assert [(each["id"], each["handle"], each["users"]) for each in groups] == [
        ("S01", "oncall", ["U01", "U02"])
    ]
    assert client.usergroups_users_list(usergroup="S01")["users"] == ["U01", "U02"]
    assert error_of(lambda: client.usergroups_users_list(usergroup="S9"))["error"] == "no_such_subteam"
    assert client.conversations_info(channel="C02")["channel"]["is_member"] is False
    assert error_of(lambda: client.conversations_info(channel="C03"))["error"] == "channel_not_found"
    assert client.conversations_info(channel=direct)["channel"]["is_im"]
    assert [each["name"] for each in client.conversations_list()["channels"]][:2] == ["ops", "quiet"]
    assert client.bots_info(bot="B0BOT")["bot"]["user_id"] == slack.bot_user


def test_a_trigger_opens_one_view_and_not_for_long(slack: FakeSlack, client: WebClient) -> None:
    first, late = slack.command("U01", "one").payload, slack.command("U01", "two").payload

    view = client.views_open(trigger_id=first["trigger_id"], view=VIEW)["view"]
    again = error_of(lambda: client.views_open(trigger_id=first["trigger_id"], view=VIEW))
    slack.pass_time(LASTS_S + 0.1)
    expired = error_of(lambda: client.views_open(trigger_id=late["trigger_id"], view=VIEW))
    made_up = error_of(lambda: client.views_open(trigger_id="1.2.3", view=VIEW))

    assert [each.id for each in slack.views("U01")] == [view["id"]]
    assert again["error"] == "exchanged_trigger_id"
    assert expired["error"] == "expired_trigger_id"
    assert made_up["error"] == "invalid_trigger_id"
    changed = VIEW | {"title": {"type": "plain_text", "text": "Other"}}
    stale = error_of(lambda: client.views_update(view_id=view["id"], view=changed, hash="1.x"))
    client.views_update(view_id=view["id"], view=changed, hash=view["hash"])
    assert stale["error"] == "hash_conflict"
    assert slack.views("U01")[0].plain == "Other\nhello"
    assert error_of(lambda: client.views_update(view_id="V0", view=VIEW))["error"] == "not_found"


def test_an_upload_needs_its_content_and_a_channel(slack: FakeSlack, client: WebClient) -> None:
    begun = client.files_getUploadURLExternal(filename="a.txt", length=3)

    unfinished = error_of(lambda: client.files_completeUploadExternal(files=[{"id": begun["file_id"]}]))
    elsewhere = error_of(lambda: client.files_upload_v2(channel="C02", content="abc", filename="a.txt"))

    assert unfinished["error"] == "file_not_found"
    assert elsewhere["error"] == "not_in_channel"
    assert slack.files == []


def test_a_response_url_works_five_times(slack: FakeSlack) -> None:
    hook = WebhookClient(slack.command("U01", "status").payload["response_url"])
    before = len(slack.shown("U01"))

    answers = [hook.send(text=f"part {number}") for number in range(6)]

    assert [(each.status_code, each.body) for each in answers[:5]] == [(200, "ok")] * 5
    assert (answers[5].status_code, answers[5].body) == (404, '{"ok": false, "error": "used_url"}')
    assert len(slack.shown("U01")) == before + 5


def test_a_response_url_ends_after_half_an_hour(slack: FakeSlack) -> None:
    hook = WebhookClient(slack.command("U01", "status").payload["response_url"])
    slack.pass_time(1801)

    answer = hook.send(text="late")

    assert (answer.status_code, answer.body) == (404, '{"ok": false, "error": "Expired url"}')


def test_a_response_url_reaches_where_the_app_is_not(slack: FakeSlack) -> None:
    hook = WebhookClient(slack.command("U01", "status", channel="C03").payload["response_url"])

    hook.send(text="for you")
    hook.send(text="for all", response_type="in_channel")

    assert [(each.text, each.ephemeral) for each in slack.shown("U01", "C03")] == [
        ("for you", True),
        ("for all", False),
    ]


def test_a_clicks_response_url_replaces_deletes_or_adds(slack: FakeSlack) -> None:
    shown = slack.say("old", BLOCKS, only_for="U01")
    hook = WebhookClient(slack.click("U01", shown, "Refresh").payload["response_url"])

    hook.send(text="besides")
    hook.send(text="new", replace_original=True)
    texts = [each.text for each in slack.shown("U01")[-2:]]
    hook.send(delete_original=True)

    assert texts == ["new", "besides"]
    assert slack.shown("U01")[-1].text == "besides"
    assert slack.shown("U01")[-2].text != "new"


def test_a_limited_response_url_answers_429(slack: FakeSlack) -> None:
    hook = WebhookClient(slack.command("U01", "status").payload["response_url"])
    slack.rate_limit("response_url", for_s=60, retry_after=3)

    answer = hook.send(text="hello")
    slack.lift_rate_limit("response_url")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert hook.send(text="hello").status_code == 200


def test_response_urls_refuse_what_messages_may_not_have(slack: FakeSlack) -> None:
    hook = WebhookClient(slack.command("U01", "status").payload["response_url"])

    answer = hook.send(blocks=[{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])

    assert answer.status_code == 400
    assert "invalid_blocks" in answer.body
    assert slack.called("response_url")[-1].error == "invalid_blocks"
