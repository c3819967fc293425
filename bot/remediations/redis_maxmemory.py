"""A limit for redis. It frees nothing by itself: what redis gives back, it gives back at its next restart."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain import drop_in, redis_limit, service_unit
from bot.domain.plan import Goal, Plan, Saving, Step, privileged
from bot.domain.redis_limit import NOEVICTION, POLICIES, VOLATILE, Redis
from bot.domain.remediation import HELPER, Remediation
from bot.domain.units import MIB, counted, size
from bot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.drop_in import DropIn
    from bot.domain.plan import Order
    from bot.domain.remediation import Argv, Situation, Target

_DAEMON_RELOAD = (service_unit.SYSTEMCTL, "daemon-reload")
_OK = "OK\n"


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to be changed: the limit and the policy of a redis, and our drop-in (None: there is none).

    `wrote` is what the drop-in sets that is there now, in MiB and with the policy.
    """

    order: Order
    situation: Situation
    redis: Redis
    limit_bytes: int
    policy: str
    wrote: tuple[int, str] | None = None
    before: DropIn | None = None
    then: DropIn | None = None

    @property
    def unit(self) -> str:
        """The unit's name."""
        return self.situation.unit.name

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the drop-ins of before and after are, each once."""
        return tuple(dict.fromkeys(file.path for file in (self.then, self.before) if file))

    @property
    def lost_mib(self) -> int:
        """How much redis holds that it may not hold then."""
        return max(0, self.redis.used_bytes - self.limit_bytes) // MIB

    @property
    def is_below(self) -> bool:
        """Whether redis holds more than it may then."""
        return self.limit_bytes < self.redis.used_bytes


def _plan(order: Order, situation: Situation) -> Plan:
    change = _change(order, situation)
    limit = size(change.limit_bytes)
    snapshot = situation.checked.snapshot
    return Plan(
        order=order,
        unit=change.unit,
        title=f"{order.service} at most {limit}, {change.policy}",
        words=" ".join(
            filter(None, (_words("maxmemory", order), f"{change.limit_bytes // MIB}mb", order.option))
        ),
        steps=tuple(_steps(change)),
        undo=tuple(_undo(change)),
        goal=_goal(change, change.limit_bytes, change.policy, change.then),
        origin=_goal(change, change.redis.limit_bytes, change.redis.policy, change.before),
        saving=Saving(0, "redis keeps what it has of the system until it is restarted"),
        lasting=change.then is not None,
        lasts=_lasts(change),
        at_once="redis is told (CONFIG SET): no restart, no connection lost",
        undone=_undone(change),
        basis=(
            *service_unit.basis(situation, counting=False),
            f"pid {change.redis.pid}",
            f"limit {change.redis.limit_bytes} {change.redis.policy}",
            change.redis.survival,
            # Not to the byte, for that changes all the time.
            f"evicts 2^{change.lost_mib.bit_length()} MiB",
        ),
        made_at=snapshot.taken_at,
        available_bytes=snapshot.meminfo.available_bytes,
        total_bytes=snapshot.meminfo.total_bytes,
        files=((change.then.path, change.then.content),) if change.then else (),
        side_effects=tuple(_side_effects(change)),
    )


def _words(verb: str, order: Order) -> str:
    return service_unit.words(verb, replace(order, option=""))


def _change(order: Order, situation: Situation) -> _Change:
    """Find out what can be done. Raises Refused, with what a person can do where memwarden cannot."""
    if order.size_bytes is None or order.size_bytes < MIB or order.size_bytes % MIB:
        raise Refused("A limit for redis is a whole number of MiB, such as 64mb.")
    if order.option and order.option not in POLICIES:
        raise Refused(f"redis has no such policy: it knows {', '.join(POLICIES)}.")
    if situation.service is None or not situation.unit.is_active:
        raise Refused(f"{order.service} does not run on {order.host}: `start` starts it.")
    with _by_hand(order.size_bytes // MIB, order.option or NOEVICTION):
        redis = redis_limit.read(situation.answers)
        change = _Change(order, situation, redis, order.size_bytes, order.option or redis.policy)
        _check_known(change)
    _check_harmless(change)
    with _by_hand(order.size_bytes // MIB, order.option or NOEVICTION):
        change = _with_files(change)
    _check_changes(change)
    return change


@contextmanager
def _by_hand(mib: int, policy: str) -> Iterator[None]:
    """Let what memwarden does not understand be refused with what a person can do instead."""
    try:
        yield
    except Refused as reason:
        raise Refused("\n".join((str(reason), *_manual(mib, policy)))) from None


def _manual(mib: int, policy: str) -> Iterator[str]:
    yield "By hand it would be, on the right redis:"
    yield f"redis-cli CONFIG SET maxmemory-policy {policy}"
    yield f"redis-cli CONFIG SET maxmemory {mib}mb"
    yield f"and in its configuration file: maxmemory {mib}mb, maxmemory-policy {policy}"


def _check_known(change: _Change) -> None:
    """Raise Refused where this is not surely the redis that is meant, or one we know."""
    redis, unit = change.redis, change.situation.unit
    service = change.situation.service
    pids = {process.pid for process in service.processes} if service else set()
    if redis.pid not in pids:
        raise Refused(f"The redis that answers at port 6379 is not that of {unit.name}: nothing was changed.")
    if change.policy not in POLICIES or redis.policy not in POLICIES:
        raise Refused("redis has a policy that memwarden does not know.")


def _check_harmless(change: _Change) -> None:
    """Raise Refused where nobody should do this, by hand neither."""
    redis = change.redis
    if redis.is_replica:
        raise Refused("This redis is a replica, which follows its master and ignores a limit of its own.")
    if not change.is_below:
        return
    holds = f"redis holds {size(redis.used_bytes)}, more than {size(change.limit_bytes)}"
    if change.policy == NOEVICTION:
        raise Refused(
            f"{holds}: with {NOEVICTION} every write would fail, and nothing would be freed."
            f" Name a policy that evicts keys: {', '.join(redis_limit.EVICTS)}."
        )
    if change.policy.startswith(VOLATILE) and not redis.expiring:
        raise Refused(
            f"{holds}, and no key has a time to live: {change.policy} has none to evict, every write would"
            " fail."
        )


def _with_files(change: _Change) -> _Change:
    """Add the drop-ins. Raises Refused where the unit is not understood."""
    situation, mib = change.situation, change.limit_bytes // MIB
    wrote = redis_limit.before(situation.unit)
    ours = drop_in.own(situation.unit)
    then = redis_limit.written(situation.unit, mib, change.policy) if situation.has_helper else None
    return replace(change, wrote=wrote, before=ours, then=then)


def _check_changes(change: _Change) -> None:
    """Raise Refused where all is so already."""
    redis = change.redis
    same = (redis.limit_bytes, redis.policy) == (change.limit_bytes, change.policy)
    if same and change.then in (None, change.before):
        raise Refused(f"redis has exactly that limit and that policy already on {change.order.host}.")


def _steps(change: _Change) -> Iterator[Step]:
    then = change.then
    if then and then != change.before:
        yield from _written(change, change.limit_bytes // MIB, change.policy, then)
        yield _reload(change)
    # In this order no write is refused in between.
    yield _told(redis_limit.put_policy(change.policy), f"has redis use {change.policy} at its limit")
    yield _told(redis_limit.put_limit(change.limit_bytes), f"limits redis to {size(change.limit_bytes)}")


def _undo(change: _Change) -> Iterator[Step]:
    redis = change.redis
    if change.then and change.then != change.before:
        if change.wrote and change.before:
            yield from _written(change, *change.wrote, change.before)
        else:
            yield _helper(change, "forget", change.unit, sentence="removes that file")
        yield _reload(change)
    limit = size(redis.limit_bytes) if redis.limit_bytes else "no limit"
    yield _told(redis_limit.put_limit(redis.limit_bytes), f"gives redis {limit} as before")
    yield _told(redis_limit.put_policy(redis.policy), f"has redis use {redis.policy} as before")


def _written(change: _Change, mib: int, policy: str, file: DropIn) -> Iterator[Step]:
    yield _helper(change, "maxmemory", change.unit, str(mib), policy, sentence=f"writes {file.path}")
    yield Step(("/usr/bin/cat", file.path), "reads it back", prints=file.content)


def _helper(change: _Change, *argv: str, sentence: str) -> Step:
    return Step(privileged((HELPER, *argv), is_root=change.situation.is_root), sentence)


def _reload(change: _Change) -> Step:
    return Step(privileged(_DAEMON_RELOAD, is_root=change.situation.is_root), "has systemd read its files")


def _told(argv: Argv, sentence: str) -> Step:
    return Step(argv, sentence, prints=_OK)


def _goal(change: _Change, limit_bytes: int, policy: str, file: DropIn | None) -> Goal:
    files = tuple(
        (path, file.content if file and file.path == path else None) for path in change.paths if change.then
    )
    return Goal(active=True, files=files, answers=redis_limit.answers(limit_bytes, policy))


def _lasts(change: _Change) -> str:
    if change.then:
        return f"for good: {change.unit} starts redis with it from now on"
    return (
        f"until {change.unit} restarts: then what its configuration says comes back;"
        f" `memwarden host-setup {change.order.host}` lets it last"
    )


def _undone(change: _Change) -> str:
    how = "by setting the limit and the policy of before"
    if change.then and change.then != change.before:
        how += ", and writing the file as it was" if change.before else ", and removing the file"
    return how if change.policy == NOEVICTION else f"{how}; keys that were evicted do not come back"


def _side_effects(change: _Change) -> Iterator[str]:
    redis, limit = change.redis, size(change.limit_bytes)
    evicted = redis_limit.EVICTS.get(change.policy)
    if evicted is None:
        yield f"when it holds {limit} every write fails (it holds {size(redis.used_bytes)} now)"
    elif change.is_below:
        gone = size(redis.used_bytes - change.limit_bytes)
        yield f"about {gone} of its {size(redis.used_bytes)} are evicted at once: {evicted}"
    else:
        yield f"when it holds {limit} keys are evicted: {evicted} (it holds {size(redis.used_bytes)} now)"
    if change.policy.startswith(VOLATILE):
        keys = counted(redis.expiring, "key")
        yield f"where those do not suffice every write fails ({keys} with a time to live now)"
    restart = f"`{_words('restart', change.order)}` afterwards"
    forgets = "" if change.then else " and forgets this limit"
    if redis.keeps_keys and change.situation.service:
        back = redis_limit.spare_bytes(redis, change.situation.service, change.limit_bytes)
        yield f"{restart} gives back at most {size(back)}{forgets}; {redis.survival}"
    else:
        yield f"{restart} gives memory back{forgets}, but {redis.survival}"
    if change.then and change.situation.unit.needs_reload:
        yield "systemd reads whatever else was changed in its files, too"


def _grants(target: Target) -> tuple[Argv, ...]:
    limits = ((HELPER, "maxmemory", target.unit, str(m), p) for m in target.sizes_mib for p in POLICIES)
    return (*limits, (HELPER, "forget", target.unit), _DAEMON_RELOAD)


def _unprivileged(target: Target) -> tuple[Argv, ...]:
    limits = (redis_limit.put_limit(mib * MIB) for mib in (0, *target.sizes_mib))
    return (*limits, *map(redis_limit.put_policy, POLICIES))


REMEDIATION = Remediation(
    name="redis_maxmemory",
    help="limit what redis holds",
    plan=_plan,
    grants=_grants,
    reads=lambda _order: redis_limit.READS,
    serves=("redis",),
    unprivileged=_unprivileged,
)
