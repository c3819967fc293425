"""What the file says of chat platforms, against those there are."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Protocol

from bot.config.fields import PERSON
from bot.config.section import Section
from bot.config.source import Finding


class Platform(Protocol):
    """A chat platform: the model of its table, and how the roster writes its groups of people.

    `group` is `group` for `slack-group:S01`, `role` for `discord-role:456`; empty where there are none.
    """

    @property
    def section(self) -> type[Section]:
        """The model of its table."""
        ...

    @property
    def group(self) -> str:
        """The word for its groups."""
        ...


Platforms = Mapping[str, Callable[[], Platform]]
"""The chat platforms there are: one is asked for only if the file has its table or one of its groups."""


def unknown_platform(name: str, platforms: Platforms) -> str | None:
    """Say that there is no such platform, and which was perhaps meant; None if there is."""
    if name in platforms:
        return None
    names = sorted(platforms)
    near = get_close_matches(name.casefold(), names, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(f'`{name}`' for name in names)}"
    return f"there is no such chat platform; {hint}"


def roster_findings(people: object, platforms: Platforms) -> Iterator[Finding]:
    """Name every entry under `[people]` that no person of a platform could ever match."""
    for role, entries in people.items() if isinstance(people, Mapping) else ():
        for index, entry in enumerate(entries) if isinstance(entries, tuple) else ():
            if isinstance(entry, str) and (wrong := entry_finding(entry, platforms)):
                yield ("people", role, index), wrong
            # Under `same` there are lists of accounts.
            for place, account in enumerate(entry) if isinstance(entry, tuple) else ():
                if isinstance(account, str) and (wrong := entry_finding(account, platforms)):
                    yield ("people", role, index, place), wrong


def entry_finding(entry: str, platforms: Platforms) -> str | None:
    """Say why no person of a platform could ever match an entry, None if one could."""
    found = PERSON.fullmatch(entry)
    return _wrong(found["platform"], found["group"], platforms) if found and found["platform"] else None


def _wrong(name: str, group: str | None, platforms: Platforms) -> str | None:
    unknown = unknown_platform(name, platforms)
    if unknown or group is None:
        return unknown
    right = platforms[name]().group
    if group == right:
        return None
    return f"groups of {name} are written `{name}-{right}:ID`" if right else f"{name} has no groups of people"
