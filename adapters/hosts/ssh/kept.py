"""A shell kept open on a host and fed with commands: each is one round trip.

What a command prints ends with a mark that nobody can guess, on both streams. Whatever does not fit that
picture ends the shell: the next answer is never searched for in what comes after a surprise. Only a process
that a command leaves behind cannot be told from the next command when it prints while that one runs.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from adapters.hosts.ssh.channel import (
    ConnectionDiedError,
    LostError,
    NoisyLoginError,
    end,
    feed,
    quoted,
    start,
)
from adapters.hosts.ssh.output import Output
from adapters.hosts.ssh.transport import BROKEN
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
MOST_GREETING_BYTES = 1024 * 1024
_STATUS_DIGITS = 3
# What kill takes for this process, and for a whole group or everybody when it is negated.
_INIT = 1


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
        stdout, stderr = _Part(self._output.stdout, mark), _Part(self._output.stderr, mark)
        while not (stdout.ended() and stderr.ended() and b"\n" in stdout.rest):
            if not self._output.more(deadline):
                raise LostError
        status, _, surplus = stdout.rest.partition(b"\n")
        if not status.isdigit() or len(status) > _STATUS_DIGITS:
            raise LostError
        completed = Completed(int(status), stdout.content, stderr.content)
        self._doubtful = bool(surplus or stderr.rest)
        return completed

    def close(self) -> None:
        """End the shell."""
        end(self._channel)

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
    """What one stream says up to the mark that ends a command."""

    def __init__(self, stream: bytearray, mark: bytes) -> None:
        self._stream = stream
        self._mark = mark
        self._ended = -1
        self._searched = 0

    def ended(self) -> bool:
        """Whether the mark is there; what was searched before is not searched again."""
        if self._ended < 0:
            self._ended = self._stream.find(self._mark, self._searched)
            self._searched = max(0, len(self._stream) - len(self._mark))
        return self._ended >= 0

    @property
    def content(self) -> bytes:
        """What was said before the mark."""
        return bytes(self._stream[: self._ended])

    @property
    def rest(self) -> bytes:
        """What was said after the mark."""
        return bytes(self._stream[self._ended + len(self._mark) :])


def open_shell(transport: Transport, deadline: Deadline, limit_bytes: int) -> KeptShell | None:
    """Open a shell to keep; None if the host allows none (a forced command, a restricted shell).

    None also for a shell that says it is process 1, as in a container: it could not be killed as others are.
    Raises ConnectionDiedError, NoMoreSessionsError; TimeoutError, NoisyLoginError with the connection closed.
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
    except TimeoutError:
        transport.close()
        raise
    except OverflowError as error:
        transport.close()
        raise NoisyLoginError from error
    except BROKEN as error:
        transport.close()
        raise (TimeoutError if deadline.passed else ConnectionDiedError) from error


def _greeted(
    channel: paramiko.Channel, token: bytes, deadline: Deadline, limit_bytes: int
) -> KeptShell | None:
    output = Output(channel, MOST_GREETING_BYTES)
    greeting = re.compile(token + rb"-(\d{1,10})-" + token + rb"\n")
    while True:
        out, err = greeting.search(output.stdout), greeting.search(output.stderr)
        if out and err:
            break
        if not output.more(deadline):
            end(channel)
            return None
    pid = int(out[1])
    if pid <= _INIT:
        end(channel)
        return None
    output.limit_bytes = limit_bytes
    return KeptShell(channel, output, pid)


def _line(names: list[bytes], mark: bytes) -> bytes:
    # exec in a subshell: the words are a program and its arguments, never a builtin, keyword or assignment.
    return b"(exec %(command)b)</dev/null;printf '%(mark)b%%d\n' $?;printf %(mark)b >&2\n" % {
        b"mark": mark,
        b"command": b" ".join(names),
    }
