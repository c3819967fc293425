"""Our own keys: key files, with or without a passphrase, then what the ssh-agent holds."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

import paramiko
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from adapters.background import start
from adapters.hosts.ssh.agent import Agent, public_half
from bot.errors import ConfigError, LoginRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from adapters.hosts.deadline import Deadline
    from adapters.hosts.ssh.agent import AgentConnection
    from adapters.hosts.ssh.route import Hop

# sshd hangs up after six failed tries (MaxAuthTries), and a ban may follow sooner.
_MOST_KEYS = 5
_LARGEST_FILE_BYTES = 1024 * 1024


_KINDS: tuple[tuple[type, type[paramiko.PKey]], ...] = (
    (Ed25519PrivateKey, paramiko.Ed25519Key),
    (EllipticCurvePrivateKey, paramiko.ECDSAKey),
    (RSAPrivateKey, paramiko.RSAKey),
)


class _LockedError(Exception):
    """The key file is encrypted and nobody gave a passphrase."""


class _UselessError(Exception):
    """The key file holds no key that we can use; says why."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key to log in with, and what a person calls it."""

    label: str
    key: paramiko.PKey = field(repr=False)


class Keyring:
    """Opens each key file once, for a passphrase costs a tenth of a second of CPU. Any thread may use it.

    One that takes longer than anyone waits goes on being opened, for the next who asks.
    """

    def __init__(self, agent: Agent | None = None) -> None:
        self._agent = agent or Agent()
        self._lock = threading.Lock()
        self._opened: dict[tuple[Path, int], Future[paramiko.PKey]] = {}

    @contextmanager
    def identities(self, hop: Hop, deadline: Deadline) -> Iterator[tuple[Identity, ...]]:
        """Give the keys to try at a hop, the likeliest first; the agent's can sign until the block ends.

        Raises LoginRefused when the configured key file cannot be used in time, when a passphrase is not
        where the configuration says, or when there is no key at all.
        """
        held = _Held(self._agent, deadline)
        try:
            if hop.key_file is not None:
                yield (self._configured(hop, hop.key_file, held, deadline),)
            else:
                yield self._usual(hop, held, deadline)
        except ConfigError as error:
            raise LoginRefused(f"The passphrase of the key for {hop.name} is missing: {error}.") from error
        finally:
            held.close()

    def _configured(self, hop: Hop, file: Path, held: _Held, deadline: Deadline) -> Identity:
        try:
            return self._open(file, hop.passphrase, deadline)
        except _LockedError as error:
            identity = held.beside(file)
            if identity is None:
                raise LoginRefused(
                    f"The key file {file} for {hop.name} is encrypted{self._silence}: "
                    "set its `passphrase`, or add the key to the ssh-agent."
                ) from error
            return identity
        except TimeoutError as error:
            raise LoginRefused(
                f"The key file {file} for {hop.name} was not open within {deadline.allowed_s:g} s."
            ) from error
        except FileNotFoundError as error:
            raise LoginRefused(f"The key file {file} for {hop.name} does not exist.") from error
        except OSError as error:
            raise LoginRefused(
                f"The key file {file} for {hop.name} cannot be read: {error.strerror}."
            ) from error
        except _UselessError as error:
            raise LoginRefused(f"The key file {file} for {hop.name} cannot be used: {error}.") from error

    @property
    def _silence(self) -> str:
        return " and the ssh-agent does not answer" if self._agent.silent else ""

    def _usual(self, hop: Hop, held: _Held, deadline: Deadline) -> tuple[Identity, ...]:
        found: dict[bytes, Identity] = {}
        for file in hop.usual_keys:
            # A file that is missing or locked is no mistake here: nobody named it for this host.
            with suppress(OSError, _LockedError, _UselessError):
                identity = self._open(file, hop.passphrase, deadline)
                found.setdefault(identity.key.asbytes(), identity)
            beside = held.beside(file)
            if beside is not None:
                found.setdefault(beside.key.asbytes(), beside)
        if not hop.only_usual_keys:
            for identity in held.identities():
                found.setdefault(identity.key.asbytes(), identity)
        if not found:
            raise LoginRefused(
                f"There is no key to log in to {hop.name} with{self._silence}: "
                "set its `key_file`, or add a key to the ssh-agent."
            )
        return tuple(found.values())[:_MOST_KEYS]

    def _open(self, file: Path, passphrase: Callable[[], str] | None, deadline: Deadline) -> Identity:
        version = (file, file.stat().st_mtime_ns)
        while True:
            with self._lock:
                opening = self._opened.get(version)
                mine = opening is None
                if opening is None:
                    opening = self._opened[version] = start(lambda: _load(_content(file), passphrase))
            wait([opening], deadline.left_s)
            if not opening.done():
                raise TimeoutError
            if opening.exception() is None:
                return Identity(str(file), opening.result())
            with self._lock:
                if self._opened.get(version) is opening:
                    del self._opened[version]
            # Somebody else's passphrase may have been wrong, or missing; ours need not be.
            if mine:
                opening.result()


def _content(file: Path) -> bytes:
    # Without waiting: a pipe would be opened when somebody writes to it.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise _UselessError("it is not an ordinary file")
        return opened.read(_LARGEST_FILE_BYTES)


def _load(data: bytes, passphrase: Callable[[], str] | None) -> paramiko.PKey:
    try:
        try:
            loaded = _decoded(data, None)
        except TypeError as error:
            if passphrase is None:
                raise _LockedError from error
            try:
                loaded = _decoded(data, passphrase().encode())
            except (ValueError, TypeError, InvalidTag) as wrong:
                raise _UselessError("its passphrase is wrong") from wrong
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _UselessError("it holds no private key that memwarden can read") from error
    for kind, key_class in _KINDS:
        if isinstance(loaded, kind):
            return key_class.from_private_key(StringIO(_plain(loaded)))
    raise _UselessError("its key is not of type ed25519, ecdsa or rsa")


def _decoded(data: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    """Decode OpenSSH's own format or PEM. Raises TypeError when a passphrase is needed and there is none."""
    if b"BEGIN OPENSSH PRIVATE KEY" in data:
        return serialization.load_ssh_private_key(data, passphrase)
    return serialization.load_pem_private_key(data, passphrase)


def _plain(loaded: PrivateKeyTypes) -> str:
    return loaded.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    ).decode("ascii")


class _Held:
    """The keys of the agent during one login; asked for once, and only when they are wanted."""

    def __init__(self, agent: Agent, deadline: Deadline) -> None:
        self._agent = agent
        self._deadline = deadline
        self._connection: AgentConnection | None = None
        self._keys: tuple[Identity, ...] | None = None

    def identities(self) -> tuple[Identity, ...]:
        """Return the keys that the agent holds; none if there is no agent or it does not answer."""
        if self._keys is None:
            self._connection = self._agent.connected(self._deadline)
            held = self._connection.get_keys() if self._connection else ()
            self._keys = tuple(Identity(f"agent: {key.comment}", key) for key in held)
        return self._keys

    def beside(self, file: Path) -> Identity | None:
        """Return the agent's key whose public half lies beside a key file."""
        blob = public_half(file)
        return (
            next((held for held in self.identities() if held.key.asbytes() == blob), None) if blob else None
        )

    def close(self) -> None:
        """Let the agent go; its keys no longer sign."""
        if self._connection is not None:
            self._connection.close()
