"""A whole bot on fakes, to talk to: `ops.say("alice", "report web-1")`."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import bot.commands
import bot.known_services
import bot.remediations
import bot.rules
from bot.catalogue import entries
from bot.commands import Command
from bot.config import load
from bot.dispatch import dispatch
from bot.domain.people import Person
from bot.domain.remediation import Remediation
from bot.domain.rule import Rule
from bot.domain.service import KnownService
from bot.message import Bar, Code, Message, Request, Table, Text
from bot.ports import Ports
from tests.fakes.clock import FixedClock
from tests.fakes.each import sequential_each
from tests.fakes.hosts import ScriptedHosts
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.message import Block


class Ops:
    """People who talk to a bot in the terminal.

    The configuration is written as in the file; `hosts` answer what a test prepared. `commands` are all
    there are unless a test brings its own.
    """

    def __init__(self, configuration: str = "", commands: tuple[Command, ...] | None = None) -> None:
        config = load(configuration, "config.toml")
        self.hosts = ScriptedHosts(*(host.name for host in config.hosts))
        self.store = MemoryStore()
        self.clock = FixedClock()
        codes = (f"c{number:03}" for number in count(1))
        self.ports = Ports(
            config=config,
            known_services=entries(bot.known_services, "SERVICE", KnownService),
            hosts=self.hosts,
            store=self.store,
            now=self.clock,
            each=sequential_each,
            rules=entries(bot.rules, "RULE", Rule),
            remediations=entries(bot.remediations, "REMEDIATION", Remediation),
            new_code=lambda: next(codes),
        )
        self._answer = dispatch(
            entries(bot.commands, "COMMAND", Command) if commands is None else commands, self.ports
        )
        self._last = Message("nothing was said yet")

    def say(
        self,
        who: str | Person,
        text: str,
        *,
        in_channel: bool = False,
        group_names: Mapping[str, str] | None = None,
        channel: str = "",
        clicked: bool = False,
    ) -> Message:
        """Type words; `who` is the name of somebody at the terminal, or anybody at all.

        `in_channel` where others could read along; `group_names` as far as the platform told them; `channel`
        where something can be announced; `clicked` if the words were a button's.
        """
        person = who if isinstance(who, Person) else Person("terminal", who, who.title())
        self._last = self._answer(Request(person, text, in_channel, group_names or {}, channel, clicked))
        return self._last

    def click(self, who: str | Person, label: str, *, in_channel: bool = False) -> Message:
        """Press the button of the last answer that has this label."""
        (words,) = (button.words for button in self._last.buttons if button.label == label)
        return self.say(who, words, in_channel=in_channel, clicked=True)

    def time_passes(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the clock."""
        self.clock.passes(hours=hours, minutes=minutes, seconds=seconds)


def text_of(message: Message) -> str:
    """All that a message says, a line each: cells of a row are set apart by two spaces."""
    lines = (
        message.headline,
        *(line for block in message.blocks for line in _lines(block)),
        message.footnote,
    )
    return "\n".join(filter(None, lines))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Text(text):
            yield text
        case Code(lines):
            yield from lines
        case Table(columns, rows, total):
            yield "  ".join(column.title for column in columns).strip()
            yield from ("  ".join(row.cells) for row in (*rows, *((total,) if total else ())))
        case Bar(segments):
            yield "  ".join(segment.label for segment in segments if segment.label)
