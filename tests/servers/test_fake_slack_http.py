"""HTTP mode: the fake posts signed requests, which the real slack-bolt accepts, and repeats events."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from slack_bolt import Ack, App, BoltRequest, Respond
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from tests.servers.fake_slack import FakeSlack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_slack.shapes import Json


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@contextmanager
def served(slack: FakeSlack, app: App) -> Iterator[None]:
    """Serve the app by HTTP and let Slack know where."""
    server = make_server("127.0.0.1", 0, SlackRequestHandler(app), handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    slack.request_url = f"http://127.0.0.1:{server.server_port}/slack/events"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as slack:
        yield slack


@pytest.fixture
def app(slack: FakeSlack) -> App:
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)
    return App(client=client, signing_secret=slack.signing_secret)


def test_a_signed_command_is_acknowledged_and_answered(slack: FakeSlack, app: App) -> None:
    @app.command("/mem")
    def command(ack: Ack, respond: Respond, body: Json) -> None:
        ack("on it")
        respond(f"you said {body['text']}")

    with served(slack, app):
        asked = slack.command("U01", "status")
        shown = slack.wait_shown("U01", 2)

    assert asked.acknowledged_after_s is not None
    assert asked.ack == {"text": "on it"}
    assert sorted(each.text for each in shown) == ["on it", "you said status"]


def test_an_event_that_fails_is_posted_again_with_its_number(slack: FakeSlack, app: App) -> None:
    numbers: list[str] = []

    @app.event("app_mention")
    def mentioned(request: BoltRequest) -> None:
        numbers.append(request.headers.get("x-slack-retry-num", ["none"])[0])

    with served(slack, app):
        slack.break_request_url()
        heard = slack.mention("U01", "status")

        assert heard.acknowledged_after_s is not None
    assert numbers == ["1"]
    assert heard.attempts == 2


def test_redelivery_comes_with_a_retry_header(slack: FakeSlack, app: App) -> None:
    numbers: list[str] = []

    @app.event("app_mention")
    def mentioned(request: BoltRequest) -> None:
        numbers.append(request.headers.get("x-slack-retry-num", ["none"])[0])

    with served(slack, app):
        first = slack.mention("U01", "status")
        assert first.acknowledged_after_s is not None
        again = slack.redeliver(first)
        assert again.acknowledged_after_s is not None

    assert numbers == ["none", "1"]


def test_forged_and_old_requests_are_told_from_slacks(slack: FakeSlack, app: App) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c"})
    kind = {"Content-Type": "application/json"}

    with served(slack, app):
        genuine = slack.post_to_app(body, kind | slack.sign(body))
        forged = slack.post_to_app(body, kind | slack.sign(body + " "))
        replayed = slack.post_to_app(body, kind | slack.sign(body, int(time.time()) - 600))

    assert (genuine[0], json.loads(genuine[1])) == (200, {"challenge": "c"})
    assert [forged[0], replayed[0]] == [401, 401]


def test_an_app_that_is_not_there_acknowledges_nothing(slack: FakeSlack) -> None:
    with FakeSlack() as other:
        slack.request_url = other.api_url.replace("/api/", "/slack/events")
        asked = slack.command("U01", "status")

        assert asked.acknowledged_after_s is None
