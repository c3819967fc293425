"""What is different between two configurations, for whoever put the second one in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.config import Config

_TABLES = {
    "check": "[check]",
    "thresholds": "[thresholds]",
    "people": "[people]",
    "alerts": "[alerts]",
    "routes": "[[route]]",
    "quiet": "[quiet]",
    "digest": "[digest]",
    "remediation": "[remediation]",
    "history": "[history]",
}
_RESTART = "that needs a restart of memwarden"


def changes(before: Config, after: Config) -> tuple[str, ...]:
    """Say what changed, a sentence each; and of what cannot change while memwarden runs, that it did not."""
    return (*_hosts(before, after), *_tables(before, after), *_restarts(before, after))


def _hosts(before: Config, after: Config) -> Iterator[str]:
    old = {host.name: host for host in before.hosts}
    new = {host.name: host for host in after.hosts}
    for name, host in new.items():
        if name not in old:
            yield f"host {name}: is new"
        elif old[name] != host:
            yield f"host {name}: changed"
    for name in old.keys() - new.keys():
        yield f"host {name}: is not looked at any more"


def _tables(before: Config, after: Config) -> Iterator[str]:
    if before.bot.time_zone != after.bot.time_zone:
        yield f"[bot] time_zone: {after.bot.time_zone}"
    for field, table in _TABLES.items():
        if getattr(before, field) != getattr(after, field):
            yield f"{table}: changed"


def _restarts(before: Config, after: Config) -> Iterator[str]:
    if before.bot.database != after.bot.database:
        yield f"[bot] database: not changed, for {_RESTART}"
    for name in dict.fromkeys((*before.chat, *after.chat)):
        if before.chat.get(name) != after.chat.get(name):
            yield f"[chat.{name}]: not changed, for {_RESTART}"
        elif before.people.groups_of(name) != after.people.groups_of(name):
            yield f"[people]: who is in the groups of {name} that are new there is not known before a restart"
