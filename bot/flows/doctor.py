"""Is everything as it has to be? What could go wrong, looked at before it does, each with its remedy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.domain.finding import Finding, State
from bot.domain.units import counted
from bot.errors import CommandFailed, ConfigError, HostError, StoreError, Unreadable
from bot.flows.visit import LOOKS, Visit, remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.ports import Ports, Store

_CONFIGURATION = "configuration"
_DATABASE = "database"
# Always the same, so that examinations leave one line in the database and not one each.
_WORDS = "doctor"


def mistakes(error: ConfigError) -> tuple[Finding, ...]:
    """Say what is wrong with the configuration, each mistake by itself."""
    return tuple(
        Finding(
            _CONFIGURATION,
            State.WRONG,
            str(ConfigError(error.file, (mistake,))),
            "Correct it there; `memwarden config check` tells when it is right.",
        )
        for mistake in error.mistakes
    )


def configuration(file: str | None, hosts: int, missing: Iterable[str]) -> tuple[Finding, ...]:
    """Say where a usable configuration was found, and which files and secrets that it names are not there."""
    count = counted(hosts, "host")
    found = (
        Finding(_CONFIGURATION, State.RIGHT, f"{file} is right ({count})")
        if file
        else Finding(
            _CONFIGURATION,
            State.NOTE,
            f"no file was found, so the defaults hold ({count}: this machine)",
            "Name a file with --config or MEMWARDEN_CONFIG, or write config.toml.",
        )
    )
    lacking = (
        Finding(_CONFIGURATION, State.WRONG, sentence, "Put it there, or name where it is.")
        for sentence in missing
    )
    return (found, *lacking)


def no_database(file: str, *, can_be_made: bool) -> Finding:
    """Say of a database that is not there yet whether there can be one."""
    if can_be_made:
        return Finding(_DATABASE, State.NOTE, f"there is none yet; `memwarden run` makes {file}")
    return Finding(
        _DATABASE,
        State.WRONG,
        f"there is none, and {file} cannot be made: its folder is not writable for this user",
        "Make the folder writable for this user, or set `database` under [bot] to another path.",
    )


def database(file: str, open_store: Callable[[], Store]) -> Finding:
    """Write something to the database, if it is not there from an earlier time, and read it again."""
    try:
        store = open_store()
        kept = store.kept_words(store.keep_words(_WORDS))
    except StoreError as error:
        return Finding(
            _DATABASE, State.WRONG, str(error), "Until then answers are given, but nothing is remembered."
        )
    if kept != _WORDS:
        return Finding(
            _DATABASE,
            State.WRONG,
            f"{file} does not return what was written to it",
            "Restore it from a backup, or move it away and memwarden starts a new one.",
        )
    return Finding(_DATABASE, State.RIGHT, f"{file} can be read and written")


def hosts(ports: Ports, names: tuple[str, ...]) -> list[Finding]:
    """Visit these hosts at the same time; what is found of one stands together, in the order of the names."""
    return [finding for found in ports.each(partial(_host, ports), names) for finding in found]


def _host(ports: Ports, name: str) -> list[Finding]:
    visit = Visit(ports, name)
    found: list[Finding] = []
    for subject, look in LOOKS:
        try:
            found += look(visit)
        except (CommandFailed, Unreadable) as error:
            found.append(_wrong(name, subject, error))
        except (HostError, ConfigError) as error:
            # Whatever would be looked at next would wait for the same.
            return [*found, _wrong(name, subject, error)]
    return found


def _wrong(name: str, subject: str, error: HostError | ConfigError) -> Finding:
    return Finding(f"{name}: {subject}", State.WRONG, str(error), remedy(error, name))
