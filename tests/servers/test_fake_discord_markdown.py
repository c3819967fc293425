"""How the fake Discord's reader reads markup."""

from __future__ import annotations

import pytest

from tests.servers.fake_discord.markdown import links, mentions, read

NAMES = {"@1": "alice", "@&50": "oncall", "#100": "ops"}


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("**web-1** is *busy* and __full__ and ~~fine~~", "web-1 is busy and full and fine"),
        ("***both***", "both"),
        (r"\*not bold\* \_nor this\_ \`nor code\`", "*not bold* _nor this_ `nor code`"),
        ("`**code**` and ``a`b``", "**code** and a`b"),
        ("```\n**a**  1\n**b** 22\n```", "**a**  1\n**b** 22"),
        ("```py\nx = 1\n```", "x = 1"),
        ("some_snake_case and 2*3*4", "some_snake_case and 2*3*4"),
        ("<@1> <@!1> <@&50> <#100> <@9>", "@alice @alice @oncall #ops @unknown"),
        ("<t:1700000000:R>", "2023-11-14 22:13 UTC"),
        ("[click](https://example.org)", "click"),
        ("# Title\n-# small\n> quoted", "Title\nsmall\nquoted"),
        ("- one\n- two", "• one\n• two"),
        ("||secret||", "secret"),
    ],
)
def test_markup_is_read_as_a_client_shows_it(written: str, seen: str) -> None:
    assert read(written, NAMES) == seen


def test_only_what_is_outside_of_code_mentions_anybody() -> None:
    assert mentions("<@1> `<@2> @everyone` @here <@&50>") == ["@1", "@&50", "here"]


def test_a_backslash_keeps_nobody_from_being_mentioned() -> None:
    assert mentions("\\<@3> \\@everyone \\`<@!4>\\`") == ["@3", "@4", "everyone"]


def test_masked_links_are_found() -> None:
    assert links("[a](https://evil.example) `[b](https://code.example)`") == ["https://evil.example"]
