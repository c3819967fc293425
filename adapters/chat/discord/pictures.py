"""Charts as pictures that go with a message, and are shown in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.chat.discord.limits import PICTURE_TEXT
from adapters.monospace import sparkline
from adapters.monospace.page import cut_to

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from bot.message import Chart, Message


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that was drawn: its file's name, a PNG, and what it shows, for those who cannot see it."""

    chart: Chart
    name: str
    png: bytes
    text: str


def drawn(message: Message, surroundings: Surroundings) -> tuple[Picture, ...]:
    """Draw the charts of a message, which may take some seconds; what cannot be drawn is left out."""
    return tuple(
        Picture(
            chart,
            f"chart-{place}.png" if place > 1 else "chart.png",
            png,
            cut_to(PICTURE_TEXT, sparkline.described(chart)),
        )
        for place, (chart, png) in enumerate(surroundings.drawn(message).items(), 1)
    )
