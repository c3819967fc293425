"""What one host has of its own above the shared root file system: name, keys, files of its services."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from .commands import HostsError
from .keys import new_key
from .rootfs import USERS
from .services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable

_STACK = Path(__file__).parent / "stack"
_HOMES = {"root": (0, "root"), **{user: (uid, f"home/{user}") for user, uid in USERS.items()}}


def lay_out(upper: Path, *, name: str, services: Iterable[str], public_key: str) -> str:
    """Fill the upper layer of a host whose users all log in with the key; return its ed25519 host key.

    Raises HostsError for a service that does not exist.
    """
    _directory(upper)
    _copy(_STACK / "base", upper)
    for service in services:
        if service not in SERVICES:
            raise HostsError(f"no such service: {service}; there are {', '.join(SERVICES)}")
        _copy(_STACK / service, upper)
        _enable(SERVICES[service].units, upper)
    _write(upper / "etc/machine-id", f"{uuid.uuid4().hex}\n")
    _write(upper / "etc/hostname", f"{name}\n")
    _write(upper / "etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost\n")
    for uid, home in _HOMES.values():
        _authorize(upper / home, uid, public_key)
    _directory(upper / "etc/ssh")
    new_key(upper / "etc/ssh/ssh_host_ecdsa_key", kind="ecdsa")
    return new_key(upper / "etc/ssh/ssh_host_ed25519_key")


def _copy(source: Path, upper: Path) -> None:
    for path in sorted(source.rglob("*")):
        target = upper / path.relative_to(source)
        if "__pycache__" in path.parts:
            continue
        if path.is_dir():
            _directory(target)
        else:
            shutil.copyfile(path, target)
            target.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _enable(units: Iterable[str], upper: Path) -> None:
    own = upper / "etc/systemd/system"
    wants = own / "multi-user.target.wants"
    _directory(wants)
    for unit in units:
        directory = "/etc/systemd/system" if (own / unit).exists() else "/lib/systemd/system"
        (wants / unit).symlink_to(f"{directory}/{unit}")


def _authorize(home: Path, uid: int, public_key: str) -> None:
    keys = home / ".ssh/authorized_keys"
    _directory(keys.parent)
    _write(keys, f"{public_key}\n")
    home.chmod(0o700)
    for path in (home, keys.parent, keys):
        os.chown(path, uid, uid)


def _directory(path: Path) -> None:
    """Make a directory with its parents, all readable whatever this process's umask is."""
    for each in (*reversed(path.parents), path):
        if not each.exists():
            each.mkdir()
            each.chmod(0o755)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o644)
