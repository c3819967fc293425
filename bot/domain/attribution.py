"""Which service each process belongs to.

A unit is trusted before a name, because anybody may call a process `nginx` but only root makes a unit. So a
name that is found in a user's session, in another unit or in a container is a service of its own, and never
passes for a service of the system.
A process that fits nothing is attributed to its unit, else to its user's sessions, else to its program.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.estimate import Method, Share, shares
from bot.domain.recognition import is_session, program_names, recognised, unit_name, user_name
from bot.domain.service import Group, KnownService

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.domain.memory import ProcessMemory, Snapshot
    from bot.domain.recognition import Recognised

_CONTAINER_ID = re.compile(r"([0-9a-f]{12})[0-9a-f]{52}")
_BOT = "memwarden"
_OWN_CARRIERS = ("sh", "bash", "dash", "ash", "busybox", "sudo", "sshd", "sshd-session", _BOT)


class Kind(StrEnum):
    """What sort of thing a service or a line of a breakdown is."""

    SERVICE = "service"
    SYSTEM = "system"
    OTHER = "other"
    USER = "user"
    MEMWARDEN = "memwarden"
    KERNEL = "kernel"
    SHARED = "shared"
    CACHE = "cache"
    FREE = "free"
    UNACCOUNTED = "unaccounted"


@dataclass(frozen=True, slots=True)
class Service:
    """All processes of one service on one host, and the memory they hold.

    `share_by_pid` holds each process's part; `method` is the least exact of their methods.
    """

    name: str
    kind: Kind
    processes: tuple[ProcessMemory, ...]
    share_by_pid: Mapping[int, Share]
    units: tuple[str, ...] = ()
    known: KnownService | None = None
    workers: tuple[ProcessMemory, ...] = ()

    @property
    def memory_bytes(self) -> int:
        """What its processes hold, shared pages divided."""
        return sum(share.total_bytes for share in self.share_by_pid.values())

    @property
    def swap_bytes(self) -> int:
        """What its processes have swapped out, shared pages divided."""
        return sum(share.swap_bytes for share in self.share_by_pid.values())

    @property
    def worker_bytes(self) -> int | None:
        """What one worker holds on average; None where there are none."""
        if not self.workers:
            return None
        return sum(self.share_by_pid[worker.pid].total_bytes for worker in self.workers) // len(self.workers)

    @property
    def method(self) -> Method:
        """The least exact method among its processes."""
        return max((share.method for share in self.share_by_pid.values()), key=list(Method).index)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whom a process belongs to, before processes are gathered."""

    name: str
    kind: Kind
    unit: str | None = None
    known: KnownService | None = None


_MEMWARDEN = _Owner("memwarden (this check)", Kind.MEMWARDEN)


def attribute(snapshot: Snapshot, known: Sequence[KnownService]) -> tuple[Service, ...]:
    """Attribute every process to a service, the largest first."""
    own = _own(snapshot)
    held = shares(snapshot)
    owners = _owners(snapshot.processes, recognised(known))
    by_owner = defaultdict[_Owner, list["ProcessMemory"]](list)
    for process in snapshot.processes:
        by_owner[_MEMWARDEN if process.pid in own else owners[process.pid]].append(process)
    services = [_service(owner, processes, held) for owner, processes in by_owner.items()]
    return tuple(sorted(_told_apart(services), key=lambda s: (-s.memory_bytes, s.name)))


def _own(snapshot: Snapshot) -> frozenset[int]:
    """Return the pids that are there only because we look: the probe, its shells, our ssh session, the bot.

    The chain of parents ends below the ssh server itself, or, on the bot's own machine, with the bot.
    """
    by_pid = {process.pid: process for process in snapshot.processes}
    own: set[int] = set()
    pid = snapshot.probe_pid
    while pid in by_pid and pid not in own:
        process = by_pid[pid]
        names = program_names(process)
        if own and (_listens(process) or not any(name in _OWN_CARRIERS for name in names)):
            break
        own.add(pid)
        if _BOT in names:
            break
        pid = process.ppid
    return frozenset(own)


def _listens(process: ProcessMemory) -> bool:
    """Tell the ssh server from its sessions, which are titled `sshd: deploy [priv]`, `sshd: deploy@notty`."""
    title = " ".join(process.cmdline)
    return "[listener]" in title or ("sshd" in program_names(process) and not title.startswith("sshd: "))


def _owners(processes: Sequence[ProcessMemory], known: Recognised) -> dict[int, _Owner]:
    """Say for each pid whom it belongs to; parents are decided before their children."""
    by_pid = {process.pid: process for process in processes}
    units = _known_units(processes, known)
    owners: dict[int, _Owner] = {}

    def decide(process: ProcessMemory) -> _Owner:
        by_unit = units.get(process.unit)
        if by_unit is not None and not by_unit.hosts_others:
            return _known_owner(by_unit, process)
        by_name = known.programs.first(program_names(process))
        if by_name is not None and (by_name is by_unit or _believed(by_name, process)):
            return _known_owner(by_name, process)
        parent = owners.get(process.ppid)
        if (
            parent
            and parent.known
            and not parent.known.hosts_others
            and _same_unit(process, by_pid[process.ppid])
        ):
            return parent
        return _unknown_owner(process, hosted=by_unit is not None)

    for process in _parents_first(processes):
        owners[process.pid] = decide(process)
    return owners


def _parents_first(processes: Sequence[ProcessMemory]) -> list[ProcessMemory]:
    """Sort the oldest first; a parent comes before its child even where pids wrapped within one tick."""
    by_pid = {process.pid: process for process in processes}
    ordered: list[ProcessMemory] = []
    for oldest in sorted(processes, key=lambda process: (process.started_ticks, process.pid)):
        chain = []
        found = by_pid.pop(oldest.pid, None)
        while found is not None:
            chain.append(found)
            found = by_pid.pop(found.ppid, None)
        ordered += reversed(chain)
    return ordered


def _same_unit(one: ProcessMemory, other: ProcessMemory) -> bool:
    return one.unit == other.unit


def _known_units(processes: Sequence[ProcessMemory], known: Recognised) -> dict[str, KnownService]:
    """Say which service each unit's cgroup is: by the unit's name, else by the program it was started for."""
    found: dict[str, KnownService] = {}
    inside = defaultdict[str, list["ProcessMemory"]](list)
    for process in processes:
        inside[process.unit].append(process)
    for path, members in inside.items():
        unit = unit_name(path)
        if unit is None or is_session(path):
            continue
        service = known.units.find(unit)
        if service is None and unit.endswith(".service"):
            service = _by_main(_main(members), known)
        if service is not None:
            found[path] = service
    return found


def _by_main(main: ProcessMemory, known: Recognised) -> KnownService | None:
    service = known.programs.first(program_names(main))
    return None if service and service.group is Group.SYSTEM and main.uid != 0 else service


def _main(members: Sequence[ProcessMemory]) -> ProcessMemory:
    """Return the process that a unit was started for: the oldest one that has no parent inside."""
    pids = {process.pid for process in members}
    roots = [process for process in members if process.ppid not in pids]
    return _parents_first(roots or members)[0]


def _believed(service: KnownService, process: ProcessMemory) -> bool:
    """Tell whether a process outside a service's units may be shown in its line because of its name.

    Other services keep a line for each place; the system's have one line, which must not hide anything.
    """
    if service.group is not Group.SYSTEM:
        return True
    return unit_name(process.unit) is None or (process.uid == 0 and is_session(process.unit))


def _known_owner(known: KnownService, process: ProcessMemory) -> _Owner:
    if known.group is Group.SYSTEM:
        return _Owner(known.name, Kind.SYSTEM, None, known)
    if is_session(process.unit):
        return _Owner(f"{known.name} ({user_name(process)})", Kind.SERVICE, None, known)
    return _Owner(known.name, Kind.SERVICE, unit_name(process.unit), known)


def _unknown_owner(process: ProcessMemory, *, hosted: bool) -> _Owner:
    """Name the unit, session or program; in a unit that hosts others (cron, supervisor) the program."""
    unit = unit_name(process.unit)
    if is_session(process.unit):
        return _Owner(user_name(process), Kind.USER)
    if unit is not None and unit.endswith(".service") and not hosted:
        return _Owner(unit.removesuffix(".service"), Kind.OTHER, unit)
    return _Owner(program_names(process)[0], Kind.OTHER)


def _service(owner: _Owner, processes: Iterable[ProcessMemory], held: Mapping[int, Share]) -> Service:
    members = tuple(processes)
    workers = owner.known.workers(members) if owner.known and owner.known.workers else ()
    return Service(
        name=owner.name,
        kind=owner.kind,
        processes=members,
        share_by_pid={process.pid: held[process.pid] for process in members},
        units=(owner.unit,) if owner.unit else (),
        known=owner.known,
        workers=workers,
    )


def _told_apart(services: Sequence[Service]) -> Iterable[Service]:
    """Give services of the same name (two gunicorn units) names that tell them apart: `gunicorn shop`."""
    count = defaultdict[str, int](int)
    for service in services:
        count[service.name] += 1
    for service in services:
        name = service.name
        if count[name] > 1 and service.units:
            unit = _CONTAINER_ID.sub(r"\1", service.units[0].rpartition(".")[0])
            name = name if unit == name else f"{name} {unit}"
        elif count[name] > 1 and service.kind in (Kind.SERVICE, Kind.OTHER):
            name = f"{name} (no unit)"
        yield replace(service, name=name)
