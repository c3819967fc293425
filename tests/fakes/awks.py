"""The awks and shells of this machine, each alone on a PATH of its own, as hosts have them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

AWKS = tuple(awk for awk in ("gawk", "mawk", "busybox", "original-awk") if shutil.which(awk))
SHELLS = tuple(shell for shell in ("dash", "busybox", "bash") if shutil.which(shell))


def links(directory: Path, **targets: str) -> Path:
    """Fill a directory with programs, each a link to a program of this machine; return it."""
    directory.mkdir(exist_ok=True)
    for name, target in targets.items():
        found = shutil.which(target)
        if found is None:
            raise FileNotFoundError(target)
        (directory / name).symlink_to(found)
    return directory


def host_with(awk: str, directory: Path) -> Path:
    """Make a directory for PATH where `awk` is this awk; a busybox host has sh, ls and ps from there too."""
    if awk == "busybox":
        return links(directory, awk=awk, sh=awk, ls=awk, ps=awk)
    return links(directory, awk=awk)
