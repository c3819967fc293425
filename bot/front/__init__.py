"""The front door's rooms: what can be said on the command line, by what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.errors import UnknownHost
from bot.usage import known_host

if TYPE_CHECKING:
    from adapters import wiring


def meant_host(setting: wiring.Setting, host: str) -> str:
    """Return the configured host that somebody wrote. Raises UnknownHost."""
    try:
        return known_host(host, host_names(setting))
    except UnknownHost as error:
        where = "" if setting.file else " (No configuration file was found: name it with --config.)"
        raise UnknownHost(f"{error}{where}") from None


def host_names(setting: wiring.Setting) -> tuple[str, ...]:
    """Return the names of all configured hosts."""
    return tuple(host.name for host in setting.config.hosts)


def confirmed(question: str) -> bool:
    """Ask for a yes; whoever ends the input says no."""
    try:
        return click.confirm(question)
    except click.Abort:
        click.echo(err=True)
        return False
