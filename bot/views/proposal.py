"""A plan in words: what it frees, how long it lasts, every command, every file, the way back."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from bot.domain.concealment import concealed
from bot.domain.rule import plain
from bot.domain.units import counted, fitting_unit, number, percent_at_least, size
from bot.message import Code, Text, Tone
from bot.views.story import LONGEST_SENTENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.domain.plan import Plan, Step
    from bot.message import Block

# A card has to fit into one message, whatever stands in a unit file; who asks for the whole plan gets a file.
_MOST_LINES = 24
_MOST_CHARACTERS = 1_300
_LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The first of some lines, and how many lines it leaves out or cuts short."""

    lines: tuple[str, ...]
    missing: int = 0


def expected(plan: Plan) -> Iterator[Text]:
    """Say what it is expected to free, what will be available then, and what that was counted from."""
    bytes_, basis = plan.saving.expected_bytes, plain(plan.saving.basis, LONGEST_SENTENCE)
    if bytes_ is None:
        yield Text(f"How much it frees cannot be known: {basis}.")
        return
    about = "about" if plan.saving.exact else "at most about"
    change = f"frees {about} {size(bytes_)}" if bytes_ > 0 else f"takes about {size(-bytes_)}"
    yield Text(f"{change if bytes_ else 'frees nothing by itself'}{_then(plan, bytes_)}")
    yield Text(f"counted from: {basis}", Tone.FAINT)


def _then(plan: Plan, bytes_: int) -> str:
    """`: 96 -> 292 of 961 MiB available (10 % -> 30 %), critical -> good`; nothing where it is not known."""
    before, total = plan.available_bytes, plan.total_bytes
    if before is None or total <= 0 or not bytes_:
        return ""
    after, unit = min(max(before + bytes_, 0), total), fitting_unit(total)
    shares = [100 * part / total for part in (before, after)]
    levels = dict.fromkeys(plan.thresholds.level(share) for share in shares)
    return (
        f": {number(before, unit)} -> {number(after, unit)} of {number(total, unit)} {unit} available"
        f" ({' -> '.join(map(percent_at_least, shares))}), {'still ' if len(levels) == 1 else ''}"
        f"{' -> '.join(levels)}"
    )


def effects(plan: Plan) -> Iterator[Text]:
    """Say how long it lasts, how it takes effect and what people may notice."""
    yield Text(f"{'lasting' if plan.lasting else 'temporary'}: {_sentence(plan.lasts)}")
    if plan.at_once:
        yield Text(f"how: {_sentence(plan.at_once)}")
    noticed = [_sentence(effect) for effect in plan.side_effects]
    if len(noticed) <= 1:
        yield Text(f"side effects: {''.join(noticed) or 'none are known'}")
        return
    yield Text("side effects:")
    yield from (Text(f"· {effect}") for effect in noticed)


def way_back(plan: Plan) -> Text:
    """Say how it is undone, or why it cannot be."""
    return Text(f"undo: {_sentence(plan.undone)}")


def commands(title: str, steps: Sequence[Step], number_: int, *, whole: bool) -> Iterator[Block]:
    """Show the exact commands, each numbered and explained."""
    yield Text(title)
    yield from _shown(_numbered(steps), number_, whole=whole)


def files(plan: Plan, number_: int, *, whole: bool) -> Iterator[Block]:
    """Show the files that are written, in full."""
    for path, content in plan.files:
        lines = content.splitlines()
        in_full = whole or not excerpt(map(concealed, lines)).missing
        yield Text(f"writes {plain(path, LONGEST_SENTENCE)}{', in full' if in_full else ''}:")
        yield from _shown(lines, number_, whole=whole)


def is_cut(plan: Plan) -> bool:
    """Tell whether a card leaves out something of what is run or written."""
    parts = (list(_numbered(plan.steps)), *(content.splitlines() for _, content in plan.files))
    return any(excerpt(map(concealed, part)).missing for part in parts)


def excerpt(lines: Iterable[str]) -> Excerpt:
    """Return as much of the beginning as a card has room for."""
    shown: list[str] = []
    missing, room = 0, _MOST_CHARACTERS
    for line in lines:
        cut = line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
        room -= len(cut) + 1
        if room < 0 or len(shown) == _MOST_LINES:
            room = -1
            missing += 1
            continue
        shown.append(cut)
        missing += cut != line
    return Excerpt(tuple(shown), missing)


def _shown(lines: Iterable[str], number_: int, *, whole: bool) -> Iterator[Block]:
    lines = [concealed(line) for line in lines]
    if whole:
        yield Code(tuple(lines))
        return
    part = excerpt(lines)
    yield Code(part.lines)
    if part.missing:
        missing = f"{counted(part.missing, 'line')} cut short or left out"
        where = f"`plan {number_}` shows everything, and the button to approve it"
        yield Text(f"Not all: {missing}; {where}.", Tone.WARNING)


def _numbered(steps: Sequence[Step]) -> Iterator[str]:
    """Write each command below its number; the same one several times in a row is written once: `4-5`."""
    first = 1
    for _, run in groupby(steps, key=lambda step: step.argv):
        same = list(run)
        last = first + len(same) - 1
        label = f"{first}" if first == last else f"{first}-{last}"
        said = "; ".join(dict.fromkeys(plain(step.sentence, LONGEST_SENTENCE) for step in same))
        yield f"{label}  {shlex.join(same[0].argv)}"
        yield f"   # {said}{f' ({len(same)} times)' if len(same) > 1 else ''}"
        first = last + 1


def _sentence(text: str) -> str:
    return plain(text, LONGEST_SENTENCE)
