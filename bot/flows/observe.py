"""A look at a host, and what it gives reason to ask: units that changed, who was killed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.check import Checked
from bot.domain.comparison import completed, difference, kills_by_counters
from bot.domain.history import sample, swap_in_bytes_per_s
from bot.domain.memory import Gap
from bot.domain.rule import Observation
from bot.errors import ConfigError, HostError
from bot.facts import oom_log, unit_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.check import Failed
    from bot.domain.comparison import Difference
    from bot.domain.history import Sample
    from bot.domain.host_state import HostState
    from bot.domain.inspection import UnitState
    from bot.domain.oom import Kill
    from bot.ports import Completed, Ports, Store

_RECENT = timedelta(minutes=30)
_EVENTFUL = timedelta(hours=1)
_MOST_UNITS = 5
_FOLLOW_UP_TIMEOUT_S = 10.0
# The kernel's log and our clock need not agree to the second.
_LEEWAY_S = 30.0


def observe(
    ports: Ports, store: Store, outcome: Checked | Failed, state: HostState | None
) -> tuple[Observation, Difference | None]:
    """Gather all that rules want to know, and what is different from the check before. Raises StoreError."""
    if not isinstance(outcome, Checked):
        return _observation(store, outcome, outcome.at, state, None), None
    at = outcome.snapshot.taken_at
    now = sample(outcome.snapshot, outcome.services)
    seen = _observation(store, outcome, at, state, now)
    if seen.before is not None:
        seen = replace(
            seen, outcome=replace(outcome, swap_in_bytes_per_s=swap_in_bytes_per_s(seen.before, now))
        )
    different = difference(state, outcome, seen.recent)
    return replace(
        seen,
        units=_units(ports, outcome.host, state, different),
        kills=_kills(ports, outcome, state, different),
    ), different


def _observation(
    store: Store, outcome: Checked | Failed, at: datetime, state: HostState | None, now: Sample | None
) -> Observation:
    host = outcome.host
    recent = store.samples(host, at - _RECENT, at)
    return Observation(
        host=host,
        at=at,
        outcome=outcome,
        sample=now,
        before=recent[-1] if recent else store.latest(host),
        state=state,
        recent=recent,
        history=lambda span: store.samples(host, at - span, at),
        events=store.events(host, at - _EVENTFUL, at),
    )


def _units(
    ports: Ports, host: str, state: HostState | None, different: Difference
) -> Mapping[str, UnitState]:
    """Ask systemd about units that changed or that a rule follows; one that cannot be asked is left out.

    One that is dead may have been stopped or reset meanwhile, which no process tells.
    """
    following = {rule.name for rule in ports.rules if rule.follows_units}
    followed = (s.subject for s in (state.signals if state else ()) if s.rule in following)
    states = {}
    for unit in tuple(dict.fromkeys((*different.units, *followed)))[:_MOST_UNITS]:
        answer = _ask(ports, host, unit_state.command(unit))
        told = unit_state.parse(answer) if answer else None
        if told is not None and not isinstance(told, Gap):
            states[unit] = told
    return states


def _kills(
    ports: Ports, checked: Checked, state: HostState | None, different: Difference
) -> tuple[Kill, ...]:
    """Name the killed by the kernel's log, else by the counters and by who is gone."""
    if state is None or not different.kills:
        return ()
    counted = kills_by_counters(state, checked.snapshot, different.kills)
    taken_at = checked.snapshot.taken_at
    since_s = (taken_at - (state.answered_at or taken_at)).total_seconds() + _LEEWAY_S
    sudo = ports.config.host(checked.host).sudo
    for argv in (oom_log.command(sudo=sudo, since_s=since_s), oom_log.ring_command(sudo=sudo)):
        answer = _ask(ports, checked.host, argv)
        logged = oom_log.parse(answer) if answer else ()
        if logged and not isinstance(logged, Gap):
            return completed(logged, counted)
    return counted


def _ask(ports: Ports, host: str, argv: tuple[str, ...]) -> Completed | None:
    """Ask a host for more; that it does not answer loses nothing of the check."""
    timeout_s = min(_FOLLOW_UP_TIMEOUT_S, ports.config.check.timeout_s)
    try:
        return ports.hosts.shell(host).run(argv, timeout_s=timeout_s)
    except (HostError, ConfigError):
        return None
