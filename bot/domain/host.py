"""How a host is reached, and the keys by which it is recognised."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SSH_PORT = 22
_HIGHEST_PORT = 65535
_HIGHEST_PORT_DIGITS = 5


@dataclass(frozen=True, slots=True)
class HostAddress:
    """One host as the configuration names it.

    `address` is a host name, an IP address or an alias of ~/.ssh/config; what is None is taken from there.
    `known_hosts` is the file that pins its keys. `passphrase` opens `key_file` and is asked only then.
    `jump` lists the hosts to go through, the nearest first; an empty tuple means none.
    """

    name: str
    address: str
    known_hosts: Path
    port: int | None = None
    user: str | None = None
    key_file: Path | None = None
    passphrase: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    jump: tuple[HostAddress, ...] | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a host may take at most, in seconds, for each of two things.

    `connect_s` covers name, connection and key exchange, `auth_s` the login; both count once per hop.
    """

    connect_s: float = 10.0
    auth_s: float = 10.0


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host's public key: its type as SSH names it (`ssh-ed25519`) and its encoded form (RFC 4253, 6.6)."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint as `ssh-keygen -l` prints it: `SHA256:…`."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"


def split_destination(text: str) -> tuple[str | None, str, int | None]:
    """Split `[ssh://][user@]address[:port]` into user, address and port.

    An IPv6 address with a port stands in brackets: `deploy@[2001:db8::1]:2222`. Raises ValueError with a
    sentence for a person.
    """
    rest = text.removeprefix("ssh://").rstrip("/")
    user, _, rest = rest.rpartition("@")
    address, port = _split_port(rest)
    if not address or address.startswith("-") or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError(f"{text!r} is not an address; expected [user@]address[:port]")
    if port is None:
        return user or None, address, None
    if not _is_port(port):
        raise ValueError(f"{text!r} has no valid port; expected a number from 1 to {_HIGHEST_PORT}")
    return user or None, address, int(port)


def _split_port(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        return address, rest[1:] if rest.startswith(":") else None
    if text.count(":") == 1:
        address, _, port = text.partition(":")
        return address, port
    return text, None


def _is_port(text: str) -> bool:
    digits = text.isascii() and text.isdigit() and len(text) <= _HIGHEST_PORT_DIGITS
    return digits and 0 < int(text) <= _HIGHEST_PORT
