"""Channels on an open connection: opened, started and fed without ever waiting longer than allowed."""

from __future__ import annotations

import shlex
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

import paramiko

from adapters.hosts.deadline import Deadline, watchdog
from adapters.hosts.ssh.transport import BROKEN

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from adapters.hosts.ssh.transport import Transport

# What surely fits into the buffers of an idle connection, so that sending it cannot block.
_SMALL_BYTES = 16 * 1024
_END_S = 1.0


class ConnectionDiedError(Exception):
    """The connection was dead before anything of the command was sent."""


class NoMoreSessionsError(Exception):
    """The host opens no further session on this connection (sshd's MaxSessions)."""


class NoisyLoginError(Exception):
    """The account prints more before its shell is there than anyone would read."""


class LostError(Exception):
    """The connection or the shell ended while the command ran: whether it was done is unknown."""


def quoted(word: bytes) -> bytes:
    """Return the word as a POSIX shell reads it back: the one place where anything is quoted."""
    return shlex.quote(word.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def start(transport: Transport, command: bytes, deadline: Deadline) -> paramiko.Channel | None:
    """Open a session channel and start a command on it; None if the host refuses to start it.

    Raises ConnectionDiedError and NoMoreSessionsError (nothing was started), TimeoutError (the connection is
    closed then), LostError.
    """
    with watchdog(deadline, transport.close):
        try:
            channel = transport.open_session(timeout=deadline.left_s + 1.0)
        except paramiko.ChannelException as error:
            raise NoMoreSessionsError from error
        except BROKEN as error:
            _raise_if_passed(deadline, error)
            raise ConnectionDiedError(str(error)) from error
        try:
            channel.exec_command(command)
        except BROKEN as error:
            _raise_if_passed(deadline, error)
            if not transport.is_active():
                raise LostError from error
            return None
    return channel


def feed(channel: paramiko.Channel, data: bytes, deadline: Deadline) -> None:
    """Send all of the data. Raises LostError, and TimeoutError with the connection closed."""
    try:
        with _guard(channel.get_transport(), len(data), deadline):
            while data:
                channel.settimeout(deadline.left_s)
                sent = channel.send(data[:_SMALL_BYTES])
                if not sent:
                    raise EOFError
                data = data[sent:]
    except BROKEN as error:
        _raise_if_passed(deadline, error)
        raise LostError from error


def end(channel: paramiko.Channel) -> None:
    """Close a channel; a connection on which not even that can be sent is closed instead."""
    transport = channel.get_transport()
    with suppress(*BROKEN), watchdog(Deadline.after(_END_S), transport.close):
        channel.close()


def _guard(
    transport: paramiko.Transport, size_bytes: int, deadline: Deadline
) -> AbstractContextManager[None]:
    if size_bytes <= _SMALL_BYTES and transport.clear_to_send.is_set():
        return nullcontext()
    return watchdog(deadline, transport.close)


def _raise_if_passed(deadline: Deadline, error: Exception) -> None:
    if deadline.passed:
        raise TimeoutError from error
