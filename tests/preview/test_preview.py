"""Every golden message can be drawn, and nothing in it becomes markup of the page."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

import pytest

from tests.preview import alerts, discord, past, plans, slack
from tests.preview.__main__ import GOLDEN, PICTURES, PLATFORMS, README, past_picture, picture_of

if TYPE_CHECKING:
    from pathlib import Path

# What the message says of its buttons is only how they are labelled.
ONLY_LABELS = {GOLDEN / "discord" / "announced.json"}


@pytest.mark.parametrize(
    "file",
    sorted(set(GOLDEN.glob("[ds]*/*.json")) - ONLY_LABELS),
    ids=lambda file: f"{file.parent.name}-{file.stem}",
)
def test_every_golden_message_can_be_drawn(file: Path) -> None:
    payload = json.loads(file.read_text(encoding="utf-8"))

    page = PLATFORMS[file.parent.name].html(payload)

    labels = [button["label"] for button in payload.get("buttons", [])]
    assert all(f">{escape(label)}</button>" in page for label in labels)
    assert len(page) > 40


def test_slacks_text_is_no_markup() -> None:
    text = {"type": "text", "text": "<b>*x*", "style": {"bold": True}}
    section = {"type": "rich_text_section", "elements": [text]}

    assert slack.html({"blocks": [{"type": "rich_text", "elements": [section]}]}) == (
        "<p><b>&lt;b&gt;*x*</b></p>"
    )


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("**a** \\*\\*b\\*\\*", "<b>a</b> **b**"),
        ("```\n<x> \\*\n```", "<pre>&lt;x&gt; \\*</pre>"),
        ("above\n```\nx\n```\none\ntwo", "above<pre>x</pre>one\ntwo"),
        ("-# small\nlarge", "<div class=sub>small</div>large"),
        ("<t:1:T>", "<span class=time>01:00:01</span>"),
    ],
)
def test_discords_markdown_is_drawn(text: str, drawn: str) -> None:
    assert discord.markdown(text) == drawn


@pytest.fixture(scope="module")
def stories() -> dict[str, alerts.Shown]:
    """Nights of 40 hosts: watched once, looked at by all; and plans."""
    return {**alerts.stories(), **plans.stories()}


def test_the_readme_shows_a_picture_of_each_of_its_messages(stories: dict[str, alerts.Shown]) -> None:
    made_up = {past_picture(p, name) for p in PLATFORMS for name in (*past.WORDS, *stories)}

    assert {picture_of(file) for file in README} | made_up == set(PICTURES.glob("*.png"))


def test_every_announcement_and_its_thread_can_be_drawn(stories: dict[str, alerts.Shown]) -> None:
    for name, shown in stories.items():
        for platform, module in PLATFORMS.items():
            sent = alerts.payload(platform, shown)

            assert escape(shown.card.headline) in module.html(sent), name
            assert sent["private"] is False
