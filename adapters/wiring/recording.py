"""Which configuration is in force stands in the audit, whoever changed its file and whenever."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry
from bot.domain.consent import MEMWARDEN
from bot.errors import StoreError

if TYPE_CHECKING:
    from adapters.wiring.setting import Setting
    from bot.ports import Ports, Store

_LOG = logging.getLogger(__name__)

WHAT = "configuration in force"
# Where so much was done since it was last written down, it is written down again.
_LINES = 5000


def record(ports: Ports, setting: Setting) -> None:
    """Write down which configuration is in force, by the SHA-256 of its file, unless that stands there."""
    if ports.store is None:
        return
    try:
        before, now = _recorded(ports.store), _result(setting)
        if before is not None and before.partition("; before: ")[0] == now:
            return
        since = f"; before: {before.partition('; before: ')[0]}" if before is not None else ""
        with ports.store.changing() as ledger:
            ledger.audit(AuditEntry(ports.now(), MEMWARDEN.entry, WHAT, f"{now}{since}"))
    except StoreError as error:
        _LOG.error("which configuration is in force could not be written to the audit: %s", error)


def _recorded(store: Store) -> str | None:
    entries = (link.entry for link in store.audited(_LINES))
    return next((e.result for e in entries if (e.who, e.what) == (MEMWARDEN.entry, WHAT)), None)


def _result(setting: Setting) -> str:
    if setting.file is None:
        return "no file, so the defaults"
    source = setting.config.source
    return f"{source.file} sha256 {hashlib.sha256(source.text.encode()).hexdigest()}"
