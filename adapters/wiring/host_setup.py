"""`memwarden sudoers` and `memwarden host-setup`: rights on a host, printed or installed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import bot.host
from adapters import log
from adapters.hosts.words import encoded
from adapters.wiring import ssh
from adapters.wiring.connection import ports
from bot.errors import Refused
from bot.flows import host_setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adapters.wiring.setting import Setting

_MOST_KEY_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Installation:
    """What is to be done on a host: as a script, and, each time it is called, done.

    `perform` yields a sentence for each step that is done. Raises HostError, Refused.
    """

    script: str
    perform: Callable[[], Iterator[str]]


def sudoers(setting: Setting, host: str, services: tuple[str, ...], *, login: str | None) -> str:
    """Return the sudo rules for a host, after a look at it. Raises HostError, Refused."""
    with ports(setting, remember=False) as connected:
        rights = host_setup.rights(connected, host, login=login, services=services)
    if rights.is_root:
        raise Refused(f"memwarden logs in to {host} as root, who needs no rules: name a login with --user.")
    return bot.host.sudoers(host, rights.login, rights.grants)


@contextmanager
def installation(
    setting: Setting,
    host: str,
    services: tuple[str, ...],
    *,
    login: str | None,
    hardened: bool,
    key: Path | None,
) -> Iterator[Installation]:
    """Look at a host and return what has to be installed there. Raises HostError, Refused."""
    wish = host_setup.Wish(
        program=resources.files(bot.host).joinpath(bot.host.PROGRAM_FILE).read_text("utf-8"),
        quoted=_sent,
        hardened=hardened,
        key=None if key is None else _read(key),
    )
    with ports(setting, remember=False) as connected:
        rights = host_setup.rights(connected, host, login=login, services=services)
        steps = host_setup.commands(connected, host, rights, wish)

        def perform() -> Iterator[str]:
            for step in host_setup.perform(connected, host, steps):
                yield log.concealed(step.sentence)

        yield Installation(bot.host.script(host, steps), perform)


def _read(key: Path) -> str:
    with key.open("rb") as file:
        return file.read(_MOST_KEY_BYTES).decode("ascii", "replace")


def _sent(argv: tuple[str, ...]) -> str:
    """Write a command as it is sent where every command has a channel of its own."""
    quoted: Callable[[bytes], bytes] = ssh.module("channel").quoted
    return b" ".join(map(quoted, encoded(argv))).decode("utf-8", "surrogateescape")
