"""Make a service new: what its processes had gathered is given back. Cannot be undone, nor need it be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import drop_in, redis_limit, service_unit
from bot.domain.plan import Goal, Plan, Saving, Step
from bot.domain.remediation import Remediation
from bot.domain.units import size
from bot.domain.worker_saving import shares_most
from bot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.attribution import Service
    from bot.domain.plan import Order
    from bot.domain.redis_limit import Redis
    from bot.domain.remediation import Argv, Situation, Target

_PRELOAD = "--preload"
_REDIS = "redis"
# The only signal that renews workers of any server we know; a test compares.
_RENEWING = "HUP"
# While a master starts new workers the old ones are still there (seen: 57 MiB less with workers of 85).
_SPARE = 2
# systemd waits up to 90 s for a service to stop, and as long for it to start.
_RESTART_S = 240.0


def _plan(order: Order, situation: Situation) -> Plan:
    unit, service = situation.unit, situation.service
    if not unit.is_active or service is None:
        raise Refused(f"{order.service} does not run on {order.host}: `start` starts it.")
    renewed = _renewed_bytes(service, situation)
    gentle = renewed is not None
    if not gentle:
        service_unit.refuse_unwilling(unit, stopping=True)
    snapshot = situation.checked.snapshot
    redis = _redis(service, situation)
    # Both alike: whether it was done is told by when its processes began.
    state = Goal(active=True)
    return Plan(
        order=order,
        unit=unit.name,
        title=f"{'renew the workers of' if gentle else 'restart'} {order.service}",
        words=service_unit.words("restart", order),
        steps=(_step(situation, gentle=gentle),),
        undo=(),
        goal=state,
        origin=state,
        saving=_saving(service, redis),
        lasting=True,
        lasts="until it has grown again",
        at_once="the master starts new workers and ends the old ones"
        if gentle
        else "systemd stops it and starts it again",
        undone="it cannot be, and nothing needs to be: the same service runs",
        basis=(*service_unit.basis(situation, counting=False), redis.survival if redis else ""),
        made_at=snapshot.taken_at,
        available_bytes=snapshot.meminfo.available_bytes,
        total_bytes=snapshot.meminfo.total_bytes,
        side_effects=(*_side_effects(situation, renewed), *_lost(order, redis)),
    )


def _redis(service: Service, situation: Situation) -> Redis | None:
    """Return what the service says of itself if it is a redis that answers, else None."""
    try:
        redis = redis_limit.read(situation.answers)
    except Refused:
        return None
    return redis if any(process.pid == redis.pid for process in service.processes) else None


def _saving(service: Service, redis: Redis | None) -> Saving:
    if redis is None or not redis.keeps_keys:
        return Saving(None, "what it gathered since it started; how much is not known before")
    spare = redis_limit.spare_bytes(redis, service, redis.used_bytes)
    return Saving(spare, "what redis has of the system and holds no keys in", exact=False)


def _lost(order: Order, redis: Redis | None) -> Iterator[str]:
    """Say what a restart makes redis forget."""
    if redis is not None:
        yield redis.survival
        yield "what was set by CONFIG SET is forgotten, unless its configuration says it too"
    elif _asks_redis(order):
        yield "whether its keys survive is not known: redis could not be asked"


def _asks_redis(order: Order) -> bool:
    return order.service.casefold().startswith(_REDIS)


def _reads(order: Order) -> tuple[Argv, ...]:
    return redis_limit.READS if _asks_redis(order) else ()


def _renewed_bytes(service: Service, situation: Situation) -> int | None:
    """Return what renewing the workers takes for a moment; None where that is not possible or too much.

    A preloaded application is loaded whole once more (seen: 271 of 332 MiB). Where a drop-in of ours is, the
    master may have been started before it, and would bring back the number of workers it was started with.
    """
    scaling = service.known.scaling if service.known else None
    worker, available = service.worker_bytes, situation.checked.snapshot.meminfo.available_bytes
    if scaling is None or scaling.renewing != _RENEWING or worker is None or available is None:
        return None
    started = (line.value for line in situation.unit.exec_start)
    if any(_PRELOAD in line for line in started) or shares_most(service) or drop_in.own(situation.unit):
        return None
    return worker if available >= _SPARE * worker else None


def _step(situation: Situation, *, gentle: bool) -> Step:
    made = service_unit.Maker(situation.unit.name, is_root=situation.is_root)
    if gentle:
        return made.signal(_RENEWING, "has the master start new workers and end the old ones")
    return made.step("restart", "stops it and starts it again", timeout_s=_RESTART_S)


def _side_effects(situation: Situation, renewed: int | None) -> Iterator[str]:
    unit = situation.unit
    if renewed is not None:
        yield "no request is dropped; some take longer"
        yield f"for a moment about {size(renewed)} more are used"
        yield "it has as many workers then as it was started with, whatever signals have changed since"
        yield "changes of its unit since it started do not take effect by this"
        return
    if any(name.endswith(".socket") for name in unit.triggered_by):
        yield "no request fails: its socket keeps them waiting meanwhile"
    else:
        known = situation.service.known if situation.service else None
        scaling = known.scaling if known else None
        yield (scaling.restarting if scaling else "") or "what needs it fails while it restarts"
    if situation.service and situation.service.workers:
        yield "it has as many workers then as its unit says, whatever signals have changed since"
    if others := service_unit.dependants(unit):
        yield f"systemd restarts {', '.join(others)} as well"


def _grants(target: Target) -> tuple[Argv, ...]:
    return (service_unit.command("restart", target.unit), service_unit.kill(_RENEWING, target.unit))


REMEDIATION = Remediation(
    name="restart_service",
    help="restart a service, gently where it can be",
    plan=_plan,
    grants=_grants,
    reads=_reads,
)
