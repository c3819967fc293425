"""Our drop-in for a unit: where it is written and what it says, byte for byte what the helper would write.

The user's own files are never edited: a drop-in of ours starts the service as they do, but for one option.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bot.domain import worker_option
from bot.domain.command_line import variable
from bot.domain.remediation import DROP_IN, LAST_DROP_IN
from bot.domain.unit_text import assignments, in_force
from bot.domain.worker_option import NotUnderstood
from bot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.service import Scaling
    from bot.domain.unit_file import Assigned, Unit

EXEC_START = "ExecStart"
_NOTE = (
    "# Written by memwarden. `memwarden` undoes it;"
    " deleting this file does too (then: systemctl daemon-reload).\n"
)


@dataclass(frozen=True, slots=True)
class DropIn:
    """A file of ours: its path on the host and its content."""

    path: str
    content: str


def workers(unit: Unit, scaling: Scaling, count: int) -> DropIn:
    """Return the drop-in that has a unit start with `count` workers. Raises Refused, with the reason."""
    environment = known_environment(unit)
    try:
        return starting(unit, lambda line: worker_option.with_count(line, scaling, count, environment))
    except NotUnderstood as error:
        raise Refused(f"{unit.name} {error}.") from None


def starting(unit: Unit, change: Callable[[str], str]) -> DropIn:
    """Return the drop-in that has a unit start by its ExecStart= line in force, changed. Raises Refused."""
    started = _started(unit)
    path = _path(unit, started)
    changed = change(started.value)
    # Set on what lies below, the same comes out: so ours differs from that in the option alone.
    below = in_force(others(unit), EXEC_START)
    if started.file in own_paths(unit) and (len(below) != 1 or change(below[0].value) != changed):
        raise Refused(
            f"{unit.name} was changed since memwarden wrote {started.file}, which overrules that:"
            " delete this file (then: systemctl daemon-reload), and ask again."
        )
    return DropIn(path, f"{_NOTE}[Service]\n{EXEC_START}=\n{EXEC_START}={changed}\n")


def own(unit: Unit) -> DropIn | None:
    """Return our drop-in as it is on the host, None where there is none."""
    ours = [DropIn(path, text) for path, text in unit.files if path in own_paths(unit)]
    return ours[-1] if ours else None


def own_paths(unit: Unit) -> tuple[str, str]:
    """Return where our drop-in can be."""
    directory = f"/etc/systemd/system/{unit.name}.d"
    return f"{directory}/{DROP_IN}", f"{directory}/{LAST_DROP_IN}"


def others(unit: Unit) -> tuple[tuple[str, str], ...]:
    """Return the unit's files without ours."""
    return tuple((path, text) for path, text in unit.files if path not in own_paths(unit))


def known_environment(unit: Unit) -> Mapping[str, str]:
    """Return the variables that are known for certain: none where a file can set them otherwise."""
    return {} if unit.environment_files else {name: value.value for name, value in unit.environment}


def said_workers(unit: Unit, scaling: Scaling) -> int | None:
    """Return with how many workers the unit's text says it starts; None where it does not tell.

    A configuration file of the server's can tell otherwise than the variable that sets its default.
    """
    environment = known_environment(unit)
    try:
        said = worker_option.said(_started(unit).value, scaling)
        options = (environment[name] for name in scaling.environment_options if name in environment)
        for more in options:
            said = said or worker_option.said_among(more, scaling)
    except (NotUnderstood, Refused):
        return None
    if said is None and not unit.environment_files:
        said = next((environment[name] for name in scaling.variables if name in environment), None)
    said = environment.get(variable(said) or "", said) if said else said
    return int(said) if said and said.isascii() and said.isdigit() else None


def _started(unit: Unit) -> Assigned:
    if not unit.files:
        raise Refused(f"{unit.name} has no unit file.")
    if unit.files[0][0].startswith("/run/systemd/transient/"):
        raise Refused(f"{unit.name} is transient: nothing of it lasts.")
    if not unit.exec_start:
        raise Refused(f"{unit.name} starts nothing: it has no ExecStart=.")
    if len(unit.exec_start) > 1:
        raise Refused(f"{unit.name} has several ExecStart= lines.")
    return unit.exec_start[0]


def _path(unit: Unit, started: Assigned) -> str:
    """Return where ours is read after all that set the same; systemd reads drop-ins by their file names."""
    first, last = own_paths(unit)
    ours = own(unit)
    if ours is not None and started.file != ours.path:
        raise Refused(f"memwarden's own {ours.path} is overruled by {started.file}: delete one of them.")
    if ours is not None:
        return ours.path
    rivals = [
        PurePosixPath(path).name
        for path, text in unit.files[1:]
        if any(setting == EXEC_START for setting, _ in assignments(text))
    ]
    latest = max(rivals, default="")
    if latest >= LAST_DROP_IN:
        raise Refused(f"{latest} is read after any drop-in that memwarden writes: rename it.")
    return last if latest >= DROP_IN else first
