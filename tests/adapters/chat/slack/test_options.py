"""`[chat.slack]`: every mistake in one clear sentence."""

from __future__ import annotations

import pytest

from adapters.chat.slack import Options
from bot.config import load, read_section
from bot.errors import ConfigError

SOCKET = 'bot_token = { env = "B" }\napp_token = { env = "A" }\n'
HTTP = 'bot_token = { env = "B" }\nsigning_secret = { env = "S" }\nlisten = "127.0.0.1:3000"\n'


def read(text: str) -> Options:
    return read_section(Options, load(f"[chat.slack]\n{text}", "config.toml"), "slack")


def test_socket_mode_needs_two_tokens() -> None:
    options = read(SOCKET)

    assert options.is_socket_mode
    assert (options.command, options.api_url) == ("/mem", "https://slack.com/api/")


def test_http_mode_needs_a_signing_secret_and_an_address() -> None:
    options = read(HTTP)

    assert not options.is_socket_mode
    assert options.listen_address == ("127.0.0.1", 3000)


def test_the_channel_of_the_alerts_is_one_it_answers_in() -> None:
    assert read(f'{SOCKET}channel = "C01"\nchannels = ["C02", "C01"]').answers_in == ("C02", "C01")
    assert read(f'{SOCKET}channel = "C01"\nchannels = ["C02"]').answers_in == ("C02", "C01")
    assert read(f'{SOCKET}channel = "C01"').answers_in == ()


def test_govslack_has_an_address_of_its_own() -> None:
    assert read(f'{SOCKET}api_url = "https://slack-gov.com/api"').api_url == "https://slack-gov.com/api/"


def test_an_address_of_six_can_be_listened_on() -> None:
    assert read(HTTP.replace("127.0.0.1:3000", "[::1]:3000")).listen_address == ("::1", 3000)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('app_token = { env = "A" }', "bot_token: this key is missing"),
        ('bot_token = { env = "B" }', "expected `app_token` (Socket Mode), or `signing_secret` and `listen`"),
        (f'{SOCKET}listen = "127.0.0.1:3000"', "two ways to hear the same: keep one"),
        (HTTP.replace('signing_secret = { env = "S" }\n', ""), "`listen` needs `signing_secret`"),
        ('bot_token = "xoxb-1-secret"', "a secret never stands in this file"),
        (f'{SOCKET}channel = "#ops"', "expected the id of a channel"),
        (f'{SOCKET}channels = ["ops"]', "expected the id of a channel"),
        (f'{SOCKET}channels = "C01"', "expected a list of ids of channels"),
        (f'{SOCKET}command = "mem"', "expected a slash command"),
        (f'{SOCKET}command = "/Mem warden"', "expected a slash command"),
        (HTTP.replace(":3000", ""), "expected an address and a port"),
        (HTTP.replace(":3000", ":70000"), "expected an address and a port"),
        (f'{SOCKET}api_url = "http://slack.com/api/"', "begins with https://"),
        (f'{SOCKET}api_url = "slack.com"', "expected the address of Slack's Web API"),
        (f'{SOCKET}api_url = "https://[::1/api"', "expected the address of Slack's Web API"),
        (f'{SOCKET}chanel = "C01"', "did you mean `channel`?"),
    ],
)
def test_a_mistake_is_one_clear_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert sentence in str(caught.value)
    assert len(caught.value.mistakes) == 1
    assert "secret-" not in str(caught.value)
