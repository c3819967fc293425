"""Our own keys: key files, with or without a passphrase, and what the ssh-agent holds."""

from __future__ import annotations

import base64
import struct
import threading
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

from adapters.hosts.deadline import Deadline, within
from bot.errors import LoginRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from adapters.hosts.ssh.route import Hop

# sshd hangs up after six failed tries (MaxAuthTries), and a ban may follow sooner.
_MOST_KEYS = 5
_AGENT_ANSWERS_S = 5.0


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
    """Opens each key file once, for a passphrase costs a tenth of a second of CPU. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: dict[tuple[Path, int], paramiko.PKey] = {}

    @contextmanager
    def identities(self, hop: Hop) -> Iterator[tuple[Identity, ...]]:
        """Give the keys to try at a hop, the likeliest first; the agent's can sign until the block ends.

        Raises LoginRefused when the configured key file cannot be used, or when there is no key at all.
        """
        agent = _Agent()
        try:
            if hop.key_file is not None:
                yield (self._configured(hop, hop.key_file, agent),)
            else:
                yield self._usual(hop, agent)
        finally:
            agent.close()

    def _configured(self, hop: Hop, file: Path, agent: _Agent) -> Identity:
        try:
            return self._open(file, hop.passphrase)
        except _LockedError as error:
            held = agent.holding(file)
            if held is None:
                raise LoginRefused(
                    f"The key file {file} for {hop.name} is encrypted: "
                    "set its `passphrase`, or add the key to the ssh-agent."
                ) from error
            return held
        except FileNotFoundError as error:
            raise LoginRefused(f"The key file {file} for {hop.name} does not exist.") from error
        except OSError as error:
            raise LoginRefused(
                f"The key file {file} for {hop.name} cannot be read: {error.strerror}."
            ) from error
        except _UselessError as error:
            raise LoginRefused(f"The key file {file} for {hop.name} cannot be used: {error}.") from error

    def _usual(self, hop: Hop, agent: _Agent) -> tuple[Identity, ...]:
        found: dict[bytes, Identity] = {}
        for file in hop.usual_keys:
            # A file that is missing or locked is no mistake here: nobody named it for this host.
            with suppress(OSError, _LockedError, _UselessError):
                identity = self._open(file, hop.passphrase)
                found.setdefault(identity.key.asbytes(), identity)
            held = agent.holding(file)
            if held is not None:
                found.setdefault(held.key.asbytes(), held)
        if not hop.only_usual_keys:
            for held in agent.identities():
                found.setdefault(held.key.asbytes(), held)
        if not found:
            raise LoginRefused(
                f"There is no key to log in to {hop.name} with: "
                "set its `key_file`, or add a key to the ssh-agent."
            )
        return tuple(found.values())[:_MOST_KEYS]

    def _open(self, file: Path, passphrase: Callable[[], str] | None) -> Identity:
        version = (file, file.stat().st_mtime_ns)
        with self._lock:
            if version not in self._opened:
                self._opened[version] = _load(file.read_bytes(), passphrase)
            return Identity(str(file), self._opened[version])


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


class _Agent:
    """The ssh-agent, asked only when its keys are wanted."""

    def __init__(self) -> None:
        self._agent: paramiko.Agent | None = None
        self._keys: tuple[Identity, ...] | None = None

    def identities(self) -> tuple[Identity, ...]:
        """Return the keys that the agent holds; none if there is no agent or it does not answer."""
        if self._keys is None:
            self._keys = ()
            with suppress(OSError, ValueError):
                self._agent = within(Deadline.after(_AGENT_ANSWERS_S), _ask_agent)
                self._keys = tuple(Identity(f"agent: {key.comment}", key) for key in self._agent.get_keys())
        return self._keys

    def holding(self, file: Path) -> Identity | None:
        """Return the agent's key whose public half lies beside a key file, in `FILE.pub`."""
        try:
            fields = file.with_name(f"{file.name}.pub").read_text("utf-8").split()
            blob = base64.b64decode(fields[1], validate=True)
        except (OSError, ValueError, IndexError):
            return None
        return next((held for held in self.identities() if held.key.asbytes() == blob), None)

    def close(self) -> None:
        """Let the agent go; its keys no longer sign."""
        if self._agent is not None:
            self._agent.close()


def _ask_agent() -> paramiko.Agent:
    try:
        return paramiko.Agent()
    except (paramiko.SSHException, struct.error) as error:
        raise ValueError("the ssh-agent's answer makes no sense") from error
