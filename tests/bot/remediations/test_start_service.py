"""Starting a service that does not run."""

from __future__ import annotations

import pytest

from bot.domain.plan import Goal, Order, Plan
from bot.errors import Refused
from bot.remediations.start_service import REMEDIATION
from tests.bot.remediations.situations import commands, situation, undoing, ungranted
from tests.fakes.units import starting, unit

NAME = "daphne.service"
TEXT = starting("/srv/venv/bin/daphne shop.asgi:application")


def start(state: str = "inactive", **properties: str) -> Plan:
    found = situation(unit(TEXT, name=NAME, ActiveState=state, **properties))
    return REMEDIATION.plan(Order("start_service", "web-1", "daphne"), found)


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_it_is_started_and_stopped_again(state: str) -> None:
    plan = start(state)

    assert commands(plan) == ["/usr/bin/systemctl start daphne.service"]
    assert undoing(plan) == ["/usr/bin/systemctl stop daphne.service"]
    assert (plan.goal, plan.origin) == (Goal(active=True), Goal(active=False))
    assert ungranted(plan, REMEDIATION) == []


def test_it_frees_nothing_and_nobody_knows_what_it_takes() -> None:
    assert start().saving.expected_bytes is None


@pytest.mark.parametrize(
    ("state", "lasting", "lasts"),
    [
        ("enabled", True, "also after a reboot: it is enabled"),
        ("disabled", False, "until the host is rebooted: it is not enabled"),
    ],
)
def test_only_what_is_enabled_runs_after_a_reboot(state: str, lasts: str, *, lasting: bool) -> None:
    plan = start(UnitFileState=state)

    assert (plan.lasting, plan.lasts) == (lasting, lasts)


@pytest.mark.parametrize("state", ["active", "activating", "reloading"])
def test_what_runs_is_not_started(state: str) -> None:
    with pytest.raises(Refused, match="daphne runs on web-1 already"):
        start(state)


def test_what_somebody_masked_is_not_started() -> None:
    with pytest.raises(Refused, match=r"systemctl unmask daphne\.service"):
        start(UnitFileState="masked")


def test_what_may_not_be_started_by_hand_is_not() -> None:
    with pytest.raises(Refused, match="is not started by hand"):
        start(RefuseManualStart="yes")
