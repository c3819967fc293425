"""Stopping a service: what is done, how long it lasts, what it brings, and how it is undone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.plan import Goal, Order, Plan
from bot.domain.units import MIB
from bot.errors import Refused
from bot.remediations.stop_service import REMEDIATION
from tests.bot.remediations.situations import commands, one_process, situation, undoing, ungranted
from tests.fakes.units import starting, unit

NAME = "daphne.service"
TEXT = starting("/srv/venv/bin/daphne -u /run/daphne.sock shop.asgi:application")
STATES = ("enabled", "disabled", "static", "indirect", "generated", "enabled-runtime", "")


def stop(option: str = "", *, is_root: bool = False, uss_mib: int | None = 112, **properties: str) -> Plan:
    daphne = one_process(NAME, "/srv/venv/bin/daphne", uss_mib=uss_mib)
    found = situation(unit(TEXT, name=NAME, **properties), daphne, is_root=is_root)
    return REMEDIATION.plan(Order("stop_service", "web-1", "daphne", option=option), found)


def test_it_is_stopped_and_started_again() -> None:
    plan = stop()

    assert commands(plan) == ["/usr/bin/systemctl stop daphne.service"]
    assert undoing(plan) == ["/usr/bin/systemctl start daphne.service"]
    assert (plan.goal, plan.origin) == (Goal(active=False), Goal(active=True))
    assert (plan.title, plan.words) == ("stop daphne", "stop web-1 daphne")


def test_it_tells_what_it_frees_and_what_people_lose() -> None:
    plan = stop()

    assert (plan.saving.expected_bytes, plan.saving.exact) == (112 * MIB, True)
    assert plan.saving.basis == "what only its process holds (USS)"
    assert plan.side_effects == ("real-time updates end",)


def test_an_enabled_service_starts_at_the_next_boot() -> None:
    plan = stop()

    assert not plan.lasting
    assert plan.lasts == "until the host is rebooted: it is enabled and starts at boot"


def test_for_good_it_is_disabled_too_and_enabled_again() -> None:
    plan = stop("lasting")

    assert commands(plan) == [f"/usr/bin/systemctl {verb} daphne.service" for verb in ("stop", "disable")]
    assert undoing(plan) == [f"/usr/bin/systemctl {verb} daphne.service" for verb in ("enable", "start")]
    assert (plan.goal, plan.origin) == (Goal(active=False, enabled=False), Goal(active=True, enabled=True))
    assert plan.lasting
    assert plan.words == "stop web-1 daphne lasting"


@pytest.mark.parametrize("option", ["", "lasting"])
def test_what_is_disabled_stays_stopped_anyway(option: str) -> None:
    plan = stop(option, UnitFileState="disabled")

    assert commands(plan) == ["/usr/bin/systemctl stop daphne.service"]
    assert plan.lasting
    assert plan.lasts == "it stays stopped, also after a reboot"


@pytest.mark.parametrize("state", ["static", "generated", "indirect", "enabled-runtime", ""])
def test_what_others_start_does_not_stay_stopped_and_cannot_be_disabled(state: str) -> None:
    plan = stop(UnitFileState=state)

    assert not plan.lasting
    assert plan.lasts == "until the host is rebooted, or another unit starts it"
    with pytest.raises(Refused, match="it can be stopped"):
        stop("lasting", UnitFileState=state)


def test_a_socket_starts_it_again() -> None:
    plan = stop(TriggeredBy="daphne.socket", UnitFileState="disabled")

    assert not plan.lasting
    assert plan.lasts == "until daphne.socket starts it again"
    assert "daphne.socket starts it again when something asks for it" in plan.side_effects
    with pytest.raises(Refused, match=r"systemctl disable --now daphne\.socket daphne\.service"):
        stop("lasting", TriggeredBy="daphne.socket")


def test_what_systemd_stops_with_it_is_said() -> None:
    plan = stop(RequiredBy="chat.service", ConsistsOf="chat.service feed.service")

    said = "systemd stops chat.service, feed.service as well, and starting daphne.service does not start that"
    assert said in plan.side_effects


@pytest.mark.parametrize("other", ["ssh.service", "systemd-networkd.service", "dbus.service"])
def test_what_an_essential_service_needs_is_not_stopped(other: str) -> None:
    with pytest.raises(Refused, match=f"{other} needs daphne.service and is essential"):
        stop(BoundBy=other)


def test_what_may_not_be_stopped_by_hand_is_not() -> None:
    with pytest.raises(Refused, match="is not stopped by hand"):
        stop(RefuseManualStop="yes")


def test_what_does_not_run_is_not_stopped() -> None:
    with pytest.raises(Refused, match="daphne does not run on web-1: there is nothing to stop"):
        stop(ActiveState="inactive")


def test_root_needs_no_sudo() -> None:
    assert stop(is_root=True).steps[0].argv == ("/usr/bin/systemctl", "stop", NAME)


def test_without_uss_the_number_is_at_most_that() -> None:
    plan = stop(uss_mib=None)

    assert (plan.saving.expected_bytes, plan.saving.exact) == (115 * MIB, False)


def test_the_plan_is_another_when_its_unit_is() -> None:
    assert stop().fingerprint == stop().fingerprint
    assert stop().fingerprint != stop(UnitFileState="disabled").fingerprint


@given(
    state=st.sampled_from(STATES),
    option=st.sampled_from(("", "lasting")),
    by=st.sampled_from(("", "a.socket")),
)
def test_every_command_of_every_plan_is_granted(state: str, option: str, by: str) -> None:
    try:
        plan = stop(option, UnitFileState=state, TriggeredBy=by)
    except Refused:
        return

    assert ungranted(plan, REMEDIATION) == []
