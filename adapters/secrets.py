"""Reads secrets from where the configuration says they are, at the moment they are needed."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Variable
from bot.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.config import Secret

CONTAINER_MOUNTS = (Path("/run/secrets"), Path("/var/run/secrets"))

_LARGEST_BYTES = 64 * 1024
_FOR_OTHERS = stat.S_IROTH | stat.S_IWOTH


def reveal(
    secret: Secret,
    environ: Mapping[str, str],
    located: Callable[[Path], Path],
    mounts: tuple[Path, ...] = CONTAINER_MOUNTS,
) -> str:
    """Return a secret's value; `located` turns a path of the configuration into one of this machine.

    The end of the last line of a file is left out. Raises ConfigError, which never tells the value, if the
    secret is not there or if everybody on this machine may read or change its file. Files below `mounts`
    are excepted: container engines put them there that way.
    """
    match secret.place:
        case Variable(name):
            return _of_environment(name, environ)
        case path:
            return _of_file(located(path), mounts)


def _of_environment(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        raise ConfigError("environment", (Mistake(name, "is not set, and a secret should be in it"),))
    if not _is_text(value):
        raise ConfigError("environment", (Mistake(name, "expected a secret as UTF-8 text"),))
    return value


def _is_text(value: str) -> bool:
    """Tell whether no byte of an environment variable had to be smuggled in as half a character (PEP 383)."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _of_file(path: Path, mounts: tuple[Path, ...]) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise _mistake(path, f"this file of a secret cannot be read: {error.strerror}") from None
    mounted = any(path.is_relative_to(mount) for mount in mounts)
    if stat.S_ISREG(mode) and mode & _FOR_OTHERS and not mounted:
        raise _mistake(
            path, "this file of a secret is open to everybody on this machine; make it `chmod 600`"
        )
    if len(content) > _LARGEST_BYTES:
        raise _mistake(path, "is larger than 64 KiB; that is no secret")
    # Replaced rather than refused by an exception: that would carry the content along.
    value = content.decode(errors="replace").removesuffix("\n").removesuffix("\r")
    if not value or "\N{REPLACEMENT CHARACTER}" in value:
        raise _mistake(path, "expected a secret as UTF-8 text; this file has none")
    return value


def _mistake(path: Path, sentence: str) -> ConfigError:
    return ConfigError(str(path), (Mistake("", sentence),))
