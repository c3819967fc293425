"""What fewer workers free, or more of them take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.advice import ending, private_bytes
from bot.domain.plan import Saving
from bot.domain.units import counted

if TYPE_CHECKING:
    from bot.domain.attribution import Service

_PRELOAD = "--preload"
# Above this part of what they show, memory that only they hold does not tell of a preloaded application.
_SHARED_PERCENT = 50


def of_workers(service: Service, count: int, *, restarting: bool) -> Saving:
    """Return what a change to `count` workers frees; a negative number for what more of them take."""
    now = len(service.workers)
    if count == now:
        return Saving(0, "as many workers run as before")
    exact = all(worker.pss is not None for worker in service.workers)
    measure = "what only they hold (USS)" if exact else "their anonymous memory; USS could not be read"
    note = f"; {_SHARING}" if shares_most(service) else ""
    if count > now:
        taken = private_bytes(service, service.workers) * (count - now) // now
        return Saving(
            -taken, f"{counted(count - now, 'worker')} as large as those on average: {measure}", exact
        )
    which = _which(service, now - count, restarting=restarting)
    freed = private_bytes(service, ending(service, now - count))
    return Saving(freed, f"{which}: {measure}{note}", exact=exact)


_SHARING = "most of what they show is shared with the master (--preload), so ending one frees little"


def shares_most(service: Service) -> bool:
    """Tell whether the workers share most of their memory, as with a preloaded application."""
    if any(worker.pss is None for worker in service.workers):
        return any(_PRELOAD in process.cmdline for process in service.processes)
    shown = sum(worker.rss_bytes for worker in service.workers)
    return 100 * private_bytes(service, service.workers) < _SHARED_PERCENT * shown


def _which(service: Service, fewer: int, *, restarting: bool) -> str:
    if restarting:
        return f"{counted(fewer, 'worker')}, those that hold least"
    scaling = service.known.scaling if service.known else None
    age = scaling.ends.value if scaling else "youngest"
    return f"the {age} worker" if fewer == 1 else f"the {fewer} {age} workers"
