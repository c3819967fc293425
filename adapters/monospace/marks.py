"""A sign for each level, beside which the words say the same."""

from __future__ import annotations

from bot.message import Tone

MARKS = {
    Tone.CRITICAL: "●",
    Tone.WARNING: "●",
    Tone.ACCEPTABLE: "○",
    Tone.GOOD: "○",
    Tone.UNKNOWN: "?",
}
"""One cell wide, for lines of fixed-width text."""

CIRCLES = {
    Tone.CRITICAL: "🔴",
    Tone.WARNING: "🟠",
    Tone.ACCEPTABLE: "🟡",
    Tone.GOOD: "🟢",
    Tone.UNKNOWN: "⚪",
}
"""In colour, for chats that give a text none."""
