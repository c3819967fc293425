"""Another number of workers: for good by a drop-in of ours, at once by signals where the server has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain import drop_in, service_unit, worker_words
from bot.domain.plan import Plan
from bot.domain.remediation import Remediation
from bot.domain.units import counted, size
from bot.domain.worker_change import DAEMON_RELOAD, Change, helper
from bot.domain.worker_saving import of_workers
from bot.errors import Refused
from bot.usage import quoted

if TYPE_CHECKING:
    from bot.domain.attribution import Service
    from bot.domain.plan import Order, Saving
    from bot.domain.remediation import Argv, Situation, Target
    from bot.domain.service import Scaling
    from bot.domain.unit_file import Unit

# A test compares both with what the known services say of themselves.
_SERVES = ("celery", "gunicorn", "php-fpm", "puma", "uwsgi")
_SIGNALLED = ("gunicorn", "puma")
# It is told how, and needs no rights.
_BY_HAND = ("php-fpm",)


def _plan(order: Order, situation: Situation) -> Plan:
    change = _change(order, situation)
    saving = of_workers(change.service, change.count, restarting=not change.signals)
    _check_room(change, saving, situation)
    snapshot = situation.checked.snapshot
    return Plan(
        order=order,
        unit=change.unit.name,
        title=worker_words.title(change),
        words=f"{service_unit.words('workers', order)} {change.count}",
        steps=change.steps,
        undo=change.undo,
        goal=change.goal,
        origin=change.origin,
        saving=saving,
        lasting=change.then is not None,
        lasts=worker_words.lasts(change),
        at_once=worker_words.at_once(change),
        undone=worker_words.undone(change),
        basis=service_unit.basis(situation),
        made_at=snapshot.taken_at,
        available_bytes=snapshot.meminfo.available_bytes,
        total_bytes=snapshot.meminfo.total_bytes,
        files=((change.then.path, change.then.content),) if change.then else (),
        side_effects=tuple(worker_words.side_effects(change)),
    )


def _change(order: Order, situation: Situation) -> Change:
    """Find out what has to change. Raises Refused, with what a person can do where memwarden cannot."""
    service, unit, count = situation.service, situation.unit, order.count
    named = quoted(order.service)
    if count is None or count < 1:
        raise Refused(f"{named} needs at least one worker: `stop` stops it.")
    if service is None or not unit.is_active:
        raise Refused(f"{named} does not run on {order.host}: `start` starts it.")
    scaling = service.known.scaling if service.known else None
    if scaling is None:
        raise Refused(f"memwarden does not know how the workers of {named} are set.")
    now = len(service.workers)
    signals = _reaches_master(service, unit, scaling)
    manual = worker_words.manual(unit, scaling, now, count, signals=signals)
    if scaling.refusal:
        raise _by_hand(f"memwarden cannot set the workers of {named}: {scaling.refusal}.", manual)
    if now == 0:
        raise _by_hand(f"{named} on {order.host} runs without workers that could be told apart.", manual)
    said = drop_in.said_workers(unit, scaling)
    change = Change(order.host, service, unit, scaling, now, count, said, signals, is_root=situation.is_root)
    try:
        then = drop_in.workers(unit, scaling, count)
    except Refused as refused:
        raise _by_hand(str(refused), manual) from None
    _check_counted(change, manual)
    if not situation.has_helper:
        return _for_now(change, manual)
    return _for_good(change, then)


def _reaches_master(service: Service, unit: Unit, scaling: Scaling) -> bool:
    """Tell whether a signal to the unit's main process reaches the one that forked the workers."""
    return scaling.fewer is not None and {worker.ppid for worker in service.workers} == {unit.main_pid}


def _check_counted(change: Change, manual: tuple[str, ...]) -> None:
    """Raise Refused where what counts as workers are not all workers; a server with signals can differ."""
    if change.scaling.fewer is None and change.said is not None and change.said != change.now:
        raise _by_hand(
            f"{change.unit.name} says {counted(change.said, 'worker')}, but {change.now} processes run that"
            " look like one, so memwarden could not tell whether a change worked.",
            manual,
        )


def _for_now(change: Change, manual: tuple[str, ...]) -> Change:
    setup = f"`memwarden host-setup {change.host}`"
    if change.now == change.count:
        differs = change.said not in (None, change.now)
        more = f"; its next restart brings {change.said} back, unless {setup} lets it last" if differs else ""
        raise Refused(f"{change.service.name} has {counted(change.now, 'worker')} already{more}.")
    if not change.signals:
        why = f"{change.unit.name} would have to be restarted with another number of workers"
        raise _by_hand(f"{why}, which takes the helper on {change.host}: {setup} installs it.", manual)
    return change


def _for_good(change: Change, then: drop_in.DropIn) -> Change:
    unit, scaling, said = change.unit, change.scaling, change.said
    if unit.needs_reload:
        raise Refused(
            f"The files of {unit.name} were changed, but systemd has not read them since: nobody has seen"
            " them work yet.\nLook at them, then: sudo systemctl daemon-reload\nAnd ask again."
        )
    if change.now == change.count and said in (None, change.count):
        raise Refused(f"{change.service.name} has {counted(change.now, 'worker')} already.")
    before = drop_in.own(unit)
    if before is not None and (said is None or before != drop_in.workers(unit, scaling, said)):
        raise Refused(
            f"{before.path} is not what memwarden wrote there.\nDelete it, then: sudo systemctl daemon-reload"
            "\nAnd ask again."
        )
    return replace(change, before=before, then=then)


def _check_room(change: Change, saving: Saving, situation: Situation) -> None:
    available = situation.checked.snapshot.meminfo.available_bytes
    taken = -(saving.expected_bytes or 0)
    if available is not None and taken > available:
        raise Refused(
            f"{counted(change.count, 'worker')} of {change.service.name} would take about {size(taken)} more,"
            f" but {change.host} has {size(available)} available."
        )


def _by_hand(reason: str, manual: tuple[str, ...]) -> Refused:
    """Return the refusal and, a line each, what a person can do."""
    return Refused("\n".join((f"{reason} By hand:", *(f"{i}. {line}" for i, line in enumerate(manual, 1)))))


def _grants(target: Target) -> tuple[Argv, ...]:
    if target.program not in _SERVES or target.program in _BY_HAND:
        return ()
    counts = range(1, target.most_workers + 1)
    signals = ("TTOU", "TTIN") if target.program in _SIGNALLED else ()
    return (
        *(helper("workers", target.unit, str(count)) for count in counts),
        helper("forget", target.unit),
        DAEMON_RELOAD,
        *(service_unit.kill(signal, target.unit) for signal in signals),
        service_unit.command("restart", target.unit),
    )


REMEDIATION = Remediation(
    name="set_workers", help="set how many workers a server has", plan=_plan, grants=_grants, serves=_SERVES
)
