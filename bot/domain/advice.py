"""What would help a host that is short of memory, and about how much.

Ending a worker frees what only it holds (USS), not its RSS: with a preloaded application that can be a
twelfth of it. Where USS could not be read, the worker's share of its service's anonymous memory is the most
that it can free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.service import Ends

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.attribution import Service
    from bot.domain.memory import ProcessMemory


# Of the machine's memory: what frees less helps nobody.
_WORTH_PERCENT = 1


@dataclass(frozen=True, slots=True)
class FewerWorkers:
    """One service with fewer workers frees about `saving_bytes`; at most that, where it is not `exact`."""

    service: Service
    workers_now: int
    workers_then: int
    saving_bytes: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Reduce:
    """The largest service that is no essential part of the machine, with what can be done about it."""

    service: Service


Advice = FewerWorkers | Reduce


def advise(services: Sequence[Service], total_bytes: int) -> Advice | None:
    """Return the one step that helps most on a machine of `total_bytes`; None where nothing would help."""
    candidates = [s for s in services if s.kind is Kind.SERVICE and s.known and not s.known.essential]
    with_workers = [_fewer(service) for service in candidates if len(service.workers) > 1]
    with_workers = [a for a in with_workers if a.saving_bytes >= total_bytes * _WORTH_PERCENT / 100]
    candidates = [s for s in candidates if s.memory_bytes >= total_bytes * _WORTH_PERCENT / 100]
    best_fewer = max(with_workers, key=lambda advice: advice.saving_bytes, default=None)
    largest = max(candidates, key=lambda service: service.memory_bytes, default=None)
    if best_fewer and largest and 2 * best_fewer.saving_bytes >= largest.memory_bytes:
        return best_fewer
    if largest is None:
        return None
    return next((a for a in with_workers if a.service is largest), Reduce(largest))


def ending(service: Service, fewer: int) -> tuple[ProcessMemory, ...]:
    """Return the workers that end when there are so many fewer: the oldest or youngest, as the server does.

    Of a server that has to be restarted for it none is what it was; those that hold least stand for them.
    """
    scaling = service.known.scaling if service.known else None
    if scaling and scaling.fewer is None:
        return tuple(sorted(service.workers, key=lambda worker: _private(service, worker))[:fewer])
    by_age = sorted(service.workers, key=lambda worker: (worker.started_ticks, worker.pid))
    if scaling and scaling.ends is Ends.OLDEST:
        return tuple(by_age[:fewer])
    return tuple(by_age[::-1][:fewer])


def private_bytes(service: Service, workers: Iterable[ProcessMemory]) -> int:
    """Return what only these workers hold, which their end frees (see above)."""
    return sum(_private(service, worker) for worker in workers)


def _fewer(service: Service) -> FewerWorkers:
    """Half as many workers."""
    now = len(service.workers)
    then = (now + 1) // 2
    gone = ending(service, now - then)
    return FewerWorkers(
        service=service,
        workers_now=now,
        workers_then=then,
        saving_bytes=private_bytes(service, gone),
        exact=all(worker.pss is not None for worker in gone),
    )


def _private(service: Service, worker: ProcessMemory) -> int:
    if worker.pss is not None:
        return worker.pss.uss_bytes
    return service.share_by_pid[worker.pid].anon_bytes
