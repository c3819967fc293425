"""HTTP mode: the same conversation over signed requests, and nothing for anybody else."""

from __future__ import annotations

import json
import secrets
import socket
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from adapters.chat.slack.chat import SlackChat
from bot.message import Button, Message
from tests.adapters.chat.slack.served import QUICK, WATCHFUL, Answers, options_of, serving, started, world_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_slack import FakeSlack

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def free_port() -> int:
    """A port below those that outgoing connections of other tests take by chance."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_open(port: int) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("nobody listens")


@contextmanager
def listening(slack: FakeSlack, answer: Answers) -> Iterator[None]:
    port = free_port()
    options = options_of(slack, app_token=None, signing_secret={"env": "SIGNING"}, listen=f"127.0.0.1:{port}")
    slack.request_url = f"http://127.0.0.1:{port}/slack/events"
    with serving(slack, answer, options=options):
        wait_open(port)
        yield


def sent(slack: FakeSlack, method: str, path: str, body: bytes = b"") -> int:
    """Return the status that this is answered with."""
    url = urlsplit(slack.request_url)
    connection = HTTPConnection(url.hostname or "", url.port, timeout=15)
    try:
        connection.request(method, path, body, FORM | slack.sign("x"))
        return connection.getresponse().status
    finally:
        connection.close()


def command(words: str) -> str:
    body = {"command": "/mem", "text": words, "user_id": "U01", "channel_id": "C01", "trigger_id": words}
    return urlencode(body | {"team_id": "T01", "response_url": "http://127.0.0.1:1/nobody"})


def test_commands_mentions_and_clicks_are_answered(slack: FakeSlack) -> None:
    answer = Answers({"card": lambda _: Message("card", buttons=(Button("Go", "gone"),))})
    with listening(slack, answer):
        asked = slack.command("U01", "card")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Go")
        slack.wait_until("U01", lambda seen: "you said: gone" in seen[0].plain)
        slack.mention("U01", "hosts")
        slack.wait_shown("U01", 2)

    assert asked.acknowledged_after_s is not None


def test_a_signed_request_is_accepted_once(slack: FakeSlack) -> None:
    answer = Answers()
    with listening(slack, answer):
        body = command("help")
        headers = FORM | slack.sign(body)
        statuses = [slack.post_to_app(body, headers)[0] for _ in range(2)]
        slack.command("U01", "last")
        slack.wait_shown("U01", 1)

        assert statuses == [200, 200]
        assert answer.wait(2) == ["help", "last"]


def forged(slack: FakeSlack, body: str) -> dict[str, str]:
    return slack.sign(f"{body}&more=1")


def unsigned(_slack: FakeSlack, _body: str) -> dict[str, str]:
    return {}


def replayed(slack: FakeSlack, body: str) -> dict[str, str]:
    return slack.sign(body, int(time.time()) - 301)


def from_the_future(slack: FakeSlack, body: str) -> dict[str, str]:
    return slack.sign(body, int(time.time()) + 600)


def without_a_time(slack: FakeSlack, body: str) -> dict[str, str]:
    return slack.sign(body) | {"X-Slack-Request-Timestamp": "yesterday"}


def of_another_scheme(slack: FakeSlack, body: str) -> dict[str, str]:
    return slack.sign(body) | {"X-Slack-Signature": "v1=é"}


@pytest.mark.parametrize(
    "sign", [forged, unsigned, replayed, from_the_future, without_a_time, of_another_scheme]
)
@pytest.mark.parametrize("body", [command("help"), "ssl_check=1", json.dumps({"type": "url_verification"})])
def test_what_slack_did_not_send_just_now_reaches_nobody(slack: FakeSlack, sign: object, body: str) -> None:
    assert callable(sign)
    answer = Answers()
    with listening(slack, answer):
        status, text = slack.post_to_app(body, FORM | sign(slack, body))

    assert status == 401 or (body == "ssl_check=1" and (status, text) == (200, ""))
    assert answer.requests == []


def test_what_is_too_long_reaches_nobody(slack: FakeSlack) -> None:
    answer = Answers()
    with listening(slack, answer):
        body = command("x" * 400_000)
        status, _ = slack.post_to_app(body, FORM | slack.sign(body))

    assert status == 413
    assert answer.requests == []


def test_other_paths_are_not_there(slack: FakeSlack) -> None:
    with listening(slack, Answers()):
        body = command("help")
        slack.request_url = slack.request_url.replace("/slack/events", "/slack/install")
        status, _ = slack.post_to_app(body, FORM | slack.sign(body))

    assert status == 404


def test_there_are_no_pages_to_install_the_app(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SCOPES"):
        monkeypatch.setenv(name, "of-another-app")
    with listening(slack, Answers()):
        statuses = [
            sent(slack, "GET", path)
            for path in ("/slack/install", "/slack/oauth_redirect", "/slack/events", "/")
        ]
        slack.command("U01", "hosts")
        slack.wait_shown("U01", 1)

    assert statuses == [404, 404, 404, 404]


RUBBISH = [
    ("application/json", "{bad"),
    ("application/json", "[1]"),
    ("application/json", "null"),
    ("application/x-www-form-urlencoded", ""),
    ("application/x-www-form-urlencoded", "payload={bad"),
    ("application/x-www-form-urlencoded", "payload=[1]"),
    ("text/plain", "{" * 100_000),
]


@pytest.mark.parametrize(("content_type", "body"), RUBBISH)
def test_rubbish_is_turned_away_with_one_line_in_the_log(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture, content_type: str, body: str
) -> None:
    with listening(slack, Answers()):
        headers = {"Content-Type": content_type}
        unsigned_status, _ = slack.post_to_app(body, headers | slack.sign("something else"))
        signed_status, _ = slack.post_to_app(body, headers | slack.sign(body))

    assert (unsigned_status, signed_status) == (401, 400)
    assert len([record for record in caplog.records if record.name.startswith("adapters.")]) == 1
    assert "Traceback" not in caplog.text


def test_what_is_no_text_is_turned_away(slack: FakeSlack) -> None:
    with listening(slack, Answers()):
        assert sent(slack, "POST", "/slack/events", b"\xff\xfe") == 401


def test_who_was_told_that_slack_is_away_is_told_that_it_is_back(slack: FakeSlack) -> None:
    world, port = world_of(slack), free_port()
    options = options_of(slack, app_token=None, signing_secret={"env": "SIGNING"}, listen=f"127.0.0.1:{port}")
    slack.stop_listening()
    served = started(SlackChat(options, world.surroundings, WATCHFUL), Answers())
    until = time.monotonic() + 15
    while not world.outages:
        assert time.monotonic() < until
        time.sleep(0.01)
    slack.listen_again()
    wait_open(port)
    served.stop()

    away, back = world.outages[:2]
    assert away.until is None
    assert back.since == away.since
    assert back.until is not None


@pytest.mark.parametrize(
    ("host", "warnings"),
    [("127.0.0.1", 0), ("0.0.0.0", 1)],  # noqa: S104 - the point
)
def test_an_address_that_others_reach_is_warned_of(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture, host: str, warnings: int
) -> None:
    port = free_port()
    options = options_of(slack, app_token=None, signing_secret={"env": "SIGNING"}, listen=f"{host}:{port}")
    with serving(slack, options=options):
        wait_open(port)

    assert caplog.text.count("others than your reverse proxy") == warnings


def test_an_address_that_is_taken_is_said_to_be(slack: FakeSlack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        options = options_of(slack, app_token=None, signing_secret={"env": "SIGNING"}, listen=listen)
        error = started(SlackChat(options, world_of(slack).surroundings, QUICK), Answers()).wait_ended()

    assert error.permanent
    assert str(error) == (
        f"memwarden cannot listen on {listen} (Address already in use): change `listen` under [chat.slack]."
    )
