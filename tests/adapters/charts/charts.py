"""Charts to draw: a day of the seed's server, and what nobody should ever send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.units import MIB
from bot.message import Chart, Line, Mark, Series, Span, Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)
HOSTILE = (
    "$\\frac{1}{0}$",
    "$a_b^{",
    "שלום עולם",
    "\u202egnp.exe",
    "🐘🐘",
    "a\x1b[31m\n\0b",
    "x" * 5000,
    "e" + "\u0301" * 500,
    "not utf-8: \udcff",
    "",
)


def chart(
    count: int = 120,
    *,
    main: Sequence[float | None] | None = None,
    layers: Sequence[Series] | None = None,
    title: str = "web-1: memory available, last 24 h",
    marks: tuple[Mark, ...] = (),
    spans: tuple[Span, ...] = (),
    label: str = "available",
) -> Chart:
    """Make a chart of the last day with so many points; sizes in MiB."""
    values = [300.0] * count if main is None else list(main)
    times = [NOW - timedelta(days=1) * (1 - place / max(1, len(values) - 1)) for place in range(len(values))]
    both = (series("gunicorn", [404] * len(values)), series("daphne", [125] * len(values)))
    return Chart(
        title=title,
        moments=tuple(at.astimezone(BERLIN) for at in times),
        main=series(label, values),
        layers=both if layers is None else tuple(layers),
        whole=961.0 * MIB,
        lines=(Line("critical below 10 %", 96.0 * MIB, Tone.CRITICAL),),
        spans=spans,
        marks=marks,
        text="a day of web-1",
    )


def series(label: str, mib: Sequence[float | None]) -> Series:
    """Make a series, sizes in MiB."""
    return Series(label, tuple(None if value is None else value * MIB for value in mib))


def hostile() -> Chart:
    """Everything that can be a label is something that nobody should ever send."""
    return chart(
        title="$x^2$ \u202e" + "t" * 5000,
        label="$a_b$",
        layers=[series(label, [40] * 120) for label in HOSTILE],
        marks=tuple(Mark(NOW - timedelta(hours=n), HOSTILE[n % len(HOSTILE)]) for n in range(24)),
        spans=tuple(
            Span(NOW - timedelta(hours=n + 1), NOW - timedelta(hours=n), Tone.WARNING, HOSTILE[n])
            for n in range(10)
        ),
    )
