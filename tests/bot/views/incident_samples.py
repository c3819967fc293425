"""Incidents as a night shift has them; the clock says 14:02 UTC, people read it in Rome."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.incident import (
    BLIND,
    Breach,
    Change,
    Incident,
    State,
    Suspect,
    Turn,
    opened,
    resolved,
    told,
)
from bot.domain.policy import Severity
from bot.domain.rule import MEMORY, REACH
from bot.domain.storm import begun, tally
from bot.domain.units import MIB

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 3, 2, 13, 2, 31, tzinfo=UTC)


def ago(*, minutes: float = 0, seconds: float = 0) -> datetime:
    return NOW - timedelta(minutes=minutes, seconds=seconds)


def short_of_memory(number: int = 12, host: str = "web-1") -> Incident:
    """A host that has been below its limit for two minutes."""
    breaches = (
        Breach(MEMORY, "", Severity.CRITICAL, "96 of 961 MiB available (10 %), below 10 %", ago(minutes=2)),
        Breach(
            "swap_in", "", Severity.WARNING, "1.1 MiB/s read back from swap, above 1 MiB/s", ago(minutes=3)
        ),
    )
    return replace(
        opened(number, host, MEMORY, breaches, ago(minutes=4)),
        seen_at=NOW,
        since_good=("gunicorn +84 MiB in 6 min", "at this rate full in about 9 min"),
        suspects=(
            Suspect("gunicorn", 404 * MIB, 84 * MIB, "4 -> 2 workers would free about 196 MiB"),
            Suspect("daphne", 125 * MIB, None, "can be stopped (real-time updates end)"),
            Suspect("redis", 50 * MIB, -3 * MIB),
        ),
        picture=(
            "gunicorn 404 MiB (4 workers)",
            "daphne 125",
            "redis 50",
            "kernel 102",
            "cache 71",
            "free 31",
        ),
    )


def acknowledged(incident: Incident, name: str = "Alice", at: datetime = NOW) -> Incident:
    change = Change(Turn.ACKNOWLEDGED, at, f"acknowledged by {name}", name)
    return told(replace(incident, state=State.ACKNOWLEDGED, acknowledged_at=at, acknowledged_by=name), change)


KILL = Change(
    Turn.NEWS,
    NOW,
    "the OOM killer killed gunicorn (101 MiB) in gunicorn.service;"
    " the largest process at the check before was gunicorn with 101 MiB",
)


def with_a_kill() -> Incident:
    incident = short_of_memory()
    breach = Breach("oom_kills", "", Severity.CRITICAL, KILL.sentence, NOW)
    return told(replace(incident, breaches=(*incident.breaches, breach)), KILL)


def recovered() -> Incident:
    incident = told(acknowledged(short_of_memory(), at=ago(minutes=1)), KILL)
    return resolved(incident, "297 of 961 MiB available (30 %)", NOW + timedelta(minutes=7))


def one(number: int, host: str, cause: str, breach: Breach) -> Incident:
    return replace(opened(number, host, cause, (breach,), breach.since), seen_at=NOW)


def unreachable(number: int = 13, host: str = "db-2") -> Incident:
    sentence = f"{host} does not answer within 10 s. The last answer was 3 min ago."
    return one(number, host, REACH, Breach("unreachable", "", Severity.WARNING, sentence, ago(minutes=3)))


def another_key() -> Incident:
    sentence = (
        "web-1 shows another host key than the pinned one (SHA256:Zw2 instead of SHA256:9fQ)."
        " Nothing was sent. If you reinstalled it: memwarden trust web-1."
    )
    return one(14, "web-1", REACH, Breach("host_key", "", Severity.CRITICAL, sentence, NOW))


def died() -> Incident:
    sentence = "gunicorn died: systemd says failed with the result oom-kill"
    breach = Breach("service_died", "gunicorn.service", Severity.CRITICAL, sentence, ago(minutes=1))
    return one(15, "web-1", "service gunicorn", breach)


def leak() -> Incident:
    sentence = "celery grew steadily by 310 MiB in 20 h (372 MiB per day) and holds 702 MiB"
    breach = Breach("leak", "celery (root)", Severity.WARNING, sentence, ago(minutes=61))
    return one(16, "web-1", "service celery (root)", breach)


def rebooted() -> Incident:
    sentence = "rebooted 40 s ago; it was last seen up 2 min ago after 41 d"
    breach = Breach("reboot", "", Severity.NOTICE, sentence, NOW)
    return resolved(one(17, "web-1", "reboot", breach), sentence, NOW)


def storm(size: int = 37, over: int = 0) -> tuple[Incident, tuple[Incident, ...]]:
    members = tuple(replace(unreachable(100 + n, f"web-{n:02}"), parent=18) for n in range(1, size + 1))
    now = (*(resolved(member, "the host answers", NOW) for member in members[:over]), *members[over:])
    return replace(begun(18, members, ago(minutes=3)), seen_at=NOW, picture=tally(now)), now


def blind() -> Incident:
    sentence = "None of 500 hosts can be reached since 13:59: this machine has no network"
    return one(19, "", BLIND, Breach("unreachable", "", Severity.CRITICAL, sentence, ago(minutes=3)))
