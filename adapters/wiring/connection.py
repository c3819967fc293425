"""The ports of the core, connected with the world."""

from __future__ import annotations

import importlib
import os
import secrets
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from platformdirs import user_state_path

import bot.known_services
from adapters.each import each
from adapters.health import health
from adapters.hosts.configured import ConfiguredHosts
from adapters.hosts.local import linked
from adapters.wiring.setting import remediations, rules
from bot import catalogue
from bot.domain.service import KnownService
from bot.errors import StoreError
from bot.ports import Ports, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.wiring.setting import Setting

_DATABASE = "memwarden.sqlite3"
# Without those that look alike.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LETTERS = 4
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only a folder of our own in it is used


class ClosableStore(Store, Protocol):
    """A store that holds files open."""

    def close(self) -> None:
        """Close them."""
        ...


@contextmanager
def ports(setting: Setting, *, remember: bool) -> Iterator[Ports]:
    """Connect the core with the world, and close what was opened.

    Where the database cannot be opened, that is said on standard error and nothing is remembered.
    """
    with ExitStack() as stack:
        hosts = ConfiguredHosts(setting.config, setting.means)
        stack.callback(hosts.close)
        yield Ports(
            config=setting.config,
            known_services=catalogue.entries(bot.known_services, "SERVICE", KnownService),
            hosts=hosts,
            store=_store(setting, stack) if remember else None,
            now=lambda: datetime.now(UTC),
            each=each,
            # Only who remembers can watch.
            rules=rules() if remember else (),
            linked=linked,
            pause=time.sleep,
            remediations=remediations(),
            health=health,
            new_code=_code,
        )


def _code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS))


def _store(setting: Setting, stack: ExitStack) -> Store | None:
    try:
        return stack.enter_context(closing(open_store(setting)))
    except StoreError as error:
        # The night in which the disk is full is one in which somebody asks where the memory is.
        sys.stderr.write(f"{error}\nAnswers are given all the same; nothing is remembered.\n")
        return None


def open_store(setting: Setting) -> ClosableStore:
    """Open the configured database, else one in the user's state directory. Raises StoreError."""
    return _opened(database(setting))


@contextmanager
def existing_store(setting: Setting) -> Iterator[Store]:
    """Open the database for as long as it takes; makes none. Raises StoreError."""
    place = database(setting)
    if not place.exists():
        raise StoreError(
            f"There is no database {place}; name the configuration of the memwarden you mean with --config."
        )
    with closing(_opened(place)) as store:
        yield store


@contextmanager
def passing_store() -> Iterator[Store]:
    """Open a database that is gone with the program, in memory if that can be. Raises StoreError, OSError."""
    folder = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
    with (
        TemporaryDirectory(prefix="memwarden-", dir=folder) as place,
        closing(_opened(Path(place) / _DATABASE)) as store,
    ):
        yield store


def _opened(place: Path) -> ClosableStore:
    store: ClosableStore = importlib.import_module("adapters.store.store").open_store(str(place))
    return store


def database(setting: Setting) -> Path:
    """Return the file of the database. Raises ConfigError."""
    configured = setting.config.bot.database
    return setting.located(configured) if configured else state_folder() / _DATABASE


def state_folder() -> Path:
    """Return where files that outlive the program are kept; it need not exist yet."""
    return user_state_path("memwarden", appauthor=False)
