"""Who did what, when, where, and what came of it: lines that are only added to, chained by their hashes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from bot.errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

BEGINNING = "0" * 64
"""What stands in place of a hash before the first line."""

_HEAD_DIGITS = 16
_HEAD = re.compile(r"(?P<number>[1-9]\d{0,17}):(?P<digits>[0-9a-f]{8,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit.

    `who` is a person as the roster writes one (`slack:U01`), `memwarden` or `signal`; `name` what that person
    is called there. `what` they asked for or what was done, and `result`, what came of it, are in words;
    `host` is where, `plan` the number of the approval it belongs to.
    """

    at: datetime
    who: str
    what: str
    result: str
    host: str = ""
    plan: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line where it stands: its number (from 1, without gaps), its hash and that of the line before."""

    number: int
    entry: AuditEntry
    previous: str
    hash: str

    @property
    def head(self) -> str:
        """The number and the beginning of the hash, `123:9f3a1c0277b4d5e6`: enough to know the line by."""
        return f"{self.number}:{self.hash[:_HEAD_DIGITS]}"


@dataclass(frozen=True, slots=True)
class Head:
    """A line as somebody noted it elsewhere: its number and the beginning of its hash."""

    number: int
    digits: str

    def missed_in(self, page: Sequence[Link]) -> Broken | None:
        """Return what is wrong where a page has a line of this number, but another one."""
        found = next((link for link in page if link.number == self.number), None)
        if found is None or found.hash.startswith(self.digits):
            return None
        return Broken(
            self.number,
            f"line {self.number} has the hash {found.hash[: len(self.digits)]}, not {self.digits} as was"
            " noted: it is another line now",
        )

    def missed_after(self, last: int) -> Broken | None:
        """Return what is wrong where the audit ends with the line `last` (0: it has none)."""
        if self.number <= last:
            return None
        ends = f"the last is line {last}: the end is missing" if last else "there is no line at all"
        return Broken(last + 1, f"line {self.number} was noted, but {ends}")


def head_of(text: str) -> Head:
    """Read what a card shows, `123:9f3a1c0277b4d5e6`, or the whole hash. Raises BadArgument."""
    # Slack puts a joiner into what it would take for a link or a picture.
    found = _HEAD.fullmatch(text.replace("\u2060", "").strip().casefold())
    if found is None:
        raise BadArgument(
            "A line of the audit is named by its number and hash, as a card's last line has them:"
            " 123:9f3a1c0277b4d5e6."
        )
    return Head(int(found["number"]), found["digits"])


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold, and why: the number of the first line concerned, and a sentence."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole audit found: how many lines, the last, and where the chain is broken first.

    `head` is None where there is no line, `broken` where the chain holds. `noted` is the line that it was
    compared with, if there was one.
    """

    lines: int
    head: Link | None
    broken: Broken | None
    noted: Head | None = None


def link_hash(number: int, entry: AuditEntry, previous: str) -> str:
    """Return the SHA-256, in hex, of a line and of the hash of the line before it.

    What is hashed is the UTF-8 JSON of the list [number, previous, at, who, name, what, host, plan, result]
    without blanks, all but ASCII escaped; `at` is in UTC with microseconds. Anybody can compute it again.
    """
    line = [number, previous, written(entry.at), entry.who, entry.name, entry.what, entry.host]
    data = json.dumps([*line, entry.plan, entry.result], separators=(",", ":"))
    return hashlib.sha256(data.encode("ascii")).hexdigest()


def written(at: datetime) -> str:
    """Write a moment as it is hashed: `2026-03-02T14:02:31.000000+00:00`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def linked(entry: AuditEntry, last: int = 0, previous: str = BEGINNING) -> Link:
    """Return a new line as it stands after the one with the number `last` and the hash `previous`."""
    return Link(last + 1, entry, previous, link_hash(last + 1, entry, previous))


def check(links: Iterable[Link], before: Link | None = None) -> tuple[Broken, ...]:
    """Return where the chain does not hold, in order; `before` is the line before the first, if there is one.

    Whoever can write the database can make a whole new chain, or leave out the end of this one: to notice
    that, a hash has to be kept elsewhere.
    """
    return tuple(_broken(links, before))


def _broken(links: Iterable[Link], before: Link | None) -> Iterator[Broken]:
    for link in links:
        expected, previous = (before.number + 1, before.hash) if before else (1, BEGINNING)
        if link.number != expected:
            yield Broken(expected, f"after line {expected - 1} comes line {link.number}")
        elif link.previous != previous:
            yield Broken(link.number, f"line {link.number} does not follow from the line before it")
        if link.hash != link_hash(link.number, link.entry, link.previous):
            yield Broken(link.number, f"line {link.number} is not what was written")
        before = link
