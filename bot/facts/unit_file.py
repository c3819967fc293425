"""A unit as systemd and its files tell it: `systemctl show` and `systemctl cat`, which work for any user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.command_line import Unbalanced, words
from bot.domain.unit_file import Assigned, Unit
from bot.domain.unit_text import in_force
from bot.errors import UnknownService, Unreadable
from bot.facts import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.ports import Completed

_SYSTEMCTL = "/usr/bin/systemctl"
_PROPERTIES = (
    "Id,Names,LoadState,ActiveState,SubState,Result,UnitFileState,MainPID,NeedDaemonReload,CanStart,CanStop,"
    "CanReload,RefuseManualStart,RefuseManualStop,TriggeredBy,RequiredBy,BoundBy,ConsistsOf,OOMPolicy,"
    "FragmentPath,DropInPaths,SourcePath,Type,KillMode,Restart,TimeoutStopUSec,User,WorkingDirectory"
)
_ABSENT = {
    "not-found": "systemd knows no unit {name}.",
    "masked": "{name} is masked: systemd neither starts nor stops it.",
}


def show_command(unit: str) -> tuple[str, ...]:
    """Return the argument vector that asks systemd for a unit's state."""
    return (_SYSTEMCTL, "show", "--no-pager", f"--property={_PROPERTIES}", "--", unit)


def cat_command(unit: str) -> tuple[str, ...]:
    """Return the argument vector that prints a unit's files."""
    return (_SYSTEMCTL, "cat", "--no-pager", "--", unit)


def parse(name: str, show: Completed, cat: Completed) -> Unit:
    """Read the unit. Raises UnknownService if there is none, Unreadable if systemd does not tell it whole."""
    found = _properties(show.stdout.decode("utf-8", "backslashreplace"))
    state = found.get("LoadState", "")
    if state in _ABSENT:
        raise UnknownService(_ABSENT[state].format(name=name))
    if show.status != 0 or "ActiveState" not in found:
        raise Unreadable(f"systemctl did not tell the state of {name}.")
    if state not in ("loaded", ""):
        raise Unreadable(f"systemd cannot load {name} ({state}): `systemctl status {name}` says why.")
    files = _files(name, found, cat)
    return Unit(
        name=found.get("Id") or name,
        files=files,
        exec_start=in_force(files, "ExecStart"),
        environment=tuple(_environment(in_force(files, "Environment"))),
        environment_files=in_force(files, "EnvironmentFile"),
        active=found["ActiveState"],
        enabled=found.get("UnitFileState", ""),
        main_pid=number(found.get("MainPID", "")) or None,
        needs_reload=found.get("NeedDaemonReload") == "yes",
        can_reload=found.get("CanReload") == "yes",
        triggered_by=tuple(found.get("TriggeredBy", "").split()),
        oom_policy=found.get("OOMPolicy", ""),
        show=tuple(sorted(found.items())),
    )


def _properties(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.split("\n"))
    return {key: value for key, equals, value in pairs if equals}


def _files(name: str, found: Mapping[str, str], cat: Completed) -> tuple[tuple[str, str], ...]:
    """Take the printed files apart, each below a comment with its path; which there are, systemd has told."""
    paths = [path for path in (found.get("FragmentPath", ""), *found.get("DropInPaths", "").split()) if path]
    if not paths:
        return ()
    if cat.status != 0:
        raise Unreadable(f"systemctl did not print the files of {name}.")
    return tuple(_parts(name, paths, cat.stdout.decode("utf-8", "backslashreplace")))


def _parts(name: str, paths: Sequence[str], printed: str) -> Iterator[tuple[str, str]]:
    rest = f"\n{printed}"
    for path, following in zip(paths, [*paths[1:], None], strict=True):
        head = f"\n# {path}\n"
        if not rest.startswith(head):
            raise Unreadable(f"systemctl did not print {path}, which is a file of {name}.")
        body = rest.removeprefix(head)
        if following is None:
            yield path, body
            return
        mark = f"\n# {following}\n"
        if f"\n{body}".count(mark) != 1:
            raise Unreadable(f"It cannot be told where {path} ends and {following} begins.")
        at = f"\n{body}".index(mark)
        yield path, body[: max(0, at - 1)]
        rest = f"\n{body}"[at:]


def _environment(assigned: Sequence[Assigned]) -> Iterator[tuple[str, Assigned]]:
    """Yield the variables; systemd ignores a line whose quotes have no end."""
    for line in assigned:
        try:
            found = words(line.value)
        except Unbalanced:
            continue
        for word in found:
            key, equals, value = word.text.partition("=")
            if equals and key.isidentifier():
                yield key, Assigned(line.file, value)
