"""What it means to recognise a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.memory import ProcessMemory


class Group(StrEnum):
    """Where a service stands in a report."""

    SERVICE = "service"
    SYSTEM = "system"


Workers = Callable[[tuple["ProcessMemory", ...]], tuple["ProcessMemory", ...]]
"""Of all processes of one service, those that are its workers."""


class Ends(StrEnum):
    """Which of its workers a server ends when it is told to have fewer."""

    OLDEST = "oldest"
    YOUNGEST = "youngest"


@dataclass(frozen=True, slots=True)
class Scaling:
    """How the number of a server's workers is set.

    `options` are all spellings of the option, `spelling` the one to write; `programs` (patterns) what is
    started, by itself or by `python -m`. What is written comes right after the program, or after the word
    `after`, a command of the program. The command line beats everything else, except for what `rivals`
    match (patterns of whole words): with one of them the option is not what decides, and the text says why.
    `flags` are options that take no value; `variables` environment variables by which the number can be set
    too, `environment_options` such that hold options.

    `fewer` and `more` are signals to the main process for one worker less and one more, None where it has to
    be restarted; `ends` which worker goes then. `renewing` is the signal to make all workers new, empty if
    there is none. `reload` names what makes a running server forget a change by signals; `restarting` says
    what a restart costs. `refusal` says why memwarden can do nothing, `manual` the steps for a person.
    """

    options: tuple[str, ...] = ()
    spelling: str = ""
    programs: tuple[str, ...] = ()
    after: str = ""
    rivals: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    environment_options: tuple[str, ...] = ()
    fewer: str | None = None
    more: str | None = None
    ends: Ends = Ends.OLDEST
    renewing: str = ""
    reload: str = ""
    restarting: str = ""
    refusal: str = ""
    manual: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service we recognise.

    `units` are patterns of systemd unit names (with their suffix); `programs` of what a process runs: the
    base name of its executable or script, the module after `python -m`, or the first word of its title.
    `advice` is what an operator can do about its memory, in a few words, `without` what people lose while it
    is stopped. An `essential` service is never offered for stopping; an `optional` one may be, with a button:
    most can do without it for a while. `hosts_others` marks a service whose unit also holds processes that
    belong to somebody else (a login shell below ssh, a cron job): each of those is judged by itself.
    """

    name: str
    purpose: str
    advice: str
    programs: tuple[str, ...]
    units: tuple[str, ...] = ()
    group: Group = Group.SERVICE
    essential: bool = False
    hosts_others: bool = False
    workers: Workers | None = None
    scaling: Scaling | None = None
    without: str = ""
    optional: bool = False


def forked_workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
    """Workers of a server that forks them: processes whose parent is one of the service's, of the same name.

    A script that starts the server is a parent in the same unit too, but is called otherwise.
    """
    comm_by_pid = {process.pid: process.comm for process in processes}
    return tuple(process for process in processes if comm_by_pid.get(process.ppid) == process.comm)


def titled_workers(marker: str) -> Workers:
    """Workers of a server that names them: processes whose title contains `marker` (`worker process`)."""

    def workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
        return tuple(process for process in processes if marker in " ".join(process.cmdline))

    return workers
