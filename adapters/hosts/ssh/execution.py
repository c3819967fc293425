"""One command on a channel of its own: how commands run where a host allows no kept shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.hosts.ssh.channel import LostError, quoted, start
from adapters.hosts.ssh.output import Output
from bot.ports import Completed

if TYPE_CHECKING:
    from adapters.hosts.deadline import Deadline
    from adapters.hosts.ssh.transport import Transport

_UNKNOWN_STATUS = 255


class RefusedError(Exception):
    """The host starts no command for us."""


def execute(
    transport: Transport, words: tuple[bytes, ...], deadline: Deadline, limit_bytes: int
) -> Completed:
    """Run the words through the account's login shell, which must quote as POSIX says.

    A host that does not tell how the command ended (it died of a signal) gives status 255. Raises what
    `channel.start` raises, RefusedError, TimeoutError, OverflowError, LostError.
    """
    command = b" ".join(quoted(word) for word in words)
    channel = start(transport, command, deadline)
    if channel is None:
        raise RefusedError
    with channel:
        channel.shutdown_write()
        output = Output(channel, limit_bytes)
        while output.more(deadline):
            pass
        if not channel.status_event.wait(deadline.left_s):
            raise TimeoutError
        if channel.exit_status < 0 and not transport.is_active():
            raise LostError
        status = channel.exit_status if channel.exit_status >= 0 else _UNKNOWN_STATUS
        return Completed(status, bytes(output.stdout), bytes(output.stderr))
