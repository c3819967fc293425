"""The real slack-bolt in Socket Mode talks to the fake as it would to Slack."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from slack_bolt import Ack, App, Respond, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from tests.servers.fake_slack import FakeSlack
from tests.servers.fake_slack.shapes import ACKNOWLEDGE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_slack.shapes import Json

BUTTONS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "web-1 &amp; others"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Refresh"}},
            {
                "type": "button",
                "action_id": "form",
                "text": {"type": "plain_text", "text": "Fill in…"},
                "confirm": {
                    "title": {"type": "plain_text", "text": "Sure?"},
                    "text": {"type": "plain_text", "text": "Really?"},
                    "confirm": {"type": "plain_text", "text": "Yes"},
                    "deny": {"type": "plain_text", "text": "No"},
                },
            },
        ],
    },
]
FORM: Json = {
    "type": "modal",
    "callback_id": "report",
    "title": {"type": "plain_text", "text": "Report"},
    "submit": {"type": "plain_text", "text": "Show"},
    "blocks": [
        {
            "type": "input",
            "block_id": "host",
            "label": {"type": "plain_text", "text": "Host"},
            "element": {"type": "external_select", "action_id": "host", "min_query_length": 0},
        },
        {
            "type": "input",
            "block_id": "count",
            "optional": True,
            "label": {"type": "plain_text", "text": "Count"},
            "element": {"type": "number_input", "action_id": "count", "is_decimal_allowed": False},
        },
    ],
}


def made_app(slack: FakeSlack) -> App:
    """Make an app that answers everything a person can do."""
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
    app = App(client=client)

    @app.command("/mem")
    def command(ack: Ack, respond: Respond, body: Json) -> None:
        ack()
        respond(text=f"you said {body['text']}", blocks=BUTTONS)

    @app.action("again")
    def again(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="refreshed", replace_original=True)

    @app.action("form")
    def form(ack: Ack, client: WebClient, body: Json) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.options("host")
    def hosts(ack: Ack, payload: Json) -> None:
        names = [name for name in ("web-1", "web-2", "db") if name.startswith(payload["value"])]
        ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name} for name in names])

    @app.view("report")
    def submitted(ack: Ack, client: WebClient, body: Json) -> None:
        values = body["view"]["state"]["values"]
        if values["count"]["count"]["value"] == "0":
            ack(response_action="errors", errors={"count": "At least 1."})
            return
        ack()
        chosen = values["host"]["host"]["selected_option"]["value"]
        client.chat_postMessage(channel=body["user"]["id"], text=f"report {chosen}")

    @app.event("app_mention")
    def mentioned(event: Json, say: Say) -> None:
        say(text=f"heard {event['text']}")

    @app.event("message")
    def message(event: Json, say: Say) -> None:
        if not {"bot_id", "subtype"} & event.keys():
            say(text=f"got {event['text']}")

    return app


@contextmanager
def connected(slack: FakeSlack, app: App, *, ping_interval: float = 1) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app, slack.app_token, ping_interval=ping_interval)
    handler.client.connect()
    try:
        slack.wait_connected()
        yield handler
    finally:
        handler.client.close()


@pytest.fixture(scope="module")
def running() -> Iterator[FakeSlack]:
    """One workspace and one connected app, for all tests that break nothing."""
    with FakeSlack() as slack, connected(slack, made_app(slack)):
        yield slack


@pytest.fixture
def slack(running: FakeSlack) -> FakeSlack:
    """The workspace, in which only an empty channel is left."""
    for shown in (*running.shown("U01"), *running.direct_messages("U01")):
        running.delete(shown)
    running.restore(running.bot_token)
    return running


def test_a_command_is_acknowledged_and_answered_for_the_asker_alone(slack: FakeSlack) -> None:
    slack.add_user("U02", "bob")
    slack.add_channel("C01", "ops", members=("U01", "U02"))

    asked = slack.command("U01", "report <web-1> & co")
    shown = slack.wait_shown("U01", 1)

    assert asked.acknowledged_after_s is not None
    assert asked.acknowledged_after_s < 1
    assert asked.ack == {}
    assert shown[0].ephemeral
    assert shown[0].text == "you said report &lt;web-1&gt; &amp; co"
    assert shown[0].plain == "web-1 & others\n[Refresh] · [Fill in…]"
    assert shown[0].buttons == ("Refresh", "Fill in…")
    assert slack.shown("U02") == []


def test_a_click_replaces_an_ephemeral_message(slack: FakeSlack) -> None:
    slack.command("U01", "status")
    before = slack.wait_shown("U01", 1)[0]

    clicked = slack.click("U01", before, "Refresh")
    after = slack.wait_until("U01", lambda shown: shown[0].text == "refreshed")

    assert clicked.acknowledged_after_s is not None
    assert "message" not in clicked.payload
    assert clicked.payload["container"]["is_ephemeral"]
    assert [(each.ts, each.ephemeral, each.edited) for each in after] == [(before.ts, True, True)]


def test_saying_no_to_a_confirm_dialog_sends_nothing(slack: FakeSlack) -> None:
    slack.command("U01", "status")
    shown = slack.wait_shown("U01", 1)[0]

    clicked = slack.click("U01", shown, "Fill in…", confirm=False)

    assert not clicked.delivered
    assert clicked.acknowledged_after_s is None
    assert slack.views("U01") == []


def test_a_modal_is_filled_in_with_suggestions(slack: FakeSlack) -> None:
    slack.command("U01", "report")
    slack.click("U01", slack.wait_shown("U01", 1)[0], "Fill in…")
    view = slack.wait_view("U01")

    offered = slack.suggest("U01", view, "Host", "web")
    submitted = slack.fill_in("U01", view, {"Host": "web-2", "Count": 5})
    slack.wait_no_view("U01")

    assert view.labels == ("Host", "Count")
    assert offered == ["web-1", "web-2"]
    assert submitted.ack == {}
    assert slack.wait_direct_messages("U01", 1)[0].text == "report web-2"


def test_errors_stand_under_their_inputs_and_the_modal_stays(slack: FakeSlack) -> None:
    slack.command("U01", "report")
    slack.click("U01", slack.wait_shown("U01", 1)[0], "Fill in…")
    view = slack.wait_view("U01")

    submitted = slack.fill_in("U01", view, {"Host": "db", "Count": 0})

    assert submitted.ack is not None
    assert slack.views("U01")[0].errors == {"Count": "At least 1."}
    slack.close_view("U01", view)
    assert slack.views("U01") == []


def test_what_a_client_does_not_let_pass_is_not_submitted(slack: FakeSlack) -> None:
    slack.command("U01", "report")
    slack.click("U01", slack.wait_shown("U01", 1)[0], "Fill in…")
    view = slack.wait_view("U01")

    with pytest.raises(AssertionError, match="'Host' is required"):
        slack.fill_in("U01", view, {})
    with pytest.raises(AssertionError, match="does not offer 'mail'"):
        slack.fill_in("U01", view, {"Host": "mail"})
    with pytest.raises(AssertionError, match="takes whole numbers"):
        slack.fill_in("U01", view, {"Host": "db", "Count": 1.5})
    with pytest.raises(AssertionError, match="no such inputs"):
        slack.fill_in("U01", view, {"Hosts": "db"})
    slack.close_view("U01", view)


def test_a_mention_is_answered_for_everybody(slack: FakeSlack) -> None:
    mentioned = slack.mention("U01", "status <x>")
    shown = slack.wait_shown("U01", 1)

    assert mentioned.acknowledged_after_s is not None
    assert not shown[0].ephemeral
    assert shown[0].text == "heard <@U0BOT> status &lt;x&gt;"
    assert shown[0].markup == ("@U0BOT",)


def test_direct_messages_are_answered_and_the_answer_is_echoed_to_the_app(slack: FakeSlack) -> None:
    heard = slack.direct_message("U01", "status")
    shown = slack.wait_direct_messages("U01", 1)

    assert heard.payload["event"]["channel_type"] == "im"
    assert [each.text for each in shown] == ["got status"]
    until = time.monotonic() + 15
    while (echoed := [each for each in slack.interactions if each.kind == "events_api"][-1]) is heard:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert echoed.acknowledged_after_s is not None
    assert echoed.payload["event"]["bot_id"] == "B0BOT"
    assert len(slack.direct_messages("U01")) == 1


def test_what_people_write_elsewhere_does_not_reach_the_app(slack: FakeSlack) -> None:
    written = slack.write("U01", "lunch?")

    assert not written.delivered
    assert slack.shown("U01") == []
    assert [each.text for each in slack.shown("U01", everything=True)][-1:] == ["lunch?"]


def test_files_are_uploaded_and_shared(slack: FakeSlack) -> None:
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)

    client.files_upload_v2(channel="C01", content="all of it", filename="report.txt", title="Report")

    shown = slack.shown("U01")[0]
    assert [(file.name, file.text, file.channel) for file in slack.files] == [
        ("report.txt", "all of it", "C01")
    ]
    assert shown.files == tuple(slack.files)
    assert shown.plain == "Report"


def test_a_limited_method_is_called_again_after_the_wait(slack: FakeSlack) -> None:
    before = len(slack.called("chat.postMessage"))
    slack.rate_limit("chat.postMessage", for_s=60, retry_after=1)

    slack.mention("U01", "status")
    slack.wait_called("chat.postMessage", before + 1)
    slack.lift_rate_limit("chat.postMessage")
    slack.wait_shown("U01", 1)

    refused, *_, taken = slack.called("chat.postMessage")[before:]
    assert (refused.error, taken.error) == ("ratelimited", "")
    assert taken.at - refused.at >= 1


def test_a_lost_answer_makes_the_library_post_twice(slack: FakeSlack) -> None:
    slack.lose_answer("chat.postMessage")

    slack.mention("U01", "status")

    assert len(slack.wait_shown("U01", 2)) == 2


def test_the_same_event_can_come_again(slack: FakeSlack) -> None:
    first = slack.mention("U01", "status")
    slack.wait_shown("U01", 1)

    again = slack.redeliver(first)
    once_more = slack.redeliver(first, new_envelope=False)

    assert again.acknowledged_after_s is not None
    assert once_more.acknowledged_after_s is not None
    assert {first.key, again.key, once_more.key} == {first.key}
    assert again.envelope_id != first.envelope_id == once_more.envelope_id
    assert len(slack.wait_shown("U01", 3)) == 3


def test_a_revoked_token_is_told(slack: FakeSlack) -> None:
    slack.revoke(slack.bot_token)

    with pytest.raises(SlackApiError, match="token_revoked"):
        WebClient(token=slack.bot_token, base_url=slack.api_url).auth_test()


def ask_until_acknowledged(slack: FakeSlack) -> None:
    """Ask until the app hears: which connection it keeps, slack_sdk settles after opening more than one."""
    until = time.monotonic() + 30
    while slack.command("U01", "status").acknowledged_after_s is None:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_announced_end_lets_the_app_reconnect() -> None:
    with FakeSlack() as slack, connected(slack, made_app(slack)):
        for reason, opened in (("warning", 2), ("refresh_requested", 3)):
            slack.disconnect(reason)
            slack.wait_opened(opened)
        slack.wait_connected()

        ask_until_acknowledged(slack)

        assert slack.wait_shown("U01", 1)[0].text == "you said status"


def test_a_cut_connection_is_opened_again() -> None:
    with FakeSlack() as slack, connected(slack, made_app(slack), ping_interval=0.2):
        slack.cut()
        slack.wait_opened(2)

        ask_until_acknowledged(slack)

        assert slack.wait_shown("U01", 1)[0].text == "you said status"


def test_slack_can_be_off_the_network_for_a_while() -> None:
    with FakeSlack() as slack, connected(slack, made_app(slack), ping_interval=0.2):
        slack.stop_listening()
        with pytest.raises(URLError, match="refused"):
            WebClient(token=slack.bot_token, base_url=slack.api_url).auth_test()
        slack.listen_again()
        slack.wait_opened(2)

        ask_until_acknowledged(slack)

        assert slack.wait_shown("U01", 1)[0].text == "you said status"


def test_a_deaf_connection_stays_open_until_the_app_misses_the_pongs() -> None:
    with FakeSlack() as slack, connected(slack, made_app(slack), ping_interval=0.2):
        slack.wait_pings(2)
        slack.deafen()
        unheard = slack.command("U01", "status")

        assert unheard.delivered
        assert slack.connections == 1
        slack.wait_opened(2)
        slack.wait_connected()
        ask_until_acknowledged(slack)
        assert not unheard.acknowledged


def test_two_connections_share_what_comes() -> None:
    with FakeSlack() as slack, connected(slack, made_app(slack)), connected(slack, made_app(slack)):
        slack.wait_connected(count=2)

        asked = [slack.command("U01", f"status {number}") for number in range(4)]

        assert all(each.acknowledged_after_s is not None for each in asked)
        assert sorted(each.connection for each in asked) == [1, 1, 2, 2]


def test_nobody_connected_is_known_at_once() -> None:
    with FakeSlack() as slack:
        asked_at = time.monotonic()
        asked = slack.command("U01", "status")

        assert asked.acknowledged_after_s is None
        assert time.monotonic() - asked_at < ACKNOWLEDGE_S


def test_nothing_is_left_behind() -> None:
    before = set(threading.enumerate())

    with FakeSlack() as slack:
        assert slack.connections == 0

    until = time.monotonic() + 15
    while not set(threading.enumerate()) <= before:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_person_reads_all_blocks_and_dates_by_their_fallback() -> None:
    blocks: list[Json] = [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "measured at "},
                        {"type": "date", "timestamp": 1, "format": "{time}", "fallback": "15:03"},
                    ],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a  1\nb 22"}]},
            ],
        },
        {"type": "table", "rows": [[{"type": "raw_text", "text": "web"}, {"type": "raw_text", "text": "9"}]]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "a &lt;b&gt;"}]},
    ]
    with FakeSlack() as slack:
        shown = slack.say("summary", blocks)

    assert shown.plain == "measured at 15:03\na  1\nb 22\nweb | 9\na <b>"
    assert shown.text == "summary"


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("all is well", ()),
        ("&lt;!channel&gt;", ()),
        ("<!channel> and <@U01>", ("!channel", "@U01")),
        ("see https://example.com/a now", ("https://example.com/a",)),
        ("see <https://example.com|here>", ("https://example.com|here",)),
    ],
)
def test_what_became_markup_shows(text: str, marks: tuple[str, ...]) -> None:
    with FakeSlack() as slack:
        in_text = slack.say(text)
        in_block = slack.say("x", [{"type": "section", "text": {"type": "mrkdwn", "text": text}}])
        plain = slack.say("x", [{"type": "header", "text": {"type": "plain_text", "text": text}}])

    assert in_text.markup == in_block.markup == marks
    assert plain.markup == ()


def test_mistakes_that_slack_passes_over_stand_in_the_complaints() -> None:
    with (
        FakeSlack() as slack,
        connected(slack, App(client=WebClient(slack.bot_token, slack.api_url))) as handler,
    ):
        asked = slack.command("U01", "status")
        handler.client.send_socket_mode_response({"envelope_id": asked.envelope_id, "payload": {"text": ""}})
        handler.client.send_socket_mode_response({"envelope_id": asked.envelope_id})
        handler.client.send_message("garbage")

        assert asked.acknowledged_after_s is not None
        slack.wait_complaints(3)
        refused, twice, garbage = slack.complaints
        assert "no_text" in refused
        assert "does not wait for it" in twice
        assert "no JSON" in garbage


def test_who_does_not_wait_as_long_as_told_stands_in_the_complaints() -> None:
    with FakeSlack() as slack:
        client = WebClient(slack.bot_token, slack.api_url)
        slack.rate_limit("auth.test", for_s=60, retry_after=60, under_way_s=0)
        with pytest.raises(SlackApiError):
            client.auth_test()
        assert slack.complaints == []
        slack.lift_rate_limit("auth.test")
        client.auth_test()

        assert slack.complaints == ["called auth.test again before Retry-After was over"]


def test_who_answers_no_pings_is_disconnected_and_stands_in_the_complaints() -> None:
    with FakeSlack() as slack:
        slack.ping_every(0.05)
        opened = WebClient(slack.bot_token, slack.api_url).apps_connections_open(app_token=slack.app_token)
        url = urlsplit(str(opened["url"]))
        with socket.create_connection((url.hostname or "", url.port or 0)) as mute:
            mute.sendall(
                f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            slack.wait_complaints(1)

            assert slack.complaints == ["answered no pings"]
            assert slack.connections == 0


def test_messages_reach_the_app_with_links_where_slack_sees_addresses(slack: FakeSlack) -> None:
    said = slack.mention("U01", "web-1.example.org https://x.example ann@example.com web-1.internal a.b <b>")
    # Its answer is not to be seen by the next test.
    slack.wait_shown("U01", 1)

    assert said.payload["event"]["text"] == (
        "<@U0BOT> <http://web-1.example.org|web-1.example.org> <https://x.example>"
        " <mailto:ann@example.com|ann@example.com> web-1.internal a.b &lt;b&gt;"
    )


def test_a_click_in_a_thread_tells_the_thread(slack: FakeSlack) -> None:
    slack.mention("U01", "status")
    answer = slack.wait_shown("U01", 1)[0]
    WebClient(slack.bot_token, slack.api_url).chat_postMessage(
        channel="C01", text="in it", blocks=BUTTONS, thread_ts=answer.ts
    )
    in_thread = next(each for each in slack.shown("U01") if each.thread_ts)

    clicked = slack.click("U01", in_thread, "Refresh")
    slack.wait_until("U01", lambda seen: any(each.text == "refreshed" for each in seen))

    assert clicked.payload["container"]["thread_ts"] == answer.ts
