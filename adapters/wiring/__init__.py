"""The composition root: the only place where ports meet adapters.

Adapters are imported when they are needed: a look at this machine needs neither paramiko nor SQLAlchemy, and
nobody who configured no Slack waits for Slack's libraries.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from adapters.wiring.connection import existing_store, ports
from adapters.wiring.examination import examine
from adapters.wiring.platforms import names as platforms
from adapters.wiring.prints import Print, printed, prints
from adapters.wiring.setting import Setting, missing, setting
from adapters.wiring.terminal import show
from adapters.wiring.trust import OfferedKeys, offered_keys
from bot.config import TERMINAL

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from adapters.wiring.host_setup import Installation

__all__ = [
    "TERMINAL",
    "OfferedKeys",
    "Print",
    "Setting",
    "examine",
    "existing_store",
    "installation",
    "missing",
    "offered_keys",
    "platforms",
    "ports",
    "printed",
    "prints",
    "serve",
    "setting",
    "show",
    "sudoers",
]


def serve(setting: Setting, *, only: str | None = None) -> None:
    """Serve all configured platforms, or `only` one, until they end; watch where all are served.

    Raises ChatError with the sentences of those that had to end, when none is left.
    """
    # All commands, rules and what watches: a single look at a host waits for none of them.
    importlib.import_module("adapters.wiring.serving").serve(setting, only=only)


def sudoers(setting: Setting, host: str, services: tuple[str, ...], *, login: str | None) -> str:
    """Return the sudo rules for a host, after a look at it. Raises HostError, Refused."""
    rules: str = importlib.import_module("adapters.wiring.host_setup").sudoers(
        setting, host, services, login=login
    )
    return rules


def installation(
    setting: Setting,
    host: str,
    services: tuple[str, ...],
    *,
    login: str | None,
    hardened: bool,
    key: Path | None,
) -> AbstractContextManager[Installation]:
    """Look at a host and return what has to be installed there. Raises HostError, Refused."""
    planned: AbstractContextManager[Installation] = importlib.import_module(
        "adapters.wiring.host_setup"
    ).installation(setting, host, services, login=login, hardened=hardened, key=key)
    return planned
