"""What would help is offered as a button: where help is needed, and where somebody may approve it."""

from __future__ import annotations

import pytest

from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops

HOST = '[[host]]\nname = "web-1"\n'
APPROVERS = '[people]\napprovers = ["terminal:alice"]\n'
EASY = "[thresholds]\ngood = 3\nacceptable = 2\nwarning = 1\n"
FIXES = ("workers ", "stop ")


def fixes(configuration: str, words: str) -> list[tuple[str, str]]:
    ops = Ops(configuration)
    ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    shown = ops.say("alice", words)
    return [(button.label, button.words) for button in shown.buttons if button.words.startswith(FIXES)]


@pytest.mark.parametrize("words", ["report", "status", "why"])
def test_an_answer_about_a_host_that_is_short_of_memory_offers_what_helps(words: str) -> None:
    assert fixes(HOST + APPROVERS, words) == [
        ("Fix: 4 -> 2 workers", "workers web-1 gunicorn 2"),
        ("Stop daphne", "stop web-1 daphne"),
    ]


@pytest.mark.parametrize("words", ["report", "status", "why"])
def test_where_nobody_may_approve_nothing_is_offered(words: str) -> None:
    assert fixes(HOST, words) == []


def test_where_there_is_memory_left_nothing_is_offered() -> None:
    assert fixes(HOST + APPROVERS + EASY, "report") == []
