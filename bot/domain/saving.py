"""What the end of processes gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.estimate import Method
from bot.domain.plan import Saving

if TYPE_CHECKING:
    from bot.domain.attribution import Service


def of_stopping(service: Service) -> Saving:
    """Return what the end of a whole service frees.

    Each process gives back what only it has (USS). Where a server forked its workers they share anonymous
    pages with one another alone, and all of them go: then the proportional share of anonymous memory (PSS) is
    more, and right. Mapped files stay cached and count as available already.
    """
    freed, exact = 0, True
    for process in service.processes:
        if process.pss is None:
            share = service.share_by_pid[process.pid]
            freed += share.anon_bytes
            exact = exact and share.method is Method.CGROUP
        else:
            freed += max(process.pss.uss_bytes, process.pss.anon_bytes)
    count = len(service.processes)
    if all(process.pss is not None for process in service.processes):
        if count == 1:
            return Saving(freed, "what only its process holds (USS)")
        return Saving(
            freed, f"what its {count} processes hold alone or with one another (USS, anonymous PSS)"
        )
    whose = "its process" if count == 1 else f"its {count} processes"
    return Saving(freed, f"the anonymous memory of {whose}; USS could not be read", exact=exact)
