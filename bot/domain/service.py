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


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service we recognise.

    `units` are patterns of systemd unit names (with their suffix); `programs` of what a process runs: the
    base name of its executable or script, the module after `python -m`, or the first word of its title.
    `advice` is what an operator can do about its memory, in a few words. An `essential` service is never
    offered for stopping. `hosts_others` marks a service whose unit also holds processes that belong to
    somebody else (a login shell below ssh, a cron job): each of those is judged by itself.
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
