"""Whether memory is a host's problem: look, compare with a moment before, ask who was killed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.diagnosis import Diagnosis, evidence, rates
from bot.domain.event import EventKind
from bot.domain.history import sample
from bot.domain.memory import Gap
from bot.errors import HostError, StoreError
from bot.facts import oom_log
from bot.flows.check import look

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.check import Checked
    from bot.domain.diagnosis import Rates
    from bot.domain.history import Sample
    from bot.domain.oom import Kill
    from bot.ports import Ports

_PAUSE_S = 3.0
_DAY = timedelta(days=1)
_MONTH = timedelta(days=30)


def why(ports: Ports, host: str) -> Diagnosis:
    """Gather the evidence, with rates since the last check, else over three seconds. Raises HostError."""
    checked, measured = _measured(ports, host)
    at = checked.snapshot.taken_at
    least, killed_at = _remembered(ports, host, at)
    return Diagnosis(
        checked=checked,
        thresholds=ports.config.thresholds_of(ports.config.host(host)),
        rates=measured,
        kills=_kills(ports, checked),
        killed_at=killed_at,
        least=least,
        evidence=evidence(checked, measured),
    )


def _measured(ports: Ports, host: str) -> tuple[Checked, Rates | None]:
    before = _latest(ports, host)
    checked = look(ports, host)
    measured = rates(before, _sample(checked)) if before else None
    if measured is not None:
        return checked, measured
    ports.pause(_PAUSE_S)
    again = look(ports, host)
    return again, rates(_sample(checked), _sample(again))


def _sample(checked: Checked) -> Sample:
    return sample(checked.snapshot, checked.services)


def _latest(ports: Ports, host: str) -> Sample | None:
    """Return the last sample; without one that can be read there is another way."""
    if ports.store is None:
        return None
    try:
        return ports.store.latest(host)
    except StoreError:
        return None


def _remembered(ports: Ports, host: str, at: datetime) -> tuple[Sample | None, datetime | None]:
    """Return the worst check of the last day, and when the last kill was noticed."""
    if ports.store is None:
        return None, None
    try:
        samples = ports.store.samples(host, at - _DAY, at, services_every=_DAY)
        events = ports.store.events(host, at - _MONTH, at)
    except StoreError:
        return None, None
    told = [each for each in samples if each.mem_available_bytes is not None]
    kills = [event.at for event in events if event.kind is EventKind.OOM_KILL]
    return min(told, key=lambda each: each.mem_available_bytes or 0, default=None), max(kills, default=None)


def _kills(ports: Ports, checked: Checked) -> tuple[Kill, ...] | Gap:
    """Ask the kernel's log who was killed, unless its counter says that nobody was."""
    counters = checked.snapshot.vmstat
    if counters is not None and counters.oom_kills == 0:
        return ()
    command = oom_log.command(
        sudo=ports.config.host(checked.host).sudo, since_s=checked.snapshot.identity.uptime_s
    )
    try:
        return oom_log.parse(
            ports.hosts.shell(checked.host).run(command, timeout_s=ports.config.check.timeout_s)
        )
    except HostError as error:
        return Gap("who was killed", str(error))
