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


@pytest.mark.parametrize("words", ["report", "status", "why"])
@pytest.mark.parametrize(
    ("more", "left"),
    [
        ('services.gunicorn = { forbid = ["set_workers"] }\n', ["Stop daphne"]),
        ('services."daphne.service" = { forbid = ["stop_service"] }\n', ["Fix: 4 -> 2 workers"]),
        ('services.redis = { forbid = ["stop_service"] }\n', ["Fix: 4 -> 2 workers", "Stop daphne"]),
        ("[remediation]\nmost_workers = 1\n", ["Stop daphne"]),
        ("[remediation]\nquorums = { stop_service = 2 }\n", ["Fix: 4 -> 2 workers"]),
    ],
    ids=["forbidden", "forbidden by its unit", "of another", "too many", "too few people"],
)
def test_what_would_always_be_refused_is_not_offered(words: str, more: str, left: list[str]) -> None:
    assert [label for label, _ in fixes(HOST + more + APPROVERS, words)] == left


def test_where_there_is_memory_left_nothing_is_offered() -> None:
    assert fixes(HOST + APPROVERS + EASY, "report") == []
