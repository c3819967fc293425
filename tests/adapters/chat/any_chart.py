"""Charts: one as it is in everyday life, and of every shape, with texts of somebody hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.message import Chart, Line, Mark, Series, Span, Tone
from tests.adapters.chat.any_message import HOSTILE, TONES

MIB = 1024**2
BEGIN = datetime(2026, 3, 2, 13, 2, tzinfo=UTC)


def every_minute(*available_mib: float | None) -> Chart:
    """One value each minute from 13:02 on, of a host with 961 MiB."""
    return Chart(
        title="web-1: memory available",
        moments=tuple(BEGIN + timedelta(minutes=minute) for minute in range(len(available_mib))),
        main=Series("available", tuple(None if each is None else each * MIB for each in available_mib)),
        layers=(Series("gunicorn", tuple(300.0 * MIB for _ in available_mib)),),
        whole=961 * MIB,
        lines=(Line("critical below 10 %", 96.1 * MIB, Tone.CRITICAL),),
        spans=(Span(BEGIN, BEGIN + timedelta(minutes=5), Tone.CRITICAL, "incident 12"),),
        marks=(Mark(BEGIN + timedelta(minutes=4), "OOM kill: gunicorn"),),
        text="Memory available on web-1 fell from 412 to 62 MiB in an hour and rose again.",
    )


FALLING = every_minute(412, 380, None, 200, 62, 96, 240, 410)

_VALUES = st.none() | st.floats() | st.floats(0, 2e12)
_MOMENTS = st.lists(st.integers(0, 2 * 366 * 86_400), max_size=60, unique=True).map(
    lambda seconds: tuple(BEGIN + timedelta(seconds=each) for each in sorted(seconds))
)


def _charts(moments: tuple[datetime, ...]) -> st.SearchStrategy[Chart]:
    values = st.tuples(*[_VALUES] * len(moments))
    at = st.sampled_from(moments or (BEGIN,))
    return st.builds(
        Chart,
        HOSTILE,
        st.just(moments),
        st.builds(Series, HOSTILE, values),
        st.just(()),
        st.floats(0, 2e12),
        st.lists(st.builds(Line, HOSTILE, st.floats(), TONES), max_size=3).map(tuple),
        st.just(()),
        st.lists(st.builds(Mark, at, HOSTILE), max_size=8).map(tuple),
        HOSTILE,
    )


CHARTS: st.SearchStrategy[Chart] = _MOMENTS.flatmap(_charts)
