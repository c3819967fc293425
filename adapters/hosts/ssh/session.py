"""One open connection: which shell a command runs in, how many at a time, and what is left when one hangs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from adapters.hosts.deadline import Deadline
from adapters.hosts.ssh.channel import ConnectionDiedError, LostError, NoMoreSessionsError, start
from adapters.hosts.ssh.execution import execute
from adapters.hosts.ssh.kept import KeptShell, open_shell
from adapters.hosts.ssh.transport import BROKEN

if TYPE_CHECKING:
    from adapters.hosts.ssh.connection import Connection
    from bot.ports import Completed

# sshd allows ten sessions per connection; somebody else's defaults allow fewer.
_MOST_AT_ONCE = 4
# How long a host may take to kill what hung, before the connection itself is taken for dead.
_KILL_S = 5.0


class RetiredError(Exception):
    """The connection takes no new commands; nothing was sent."""


class Session:
    """Runs commands over one connection; safe for any number of threads."""

    def __init__(self, connection: Connection, limit_bytes: int) -> None:
        self._connection = connection
        self._transport = connection.transport
        self._limit_bytes = limit_bytes
        self._idle: list[KeptShell] = []
        self._allows_shell = True
        self._running = 0
        self._most = _MOST_AT_ONCE
        self._retired = False
        self._changed = threading.Condition()
        self._opening = threading.Lock()

    @property
    def usable(self) -> bool:
        """Whether the next command may run here: the connection is open, as far as anyone knows."""
        return self._transport.is_active() and not self._retired

    def close(self) -> None:
        """Close the connection; what runs on it ends as lost."""
        self._connection.close()

    def retire(self) -> None:
        """Close the connection when the last command on it has ended; nothing new should run here."""
        with self._changed:
            self._retired = True
            self._changed.notify_all()
            busy = self._running > 0
        if not busy:
            self.close()

    def run(self, words: tuple[bytes, ...], deadline: Deadline, *, apart: bool = False) -> Completed:
        """Run a command, in a kept shell where the host allows one; `apart` in one that nobody else uses.

        After a timeout the connection is retired: it may be what does not answer. Raises RetiredError,
        ConnectionDiedError, NoMoreSessionsError, RefusedError, NoisyLoginError (nothing was sent),
        TimeoutError, OverflowError, LostError.
        """
        while True:
            self._await_turn(deadline)
            try:
                return self._run(words, deadline, apart=apart)
            except TimeoutError:
                self.retire()
                raise
            except BROKEN as error:
                self.retire()
                raise (TimeoutError if deadline.passed else LostError) from error
            except NoMoreSessionsError:
                with self._changed:
                    if self._running == 1:
                        raise
                    # The host allows as many as are running besides: wait for one of them to end.
                    self._most = self._running - 1
            finally:
                self._leave()

    def _await_turn(self, deadline: Deadline) -> None:
        with self._changed:
            while self._running >= self._most and not self._retired:
                if not self._changed.wait(deadline.left_s):
                    raise TimeoutError
            if self._retired:
                raise RetiredError
            self._running += 1

    def _leave(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()
            over = self._retired and not self._running
        if over:
            self.close()

    def _run(self, words: tuple[bytes, ...], deadline: Deadline, *, apart: bool) -> Completed:
        shell = self._opened(deadline) if apart else self._shell(deadline)
        if shell is None:
            return execute(self._transport, words, deadline, self._limit_bytes)
        ended = False
        try:
            completed = shell.run(words, deadline)
            ended = True
        finally:
            if not ended and shell.open:
                with self._changed:
                    self._running += 1
                threading.Thread(target=self._kill, args=(shell,), daemon=True).start()
        if apart:
            shell.close()
        else:
            self._keep(shell)
        return completed

    def _shell(self, deadline: Deadline) -> KeptShell | None:
        """Return an idle shell or a new one; None where the host allows none."""
        while True:
            with self._changed:
                if not self._idle:
                    break
                shell = self._idle.pop()
            if shell.usable:
                return shell
            shell.close()
        return self._opened(deadline)

    def _opened(self, deadline: Deadline) -> KeptShell | None:
        """Return a new shell; None where the host allows none."""
        if not self._allows_shell:
            return None
        if not self._opening.acquire(timeout=deadline.left_s):
            raise TimeoutError
        try:
            opened = open_shell(self._transport, deadline, self._limit_bytes)
        finally:
            self._opening.release()
        if opened is None and not self._transport.is_active():
            raise ConnectionDiedError
        self._allows_shell = opened is not None
        return opened

    def _keep(self, shell: KeptShell) -> None:
        """Keep one shell for the next command; the host need not carry more."""
        with self._changed:
            if shell.usable and not self._idle:
                self._idle.append(shell)
                return
        shell.close()

    def _kill(self, shell: KeptShell) -> None:
        """End a shell and what hangs in it. A host that cannot do that is not answering at all."""
        # sshd makes the login shell the leader of a process group; everything it started is in it.
        kill = f"/bin/sh -c 'kill -9 -{shell.pid} {shell.pid}'"
        deadline = Deadline.after(_KILL_S)
        try:
            channel = start(self._transport, kill.encode(), deadline)
            answered = channel is not None and channel.status_event.wait(deadline.left_s)
        except (ConnectionDiedError, NoMoreSessionsError, LostError, TimeoutError):
            answered = False
        if answered:
            shell.close()
        else:
            self.close()
        self._leave()
