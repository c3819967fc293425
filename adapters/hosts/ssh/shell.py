"""A host over SSH: connects when something runs, keeps the connection, makes it anew when it has died."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from adapters.hosts.deadline import Deadline
from adapters.hosts.ssh.channel import (
    ConnectionDiedError,
    LostError,
    NoisyLoginError,
    NoMoreSessionsError,
)
from adapters.hosts.ssh.connection import connect
from adapters.hosts.ssh.execution import RefusedError
from adapters.hosts.ssh.kept import MOST_GREETING_BYTES
from adapters.hosts.ssh.keys import Keyring
from adapters.hosts.ssh.output import MAX_OUTPUT_BYTES
from adapters.hosts.ssh.refusals import Refusals
from adapters.hosts.ssh.route import SSH_CONFIG, route
from adapters.hosts.ssh.session import RetiredError, Session
from adapters.hosts.words import encoded
from bot.domain.host import HostAddress, Timeouts
from bot.errors import CommandTimedOut, HostUnreachable, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from bot.ports import Completed


class SshShell:
    """The shell of one host; safe for any number of threads, which share its one connection."""

    def __init__(
        self,
        address: HostAddress,
        timeouts: Timeouts,
        *,
        keyring: Keyring,
        refusals: Refusals,
        config_file: Path,
        max_output_bytes: int,
    ) -> None:
        self._address = address
        self._timeouts = timeouts
        self._keyring = keyring
        self._refusals = refusals
        self._config_file = config_file
        self._max_output_bytes = max_output_bytes
        self._connecting = threading.Lock()
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._closed_times = 0

    def run(self, argv: tuple[str, ...], *, timeout_s: float, apart: bool = False) -> Completed:
        """Run an argument vector and return what came of it (see `bot.ports.Shell`).

        The timeout is for all of it, connecting and logging in too. Nothing that was sent is ever sent again:
        only a connection found dead before that is made anew. Raises HostError: HostUnreachable (the sentence
        says so when it is unknown whether the command ran), HostKeyUnknown, HostKeyChanged, LoginRefused,
        CommandTimedOut (it was killed, if the host still answers; where it allows no kept shell it may go
        on), CommandFailed (words that no program can be given), Unreadable (more output than is kept).
        """
        words = encoded(argv)
        deadline = Deadline.after(timeout_s)
        died = False
        while True:
            session, fresh = self._connected(deadline)
            try:
                return self._run(session, words, argv[0], deadline, apart=apart)
            except RetiredError:
                continue
            except ConnectionDiedError as error:
                session.close()
                if fresh or died:
                    raise HostUnreachable(
                        f"{self._address.name} closed the connection right after the login."
                    ) from error
                died = True

    def close(self) -> None:
        """Close the connection, also one that is just being made; another `run` makes a new one.

        Does not wait for anything.
        """
        with self._lock:
            session, self._session = self._session, None
            self._closed_times += 1
        if session is not None:
            session.close()

    def _connected(self, deadline: Deadline) -> tuple[Session, bool]:
        """Return the open connection, or a new one and True."""
        if not self._connecting.acquire(timeout=deadline.left_s):
            raise CommandTimedOut(f"{self._address.name} was not reached within {deadline.allowed_s:g} s.")
        try:
            with self._lock:
                if self._session is not None:
                    if self._session.usable:
                        return self._session, False
                    self._session.retire()
                    self._session = None
                closed_times = self._closed_times
            hops = route(self._address, self._config_file)
            connection = connect(hops, self._timeouts, self._keyring, self._refusals, deadline)
            return self._kept(Session(connection, self._max_output_bytes), closed_times), True
        finally:
            self._connecting.release()

    def _kept(self, session: Session, closed_times: int) -> Session:
        with self._lock:
            if self._closed_times == closed_times:
                self._session = session
                return session
        session.close()
        raise HostUnreachable(f"The connection to {self._address.name} was closed while it was being made.")

    def _run(
        self, session: Session, words: tuple[bytes, ...], program: str, deadline: Deadline, *, apart: bool
    ) -> Completed:
        name = self._address.name
        try:
            return session.run(words, deadline, apart=apart)
        except TimeoutError as error:
            raise CommandTimedOut(
                f"{program!a} was not done within {deadline.allowed_s:g} s on {name}."
            ) from error
        except OverflowError as error:
            raise Unreadable(
                f"{program!a} printed more than {self._max_output_bytes} bytes on {name}."
            ) from error
        except NoisyLoginError as error:
            raise Unreadable(
                f"{name} prints more than {MOST_GREETING_BYTES} bytes before a command of ours is run: "
                "make the login files of the account there (.bashrc, .profile) print less."
            ) from error
        except LostError as error:
            raise HostUnreachable(
                f"The connection to {name} broke while {program!a} ran; it is unknown whether it was done."
            ) from error
        except NoMoreSessionsError as error:
            raise HostUnreachable(
                f"{name} lets us log in but opens no session: look at MaxSessions and at the account there."
            ) from error
        except RefusedError as error:
            raise HostUnreachable(f"{name} lets us log in but runs no commands for us.") from error


def ssh_shell(
    address: HostAddress,
    timeouts: Timeouts | None = None,
    *,
    keyring: Keyring | None = None,
    refusals: Refusals | None = None,
    config_file: Path = SSH_CONFIG,
    max_output_bytes: int = MAX_OUTPUT_BYTES,
) -> SshShell:
    """Return the shell of a host; it connects only when something runs.

    Hosts that share `keyring` and `refusals` open a common key once and spare a common jump host.
    """
    return SshShell(
        address,
        timeouts or Timeouts(),
        keyring=keyring or Keyring(),
        refusals=refusals or Refusals(),
        config_file=config_file,
        max_output_bytes=max_output_bytes,
    )
