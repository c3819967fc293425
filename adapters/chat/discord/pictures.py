"""Charts as pictures that go with a message, and are shown in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.chat.discord.limits import PICTURE_TEXT, PICTURES
from adapters.monospace.page import cut_to
from adapters.plain_text import visible
from bot.message import Chart

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.message import Message


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that was drawn: its file's name, a PNG, and what it shows, for those who cannot see it."""

    chart: Chart
    name: str
    png: bytes
    text: str


def drawn(message: Message, draw: Callable[[Chart], bytes | None]) -> tuple[Picture, ...]:
    """Draw the charts of a message, which may take some seconds; what cannot be drawn is left out."""
    charts = dict.fromkeys(block for block in message.blocks if isinstance(block, Chart))
    made = ((chart, draw(chart)) for chart in list(charts)[:PICTURES])
    return tuple(
        Picture(chart, f"chart-{place}.png" if place > 1 else "chart.png", png, _text(chart))
        for place, (chart, png) in enumerate(((chart, png) for chart, png in made if png), 1)
    )


def _text(chart: Chart) -> str:
    return cut_to(PICTURE_TEXT, visible(chart.text).strip() or visible(chart.title).strip()) or "A chart."
