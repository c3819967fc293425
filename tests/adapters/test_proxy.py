"""Which proxy is on the way, by the environment."""

from __future__ import annotations

import pytest

from adapters.proxy import proxy_of
from bot.errors import ChatError

PROXY = "http://proxy.example:3128"
SOCKET = "wss://wss-primary.slack.com/link/?ticket=1"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(("no_proxy", "proxy"), [("", PROXY), ("slack.com", None), ("other.example", PROXY)])
def test_the_proxy_is_the_one_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, proxy: str | None
) -> None:
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("no_proxy", no_proxy)

    assert proxy_of("Slack", SOCKET) == proxy


@pytest.mark.parametrize(
    ("url", "proxy"),
    [(SOCKET, PROXY), ("http://discord.example/api", PROXY), ("https://discord.com/api", None)],
)
def test_a_websocket_goes_through_the_proxy_for_http_if_there_is_no_other(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    monkeypatch.setenv("http_proxy", PROXY)

    assert proxy_of("Slack", url) == proxy


def test_a_proxy_may_be_named_without_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy.example:3128")

    assert proxy_of("Discord", "https://discord.com/api") == PROXY


@pytest.mark.parametrize("url", [SOCKET, "https://discord.com/api"])
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("https_proxy", "socks5://user:secret@127.0.0.1:9")

    with pytest.raises(ChatError, match=r"^Slack cannot be reached .* HTTPS_PROXY") as raised:
        proxy_of("Slack", url)

    assert raised.value.permanent
    assert "secret" not in str(raised.value)
