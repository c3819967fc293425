"""By what processes, units and services are recognised: their names, as the host tells them.

A process may call itself anything, so whom to believe is for `bot.domain.attribution` to decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.domain.memory import ProcessMemory
    from bot.domain.service import KnownService

_INTERPRETERS = re.compile(r"(python|pypy|ruby|perl|php|node|nodejs|java|sh|bash|dash|ash|busybox)[0-9.]*")
_SHELL_OR_PYTHON = re.compile(r"(python|pypy|sh|bash|dash|ash|busybox)[0-9.]*")
_INLINE_AFTER_C = re.compile(r"-[A-Za-z]*c")
_INLINE_AFTER_E = re.compile(r"-[eEp]|--eval|--print")
_TAKES_A_VALUE = ("-W", "-X", "-r", "-cp", "-classpath", "--class-path", "--require", "--import", "-o")
_SESSION_USER = re.compile(r"/user-([0-9]+)\.slice/")
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
    executable = _base(words[0] if title == words[0] else title)
    names = [executable.rstrip(":") or executable]
    if _INTERPRETERS.fullmatch(executable):
        names = [*_script_names(executable, words[1:]), *names]
    names.append(process.comm)
    return tuple(dict.fromkeys(name for name in names if name))


def _script_names(interpreter: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Name what an interpreter runs; nothing where its program is text on the command line."""
    inline = _INLINE_AFTER_C if _SHELL_OR_PYTHON.fullmatch(interpreter) else _INLINE_AFTER_E
    words = iter(arguments)
    for word in words:
        if inline.fullmatch(word):
            return ()
        if word == "-m":
            module = next(words, "")
            return module, module.partition(".")[0]
        if word in _TAKES_A_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return (_base(word),)
    return ()


def _base(path: str) -> str:
    return PurePosixPath(path).name or path


def unit_name(path: str) -> str | None:
    """Return the systemd unit that a cgroup path names: the service or scope below nothing but slices.

    Groups deeper down were made and named by that unit itself, or by a container's own systemd.
    """
    parts = [part for part in path.split("/") if part]
    inner = next((part for part in parts if not part.endswith(".slice")), None)
    if inner is None:
        return parts[-1] if parts else None
    return inner if inner.endswith((".service", ".scope")) else None


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
