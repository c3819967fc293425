"""By what processes, units and services are recognised: their names, as the host tells them.

A process may call itself anything, so whom to believe is for `bot.domain.attribution` to decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bot.domain.interpreters import base_name, script_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.domain.memory import ProcessMemory
    from bot.domain.service import KnownService

_SESSION_USER = re.compile(r"/user-([0-9]+)\.slice/")
_CONTAINER = re.compile(r"(?:([a-z-]+)-)?([0-9a-f]{64})(?:\.scope)?")
# 64 digits with Docker and its like, 32 as systemd writes machine ids.
_LONG_ID = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20}([0-9a-f]{32})?\b")
_LXC = re.compile(r"lxc(?:\.payload|\.monitor)?[./]([^/]+)")
_PATTERN_CHARACTERS = frozenset("*?[")


def program_names(process: ProcessMemory) -> tuple[str, ...]:
    """Return what a process may be called, the most telling first.

    The script or module that an interpreter runs; the base name of its executable, or the first word of its
    title without the colon; and `comm`.
    """
    words = process.cmdline
    if not words or not words[0].strip():
        return (process.comm.strip() or "(unnamed)",)
    title = words[0].split()[0]
    executable = base_name(words[0] if title == words[0] else title)
    names = (*script_names(executable, words[1:]), executable.rstrip(":") or executable, process.comm)
    return tuple(dict.fromkeys(name for name in names if name))


def unit_name(path: str) -> str | None:
    """Return the systemd unit that a cgroup path names: the service or scope below nothing but slices.

    Groups deeper down were made and named by that unit itself, or by a container's own systemd.
    """
    parts = [part for part in path.split("/") if part]
    inner = next((part for part in parts if not part.endswith(".slice")), None)
    if inner is None:
        return parts[-1] if parts else None
    return inner if inner.endswith((".service", ".scope")) else None


def place(path: str) -> str | None:
    """Return what tells processes of one name apart: their unit, else the container that their group is.

    Engines without systemd name a container's group `/docker/<id>`, `/kubepods/burstable/pod<id>/<id>` or
    `/lxc.payload.<name>`; groups deeper down are its own.
    """
    unit = unit_name(path)
    if unit is not None:
        return unit
    parts = [part for part in path.split("/") if part]
    for part in parts:
        engine = _CONTAINER.fullmatch(part)
        if engine:
            return short(f"{engine[1] or parts[0]}-{engine[2]}")
    top = "/".join(parts[:2])
    lxc = _LXC.match(top)
    return f"lxc-{lxc[1]}" if lxc else top or None


def short(place: str) -> str:
    """Return a place as a person says it: `shop`, `docker-4f66ad9ab38a`."""
    stem = place.removesuffix(".service").removesuffix(".scope").replace(r"\x2d", "-")
    return _LONG_ID.sub(r"\1", stem)


def is_hosts_own(path: str) -> bool:
    """Tell whether a cgroup path is of a host without systemd's units: none, the top, or OpenRC's."""
    return path in ("", "/") or path.startswith(("/openrc.", "/openrc/"))


def is_session(path: str) -> bool:
    """Tell whether a cgroup path lies in a user's session or service manager."""
    return f"{path}/".startswith("/user.slice/")


def user_name(process: ProcessMemory) -> str:
    """Name the user of a session; what runs in it through sudo belongs to it too."""
    found = _SESSION_USER.search(f"{process.unit}/")
    return f"user {int(found[1]) if found else process.uid}"


@dataclass(frozen=True, slots=True)
class Names:
    """Names and patterns of known services; most are plain names, found without trying every pattern."""

    exact: Mapping[str, KnownService]
    patterns: tuple[tuple[str, KnownService], ...]

    def find(self, name: str) -> KnownService | None:
        """Return the service that goes by this name."""
        if name in self.exact:
            return self.exact[name]
        return next((service for pattern, service in self.patterns if fnmatchcase(name, pattern)), None)

    def first(self, names: Iterable[str]) -> KnownService | None:
        """Return the service that goes by the first of these names that any goes by."""
        return next((service for name in names if (service := self.find(name))), None)


@dataclass(frozen=True, slots=True)
class Recognised:
    """By what known services are recognised."""

    units: Names
    programs: Names


def recognised(known: Sequence[KnownService]) -> Recognised:
    """Return the names of services, made ready for looking up many."""
    return Recognised(
        units=_names((unit, service) for service in known for unit in service.units),
        programs=_names((program, service) for service in known for program in service.programs),
    )


def _names(pairs: Iterable[tuple[str, KnownService]]) -> Names:
    """Sort names from patterns; of equal ones the first counts, so that one's own services come first."""
    exact: dict[str, KnownService] = {}
    patterns = []
    for name, service in pairs:
        if _PATTERN_CHARACTERS.isdisjoint(name):
            exact.setdefault(name, service)
        else:
            patterns.append((name, service))
    return Names(exact, tuple(patterns))
