"""The TCP connection under SSH, without the stalls that paramiko's own use of it brings.

paramiko never turns Nagle's algorithm off and reads packets in small bites: 40 ms for every warm command.
Here small packets leave at once, acknowledgements too, and one read takes all that has come.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from adapters.hosts.deadline import Deadline, within
from adapters.hosts.ssh.wording import reason
from bot.errors import HostUnreachable

if TYPE_CHECKING:
    from adapters.hosts.ssh.route import Hop

_AHEAD_BYTES = 65536
# How long sent bytes may stay unacknowledged before the kernel gives the connection up.
_SILENCE_MS = 30_000

_Found = tuple[int, int, int, tuple[object, ...]]


class Stream(socket.socket):
    """A TCP socket that reads ahead and never waits to send or to acknowledge."""

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._ahead = memoryview(b"")

    def hasten(self) -> None:
        """Send every packet at once, and notice a dead peer; for a connected socket."""
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENCE_MS)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return up to `size` bytes, from what was read ahead if there is any."""
        if not self._ahead:
            self._ahead = memoryview(super().recv(max(size, _AHEAD_BYTES), flags))
            if sys.platform == "linux":
                # The kernel takes this back by itself, so it is said again after every read.
                self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        taken = bytes(self._ahead[:size])
        self._ahead = self._ahead[size:]
        return taken

    def close(self) -> None:
        """Close the connection; unlike a plain close this wakes whoever is reading or writing."""
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        super().close()


def dial(hop: Hop, deadline: Deadline) -> Stream:
    """Connect to a hop's address, trying each that its name has. Raises HostUnreachable."""
    failures: list[str] = []
    found = _addresses(hop, deadline)
    for number, (family, kind, protocol, address) in enumerate(found):
        # Each gets its share of what is left: one that swallows packets must not use it all up.
        share_s = deadline.left_s / (len(found) - number)
        try:
            return _connected(Stream(family, kind, protocol), address, share_s)
        except OSError as error:
            failures.append(f"{reason(error)} ({address[0]})" if len(found) > 1 else reason(error))
    raise HostUnreachable(f"{hop.place} cannot be reached: {', '.join(failures)}.")


def _connected(stream: Stream, address: tuple[object, ...], timeout_s: float) -> Stream:
    try:
        stream.settimeout(max(timeout_s, 0.001))
        stream.connect(address)
        stream.hasten()
    except OSError:
        stream.close()
        raise
    return stream


def _addresses(hop: Hop, deadline: Deadline) -> list[_Found]:
    def look_up(flags: int = 0) -> list[_Found]:
        found = socket.getaddrinfo(hop.address, hop.port, type=socket.SOCK_STREAM, flags=flags)
        return [(family, kind, protocol, address) for family, kind, protocol, _, address in found]

    try:
        return look_up(socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        pass
    try:
        # A resolver has its own idea of patience, and no way to be told of ours.
        return within(deadline, look_up)
    except (OSError, ValueError) as error:
        raise HostUnreachable(f"{hop.place} cannot be reached: {reason(error)}.") from error
