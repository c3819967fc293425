"""One command on a channel of its own: how commands run where a host allows no kept shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.hosts.deadline import Deadline, watchdog
from adapters.hosts.ssh.channel import LostError, end, quoted, start
from adapters.hosts.ssh.output import Output
from bot.ports import Completed

if TYPE_CHECKING:
    import paramiko

    from adapters.hosts.ssh.transport import Transport

_UNKNOWN_STATUS = 255
# Longer than a lost packet takes to be sent again.
_QUIET_S = 2.0
_LOOK_S = 0.25


class RefusedError(Exception):
    """The host starts no command for us."""


def execute(
    transport: Transport, words: tuple[bytes, ...], deadline: Deadline, limit_bytes: int
) -> Completed:
    """Run the words through the account's login shell, which must quote as POSIX says.

    A host that does not tell how the command ended (it died of a signal) gives status 255. A command that is
    not done in time is left alone: nobody knows its process. Raises what `channel.start` raises,
    RefusedError, TimeoutError, OverflowError, LostError, and BROKEN as it comes.
    """
    command = b" ".join(quoted(word) for word in words)
    channel = start(transport, command, deadline)
    if channel is None:
        raise RefusedError
    try:
        with watchdog(deadline, transport.close):
            channel.shutdown_write()
        output = Output(channel, limit_bytes)
        while _more(channel, output, deadline):
            pass
        if not channel.status_event.wait(deadline.left_s):
            raise TimeoutError
        if channel.exit_status < 0 and not transport.is_active():
            raise LostError
        status = channel.exit_status if channel.exit_status >= 0 else _UNKNOWN_STATUS
        return Completed(status, bytes(output.stdout), bytes(output.stderr))
    finally:
        end(channel)


def _more(channel: paramiko.Channel, output: Output, deadline: Deadline) -> bool:
    """Take in more, until the command has ended and nothing has come for a while.

    A process that it left behind holds its output open. sshd tells the end at once, then what was printed.
    """
    while True:
        ended = channel.status_event.is_set()
        look = deadline.at_most(_QUIET_S if ended else _LOOK_S)
        try:
            return output.more(deadline, look)
        except TimeoutError:
            if deadline.passed:
                raise
            if ended:
                return False
