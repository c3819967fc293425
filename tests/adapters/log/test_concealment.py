"""What looks like a secret is concealed, whoever knows of it."""

from __future__ import annotations

import string
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.log.concealment import Concealment

conceal = Concealment()

_WORD = string.ascii_letters + string.digits
_BASE64 = _WORD + "-_"
DISCORD = "MTAxMjM0NTY3ODkwMTIzNDU2Nw.GaBcDe.x9_Zk-3fTq0LmN4pR7sVuW2yB5cE8hJ1oPdQgI"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy.", "token ***"),
        ("'xapp-1-A0B1-8124-b4f00d' was refused", "'***' was refused"),
        ("xoxe.xoxp-1-Mi0yLTM0 and xoxp-1-2", "*** and ***"),
        (
            "POST https://hooks.slack.com/commands/T0001/4711/abcDEF -> 404",
            "POST https://hooks.slack.com/*** -> 404",
        ),
        ("https://hooks.slack.com/services/T1/B2/XXXX, too", "https://hooks.slack.com/*** too"),
        ("http://127.0.0.1:8080/actions/T01/22/xyz failed", "http://127.0.0.1:8080/actions/*** failed"),
        (
            "wss://wss-primary.slack.com/link/?ticket=12b5-e2&app_id=3&x=1 closed",
            "wss://wss-primary.slack.com/link/?ticket=***&app_id=3&x=1 closed",
        ),
        ("connect(token='abc123', user='x')", "connect(token='***', user='x')"),
        ('{"ok": true, "token": "aW50ZXJhY3Rpb24", "t": "X"}', '{"ok": true, "token": "***", "t": "X"}'),
        (f"logging in with {DISCORD}", "logging in with ***"),
        ("Authorization: Bot short.but.secret", "Authorization: Bot ***"),
        ("{'Authorization': 'Bearer abc-def'}", "{'Authorization': 'Bearer ***'}"),
        (
            "POST https://discord.com/api/v10/webhooks/123/aW5-0ZX_Jh?wait=true has 404",
            "POST https://discord.com/api/v10/webhooks/123/***?wait=true has 404",
        ),
        ("/interactions/77/aW50ZXJh/callback has 400", "/interactions/77/***/callback has 400"),
    ],
)
def test_secrets_of_the_platforms_are_concealed_and_nothing_else_is(text: str, shown: str) -> None:
    assert conceal(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "slack ended: The bot is not in #ops. Bot users are invited with /invite.",
        "web-1 (192.0.2.10:22) cannot be reached: the connection was refused.",
        "The database /var/lib/memwarden/memwarden.sqlite3 is read-only for this user",
        "x-apps and axolotl-foxes",
        "a.very-long-name-of-some-host.example.org and /webhooks/ and ticket 12",
    ],
)
def test_innocent_sentences_stay_as_they_are(text: str) -> None:
    assert conceal(text) == text


@given(
    before=st.text(max_size=20),
    token=st.one_of(
        st.builds("{}-{}".format, st.sampled_from(["xoxb", "xoxp", "xapp"]), st.text(_WORD, min_size=8)),
        st.builds(
            "{}.{}.{}".format,
            st.text(_BASE64, min_size=24, max_size=28),
            st.text(_BASE64, min_size=6, max_size=6),
            st.text(_BASE64, min_size=27, max_size=40),
        ),
    ),
    after=st.text(max_size=20),
)
def test_a_token_is_concealed_wherever_it_stands(before: str, token: str, after: str) -> None:
    assert token not in conceal(f"{before}{token}{after}")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://hooks.slack.com/commands/T01/1/{}", "https://hooks.slack.com/***"),
        ("wss://wss.slack.com/link/?ticket={}", "wss://wss.slack.com/link/?ticket=***"),
        (
            "https://discord.com/api/v10/interactions/1/{}/callback",
            "https://discord.com/api/v10/interactions/1/***/callback",
        ),
    ],
)
@given(token=st.text(_BASE64, min_size=8))
# Is also written where it is no secret.
@example(token="interact")
def test_addresses_tell_no_token_even_encoded(address: str, shown: str, token: str) -> None:
    told = address.format(token)

    assert conceal(told) == shown
    assert unquote(conceal(quote(told, safe=""))) == shown


def test_a_long_text_is_searched_in_no_time() -> None:
    hostile = "a" * 200_000 + "." + "-" * 200_000

    assert conceal(hostile) == hostile
