"""A made-up machine behind a real sshd: every login may only ask it, as a forced command does.

The machine lives in the process of the test; what a login asks comes to it over a socket.
"""

from __future__ import annotations

import base64
import json
import shlex
import socketserver
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.ports import Completed
from tests.servers.sshd import running_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.ports import Shell
    from tests.servers.sshd import Keys, Sshd

_TIMEOUT_S = 60.0
_DENIED = Completed(126, b"", b"No shell is kept here.\n")
# What sshd runs for a login: it hands over what was asked, and prints what came of it.
_CLIENT = """\
import base64, json, os, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect(sys.argv[1])
asked.sendall(os.environb.get(b"SSH_ORIGINAL_COMMAND", b""))
asked.shutdown(socket.SHUT_WR)
status, stdout, stderr = json.loads(asked.makefile("rb").read())
os.write(2, base64.b64decode(stderr))
sys.stdout.buffer.write(base64.b64decode(stdout))
sys.stdout.flush()
sys.exit(status)
"""


@contextmanager
def machine_behind_sshd(folder: Path, keys: Keys, machine: Shell) -> Iterator[Sshd]:
    """Start both, and end both."""
    folder.mkdir(parents=True, exist_ok=True)
    client, socket = folder / "client.py", folder / "socket"
    client.write_text(_CLIENT)
    command = f'command="exec {sys.executable} -I -S {client} {socket}"'
    with _listening(socket, machine), running_sshd(folder / "sshd", keys, authorized=command) as server:
        yield server


@contextmanager
def _listening(socket: Path, machine: Shell) -> Iterator[None]:
    lock = threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            argv = tuple(shlex.split(self.rfile.read().decode("utf-8", "surrogateescape")))
            with lock:
                kept = argv[:1] in {(), ("exec",)}
                done = _DENIED if kept else machine.run(argv, timeout_s=_TIMEOUT_S)
            printed = (base64.b64encode(part).decode() for part in (done.stdout, done.stderr))
            self.wfile.write(json.dumps([done.status, *printed]).encode())

    with socketserver.ThreadingUnixStreamServer(str(socket), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="machine", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
