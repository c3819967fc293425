"""How shells over SSH are made; paramiko is imported with the first one."""

from __future__ import annotations

import importlib
from functools import cache, partial
from typing import TYPE_CHECKING

from bot.domain.host import Timeouts

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from adapters.hosts.configured import ClosableShell
    from bot.domain.host import HostAddress


def shells(timeout_s: float) -> Callable[[HostAddress], ClosableShell]:
    """Return what makes shells that share opened keys and the memory of refused logins."""

    @cache
    def ssh() -> Callable[[HostAddress], ClosableShell]:
        shell, keys, refusals = map(module, ("shell", "keys", "refusals"))
        return partial(
            shell.ssh_shell,
            timeouts=timeouts(timeout_s),
            keyring=keys.Keyring(),
            refusals=refusals.Refusals(),
        )

    def shell(address: HostAddress) -> ClosableShell:
        return ssh()(address)

    return shell


def timeouts(timeout_s: float) -> Timeouts:
    """Return what connecting and logging in may take where a whole check may take `timeout_s` seconds."""
    usual = Timeouts()
    return Timeouts(connect_s=min(usual.connect_s, timeout_s), auth_s=min(usual.auth_s, timeout_s))


def module(name: str) -> ModuleType:
    """Return a module of `adapters.hosts.ssh`."""
    return importlib.import_module(f"adapters.hosts.ssh.{name}")
