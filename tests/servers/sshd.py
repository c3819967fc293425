"""A real OpenSSH server on loopback, run by whoever runs the tests, with keys of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bot.domain.host import HostAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# sshd is no command for everybody, and some have no sbin in their PATH.
SEARCH_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
PASSPHRASE = "correct horse battery staple"
_STARTS_S = 10.0


@dataclass(frozen=True)
class Keys:
    """A folder of key pairs: client and host keys of every type, and an encrypted one."""

    folder: Path

    def client(self, kind: str) -> Path:
        return self.folder / f"client_{kind}"

    def host(self, kind: str) -> Path:
        return self.folder / f"host_{kind}"

    @property
    def locked(self) -> Path:
        return self.folder / "client_locked"

    @property
    def stranger(self) -> Path:
        """A key that no server knows."""
        return self.folder / "stranger"


def make_keys(folder: Path) -> Keys:
    """Make the keys; ssh-keygen is part of what sshd comes with."""
    keys = Keys(folder)
    for kind in ("ed25519", "ecdsa", "rsa"):
        _keygen(keys.client(kind), kind)
        _keygen(keys.host(kind), kind)
    _keygen(keys.locked, "ed25519", PASSPHRASE)
    _keygen(keys.stranger, "ed25519")
    return keys


def _keygen(file: Path, kind: str, passphrase: str = "") -> None:
    bits = ("-b", "2048") if kind == "rsa" else ()
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *bits, "-N", passphrase, "-C", file.name, "-f", str(file)],
        check=True,
    )


@dataclass
class Sshd:
    """A running server."""

    keys: Keys
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    address: str = "127.0.0.1"

    @property
    def user(self) -> str:
        return getpass.getuser()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def known_hosts(self, *kinds: str) -> Path:
        """Return a known_hosts file that pins this server's keys of these kinds."""
        lines = []
        for kind in kinds or ("ed25519", "ecdsa", "rsa"):
            public = self.keys.host(kind).with_suffix(".pub").read_text().split()
            lines.append(f"[{self.address}]:{self.port} {public[0]} {public[1]}\n")
        file = self.folder / f"known_hosts_{'_'.join(kinds)}"
        file.write_text("".join(lines))
        return file

    def host(
        self,
        name: str = "web-1",
        *,
        known_hosts: Path | None = None,
        key: str = "ed25519",
        passphrase: Callable[[], str] | None = None,
        jump: tuple[HostAddress, ...] = (),
    ) -> HostAddress:
        """Return the server as the configuration would name it."""
        return HostAddress(
            name=name,
            address=self.address,
            known_hosts=known_hosts or self.known_hosts(),
            port=self.port,
            user=self.user,
            key_file=self.keys.client(key),
            passphrase=passphrase,
            jump=jump,
        )

    def sessions(self) -> list[psutil.Process]:
        """Return the server's processes for open connections."""
        return psutil.Process(self.process.pid).children(recursive=False)

    def drop_sessions(self) -> None:
        """Cut every open connection, as a reboot would."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "sshd" in process.name():
                    process.kill()


@contextmanager
def running_sshd(
    folder: Path,
    keys: Keys,
    *options: str,
    host_keys: tuple[str, ...] = ("ed25519", "ecdsa", "rsa"),
    authorized: str = "",
    address: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Sshd]:
    """Start a server and stop it, with all its sessions.

    `authorized` goes before each key in authorized_keys (`command="…"`).
    """
    program = shutil.which("sshd", path=SEARCH_PATH)
    assert program, "sshd is not installed"
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    publics = [keys.client(kind).with_suffix(".pub") for kind in ("ed25519", "ecdsa", "rsa", "locked")]
    (folder / "authorized_keys").write_text(
        "".join(f"{authorized} {public.read_text()}".lstrip() for public in publics)
    )
    port = port or _free_port(address)
    # Of an option said twice sshd takes the first.
    config = [
        *options,
        f"ListenAddress {f'[{address}]' if ':' in address else address}:{port}",
        *(f"HostKey {keys.host(kind)}" for kind in host_keys),
        f"AuthorizedKeysFile {folder / 'authorized_keys'}",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "LogLevel VERBOSE",
        # Keeps bash from reading the account's .bashrc, which may take longer than all the rest.
        "SetEnv SHLVL=2",
    ]
    (folder / "config").write_text("".join(f"{line}\n" for line in config))
    process = subprocess.Popen([program, "-D", "-f", str(folder / "config"), "-E", str(folder / "log")])
    server = Sshd(keys, port, folder, process, address)
    try:
        _await_port(server)
        yield server
    finally:
        _stop(process)


def _free_port(address: str) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(server: Sshd) -> None:
    until = time.monotonic() + _STARTS_S
    while time.monotonic() < until and server.process.poll() is None:
        try:
            socket.create_connection((server.address, server.port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError(f"sshd did not start: {server.log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    for member in family:
        with suppress(psutil.Error):
            member.kill()
