"""The composition root: the only place where ports meet adapters.

Adapters are imported when they are needed: a look at this machine needs neither paramiko nor SQLAlchemy, and
nobody who configured no Slack waits for Slack's libraries.
"""

from __future__ import annotations

import importlib

from adapters.wiring.connection import ports
from adapters.wiring.examination import examine
from adapters.wiring.platforms import names as platforms
from adapters.wiring.prints import Print, printed, prints
from adapters.wiring.setting import Setting, missing, setting
from adapters.wiring.terminal import show
from adapters.wiring.trust import OfferedKeys, offered_keys
from bot.config import TERMINAL

__all__ = [
    "TERMINAL",
    "OfferedKeys",
    "Print",
    "Setting",
    "examine",
    "missing",
    "offered_keys",
    "platforms",
    "ports",
    "printed",
    "prints",
    "serve",
    "setting",
    "show",
]


def serve(setting: Setting, *, only: str | None = None) -> None:
    """Serve all configured platforms, or `only` one, until they end; watch where all are served.

    Raises ChatError with the sentences of those that had to end, when none is left.
    """
    # All commands, rules and what watches: a single look at a host waits for none of them.
    importlib.import_module("adapters.wiring.serving").serve(setting, only=only)
