"""The keys that hosts show, and pinning them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.hosts.configured import address_of
from adapters.wiring import ssh
from bot.errors import HostError

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.wiring.setting import Setting
    from bot.domain.host import HostKey


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
        ssh.module("trust").pin(self.known_hosts, self.pinned_as, keys)


def offered_keys(setting: Setting, host: str) -> OfferedKeys:
    """Ask for the keys of the first jump host on the way that is not trusted yet, else of the host itself.

    Nobody logs in there. Raises HostError, ConfigError.
    """
    found = setting.config.host(host)
    if found.is_local:
        raise HostError(f"{host} is this machine; it has no host key to trust.")
    hops = ssh.module("route").route(address_of(setting.config, found, setting.means))
    hop, keys = ssh.module("trust").next_to_pin(hops, ssh.timeouts(setting.config.check.timeout_s))
    pinned = ssh.module("transport").pins_of(hop).keys
    return OfferedKeys(hop.name, hop is hops[-1], keys, tuple(pinned), hop.pinned_as, hop.known_hosts)
