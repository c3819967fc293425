"""~/.ssh/config, read with paramiko, plus the Include lines that paramiko leaves out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko

from bot.errors import HostUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYWORD = re.compile(r"\s*(host|match|include)(?:\s*=\s*|\s+)(.+)", re.IGNORECASE)
_FOR_ALL = "Host *"
_DEEPEST_INCLUDE = 16


def read(file: Path) -> paramiko.SSHConfig:
    """Return the configuration in `file`, an empty one if there is no such file.

    Raises HostUnreachable when it cannot be read or understood: guessing could lead to another host.
    """
    try:
        return paramiko.SSHConfig.from_file(_lines(file, _FOR_ALL, 0))
    except FileNotFoundError:
        return paramiko.SSHConfig()
    except (OSError, ValueError, paramiko.SSHException) as error:
        raise unusable(file, error) from error


def unusable(file: Path, error: Exception) -> HostUnreachable:
    """Return the error for a configuration that cannot be used."""
    why = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
    return HostUnreachable(f"{file} cannot be used: {why}.")


def _lines(file: Path, within: str, depth: int) -> Iterator[str]:
    """Yield the lines of a file with the included files in their place (ssh_config(5), Include).

    `within` is the line that begins the section from which the file is included. Sections in a section would
    be for hosts that are in both, which paramiko cannot express: they raise ValueError.
    """
    if depth > _DEEPEST_INCLUDE:
        raise ValueError(f"{file} is included too deeply")
    section = within
    for line in file.read_text(encoding="utf-8").split("\n"):
        keyword = _KEYWORD.match(line)
        if keyword is None or keyword[1].lower() != "include":
            if keyword and " ".join(within.split()).lower() not in {_FOR_ALL.lower(), "match all"}:
                raise ValueError(
                    f"{file} has Host or Match lines and is included below `{within.strip()}`; "
                    "move that Include to the top"
                )
            section = line if keyword else section
            yield line
            continue
        for pattern in keyword[2].split():
            for included in _matching(pattern.strip('"')):
                yield from _lines(included, section, depth + 1)
        # What follows belongs to the section that the Include line stood in, not to one of the included.
        yield section


def _matching(pattern: str) -> list[Path]:
    path = expanded(Path("~/.ssh")) / expanded(Path(pattern))
    root = Path(path.anchor)
    return sorted(found for found in root.glob(str(path.relative_to(root))) if found.is_file())


def expanded(path: Path) -> Path:
    """Return the path with `~` resolved; as it is where nobody has a home."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path
