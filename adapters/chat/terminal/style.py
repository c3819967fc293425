"""How each tone looks: in one of the terminal's own sixteen colours."""

from __future__ import annotations

from bot.message import Emphasis, Tone

BOLD = "bold"
FAINT = "dim"

STYLES = {
    Tone.PLAIN: "",
    Tone.GOOD: "green",
    Tone.ACCEPTABLE: "cyan",
    Tone.WARNING: "yellow",
    Tone.CRITICAL: "bold red",
    Tone.UNKNOWN: "magenta",
    Tone.FAINT: FAINT,
}

EMPHASES = {
    Emphasis.NORMAL: "",
    Emphasis.PRIMARY: BOLD,
    Emphasis.DANGER: "red",
}
