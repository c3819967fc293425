"""All hosts of the configuration: each is reached when it is first asked, and only then."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from adapters.hosts.local import local_shell
from bot.domain.host import HostAddress, split_destination
from bot.errors import ConfigError
from bot.ports import Shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Config, Host, Secret

_KNOWN_HOSTS = Path("~/.ssh/known_hosts")


class ClosableShell(Shell, Protocol):
    """A shell that holds a connection."""

    def close(self) -> None:
        """Close the connection; it is made again when something runs."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """How paths and secrets of the configuration become real, and how a shell over SSH is made."""

    located: Callable[[Path], Path]
    reveal: Callable[[Secret], str]
    ssh_shell: Callable[[HostAddress], ClosableShell]


class ConfiguredHosts:
    """The Hosts port on a configuration; safe for any number of threads."""

    def __init__(self, config: Config, means: Means) -> None:
        self._config = config
        self._means = means
        self._lock = threading.Lock()
        self._over_ssh: dict[str, ClosableShell] = {}

    def shell(self, host: str) -> Shell:
        """Return the shell of a configured host, the same one each time. LookupError if there is none."""
        found = self._config.host(host)
        if found.is_local:
            return local_shell()
        with self._lock:
            if host not in self._over_ssh:
                self._over_ssh[host] = self._means.ssh_shell(address_of(self._config, found, self._means))
            return self._over_ssh[host]

    def adopt(self, other: ConfiguredHosts) -> None:
        """Take over connections to hosts that are reached here in the same way; the other forgets them."""
        if self._config.check.timeout_s != other._config.check.timeout_s:
            return
        for name in other._connected():
            if (way := self._ways(name)) is not None and way == other._ways(name):
                with other._lock:
                    shell = other._over_ssh.pop(name, None)
                if shell is not None:
                    with self._lock:
                        self._over_ssh[name] = shell

    def _connected(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._over_ssh)

    def _ways(self, name: str) -> tuple[Host, HostAddress] | None:
        """Return all that decides how a host is reached; None if it is not configured as it should be."""
        try:
            host = self._config.host(name)
            return host, address_of(self._config, host, self._means)
        except (LookupError, ConfigError):
            return None

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            shells = list(self._over_ssh.values())
            self._over_ssh.clear()
        for shell in shells:
            shell.close()


def address_of(config: Config, host: Host, means: Means) -> HostAddress:
    """Return how a host is reached. A jump is another configured host, or a destination as ssh takes it.

    Raises ConfigError for a path below the home of a user that does not exist.
    """
    passphrase = host.passphrase
    known_hosts = means.located(host.known_hosts or _KNOWN_HOSTS)
    return HostAddress(
        name=host.name,
        address=host.address,
        known_hosts=known_hosts,
        port=host.port,
        user=host.user,
        key_file=means.located(host.key_file) if host.key_file else None,
        passphrase=None if passphrase is None else lambda: means.reveal(passphrase),
        jump=None
        if host.jump is None
        else tuple(_jump(config, jump, known_hosts, means) for jump in host.jump),
    )


def _jump(config: Config, jump: str, known_hosts: Path, means: Means) -> HostAddress:
    name = jump.casefold()
    configured = next((host for host in config.hosts if host.name.casefold() == name), None)
    if configured is not None:
        return address_of(config, configured, means)
    user, address, port = split_destination(jump)
    return HostAddress(jump, address, known_hosts, port=port, user=user)
