"""The composition root: the only place where ports meet adapters.

Adapters are imported when they are needed: a look at this machine needs neither paramiko nor SQLAlchemy, and
nobody who configured no Slack waits for Slack's libraries.
"""

from __future__ import annotations

from adapters.wiring.connection import ports
from adapters.wiring.examination import examine
from adapters.wiring.platforms import names as platforms
from adapters.wiring.prints import Print, printed, prints
from adapters.wiring.serving import TERMINAL, serve
from adapters.wiring.setting import Setting, missing, setting
from adapters.wiring.terminal import show
from adapters.wiring.trust import OfferedKeys, offered_keys

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
