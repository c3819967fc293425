"""Which service each process belongs to.

A unit is trusted before a name, because anybody may call a process `nginx` but only root makes a unit. So a
name that is found in a user's session, in another unit or in a container is a service of its own, and never
passes for a service of the system.
A process that fits nothing is attributed to its unit, else to its user's sessions, else to its program.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bot.domain.estimate import Method, Share, shares
from bot.domain.recognition import (
    is_hosts_own,
    is_session,
    place,
    program_names,
    recognised,
    short,
    unit_name,
    user_name,
)
from bot.domain.service import Group, KnownService

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from bot.domain.memory import ProcessMemory, Snapshot
    from bot.domain.recognition import Recognised

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
    HUGE_PAGES = "huge_pages"
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
    """Whom a process belongs to, before processes are gathered; `place` is its unit or container."""

    name: str
    kind: Kind
    place: str | None = None
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
    held |= _guessed(by_owner.values(), held)
    names = _told_apart(by_owner)
    services = [_service(names[owner], owner, members, held) for owner, members in by_owner.items()]
    return tuple(sorted(services, key=lambda s: (-s.memory_bytes, s.name)))


def _guessed(owned: Iterable[Sequence[ProcessMemory]], held: Mapping[int, Share]) -> dict[int, Share]:
    """Return the shares that only look exact: a group's memory that several owners divide by their RSS."""
    owned = tuple(
        [process for process in members if held[process.pid].method is Method.CGROUP] for members in owned
    )
    owners = Counter(group for members in owned for group in {process.memory_group for process in members})
    return {
        process.pid: replace(held[process.pid], method=Method.RSS_ESTIMATE)
        for members in owned
        for process in members
        if owners[process.memory_group] > 1
    }


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
    return is_hosts_own(process.unit) or (process.uid == 0 and is_session(process.unit))


def _known_owner(known: KnownService, process: ProcessMemory) -> _Owner:
    if known.group is Group.SYSTEM:
        return _Owner(known.name, Kind.SYSTEM, None, known)
    if is_session(process.unit):
        return _Owner(f"{known.name} ({user_name(process)})", Kind.SERVICE, None, known)
    return _Owner(known.name, Kind.SERVICE, place(process.unit), known)


def _unknown_owner(process: ProcessMemory, *, hosted: bool) -> _Owner:
    """Name the unit, session or program; in a unit that hosts others (cron, supervisor) the program.

    A scope is named by who made it (a container's engine, a hypervisor): it only says where a program runs.
    """
    if is_session(process.unit):
        return _Owner(user_name(process), Kind.USER)
    where = None if hosted else place(process.unit)
    if where is not None and where == unit_name(process.unit) and where.endswith(".service"):
        return _Owner(where.removesuffix(".service"), Kind.OTHER, where)
    return _Owner(program_names(process)[0], Kind.OTHER, where)


def _service(
    name: str, owner: _Owner, members: Sequence[ProcessMemory], held: Mapping[int, Share]
) -> Service:
    return Service(
        name=name,
        kind=owner.kind,
        processes=tuple(members),
        share_by_pid={process.pid: held[process.pid] for process in members},
        units=_units(owner, members),
        known=owner.known,
        workers=owner.known.workers(tuple(members)) if owner.known and owner.known.workers else (),
    )


def _units(owner: _Owner, members: Iterable[ProcessMemory]) -> tuple[str, ...]:
    """Return the units that a service runs in, those by which it is recognised first.

    What the system runs is one service in however many units; of all others each unit has its own.
    """
    named = (unit_name(process.unit) for process in members if not is_session(process.unit))
    found = {unit for unit in named if unit}
    if owner.known is None or owner.kind is not Kind.SYSTEM:
        return (owner.place,) if owner.place in found else ()
    patterns = owner.known.units

    def rank(unit: str) -> tuple[int, str]:
        matching = (i for i, pattern in enumerate(patterns) if fnmatchcase(unit, pattern))
        return next(matching, len(patterns)), unit

    return tuple(sorted(found, key=rank))


def _told_apart(owners: Collection[_Owner]) -> dict[_Owner, str]:
    """Give owners of the same name (two gunicorn units) names that tell them apart: `gunicorn shop`."""
    count = Counter(owner.name for owner in owners)
    return {owner: _full_name(owner) if count[owner.name] > 1 else owner.name for owner in owners}


def _full_name(owner: _Owner) -> str:
    if owner.place:
        where = short(owner.place)
        return owner.name if where == owner.name else f"{owner.name} {where}"
    return f"{owner.name} (no unit)" if owner.kind in (Kind.SERVICE, Kind.OTHER) else owner.name
