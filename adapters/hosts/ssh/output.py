"""What a command prints: both streams of a channel taken in together, by a deadline, up to a limit."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from adapters.hosts.deadline import watchdog

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import paramiko

    from adapters.hosts.deadline import Deadline

MAX_OUTPUT_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024


class _News(threading.Event):
    """Set when either stream has something new.

    paramiko clears it when one stream is empty, without a look at the other; only `expect` clears it here.
    """

    def clear(self) -> None:
        """Ignore paramiko's wish."""

    def expect(self) -> None:
        """Wait for the next news."""
        super().clear()


class Output:
    """Collects a channel's standard output and standard error.

    They share one window: whoever reads only one of them waits forever when the other has filled it.
    """

    def __init__(self, channel: paramiko.Channel, limit_bytes: int) -> None:
        self._channel = channel
        self.limit_bytes = limit_bytes
        self._news = _News()
        self.stdout = bytearray()
        self.stderr = bytearray()
        channel.in_buffer.set_event(self._news)
        channel.in_stderr_buffer.set_event(self._news)

    @property
    def pending(self) -> bool:
        """Whether there is something that was not taken in yet."""
        return self._channel.recv_ready() or self._channel.recv_stderr_ready()

    def more(self, deadline: Deadline, look: Deadline | None = None) -> bool:
        """Wait for something new and take it in; False when there will be no more.

        Raises TimeoutError at the deadline, or earlier at `look` if there is nothing new by then, and
        OverflowError beyond the limit.
        """
        look = look or deadline
        while not look.passed:
            self._news.expect()
            ended = bool(self._channel.closed or self._channel.eof_received)
            if self._take(deadline):
                return True
            if ended:
                return False
            self._news.wait(look.left_s)
        raise TimeoutError

    def start_over(self) -> None:
        """Forget what was taken in."""
        self.stdout.clear()
        self.stderr.clear()

    def _take(self, deadline: Deadline) -> bool:
        if not self.pending:
            return False
        with self._guard(deadline):
            if self._channel.recv_ready():
                self.stdout += self._channel.recv(_CHUNK_BYTES)
            if self._channel.recv_stderr_ready():
                self.stderr += self._channel.recv_stderr(_CHUNK_BYTES)
        if len(self.stdout) + len(self.stderr) > self.limit_bytes:
            raise OverflowError
        return True

    def _guard(self, deadline: Deadline) -> AbstractContextManager[None]:
        """Bound what may block: enough taken in makes paramiko widen the host's window, which is a packet."""
        channel = self._channel
        waiting = len(channel.in_buffer) + len(channel.in_stderr_buffer)
        if channel.in_window_sofar + waiting <= channel.in_window_threshold // 2:
            return nullcontext()
        return watchdog(deadline, channel.get_transport().close)
