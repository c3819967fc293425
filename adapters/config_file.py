"""Where the configuration file is, and its text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from bot.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAME = "config.toml"
VARIABLE = "MEMWARDEN_CONFIG"

_LARGEST_BYTES = 1024 * 1024


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the configuration file: the one asked for, else the first that exists, else None.

    Asked for by `--config` or, after that, by MEMWARDEN_CONFIG: such a file is returned even where it does
    not exist, so that `read` complains. Else `config.toml` here, then in the user's configuration directory.
    """
    if explicit is not None:
        return explicit
    if named := environ.get(VARIABLE):
        return Path(named)
    usual = (Path(FILE_NAME), user_config_path("memwarden", appauthor=False) / FILE_NAME)
    return next((path for path in usual if _exists(path)), None)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # In a directory that may not be entered there is nothing for us.
        return False


def read(path: Path) -> str:
    """Return the text of a configuration file. Raises ConfigError, in one sentence, if it has none."""
    name = shown(path)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise _mistake(name, f"there is no such file; look at --config and {VARIABLE}") from None
    except IsADirectoryError:
        raise _mistake(
            name, f"this is a directory; name the file in it, such as {name}/{FILE_NAME}"
        ) from None
    except (OSError, ValueError) as error:
        raise _mistake(name, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > _LARGEST_BYTES:
        raise _mistake(name, "is larger than 1 MiB; that is no configuration of memwarden")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    raise _mistake(name, "is not UTF-8 text; save it in this encoding", line)


def shown(path: Path) -> str:
    """Return the path as text that is safe to print, whatever bytes it is made of."""
    text = str(path).encode(errors="backslashreplace").decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def located(path: Path, file: Path | None) -> Path:
    """Return where a path that the configuration file `file` names is: `~` is the home directory.

    What is relative is relative to the file's directory, or to the current one where there is no file.
    Raises ConfigError for the home of a user that does not exist.
    """
    try:
        expanded = path.expanduser()
    except RuntimeError:
        raise _mistake(shown(path), "there is no such home directory") from None
    return (file.parent if file else Path()) / expanded


def _mistake(name: str, sentence: str, line: int | None = None) -> ConfigError:
    return ConfigError(name, (Mistake("", sentence, line),))
