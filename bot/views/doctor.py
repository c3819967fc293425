"""What an examination found: a line for each thing that was looked at, and the sum of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.domain.finding import State
from bot.message import Message, Text, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.finding import Finding

_TONES = {State.RIGHT: Tone.GOOD, State.NOTE: Tone.ACCEPTABLE, State.WRONG: Tone.CRITICAL}
_WORDS = {State.RIGHT: "right", State.NOTE: "note", State.WRONG: "WRONG"}
_WIDTH = max(map(len, _WORDS.values()))


def line(finding: Finding) -> Message:
    """Say one finding, and below it what to do."""
    state = _WORDS[finding.state].ljust(_WIDTH)
    return Message(
        f"{state}  {finding.subject}: {finding.sentence.removesuffix('.')}",
        blocks=(Text(f"  -> {finding.remedy}"),) if finding.remedy else (),
        tone=_TONES[finding.state],
    )


def summary(findings: Iterable[Finding]) -> Message:
    """Say how many there are of each kind, the worst first."""
    count = Counter(finding.state for finding in findings)
    notes = f"{count[State.NOTE]} {'note' if count[State.NOTE] == 1 else 'notes'}"
    told = (
        f"{count[State.WRONG]} wrong" if count[State.WRONG] else "",
        notes if count[State.NOTE] else "",
        f"{count[State.RIGHT]} right",
    )
    sentence = "Something is wrong" if count[State.WRONG] else "Nothing is wrong"
    return Message(
        f"{sentence}: {', '.join(filter(None, told))}.",
        tone=Tone.CRITICAL if count[State.WRONG] else Tone.GOOD,
    )
