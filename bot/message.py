"""What comes in from a chat and what goes out: plain values that every platform renders its own way.

Every string here is plain text. A host or a person may have written it, so a renderer escapes all of it;
nothing in it is ever markup.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.people import Person


class Tone(StrEnum):
    """How a line should look; the words beside it say the same, so colour is never needed to understand."""

    PLAIN = "plain"
    GOOD = "good"
    ACCEPTABLE = "acceptable"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Request:
    """What a person said: the words after `/mem`, or the words that a button carries.

    `in_channel` tells that others could read along if the answer were shared. `group_names` are the names
    people know the roster's groups by, as far as the platform told: `slack-group:S01` -> `@oncall`.
    """

    person: Person
    text: str
    in_channel: bool = False
    group_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to show as they are, in a fixed-width face: log lines, a unit file."""

    lines: tuple[str, ...]


class Align(StrEnum):
    """On which side a column's cells are flush."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column. Where width is short, columns with the highest `dispensable` go first (0: never)."""

    title: str
    align: Align = Align.LEFT
    dispensable: int = 0
    elastic: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row: one cell per column."""

    cells: tuple[str, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in columns; an untitled table has columns whose titles are all empty.

    `total` is set apart from the rows by a rule.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: what it is and its weight (any unit; the bar is as long as all weights)."""

    label: str
    weight: int
    shade: Shade


class Shade(StrEnum):
    """Which of the few characters of a bar a segment is drawn with."""

    SOLID = "solid"
    DARK = "dark"
    MEDIUM = "medium"
    LIGHT = "light"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Bar:
    """A stacked bar of parts of one whole, with a legend of the parts that have a label."""

    segments: tuple[Segment, ...]


Block = Text | Code | Table | Bar


_KEY_BYTES = 16


def key_of(words: str) -> str:
    """Return what stands for a button's words where they do not fit: 22 letters, digits, `-` and `_`.

    The same words always have the same key, so a button works after a restart, and no key is ever used twice.
    """
    digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest[:_KEY_BYTES]).decode("ascii").rstrip("=")


class Emphasis(StrEnum):
    """How a button looks."""

    NORMAL = "normal"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A next step: a click is the same as typing `words`.

    `confirm` is what to ask before that, where a slip of the finger would matter. The answer to an
    `in_place` button takes the place of the message it belongs to, even of one that others see.
    """

    label: str
    words: str
    emphasis: Emphasis = Emphasis.NORMAL
    confirm: str = ""
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """An answer or an announcement.

    `headline` is the answer in one line, fit for a notification; `tone` its colour. `measured_at` is the
    moment (with its time zone) that the figures are of, `footnote` how they were measured. `private` answers
    are for the asker alone. A `wide` answer shows every column, where a phone would have to scroll. A
    `refusal` changed and found out nothing, so it never takes the place of another message. `form` is what
    a platform may ask for where words were missing.
    """

    headline: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    footnote: str = ""
    tone: Tone = Tone.PLAIN
    private: bool = True
    measured_at: datetime | None = None
    wide: bool = False
    refusal: bool = False
    form: Form | None = None


class Kind(StrEnum):
    """What a parameter of a command means; platforms complete and check accordingly."""

    HOST = "host"
    HOSTS = "hosts"
    SERVICE = "service"
    COMMAND = "command"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One word a command takes."""

    name: str
    kind: Kind
    help: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A command whose words were missing, with the words that stood before it (`share wide`)."""

    usage: Usage
    before: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The words up to the first that is missing: `share report`."""
        return " ".join((*self.before, self.usage.name))


@dataclass(frozen=True, slots=True)
class Usage:
    """What may be said: a command's name, one sentence, its parameters in order."""

    name: str
    help: str
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def synopsis(self) -> str:
        """The command as help writes it: `top [host] [n]`."""
        words = (f"<{p.name}>" if p.required else f"[{p.name}]" for p in self.parameters)
        return " ".join((self.name, *words))
