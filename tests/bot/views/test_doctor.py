"""What an examination says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.finding import Finding, State
from bot.message import Tone
from bot.views import doctor
from tests.conversations.ops import text_of

RIGHT = Finding("slack: bot token", State.RIGHT, "is taken")
NOTE = Finding("web-1: clock", State.NOTE, "is 12 s ahead of ours", "Let it keep time.")
WRONG = Finding("slack: channel", State.WRONG, "the bot is not in #ops", "Say /invite @memwarden there.")


def test_a_finding_is_a_line_and_its_remedy_another() -> None:
    assert text_of(doctor.line(RIGHT)) == "right  slack: bot token: is taken"
    assert text_of(doctor.line(replace(RIGHT, sentence="is taken."))) == "right  slack: bot token: is taken"
    assert text_of(doctor.line(WRONG)).splitlines() == [
        "WRONG  slack: channel: the bot is not in #ops",
        "  -> Say /invite @memwarden there.",
    ]


@pytest.mark.parametrize(
    ("findings", "sentence", "tone"),
    [
        ([RIGHT, RIGHT], "Nothing is wrong: 2 right.", Tone.GOOD),
        ([RIGHT, NOTE], "Nothing is wrong: 1 note, 1 right.", Tone.GOOD),
        ([NOTE, WRONG, NOTE], "Something is wrong: 1 wrong, 2 notes, 0 right.", Tone.CRITICAL),
    ],
)
def test_the_sum_tells_the_worst_first(findings: list[Finding], sentence: str, tone: Tone) -> None:
    said = doctor.summary(findings)

    assert (said.headline, said.tone) == (sentence, tone)
