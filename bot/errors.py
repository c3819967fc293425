"""Everything that can go wrong, in one tree.

BotError
├─ UserError     shown to the person who asked
│  ├─ UnknownCommand · BadArgument · UnknownHost · UnknownService · NotAllowed
│  └─ Refused            what was asked for is not done, for a reason of its own
├─ HostError     a host could not be read; becomes a line about that host, never a crash
│  ├─ HostUnreachable   no connection, or it broke
│  ├─ HostKeyUnknown    the host's key is not pinned
│  ├─ HostKeyChanged    another key than the pinned one
│  ├─ LoginRefused      the host did not let us in
│  ├─ CommandTimedOut   no answer in time
│  ├─ CommandFailed     the command ended with an error
│  └─ Unreadable        the host answered something that is not an answer
├─ ChatError     carries `permanent`: give up, or try again later
│  └─ MessageGone   the message to change or to answer is not there any more
├─ StoreError    the database is missing, locked, read-only, full, corrupt or too new
└─ ConfigError   every problem at once, each with its place in the file

`str(error)` is one clear sentence for a person: what is wrong, where, what to do.
"""

from __future__ import annotations

from dataclasses import dataclass


class BotError(Exception):
    """Anything memwarden itself knows can go wrong."""


class UserError(BotError):
    """Said to the person who asked."""


class UnknownCommand(UserError):
    """No command has this name."""


class BadArgument(UserError):
    """The words after the command are not what it takes."""


class UnknownHost(UserError):
    """No configured host has this name."""


class UnknownService(UserError):
    """The host runs no service of this name."""


class NotAllowed(UserError):
    """The person lacks the role the command needs."""


class Refused(UserError):
    """What was asked for is not done; the lines after the first are what a person can do instead."""


class HostError(BotError):
    """A host could not be read."""


class HostUnreachable(HostError):
    """No connection to the host, or it broke."""


class HostKeyUnknown(HostError):
    """The host's key is not pinned yet."""


class HostKeyChanged(HostError):
    """The host shows another key than the pinned one."""


class LoginRefused(HostError):
    """The host did not let us in."""


class CommandTimedOut(HostError):
    """The host did not answer in time."""


class CommandFailed(HostError):
    """A command ended with an error."""


class Unreadable(HostError):
    """The host answered something that is not an answer."""


class CutShort(Unreadable):
    """The host's answer lacks its end, which it may have the next time.

    mawk ends where it cannot read a file that it has opened: that of a process that has ended meanwhile.
    """


class ChatError(BotError):
    """A chat platform refused or failed.

    `permanent` tells that trying again cannot help before somebody mends something; else `retry_after_s` is
    how long the platform asks to wait, 0 if it does not say. `in_doubt` tells that it may have been said all
    the same.
    """

    def __init__(
        self, sentence: str, *, permanent: bool, retry_after_s: float = 0.0, in_doubt: bool = False
    ) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        self.in_doubt = in_doubt


class MessageGone(ChatError):
    """The message to change, or in whose thread to speak, was deleted."""


class StoreError(BotError):
    """The database cannot be used."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong in a configuration file.

    `path` as a person would write it (`host[1].known_hosts`), `line` counted from 1 where it is known.
    """

    path: str
    sentence: str
    line: int | None = None


class ConfigError(BotError):
    """All that is wrong with a configuration, at once."""

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(file, mistakes)
        self.file = file
        self.mistakes = mistakes

    def __str__(self) -> str:
        """Name each mistake on a line of its own: place, path, what was expected."""
        return "\n".join(
            f"{self.file}{f':{m.line}' if m.line else ''}: {f'{m.path}: ' if m.path else ''}{m.sentence}"
            for m in self.mistakes
        )
