"""The clients that are compared, all with the same two verbs: connect when made, then run commands."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import re
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import paramiko

from adapters.hosts.ssh.shell import ssh_shell
from tests.bench.rounds import run

if TYPE_CHECKING:
    from bot.domain.host import HostAddress

_TIMEOUT_S = 60
_NOWHERE = Path("/dev/null")


class Client(Protocol):
    """An open connection."""

    def run(self, argv: tuple[str, ...]) -> bytes:
        """Run a command, return what it printed."""
        ...

    def cpu_s(self) -> float:
        """Return the CPU time that this client has used, beside a constant."""
        ...

    def close(self) -> None: ...


class Ours:
    """memwarden's shell."""

    def __init__(self, host: HostAddress) -> None:
        self._shell = ssh_shell(host, config_file=_NOWHERE)

    def run(self, argv: tuple[str, ...]) -> bytes:
        return self._shell.run(argv, timeout_s=_TIMEOUT_S).stdout

    def cpu_s(self) -> float:
        return time.process_time()

    def close(self) -> None:
        self._shell.close()


class Paramiko:
    """paramiko as its manual shows it."""

    def __init__(self, host: HostAddress) -> None:
        self._client = paramiko.SSHClient()
        self._client.load_host_keys(str(host.known_hosts))
        self._client.connect(
            host.address,
            host.port or 0,
            host.user,
            key_filename=str(host.key_file),
            allow_agent=False,
            look_for_keys=False,
        )

    def run(self, argv: tuple[str, ...]) -> bytes:
        _, stdout, _ = self._client.exec_command(shlex.join(argv))
        return stdout.read()

    def cpu_s(self) -> float:
        return time.process_time()

    def close(self) -> None:
        self._client.close()


class Asyncssh:
    """asyncssh, driven from outside its loop."""

    def __init__(self, host: HostAddress) -> None:
        async def connect() -> Any:  # noqa: ANN401 - a library that need not be installed
            return await importlib.import_module("asyncssh").connect(
                host.address,
                host.port,
                username=host.user,
                client_keys=[str(host.key_file)],
                known_hosts=str(host.known_hosts),
                config=None,
                agent_path=None,
            )

        self._loop = asyncio.Runner()
        self._connection = self._loop.run(connect())

    def run(self, argv: tuple[str, ...]) -> bytes:
        printed = self._loop.run(self._connection.run(shlex.join(argv), encoding=None)).stdout
        assert isinstance(printed, bytes)
        return printed

    def cpu_s(self) -> float:
        return time.process_time()

    def close(self) -> None:
        self._connection.close()
        self._loop.run(self._connection.wait_closed())
        self._loop.close()


class OpenSsh:
    """`ssh` with a master connection in the background, which is the client's work too."""

    def __init__(self, host: HostAddress) -> None:
        socket = host.known_hosts.parent / f"master-{time.monotonic_ns()}"
        options = {
            "ControlMaster": "auto",
            "ControlPath": socket,
            "ControlPersist": "60",
            "UserKnownHostsFile": host.known_hosts,
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "BatchMode": "yes",
        }
        self._argv = ["ssh", "-F", str(_NOWHERE), "-p", str(host.port), "-i", str(host.key_file)]
        self._argv += [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        self._destination = f"{host.user}@{host.address}"
        self._used_s = 0.0
        self._master = 0

    def run(self, argv: tuple[str, ...]) -> bytes:
        done = run([*self._argv, self._destination, shlex.join(argv)])
        self._used_s += done.cpu_ms / 1e3
        return done.printed

    def cpu_s(self) -> float:
        if not self._master:
            said = run(
                ["sh", "-c", f"{shlex.join([*self._argv, '-O', 'check', self._destination])} 2>&1"]
            ).printed
            found = re.search(rb"pid=(\d+)", said)
            if found is None:
                return self._used_s
            self._master = int(found[1])
        on_cpu_ns = Path(f"/proc/{self._master}/schedstat").read_text().split()[0]
        return self._used_s + int(on_cpu_ns) / 1e9

    def close(self) -> None:
        run([*self._argv, "-O", "exit", self._destination])


@dataclass(frozen=True, slots=True)
class Kind:
    """A client by its name in the tables."""

    name: str
    connect: type[Ours | Paramiko | Asyncssh | OpenSsh]
    installed: bool = True
    in_this_process: bool = True


KINDS = (
    Kind("memwarden", Ours),
    Kind("asyncssh", Asyncssh, installed=importlib.util.find_spec("asyncssh") is not None),
    Kind("paramiko, as it comes", Paramiko),
    Kind("ssh with ControlMaster", OpenSsh, in_this_process=False),
)
