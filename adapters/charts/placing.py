"""Where labels go, so that none lies upon another. All numbers are in one unit of length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Move points as little as need be so that all are `apart` from one another, between `low` and `high`.

    Their order stays. Where there is no room for all, they stand evenly between the bounds.
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    if len(order) > 1 and apart * (len(order) - 1) > high - low:
        apart = (high - low) / (len(order) - 1)
    placed = [0.0] * len(wanted)
    below = low - apart
    for place in order:
        below = max(wanted[place], below + apart)
        placed[place] = below
    above = high + apart
    for place in reversed(order):
        above = min(placed[place], above - apart)
        placed[place] = above
    return placed


def rows(
    begins: Sequence[float], widths: Sequence[float], count: int, most_moved: float
) -> list[tuple[int, float] | None]:
    """Return for each label in which of `count` rows it begins where; None where there is no room for it.

    It stands beside those before it, as near to where it should begin as can be, and at most `most_moved`
    to the right of that. `begins` ascend.
    """
    free = [float("-inf")] * count
    placed: list[tuple[int, float] | None] = []
    for begin, width in zip(begins, widths, strict=True):
        row = min(range(count), key=lambda row: max(begin, free[row]))
        at = max(begin, free[row])
        if at - begin > most_moved:
            placed.append(None)
            continue
        free[row] = at + width
        placed.append((row, at))
    return placed


def merged(points: Sequence[tuple[float, str]], within: float) -> list[tuple[float, str]]:
    """Make one of neighbours with the same words that stand `within` a length of the first: `reboot x 3`.

    `points` ascend.
    """
    groups: list[tuple[float, str, int]] = []
    for at, label in points:
        if groups and groups[-1][1] == label and at - groups[-1][0] <= within:
            groups[-1] = (groups[-1][0], label, groups[-1][2] + 1)
        else:
            groups.append((at, label, 1))
    return [(at, label if count == 1 else f"{label} x {count}") for at, label, count in groups]
