"""Units as `bot.facts.unit_file` reads them, from the texts of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.facts.unit_file import parse
from bot.ports import Completed

if TYPE_CHECKING:
    from bot.domain.unit_file import Unit

MAIN_PID = 10


def unit(
    text: str,
    *drop_ins: tuple[str, str],
    name: str = "gunicorn.service",
    **properties: str,
) -> Unit:
    """Make a unit that runs: its own file's text, and drop-ins (file name, text) in systemd's order.

    `properties` are those of `systemctl show` that are to be otherwise.
    """
    fragment = f"/etc/systemd/system/{name}"
    files = [(fragment, text), *((f"{fragment}.d/{base}", more) for base, more in drop_ins)]
    told = {
        "Id": name,
        "LoadState": "loaded",
        "ActiveState": "active",
        "UnitFileState": "enabled",
        "MainPID": str(MAIN_PID),
        "NeedDaemonReload": "no",
        "OOMPolicy": "continue",
        "FragmentPath": fragment,
        "DropInPaths": " ".join(path for path, _ in files[1:]),
    } | properties
    show = "".join(f"{key}={value}\n" for key, value in told.items())
    cat = "\n".join(f"# {path}\n{content}" for path, content in files)
    return parse(name, Completed(0, show.encode(), b""), Completed(0, cat.encode(), b""))


def starting(line: str, *more: str) -> str:
    """Return a unit file's text that starts this, with more lines in [Service] before it."""
    return "".join(f"{each}\n" for each in ("[Service]", *more, f"ExecStart={line}"))


def overriding(line: str) -> str:
    """Return a drop-in's text that starts this instead."""
    return f"[Service]\nExecStart=\nExecStart={line}\n"
