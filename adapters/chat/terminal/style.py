"""How each tone looks: a mark and one of the terminal's own sixteen colours."""

from __future__ import annotations

from bot.message import Emphasis, Shade, Tone

BOLD = "bold"
FAINT = "dim"

MARKS = {
    Tone.CRITICAL: "●",
    Tone.WARNING: "●",
    Tone.ACCEPTABLE: "○",
    Tone.GOOD: "○",
    Tone.UNKNOWN: "?",
}

STYLES = {
    Tone.PLAIN: "",
    Tone.GOOD: "green",
    Tone.ACCEPTABLE: "cyan",
    Tone.WARNING: "yellow",
    Tone.CRITICAL: "bold red",
    Tone.UNKNOWN: "magenta",
    Tone.FAINT: FAINT,
}

SHADES = {
    Shade.SOLID: "█",
    Shade.DARK: "▓",
    Shade.MEDIUM: "▒",
    Shade.LIGHT: "░",
    Shade.EMPTY: "·",
}

EMPHASES = {
    Emphasis.NORMAL: "",
    Emphasis.PRIMARY: BOLD,
    Emphasis.DANGER: "red",
}
