"""From what is configured to where to connect: aliases, defaults and jump hosts resolved."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from adapters.hosts.ssh import ssh_config
from bot.domain.host import SSH_PORT, HostAddress, split_destination
from bot.errors import HostUnreachable, LoginRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    import paramiko.config

SSH_CONFIG = Path("~/.ssh/config")
_USUAL_KEYS = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")


@dataclass(frozen=True, slots=True)
class Hop:
    """One SSH server on the way, everything about it decided.

    `target` is the name of the host the way leads to; `pinned_as` the name of this one in `known_hosts`.
    `key_file` is the one key to use; without it the agent's keys and `usual_keys` are tried.
    """

    name: str
    target: str
    address: str
    port: int
    user: str
    known_hosts: Path
    pinned_as: str
    key_file: Path | None = None
    passphrase: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    usual_keys: tuple[Path, ...] = ()
    only_usual_keys: bool = False

    @property
    def subject(self) -> str:
        """The host as a sentence about it begins."""
        return self.name if self.name == self.target else f"{self.name}, the jump host of {self.target},"

    @property
    def place(self) -> str:
        """The host with its address, for a sentence about reaching it."""
        where = f"{self.address} port {self.port}"
        return f"{self.name} ({where})" if self.name == self.target else f"{self.subject} ({where})"


def route(address: HostAddress, config_file: Path = SSH_CONFIG) -> tuple[Hop, ...]:
    """Return the hops to a host, the host itself last.

    Raises HostUnreachable when ~/.ssh/config cannot be used or asks for what memwarden does not do,
    LoginRefused when nobody says which user to log in as.
    """
    file = ssh_config.expanded(config_file)
    config = ssh_config.read(file)
    try:
        return _hops(address, address.name, config, ())
    except ImportError as error:
        raise HostUnreachable(f"{file} cannot be used: memwarden runs no commands (`Match exec`).") from error
    except (ValueError, LookupError, OSError) as error:
        raise ssh_config.unusable(file, error) from error


def _hops(
    address: HostAddress, target: str, config: paramiko.SSHConfig, passed: tuple[HostAddress, ...]
) -> tuple[Hop, ...]:
    if any((address.address, address.port) == (hop.address, hop.port) for hop in passed):
        circle = " -> ".join(hop.address for hop in (*passed, address))
        raise HostUnreachable(f"The jump hosts of {target} go in a circle: {circle}.")
    options = config.lookup(address.address)
    jumps = _jumps(address, options)
    hops: list[Hop] = []
    for number, jump in enumerate(jumps):
        # Only the nearest of them is reached from here, so only its own jump hosts count (as with `ssh -J`).
        reached = jump if number == 0 else replace(jump, jump=())
        hops += _hops(reached, target, config, (*passed, address))
    return (*hops, _hop(address, target, options))


def _jumps(address: HostAddress, options: paramiko.config.SSHConfigDict) -> tuple[HostAddress, ...]:
    if address.jump is not None:
        return address.jump
    jump = options.get("proxyjump", "none")
    if jump.lower() != "none":
        return tuple(_jump_host(text.strip(), address.known_hosts) for text in jump.split(","))
    if options.get("proxycommand") is not None:
        raise HostUnreachable(
            f"{address.name} is reached by a ProxyCommand of ~/.ssh/config, which memwarden does not run: "
            "name its jump hosts as ProxyJump there or as `jump` in the configuration."
        )
    return ()


def _jump_host(text: str, known_hosts: Path) -> HostAddress:
    user, address, port = split_destination(text)
    return HostAddress(name=address, address=address, known_hosts=known_hosts, port=port, user=user)


def _hop(address: HostAddress, target: str, options: paramiko.config.SSHConfigDict) -> Hop:
    hostname = options["hostname"].removeprefix("[").removesuffix("]")
    port = address.port or int(options.get("port", SSH_PORT))
    # The one name without a port, as in OpenSSH.
    alias = options.get("hostkeyalias")
    # paramiko keeps this one option as a list, which its type does not say.
    configured = [name for name in cast("list[str]", options.get("identityfile", [])) if name != "none"]
    return Hop(
        name=address.name,
        target=target,
        address=hostname,
        port=port,
        user=address.user or options.get("user") or _own_name(address.name),
        known_hosts=ssh_config.expanded(address.known_hosts),
        pinned_as=alias.lower() if alias else pin_name(hostname, port),
        key_file=address.key_file and ssh_config.expanded(address.key_file),
        passphrase=address.passphrase,
        usual_keys=tuple(ssh_config.expanded(Path(name)) for name in configured or _USUAL_KEYS),
        only_usual_keys=options.get("identitiesonly", "no").lower() == "yes",
    )


def pin_name(host: str, port: int) -> str:
    """Return the name under which known_hosts keeps a host (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    return host.lower() if port == SSH_PORT else f"[{host.lower()}]:{port}"


def _own_name(host: str) -> str:
    try:
        return getpass.getuser()
    except (ImportError, LookupError, OSError) as error:
        raise LoginRefused(f"Nobody says whom to log in to {host} as: set `user` for it.") from error
