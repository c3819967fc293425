"""Plans as the seed's server gets them, in every phase."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.approval import Approval, Done, Measured, Needs, Phase, Vote, Who
from bot.domain.plan import Goal, Order, Plan, Saving, Step, privileged
from bot.domain.units import MIB
from tests.bot.views.incident_samples import NOW, ago

if TYPE_CHECKING:
    from datetime import datetime

ALICE, BOB, CAROL = Who("slack:U01", "Alice"), Who("discord:2", "Bob"), Who("slack:U03", "Carol")
UNIT = "gunicorn.service"
DROP_IN = f"/etc/systemd/system/{UNIT}.d/50-memwarden.conf"
CONTENT = """\
# Written by memwarden. `memwarden` undoes it; deleting this file does too (then: systemctl daemon-reload).
[Service]
ExecStart=
ExecStart=/srv/app/venv/bin/gunicorn --workers 2 --bind 127.0.0.1:8000 config.wsgi:application
"""
_SYSTEMCTL, _HELPER = "/usr/bin/systemctl", "/usr/local/sbin/memwarden-host"


def root(*argv: str) -> tuple[str, ...]:
    return privileged(argv, is_root=False)


FEWER = tuple(
    Step(
        root(_SYSTEMCTL, "kill", "--kill-who=main", "-s", "TTOU", UNIT),
        "gunicorn lets its oldest worker finish and ends it",
        workers=left,
    )
    for left in (3, 2)
)
MORE = tuple(
    Step(root(_SYSTEMCTL, "kill", "--kill-who=main", "-s", "TTIN", UNIT), "gunicorn starts one worker more")
    for _ in range(2)
)
WORKERS = Plan(
    order=Order("set_workers", "web-1", "gunicorn", count=2),
    unit=UNIT,
    title="gunicorn 4 -> 2 workers",
    words="workers web-1 gunicorn 2",
    steps=(
        Step(root(_HELPER, "workers", UNIT, "2"), "writes the drop-in"),
        Step(("/usr/bin/cat", DROP_IN), "reads it back: it has to be what was approved", prints=CONTENT),
        Step(root(_SYSTEMCTL, "daemon-reload"), "has systemd read it"),
        *FEWER,
    ),
    undo=(
        Step(root(_HELPER, "forget", UNIT), "removes that file"),
        Step(root(_SYSTEMCTL, "daemon-reload"), "has systemd forget it"),
        *MORE,
    ),
    goal=Goal(workers=2, active=True),
    origin=Goal(workers=4, active=True),
    saving=Saving(196 * MIB, "the memory that only the two oldest workers hold (USS)"),
    lasting=True,
    lasts="survives restarts and reboots",
    at_once="two TTOU signals to the master; no restart, no request is dropped",
    undone="removes that file and starts two workers (TTIN)",
    basis=("gunicorn.service", "4 workers"),
    made_at=ago(seconds=40),
    available_bytes=96 * MIB,
    total_bytes=961 * MIB,
    files=((DROP_IN, CONTENT),),
)
STOP = replace(
    WORKERS,
    order=Order("stop_service", "web-1", "daphne"),
    unit="daphne.service",
    title="stop daphne",
    words="stop web-1 daphne",
    steps=(Step(root(_SYSTEMCTL, "stop", "daphne.service"), "stops it"),),
    undo=(Step(root(_SYSTEMCTL, "start", "daphne.service"), "starts it"),),
    goal=Goal(active=False),
    origin=Goal(active=True),
    saving=Saving(125 * MIB, "the anonymous memory of its 2 processes", exact=False),
    lasting=False,
    lasts="until web-1 reboots: then daphne starts again",
    at_once="it gets SIGTERM and ends",
    undone="starts daphne again",
    files=(),
    side_effects=("real-time updates end",),
)


def asked(plan: Plan = WORKERS, *, others_only: bool = True, typed: bool = False) -> Approval:
    return Approval(
        number=42,
        code="k7f3",
        plan=plan,
        needs=Needs(others_only=others_only, typed=typed, delay_s=30.0 if typed else 0.0),
        asked_by=ALICE,
        asked_at=ago(seconds=30),
        expires_at=ago(seconds=30) + timedelta(minutes=15),
        phase=Phase.ASKED,
        changed_at=ago(seconds=30),
        incident=12,
        audited="123:9f3a1c0277b4d5e6",
    )


def approved() -> Approval:
    return replace(asked(), phase=Phase.APPROVED, votes=(Vote(BOB, NOW),), approved_at=NOW, changed_at=NOW)


def running(count: int = 4) -> Approval:
    return replace(
        approved(),
        phase=Phase.RUNNING,
        began_at=NOW,
        steps=(*(_done(NOW, place) for place in range(count - 1)), Done(NOW + timedelta(seconds=count))),
        changed_at=NOW + timedelta(seconds=count),
    )


def _done(began_at: datetime, place: int, status: int = 0, note: str = "") -> Done:
    at = began_at + timedelta(seconds=place)
    return Done(at, at + timedelta(seconds=0.4), status, note)


def watched() -> Approval:
    at = NOW + timedelta(seconds=4.1)
    return replace(
        approved(),
        phase=Phase.WATCHED,
        began_at=NOW,
        ended_at=at,
        changed_at=at,
        steps=tuple(_done(NOW, place) for place in range(5)),
        measured=Measured(96 * MIB, 297 * MIB, 404 * MIB, 204 * MIB),
        watch_until=at + timedelta(minutes=5),
        verdict="done in 4.1 s: 2 workers, freed 201 MiB (expected 196 MiB),"
        " 297 of 961 MiB available (30 %), good",
    )


def verified() -> Approval:
    later = watched().changed_at + timedelta(minutes=5)
    return replace(
        watched(),
        phase=Phase.VERIFIED,
        changed_at=later,
        verdict="Verified: 2 workers, freed 201 MiB (expected 196 MiB), 297 of 961 MiB available (30 %).",
    )


def not_helped() -> Approval:
    return replace(
        watched(),
        phase=Phase.NOT_HELPED,
        measured=Measured(96 * MIB, 101 * MIB, 404 * MIB, 399 * MIB),
        verdict="Not helped: freed 5 MiB (expected 196 MiB). `undo 42` takes it back.",
    )


def failed() -> Approval:
    problem = "exit status 1: Failed to reload daemon: Access denied"
    return replace(
        running(3),
        phase=Phase.FAILED,
        steps=(_done(NOW, 0), _done(NOW, 1), _done(NOW, 2, 1, problem)),
        ended_at=NOW + timedelta(seconds=3),
        verdict="Step 3 failed. It is half done (gunicorn.service: 4 workers). `undo 42` takes it back.",
    )


def interrupted() -> Approval:
    return replace(
        running(4),
        phase=Phase.INTERRUPTED,
        verdict="memwarden ended meanwhile. It is half done (gunicorn.service: 3 workers)."
        " `undo 42` takes it back.",
    )


def denied() -> Approval:
    return replace(asked(), phase=Phase.DENIED, denied_by=BOB, verdict="deploy in 5 minutes", changed_at=NOW)


def expired() -> Approval:
    at = asked().expires_at
    verdict = "Nobody approved it in time: nothing was done."
    return replace(asked(), phase=Phase.EXPIRED, changed_at=at, verdict=verdict)


def changed() -> Approval:
    verdict = "gunicorn.service has changed since (3 workers now): plan 43 is asked for in its place."
    return replace(asked(), phase=Phase.CHANGED, changed_at=NOW, verdict=verdict)


def undone() -> Approval:
    return replace(verified(), phase=Phase.UNDONE, undone_by=43, verdict="undone by plan 43")


def undoing() -> Approval:
    plan = replace(
        WORKERS,
        title="undo plan 42 (gunicorn 4 -> 2 workers)",
        words="undo 42",
        steps=WORKERS.undo,
        undo=(),
        files=(),
        saving=Saving(-201 * MIB, "what plan 42 freed", exact=False),
        lasting=True,
        lasts="all is as if plan 42 had never been, also after a restart",
        at_once="two TTIN signals to the master",
        undone="ask for the same again: `workers web-1 gunicorn 2`",
        available_bytes=297 * MIB,
    )
    return replace(asked(plan, others_only=False), number=43, undoes=42)


PHASES = {
    "asked": asked(),
    "asked-stop": asked(STOP),
    "asked-solo": asked(STOP, others_only=False, typed=True),
    "undoing": undoing(),
    "approved": approved(),
    "running": running(),
    "watched": watched(),
    "verified": verified(),
    "not-helped": not_helped(),
    "failed": failed(),
    "interrupted": interrupted(),
    "denied": denied(),
    "expired": expired(),
    "changed": changed(),
    "undone": undone(),
}
