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

    `in_channel` tells that others could read along if the answer were shared; `channel` is the platform's id
    of where it was said, empty if nothing can be announced there. `group_names` are the names people know the
    roster's groups by, as far as the platform told: `slack-group:S01` -> `@oncall`. `clicked` tells that it
    took no more than a click on a button; what was filled into a form was typed.
    """

    person: Person
    text: str
    in_channel: bool = False
    group_names: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    clicked: bool = False


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


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers over the moments of a chart, in bytes; None where nothing was measured."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A level to draw across a chart: its value in bytes and what it means."""

    label: str
    value: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Span:
    """A time to set apart in a chart, an incident for instance."""

    begins_at: datetime
    ends_at: datetime
    tone: Tone
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment to mark in a chart: a reboot, a deploy, an OOM kill."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Memory over time, as numbers: a platform draws it by its own means.

    `moments` ascend and have the time zone people read times in. `main` is the line that counts, `layers` are
    stacked upon one another, the lowest first. The vertical axis goes from 0 to `whole` (bytes). `text` says
    in one sentence what the picture shows, for those who cannot see it.
    """

    title: str
    moments: tuple[datetime, ...]
    main: Series
    layers: tuple[Series, ...]
    whole: float
    lines: tuple[Line, ...] = ()
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()
    text: str = ""


Block = Text | Code | Table | Bar | Chart


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


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to say that nobody asked for: in a channel, in a thread, or in place of what was said before.

    An empty `channel` is the one the platform is configured with. `key` names this announcement: where the
    platform can tell, one key is never shown twice. `edits` is the reference of the message to change,
    `thread` that of the message in whose thread it belongs; each is what `Chat.announce` returned, and empty
    for a message of its own. `mentions` are roster entries of who shall be notified: `slack:U01`,
    `slack-group:S01`. `doubtful` tells that an earlier try, begun not before `since`, may have arrived: look
    before it is said again.
    """

    message: Message
    key: str
    channel: str = ""
    edits: str = ""
    thread: str = ""
    mentions: tuple[str, ...] = ()
    doubtful: bool = False
    since: datetime | None = None


class Kind(StrEnum):
    """What a parameter of a command means; platforms complete and check accordingly.

    TARGET is a host, a tag or the name of a rule; INCIDENT an incident's number, PLAN a plan's; CODE the
    letters and digits that a plan's card shows; CHOICE one of the parameter's own `choices`; DURATION a time
    such as `2h`; SIZE a size in memory such as `64mb` or `64 MiB`; TEXT all the words that are left.
    """

    HOST = "host"
    HOSTS = "hosts"
    SERVICE = "service"
    COMMAND = "command"
    COUNT = "count"
    TARGET = "target"
    INCIDENT = "incident"
    PLAN = "plan"
    CODE = "code"
    CHOICE = "choice"
    DURATION = "duration"
    SIZE = "size"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One word a command takes."""

    name: str
    kind: Kind
    help: str
    required: bool = False
    choices: tuple[str, ...] = ()


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
    """What may be said: a command's name, one sentence, its parameters in order.

    `rare` ones are not for every day: a platform with room for few shows them in a second place.
    """

    name: str
    help: str
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    rare: bool = False

    @property
    def synopsis(self) -> str:
        """The command as help writes it: `top [host] [n]`."""
        words = (f"<{p.name}>" if p.required else f"[{p.name}]" for p in self.parameters)
        return " ".join((self.name, *words))
