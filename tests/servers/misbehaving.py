"""SSH servers as one would not like to meet them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import paramiko
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from bot.domain.host import HostAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.sshd import Keys

Serve: TypeAlias = Callable[[socket.socket, threading.Event], None]
Run: TypeAlias = Callable[[paramiko.Channel, bytes], None]


@contextmanager
def listening(serve: Serve, address: str = "127.0.0.1") -> Iterator[int]:
    """Serve each connection in a thread of its own; yield the port. The event is set when it is over."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server((address, 0)) as server:

        def handle(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                serve(connection, over)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threads.append(threading.Thread(target=handle, args=(connection,), daemon=True))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            for thread in (acceptor, *threads):
                thread.join(5)


def silent(_connection: socket.socket, over: threading.Event) -> None:
    """Accept and say nothing."""
    over.wait()


def saying(text: bytes) -> Serve:
    """Say something that is not SSH, and hang up."""

    def serve(connection: socket.socket, _over: threading.Event) -> None:
        connection.sendall(text)

    return serve


def trickling(connection: socket.socket, over: threading.Event) -> None:
    """Never come to the point."""
    while not over.wait(0.05):
        connection.sendall(b"please wait\r\n")


def mute_after_banner(connection: socket.socket, over: threading.Event) -> None:
    """Say hello and nothing else."""
    connection.sendall(b"SSH-2.0-Sleepy\r\n")
    over.wait()


@dataclass(frozen=True)
class FakeSsh:
    """A server that speaks SSH well, until it does something else.

    `logs_in` answers a login, `stays` tells at each new channel whether the connection outlives it, `runs`
    handles a command (None: the request is never answered).
    """

    keys: Keys
    logs_in: Callable[[threading.Event], int] = lambda _over: AUTH_SUCCESSFUL
    stays: Callable[[], bool] = lambda: True
    runs: Run | None = None
    methods: str = "publickey"

    def serve(self, connection: socket.socket, over: threading.Event) -> None:
        """Serve one connection until it is over."""
        with paramiko.Transport(connection) as transport:
            transport.add_server_key(paramiko.Ed25519Key(filename=str(self.keys.host("ed25519"))))
            transport.start_server(event=threading.Event(), server=_Interface(self, transport, over))
            while transport.is_active() and not over.wait(0.02):
                pass

    def host(self, port: int, folder: Path, name: str = "web-1") -> HostAddress:
        """Return the server as the configuration would name it, its key pinned."""
        public = self.keys.host("ed25519").with_suffix(".pub").read_text()
        known_hosts = folder / "known_hosts"
        known_hosts.write_text(f"[127.0.0.1]:{port} {public}")
        return HostAddress(
            name, "127.0.0.1", known_hosts, port, "deploy", self.keys.client("ed25519"), jump=()
        )


class _Interface(paramiko.ServerInterface):
    def __init__(self, fake: FakeSsh, transport: paramiko.Transport, over: threading.Event) -> None:
        self._fake = fake
        self._transport = transport
        self._over = over

    def get_allowed_auths(self, _username: str) -> str:
        return self._fake.methods

    def check_auth_publickey(self, _username: str, _key: paramiko.PKey) -> int:
        return self._fake.logs_in(self._over)

    def check_channel_request(self, _kind: str, _chanid: int) -> int:
        if not self._fake.stays():
            self._transport.close()
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        if self._fake.runs is None:
            self._over.wait()
            return False
        # The request is answered when this method returns; what the command does comes after that.
        threading.Timer(0.02, self._run, args=(self._fake.runs, channel, command)).start()
        return True

    def _run(self, runs: Run, channel: paramiko.Channel, command: bytes) -> None:
        # Whoever was spoken to may have gone.
        with suppress(OSError, EOFError, paramiko.SSHException):
            runs(channel, command)
