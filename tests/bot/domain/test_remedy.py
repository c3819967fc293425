"""What a button offers to have done: nothing that is not offered, nothing essential, no hostile name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked
from bot.domain.history import sample
from bot.domain.policy import Thresholds, assess
from bot.domain.remediation import Remediation
from bot.domain.remedy import NOTHING, Offer, remedies
from bot.domain.service import forked_workers
from bot.domain.suspects import suspects
from bot.domain.units import MIB
from tests.fakes.snapshots import known, meminfo, process, pss, snapshot

if TYPE_CHECKING:
    from bot.domain.memory import ProcessMemory
    from bot.domain.plan import Order, Plan
    from bot.domain.remediation import Argv, Situation, Target
    from bot.domain.service import KnownService


def _unused(_order: Order, _situation: Situation) -> Plan:
    raise AssertionError("a remedy is only named here")


def _grants(target: Target) -> tuple[Argv, ...]:
    return (("/usr/bin/systemctl", "stop", target.unit),)


SET_WORKERS = Remediation("set_workers", "Workers.", _unused, _grants, serves=("gunicorn",))
STOP = Remediation("stop_service", "Stops.", _unused, _grants)
GUNICORN, DAPHNE = known("gunicorn", workers=forked_workers), replace(known("daphne"), optional=True)
OWN = pss(anon=98 * MIB, uss=98 * MIB)
KNOWN = (GUNICORN, DAPHNE, known("redis"))
OFFERED = Offer((SET_WORKERS, STOP), KNOWN, most_workers=16)


def workers(unit: str = "gunicorn") -> tuple[ProcessMemory, ...]:
    path = f"/system.slice/{unit}.service"
    return tuple(
        process(pid, "gunicorn", ppid=1 if pid == 10 else 10, unit=path, anon=98 * MIB, pss=OWN)
        for pid in range(10, 15)
    )


def alone(name: str, mib: int, unit: str | None = None) -> ProcessMemory:
    return process(50, name, unit=f"/system.slice/{unit or name}.service", anon=mib * MIB)


def checked(*processes: ProcessMemory, services: tuple[KnownService, ...] = KNOWN) -> Checked:
    found = snapshot(*processes, meminfo=meminfo(available=96 * MIB))
    attributed = attribute(found, services)
    return Checked(found, attributed, break_down(found, attributed), assess(found, Thresholds()))


SHORT = checked(*workers(), alone("daphne", 125))


def test_fewer_workers_come_first_then_what_can_be_done_without() -> None:
    assert [(each.service, each.label, each.words) for each in remedies(SHORT, OFFERED)] == [
        ("gunicorn", "Fix: 4 -> 2 workers", "workers web-1 gunicorn 2"),
        ("daphne", "Stop daphne", "stop web-1 daphne"),
    ]


def test_where_nothing_is_offered_there_is_no_button() -> None:
    assert remedies(SHORT, NOTHING) == ()
    assert [each.service for each in remedies(SHORT, replace(OFFERED, remediations=(STOP,)))] == ["daphne"]


def test_workers_are_only_offered_where_their_number_can_be_set() -> None:
    other = replace(SET_WORKERS, serves=("puma",))

    assert remedies(checked(*workers()), replace(OFFERED, remediations=(other,))) == ()


def test_more_workers_than_may_be_asked_for_are_not_offered() -> None:
    assert remedies(checked(*workers()), replace(OFFERED, most_workers=1)) == ()


def test_what_no_right_is_ever_granted_for_is_not_offered() -> None:
    by_hand = replace(SET_WORKERS, grants=lambda _target: ())

    assert remedies(checked(*workers()), replace(OFFERED, remediations=(by_hand,))) == ()


@pytest.mark.parametrize("name", ["gunicorn", "gunicorn.service"])
def test_what_the_configuration_forbids_for_a_service_is_not_offered(name: str) -> None:
    offered = replace(OFFERED, forbidden={name: frozenset({"set_workers"})})

    assert [each.service for each in remedies(SHORT, offered)] == ["daphne"]


def test_what_is_forbidden_for_an_instance_is_offered_for_another() -> None:
    found = checked(
        alone("daphne", 125, "daphne@shop"),
        process(51, "daphne", unit="/system.slice/daphne@blog.service", anon=60 * MIB),
    )
    offered = replace(OFFERED, forbidden={"daphne@shop": frozenset({"stop_service"})})

    assert [each.words for each in remedies(found, offered)] == ['stop web-1 "daphne daphne@blog"']


@pytest.mark.parametrize(
    "found",
    [
        checked(alone("redis", 200)),
        checked(alone("daphne", 2)),
        checked(alone("daphne", 125), services=(replace(DAPHNE, essential=True),)),
        checked(*workers(), services=(replace(GUNICORN, essential=True),)),
        checked(alone("daphne", 125, "ssh-daphne")),
        checked(process(50, "daphne", unit="/user.slice/user-1000.slice/session-1.scope", anon=125 * MIB)),
    ],
    ids=["keeps data", "small", "essential", "essential workers", "essential unit", "of a user"],
)
def test_what_must_not_or_cannot_be_touched_is_not_offered(found: Checked) -> None:
    assert remedies(found, OFFERED) == ()


def test_two_of_a_kind_are_told_apart_in_the_words() -> None:
    found = checked(
        alone("daphne", 125, "daphne@shop"),
        process(51, "daphne", unit="/system.slice/daphne@blog.service", anon=60 * MIB),
    )

    assert [each.words for each in remedies(found, OFFERED)] == [
        'stop web-1 "daphne daphne@shop"',
        'stop web-1 "daphne daphne@blog"',
    ]


@pytest.mark.parametrize("unit", ["daphne@a\\x22b", "daphne@$(reboot)", "daphne@a;b"])
def test_a_name_that_could_be_misread_gets_no_button(unit: str) -> None:
    found = checked(
        alone("daphne", 125, unit),
        process(51, "daphne", unit="/system.slice/daphne@x;y.service", anon=60 * MIB),
    )

    assert remedies(found, OFFERED) == ()


def test_suspects_carry_their_remedies() -> None:
    now = sample(SHORT.snapshot, SHORT.services)

    with_, without = suspects(SHORT, None, now, OFFERED), suspects(SHORT, None, now)

    assert [each.remedy_words for each in with_] == ["workers web-1 gunicorn 2", "stop web-1 daphne"]
    assert [each.remedy_label for each in without] == ["", ""]
