"""A shell kept open on a host and fed with commands: each is one round trip.

What a command prints stands between two marks that nobody can guess, on both streams. Whatever does not fit
that picture ends the shell; the next answer is never searched for in what comes after a surprise.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from adapters.hosts.ssh.channel import ConnectionDiedError, LostError, feed, quoted, start
from adapters.hosts.ssh.output import Output
from bot.ports import Completed

if TYPE_CHECKING:
    import paramiko

    from adapters.hosts.deadline import Deadline
    from adapters.hosts.ssh.transport import Transport

# A longer word is sent once, as a variable of the shell, and only named from then on.
_LONG_BYTES = 512
_MOST_VARIABLES = 16
_MOST_VARIABLE_BYTES = 128 * 1024
# What a login may say before the shell is there.
_MOST_GREETING_BYTES = 1024 * 1024
_BEGIN, _END = b"B", b"E"
_MARK_BYTES = 40


class KeptShell:
    """One open shell; used by one thread at a time. `pid` is its process on the host."""

    def __init__(self, channel: paramiko.Channel, output: Output, pid: int) -> None:
        self.pid = pid
        self._channel = channel
        self._output = output
        self._variables: dict[bytes, bytes] = {}
        self._doubtful = False

    @property
    def open(self) -> bool:
        """Whether the shell is still there."""
        return not self._channel.closed and not self._channel.eof_received

    @property
    def usable(self) -> bool:
        """Whether the next command may run here."""
        return self.open and not self._doubtful and not self._output.pending

    def run(self, words: tuple[bytes, ...], deadline: Deadline) -> Completed:
        """Run a command. After anything but a return the shell must not be used again.

        Raises TimeoutError, OverflowError, LostError.
        """
        mark = secrets.token_hex(16).encode()
        self._output.start_over()
        definitions, names = self._named(words)
        feed(self._channel, definitions + _line(names, mark), deadline)
        stdout = _Part(self._output.stdout, mark + _BEGIN, re.compile(mark + _END + rb"(\d{1,3})\n"))
        stderr = _Part(self._output.stderr, mark + _BEGIN, re.compile(mark + _END))
        while True:
            out, err = stdout.ended(), stderr.ended()
            if out and err:
                break
            if not self._output.more(deadline):
                raise LostError
        completed = Completed(int(out[1]), stdout.content(out), stderr.content(err))
        self._doubtful = not (stdout.is_all(out) and stderr.is_all(err))
        return completed

    def close(self) -> None:
        """End the shell."""
        self._channel.close()

    def _named(self, words: tuple[bytes, ...]) -> tuple[bytes, list[bytes]]:
        """Return what the shell must be told first, and each word as it stands in the command."""
        definitions = b""
        names = []
        for word in words:
            if len(word) > _LONG_BYTES and word not in self._variables and self._has_room_for(word):
                self._variables[word] = b"w%d" % len(self._variables)
                definitions += self._variables[word] + b"=" + quoted(word) + b"\n"
            variable = self._variables.get(word)
            names.append(quoted(word) if variable is None else b'"$' + variable + b'"')
        return definitions, names

    def _has_room_for(self, word: bytes) -> bool:
        used = sum(map(len, self._variables))
        return len(self._variables) < _MOST_VARIABLES and used + len(word) <= _MOST_VARIABLE_BYTES


class _Part:
    """What one stream says between the two marks of a command."""

    def __init__(self, stream: bytearray, begin: bytes, end: re.Pattern[bytes]) -> None:
        self._stream = stream
        self._begin = begin
        self._end = end
        self._searched = 0

    def ended(self) -> re.Match[bytes] | None:
        """Find the end mark; what was searched before is not searched again."""
        found = self._end.search(self._stream, self._searched)
        if found is None:
            self._searched = max(0, len(self._stream) - _MARK_BYTES)
        return found

    def content(self, end: re.Match[bytes]) -> bytes:
        """Return what stands between the marks. Raises LostError if there was no beginning."""
        begun = self._stream.find(self._begin)
        if begun < 0:
            raise LostError
        return bytes(self._stream[begun + len(self._begin) : end.start()])

    def is_all(self, end: re.Match[bytes]) -> bool:
        """Whether nothing else was said, neither before nor after."""
        return self._stream.startswith(self._begin) and end.end() == len(self._stream)


def open_shell(transport: Transport, deadline: Deadline, limit_bytes: int) -> KeptShell | None:
    """Open a shell to keep; None if the host allows none (a forced command, a restricted shell).

    Raises ConnectionDiedError, NoMoreSessionsError; TimeoutError, OverflowError with the connection closed.
    """
    token = secrets.token_hex(8)
    # Every login shell understands this, fish and csh too, and only a real sh makes a number of $$.
    greeting = f"echo {token}-$$-{token}"
    command = f"exec /bin/sh -c '{greeting};{greeting} >&2;exec /bin/sh'"
    try:
        channel = start(transport, command.encode(), deadline)
        return None if channel is None else _greeted(channel, token.encode(), deadline, limit_bytes)
    except LostError as error:
        raise ConnectionDiedError from error
    except (TimeoutError, OverflowError):
        transport.close()
        raise


def _greeted(
    channel: paramiko.Channel, token: bytes, deadline: Deadline, limit_bytes: int
) -> KeptShell | None:
    output = Output(channel, _MOST_GREETING_BYTES)
    greeting = re.compile(token + rb"-(\d{1,10})-" + token + rb"\n")
    while True:
        out, err = greeting.search(output.stdout), greeting.search(output.stderr)
        if out and err:
            break
        if not output.more(deadline):
            channel.close()
            return None
    output.limit_bytes = limit_bytes
    return KeptShell(channel, output, int(out[1]))


def _line(names: list[bytes], mark: bytes) -> bytes:
    # exec in a subshell: the words are a program and its arguments, never a builtin, keyword or assignment.
    return (
        b"printf %(mark)bB;printf %(mark)bB >&2;(exec %(command)b)</dev/null;"
        b"printf '%(mark)bE%%d\n' $?;printf %(mark)bE >&2\n"
    ) % {b"mark": mark, b"command": b" ".join(names)}
