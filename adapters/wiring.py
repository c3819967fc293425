"""The composition root: the only place where ports meet adapters.

Adapters are imported when they are needed: a look at this machine needs neither paramiko nor SQLAlchemy.
"""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from platformdirs import user_state_path

import adapters.chat
import bot.commands
import bot.known_services
from adapters import config_file
from adapters.chat import Platform, Surroundings
from adapters.each import each
from adapters.hosts.configured import ConfiguredHosts, Means, address_of, host_named
from adapters.secrets import reveal
from bot import catalogue, config
from bot.commands import Command
from bot.dispatch import completions, dispatch
from bot.domain.host import Timeouts
from bot.domain.service import KnownService
from bot.errors import ChatError, ConfigError, HostError, StoreError
from bot.ports import Ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from adapters.hosts.configured import ClosableShell
    from bot.config import Config, Host, Secret
    from bot.domain.host import HostAddress, HostKey
    from bot.message import Message
    from bot.ports import Answer, Chat, Store

_LOG = logging.getLogger(__name__)

TERMINAL = "terminal"
_DATABASE = "memwarden.sqlite3"
_CONNECT_S, _AUTH_S = 10.0, 10.0


@dataclass(frozen=True, slots=True)
class Setting:
    """A configuration and the file it came from; its relative paths are relative to that file."""

    config: Config
    file: Path | None

    @property
    def means(self) -> Means:
        """What the hosts of this configuration need."""

        def located(path: Path) -> Path:
            return config_file.located(path, self.file)

        def revealed(secret: Secret) -> str:
            return reveal(secret, os.environ, located)

        return Means(located, revealed, _ssh_shells(self.config.check.timeout_s))


def setting(asked_for: Path | None) -> Setting:
    """Read the configuration, or take the defaults where there is no file. Raises ConfigError."""
    file = config_file.find(asked_for, os.environ)
    if file is None:
        return Setting(config.default(), None)
    return Setting(config.load(config_file.read(file), config_file.shown(file), _sections()), file)


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
        )


def serve(setting: Setting, *, only: str | None = None) -> None:
    """Serve all configured platforms, or `only` one, until they end. Raises ChatError."""
    names = (only,) if only else tuple(setting.config.chat) or (TERMINAL,)
    with ports(setting, remember=True) as connected:
        commands = catalogue.entries(bot.commands, "COMMAND", Command)
        answer = dispatch(commands, connected)
        hosts = tuple(host.name for host in setting.config.hosts)
        services = tuple(service.name for service in connected.known_services)
        surroundings = Surroundings(completions(commands, hosts, services), _state_folder())
        chats = {name: _chat(setting.config, name, surroundings) for name in names}
        try:
            _serve(chats, answer)
        finally:
            for chat in chats.values():
                chat.close()


def _serve(chats: dict[str, Chat], answer: Answer) -> None:
    """Serve until every platform has ended. The terminal gets the main thread, where Ctrl-C arrives."""
    others = [
        threading.Thread(target=_serve_beside, args=(name, chat, answer), name=name, daemon=True)
        for name, chat in chats.items()
        if name != TERMINAL
    ]
    for thread in others:
        thread.start()
    if TERMINAL in chats:
        chats[TERMINAL].serve(answer)
    for thread in others:
        thread.join()


def _serve_beside(name: str, chat: Chat, answer: Answer) -> None:
    try:
        chat.serve(answer)
    except ChatError as error:
        _LOG.error("%s ended: %s", name, error)


def show(message: Message) -> None:
    """Print a message on standard output, as the terminal chat would."""
    terminal = importlib.import_module("adapters.chat.terminal")
    sys.stdout.write(terminal.render(message, terminal.screen_of(sys.stdout, os.environ)))
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class OfferedKeys:
    """The keys that a host, or a jump host before it, shows, and where they would be pinned.

    `host` names it; `is_last` tells whether the way to the host that was asked for ends here. `pinned` are
    the keys that it had to show until now.
    """

    host: str
    is_last: bool
    keys: tuple[HostKey, ...]
    pinned: tuple[HostKey, ...]
    pinned_as: str
    known_hosts: Path

    def pin(self, keys: tuple[HostKey, ...]) -> None:
        """Make these the keys the host must show from now on. Raises HostError."""
        _ssh_module("trust").pin(self.known_hosts, self.pinned_as, keys)


def missing(setting: Setting) -> tuple[str, ...]:
    """Say which keys and secrets that the configuration names are not there, a sentence each."""
    wants = [
        (f"host[{number}].{key}", look)
        for number, host in enumerate(setting.config.hosts)
        for key, look in _looks(host, setting.means)
    ]
    return tuple(
        f"{setting.file}: {path}: {reason}" for path, look in wants if (reason := _failure(look)) is not None
    )


def _looks(host: Host, means: Means) -> Iterator[tuple[str, Callable[[], object]]]:
    if host.key_file is not None:
        yield "key_file", means.located(host.key_file).read_bytes
    if host.passphrase is not None:
        yield "passphrase", partial(means.reveal, host.passphrase)


def _failure(look: Callable[[], object]) -> str | None:
    try:
        look()
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    except ConfigError as error:
        return str(error)
    return None


def offered_keys(setting: Setting, host: str) -> OfferedKeys:
    """Ask for the keys of the first jump host on the way that is not trusted yet, else of the host itself.

    Nobody logs in there. Raises HostError, ConfigError.
    """
    found = host_named(setting.config, host)
    if found.is_local:
        raise HostError(f"{host} is this machine; it has no host key to trust.")
    hops = _ssh_module("route").route(address_of(setting.config, found, setting.means))
    hop, keys = _ssh_module("trust").next_to_pin(hops, _timeouts(setting.config.check.timeout_s))
    pinned = _ssh_module("transport").pins_of(hop).keys
    return OfferedKeys(hop.name, hop is hops[-1], keys, tuple(pinned), hop.pinned_as, hop.known_hosts)


def _ssh_shells(timeout_s: float) -> Callable[[HostAddress], ClosableShell]:
    """Return what makes shells that share opened keys and the memory of refused logins."""

    @cache
    def ssh() -> Callable[[HostAddress], ClosableShell]:
        shell, keys, refusals = map(_ssh_module, ("shell", "keys", "refusals"))
        return partial(
            shell.ssh_shell,
            timeouts=_timeouts(timeout_s),
            keyring=keys.Keyring(),
            refusals=refusals.Refusals(),
        )

    def shell(address: HostAddress) -> ClosableShell:
        return ssh()(address)

    return shell


def _timeouts(timeout_s: float) -> Timeouts:
    return Timeouts(connect_s=min(_CONNECT_S, timeout_s), auth_s=min(_AUTH_S, timeout_s))


def _ssh_module(name: str) -> ModuleType:
    return importlib.import_module(f"adapters.hosts.ssh.{name}")


def _store(setting: Setting, stack: ExitStack) -> Store | None:
    """Open the configured database, else one in the user's state directory; None where it cannot be."""
    database = setting.config.bot.database
    place = setting.means.located(database) if database else _state_folder() / _DATABASE
    try:
        store = importlib.import_module("adapters.store.store").open_store(str(place))
    except StoreError as error:
        # The night in which the disk is full is one in which somebody asks where the memory is.
        sys.stderr.write(f"{error}\nAnswers are given all the same; nothing is remembered.\n")
        return None
    stack.callback(store.close)
    opened: Store = store
    return opened


def _state_folder() -> Path:
    return user_state_path("memwarden", appauthor=False)


def _sections() -> config.Platforms:
    """Return how to get each platform's section; a platform is imported only if it is configured."""

    def section(name: str) -> type[config.Section]:
        return _platform(name).section

    names = (module.name for module in pkgutil.iter_modules(adapters.chat.__path__))
    return {name: partial(section, name) for name in names}


def _platform(name: str) -> Platform[config.Section]:
    platform = importlib.import_module(f"adapters.chat.{name}").PLATFORM
    if not isinstance(platform, Platform):
        raise TypeError(f"adapters.chat.{name} must define PLATFORM: Platform")
    return platform


def _chat(config_: Config, name: str, surroundings: Surroundings) -> Chat:
    platform = _platform(name)
    return platform.build(config.read_section(platform.section, config_, name), surroundings)
