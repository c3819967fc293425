"""The chat platforms: one file or package each, defining `PLATFORM`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.message import Chart, Kind

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.config import Secret, Section
    from bot.domain.finding import Finding
    from bot.domain.outage import Outage
    from bot.domain.people import Person
    from bot.message import Message, Usage
    from bot.ports import Chat

Options = TypeVar("Options", bound="Section")

_MOST_PICTURES = 4
# No drawing is begun later: together with the last one's own time limit, so long may others have to wait.
_DRAWING_S = 10.0

Complete = Callable[[str], Sequence[str]]
"""Given a partly typed line, the words that may stand where its last word is."""

Offers = Callable[["Person", Kind, str], Sequence[str]]
"""Given who types, what a parameter means and what is typed of it so far: the words it can be, the likeliest
first; none for somebody who may not look."""


def _no_picture(_chart: Chart) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every platform may use besides its own section of the configuration.

    `usages` are all commands there are. `groups` are the roster's entries for groups of people of this
    platform (`slack-group:S01`): who is in them decides what a person may do. `state_folder` is where a
    platform may keep files of its own; it need not exist yet. `reveal` returns a secret's value (ConfigError
    if it is not there). `keep_words` and `kept_words` remember what buttons say over a restart; they never
    raise. `tell_others` says on the other platforms that this one is deaf, or no longer; it returns at once
    and never raises. `now` is aware of its time zone. `draw` returns a chart as a PNG, or None if it could
    not be drawn; it may take some seconds, and never raises. `places` are the channels in which the
    routes have things announced, empty for that of the platform's own table, and `mentioned` the roster's
    entries of this platform whom they notify.
    """

    usages: tuple[Usage, ...]
    complete: Complete
    offers: Offers
    groups: tuple[str, ...]
    state_folder: Path
    reveal: Callable[[Secret], str]
    keep_words: Callable[[str], str]
    kept_words: Callable[[str], str | None]
    tell_others: Callable[[Outage], None]
    now: Callable[[], datetime]
    draw: Callable[[Chart], bytes | None] = _no_picture
    places: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()

    def drawn(self, message: Message) -> Mapping[Chart, bytes]:
        """Return the charts of a message as PNGs, as far as they could be drawn without much delay."""
        charts = dict.fromkeys(block for block in message.blocks if isinstance(block, Chart))
        until = time.monotonic() + _DRAWING_S
        drawn = {
            chart: self.draw(chart) for chart in list(charts)[:_MOST_PICTURES] if time.monotonic() < until
        }
        return {chart: png for chart, png in drawn.items() if png}


@dataclass(frozen=True, slots=True)
class Print(Generic[Options]):
    """Something that a platform can print for whoever sets it up: `memwarden slack manifest`.

    `text` is given None where the platform is not configured yet. It may raise BotError.
    """

    name: str
    help: str
    text: Callable[[Options | None, Surroundings], str]


@dataclass(frozen=True, slots=True)
class Platform(Generic[Options]):
    """A chat platform: its name, the model of its `[chat.<name>]` section, and how it is made from that.

    `examine` looks at everything that could be wrong with it, for `memwarden doctor`; it never raises.
    `group` is the roster's word for its groups of people, as in `slack-group:S01`; empty if it has none.
    """

    name: str
    section: type[Options]
    build: Callable[[Options, Surroundings], Chat]
    examine: Callable[[Options, Surroundings], Iterable[Finding]]
    prints: tuple[Print[Options], ...] = ()
    group: str = ""
