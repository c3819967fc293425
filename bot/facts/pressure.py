"""/proc/pressure/memory (PSI); missing before Linux 4.20, and where it is switched off."""

from __future__ import annotations

from bot.domain.memory import Pressure
from bot.errors import Unreadable
from bot.facts import Fact, Section

_AWK = 'section("pressure"); copy("/proc/pressure/memory")'


def parse(section: Section) -> Pressure | None:
    """Read the averages, in percent; None where the kernel does not tell."""
    if section.unreadable or not section.lines:
        return None
    averages: dict[str, float] = {}
    for line in section.lines:
        kind, *pairs = line[1:].split() or [""]
        for pair in pairs:
            key, _, value = pair.partition("=")
            if key.startswith("avg"):
                averages[f"{kind}_{key}"] = _percent(value)
    try:
        return Pressure(
            some_avg10=averages["some_avg10"],
            some_avg60=averages["some_avg60"],
            some_avg300=averages["some_avg300"],
            full_avg10=averages["full_avg10"],
            full_avg60=averages["full_avg60"],
            full_avg300=averages["full_avg300"],
        )
    except KeyError as missing:
        raise Unreadable(f"The host's /proc/pressure/memory has no {missing.args[0]}.") from None


def _percent(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:  # noqa: PLR2004 - percent
        raise Unreadable(f"The host's /proc/pressure/memory says {word[:20]!r} where a percentage belongs.")
    return value


FACT = Fact("pressure", _AWK, parse)
