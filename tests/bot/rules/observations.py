"""What a rule is given, with sensible values for whatever a test does not care about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked, Failed
from bot.domain.history import Sample, ServiceSample
from bot.domain.host_state import HostState
from bot.domain.policy import Assessment, Level
from bot.domain.rule import Observation
from bot.domain.signal import Signal
from bot.domain.units import GIB, MIB
from tests.fakes.snapshots import NOON, known, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.domain.event import Event
    from bot.domain.host_state import Start
    from bot.domain.inspection import UnitState
    from bot.domain.memory import Snapshot
    from bot.domain.oom import Kill
    from bot.domain.policy import Severity
    from bot.domain.rule import Reading, Rule, Settings
    from bot.errors import HostError

BOOT = "7deb53e0-174c-4787-b8da-b47ddf140bdd"
KNOWN = (
    known("gunicorn", units=("gunicorn.service",)),
    known("redis", "redis-server", units=("redis-server.service",)),
)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def sample(
    seconds: float = 0,
    *,
    available: int | None = 400 * MIB,
    total: int = 1000 * MIB,
    boot_id: str = BOOT,
    swapped_in: int | None = 0,
    oom_kills: int | None = 0,
    services: Mapping[str, int] | None = None,
    method: str = "RSS",
) -> Sample:
    """Make what is kept of a check, some seconds after noon."""
    return Sample(
        host="web-1",
        taken_at=after(seconds),
        boot_id=boot_id,
        mem_total_bytes=total,
        mem_available_bytes=available,
        mem_free_bytes=0,
        swap_total_bytes=GIB,
        swap_used_bytes=0,
        swapped_in_bytes=swapped_in,
        swapped_out_bytes=0,
        major_faults=0,
        oom_kills=oom_kills,
        pressure_some_avg10=None,
        pressure_full_avg10=None,
        services=tuple(ServiceSample(name, held, method) for name, held in (services or {}).items()),
    )


def checked(
    seen: Snapshot | None = None,
    *,
    total: int = 1000 * MIB,
    available: int | None = 400 * MIB,
    confined: bool = False,
) -> Checked:
    """Make a look that was answered, and what it was judged to be."""
    found = snapshot() if seen is None else seen
    services = attribute(found, KNOWN)
    return Checked(
        snapshot=found,
        services=services,
        breakdown=break_down(found, services),
        assessment=Assessment(Level.GOOD, total, available, confined),
    )


def failed(error: HostError) -> Failed:
    return Failed("web-1", error, NOON)


def state(
    seconds: float = -60,
    *,
    answered_s: float | None = None,
    boot_id: str = BOOT,
    oom_kills: int | None = 0,
    starts: tuple[Start, ...] = (),
    signals: tuple[Signal, ...] = (),
    largest: str = "",
    largest_bytes: int | None = None,
) -> HostState:
    """Make what was kept of the host at its last check, some seconds after noon."""
    return HostState(
        host="web-1",
        checked_at=after(seconds),
        answered_at=after(seconds if answered_s is None else answered_s),
        boot_id=boot_id,
        oom_kills=oom_kills,
        starts=starts,
        signals=signals,
        largest=largest,
        largest_bytes=largest_bytes,
    )


def signal(
    rule: str, subject: str, severity: Severity, *, cause: str = "memory", sentence: str = "as it was"
) -> Signal:
    return Signal(rule, subject, cause, severity, after(-600), sentence)


def observed(
    outcome: Checked | Failed,
    *,
    at: datetime = NOON,
    now: Sample | None = None,
    before: Sample | None = None,
    kept: HostState | None = None,
    recent: Iterable[Sample] = (),
    history: Iterable[Sample] = (),
    units: Mapping[str, UnitState] | None = None,
    kills: tuple[Kill, ...] = (),
    events: tuple[Event, ...] = (),
) -> Observation:
    """Make an observation; the history holds what it is given, as far back as it is asked for."""
    past = tuple(history)
    return Observation(
        host="web-1",
        at=at,
        outcome=outcome,
        sample=now,
        before=before,
        state=kept,
        recent=tuple(recent),
        history=lambda span: tuple(each for each in past if at - span <= each.taken_at < at),
        units=units or {},
        kills=kills,
        events=events,
    )


def read(rule: Rule, observation: Observation, settings: Settings | None = None) -> tuple[Reading, ...]:
    return tuple(rule.judge(observation, settings or rule.defaults))


def read_one(rule: Rule, observation: Observation, settings: Settings | None = None) -> Reading:
    (reading,) = read(rule, observation, settings)
    return reading
