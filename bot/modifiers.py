"""Words that may stand before a command and change how its answer is shown: `share wide report web-1`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from bot.message import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.message import Message, Usage


@dataclass(frozen=True, slots=True)
class Modifier:
    """A word before a command: what it does, in one sentence, and how it changes the answer."""

    name: str
    help: str
    apply: Callable[[Message], Message]


def _share(answer: Message) -> Message:
    return replace(answer, private=False)


def _wide(answer: Message) -> Message:
    return replace(answer, wide=True)


SHARE = Modifier("share", "everybody here sees the answer", _share)
MODIFIERS = (SHARE, Modifier("wide", "every column, for a wide screen", _wide))

_BY_NAME = {modifier.name: modifier for modifier in MODIFIERS}


def modifier_of(word: str) -> Modifier | None:
    """Return the modifier of this name, in whatever case it is written."""
    return _BY_NAME.get(word.casefold())


def leading(spoken: tuple[str, ...]) -> tuple[tuple[Modifier, ...], tuple[str, ...]]:
    """Split words into the modifiers before the command, each once, and all the words after them."""
    found = tuple(takewhile(lambda modifier: modifier is not None, map(modifier_of, spoken)))
    return tuple(dict.fromkeys(filter(None, found))), spoken[len(found) :]


def shares(words: str) -> bool:
    """Tell whether these words ask for an answer that everybody sees."""
    return any(modifier is SHARE for modifier in leading(tuple(words.split()))[0])


def form_of(words: str, usages: Iterable[Usage]) -> Form | None:
    """Return the form whose `words` these are; None if we know no such modifier or command."""
    before, rest = leading(tuple(words.split(" ")))
    usage = next((usage for usage in usages if (usage.name,) == rest), None)
    return Form(usage, tuple(modifier.name for modifier in before)) if usage else None
