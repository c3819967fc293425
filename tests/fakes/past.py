"""What a store remembers of a host: a day of the seed's server, on which gunicorn ran into the OOM killer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.event import Event, EventKind
from bot.domain.history import Sample, ServiceSample
from bot.domain.incident import Incident, State, Suspect
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.domain.units import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

TOTAL = 961 * MIB
BOOT = "7deb53e0-174c-4787-b8da-b47ddf140bdd"
HERE = Destination("terminal")


def sample_at(
    at: datetime,
    available_mib: float | None,
    *,
    host: str = "web-1",
    services: dict[str, float] | None = None,
    boot_id: str = BOOT,
    swapped_in: int | None = 0,
    faults: int | None = 0,
    oom_kills: int | None = 0,
    system_s: float | None = None,
    total_s: float | None = None,
) -> Sample:
    """Make a sample of the seed's server, sizes in MiB."""
    return Sample(
        host=host,
        taken_at=at,
        boot_id=boot_id,
        mem_total_bytes=TOTAL,
        mem_available_bytes=None if available_mib is None else round(available_mib * MIB),
        mem_free_bytes=30 * MIB,
        swap_total_bytes=0,
        swap_used_bytes=0,
        swapped_in_bytes=swapped_in,
        swapped_out_bytes=0,
        major_faults=faults,
        oom_kills=oom_kills,
        pressure_some_avg10=None,
        pressure_full_avg10=None,
        services=tuple(
            ServiceSample(name, round(mib * MIB), "PSS")
            for name, mib in ({"gunicorn": 404.0, "daphne": 125.0} if services is None else services).items()
        ),
        cpu_system_s=system_s,
        cpu_total_s=total_s,
    )


def day(until: datetime, *, host: str = "web-1", minutes: int = 5) -> Iterator[Sample]:
    """A sample every few minutes of the last day: gunicorn grew until it was killed 18 hours ago.

    For an hour, 12 hours ago, nothing was measured.
    """
    for place in range(24 * 60 // minutes, -1, -1):
        ago = timedelta(minutes=place * minutes)
        hours = ago.total_seconds() / 3600
        if 11.5 < hours <= 12.5:
            continue
        grown = (21 - hours) * 90 if 18 < hours <= 21 else 0
        gunicorn = 300 + grown + (18 - hours if hours <= 18 else 0)
        services = {"gunicorn": gunicorn, "daphne": 125, "system": 61, "redis": 50, "nginx": 40}
        yield sample_at(
            until - ago, max(14, 961 - 110 - sum(services.values())), host=host, services=services
        )


def incident_of(
    until: datetime, number: int = 12, *, host: str = "web-1", told: bool = True, hours_ago: float = 19
) -> Incident:
    """An incident that lasted 70 minutes and that Alice acknowledged."""
    opened = until - timedelta(hours=hours_ago)
    return Incident(
        id=number,
        host=host,
        cause="memory",
        state=State.RESOLVED,
        severity=Severity.CRITICAL,
        worst=Severity.CRITICAL,
        opened_at=opened,
        changed_at=opened + timedelta(minutes=70),
        seen_at=opened,
        suspects=(Suspect("gunicorn", 404 * MIB, advice="gunicorn 4 -> 2 workers frees about 196 MiB"),),
        destinations=(HERE,),
        told_at=opened if told else None,
        acknowledged_by="Alice" if told else "",
        resolved_at=opened + timedelta(minutes=70),
    )


def kill(until: datetime, *, host: str = "web-1") -> Event:
    """The kill that ended it."""
    return Event(
        host, until - timedelta(hours=18), EventKind.OOM_KILL, "gunicorn", "the OOM killer killed gunicorn"
    )
