"""What a person typed, as they typed it."""

from __future__ import annotations

import pytest

from adapters.chat.slack.said import said


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("<@U0BOT> report web-1", "report web-1"),
        ("<@U0BOT|memwarden>   report web-1  ", "report web-1"),
        ("<@U0BOT>: report web-1", "report web-1"),
        ("<@U0BOT>, report web-1", "report web-1"),
        ("report <http://web-1.example.org|web-1.example.org>", "report web-1.example.org"),
        ("report <https://web-1.example.org>", "report web-1.example.org"),
        ("report <mailto:a@b.example|a@b.example>", "report a@b.example"),
        ("report a &amp; b &lt;c&gt; &amp;lt;", "report a & b <c> &lt;"),
        ("report <#C01|ops> <@U01> <!here> <!subteam^S01|@oncall>", "report #ops @U01 @here @oncall"),
        ("report “web 1”", 'report "web 1"'),
        ("report <unfinished", "report <unfinished"),
        ("", ""),
    ],
)
def test_slacks_own_signs_are_taken_back(text: str, typed: str) -> None:
    assert said(text, to="U0BOT") == typed


def test_only_the_first_mention_addresses_the_bot() -> None:
    assert said("<@U0BOT> ask <@U0BOT>", to="U0BOT") == "ask @U0BOT"
