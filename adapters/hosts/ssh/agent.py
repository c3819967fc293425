"""The ssh-agent: asked only when its keys are wanted, and never for longer than one may wait."""

from __future__ import annotations

import base64
import os
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import paramiko
from paramiko.agent import AgentSSH

from adapters.hosts.deadline import watchdog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.hosts.deadline import Deadline

_ANSWERS_S = 5.0
_LEFT_ALONE_S = 60.0


class Agent:
    """The agent of whoever runs this; after no answer left alone for a minute. Any thread may use it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._silent_until_s = float("-inf")

    @property
    def silent(self) -> bool:
        """Whether it was asked within the last minute and did not answer."""
        with self._lock:
            return self._clock() < self._silent_until_s

    def connected(self, deadline: Deadline) -> AgentConnection | None:
        """Return a connection to the agent; None if there is none, or if it does not answer."""
        place = os.environ.get("SSH_AUTH_SOCK")
        if not place or self.silent:
            return None
        whole, deadline = deadline, deadline.at_most(_ANSWERS_S)
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            door.settimeout(max(deadline.left_s, 0.001))
            door.connect(place)
            with watchdog(deadline, lambda: _hang_up(door)):
                connection = AgentConnection(door)
            # Somebody may have to touch something before it signs.
            door.settimeout(max(whole.left_s, 0.001))
        except (OSError, ValueError, TypeError, paramiko.SSHException, struct.error) as error:
            door.close()
            # A queue that is full is how an agent that hangs refuses.
            if isinstance(error, TimeoutError | BlockingIOError) or deadline.passed:
                with self._lock:
                    self._silent_until_s = self._clock() + _LEFT_ALONE_S
            return None
        return connection


def _hang_up(door: socket.socket) -> None:
    with suppress(OSError):
        door.shutdown(socket.SHUT_RDWR)


class AgentConnection(AgentSSH):
    """One conversation with the agent; its keys can sign until it is closed."""

    def __init__(self, door: socket.socket) -> None:
        super().__init__()
        self._connect(door)  # type: ignore[attr-defined] # its stub leaves out what subclasses call

    def close(self) -> None:
        """Let the agent go."""
        self._close()  # type: ignore[attr-defined] # its stub leaves out what subclasses call


def public_half(file: Path) -> bytes | None:
    """Return the public key beside a key file, in `FILE.pub`; None if there is none."""
    with suppress(OSError, ValueError, IndexError):
        return base64.b64decode(
            file.with_name(f"{file.name}.pub").read_text("utf-8").split()[1], validate=True
        )
    return None
