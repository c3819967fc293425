"""A service that died."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.host_state import Start
from bot.domain.inspection import UnitState
from bot.domain.oom import Kill
from bot.domain.policy import Severity
from bot.rules.service_died import RULE
from tests.bot.rules.observations import after, checked, observed, read, read_one, signal, state
from tests.fakes.snapshots import process, snapshot

WARNING = Severity.WARNING
UNIT = "redis-server.service"
FAILED = UnitState("failed", "failed", "exit-code", 0, "enabled")
STOPPED = UnitState("inactive", "dead", "success", 0, "enabled")
WAITING = UnitState("activating", "auto-restart", "signal", 2, "enabled")
KEPT = state(starts=(Start("redis", UNIT, 500, after(-9000)),))
RUNNING = checked(snapshot(process(5, "redis-server", unit=f"/system.slice/{UNIT}")))
WITHOUT = checked(snapshot(process(4, "nginx", unit="/system.slice/nginx.service")))


def test_a_unit_that_failed_is_a_breach_at_once_of_its_service() -> None:
    found = read_one(RULE, observed(WITHOUT, kept=KEPT, units={UNIT: FAILED}))

    assert (found.reached, found.kept, found.at_once) == (WARNING, WARNING, True)
    assert (found.cause, found.subject) == ("service redis", UNIT)
    assert found.sentence == "redis-server died: systemd says failed with the result exit-code"


@pytest.mark.parametrize("ended", [STOPPED, replace(STOPPED, result=""), replace(STOPPED, active="active")])
def test_what_somebody_stopped_or_what_was_done_is_no_breach(ended: UnitState) -> None:
    assert read_one(RULE, observed(WITHOUT, kept=KEPT, units={UNIT: ended})).kept is None


def test_what_systemd_is_about_to_start_again_has_to_stay_away_for_a_while() -> None:
    found = read_one(RULE, observed(WITHOUT, kept=KEPT, units={UNIT: WAITING}))

    assert (found.reached, found.at_once) == (WARNING, False)
    assert (
        found.sentence == "redis-server died: systemd says activating (auto-restart) with the result signal"
    )


@pytest.mark.parametrize("unit", [UNIT, "redis-server"])
def test_what_the_oom_killer_ended_belongs_to_the_lack_of_memory(unit: str) -> None:
    by_result = observed(WITHOUT, units={UNIT: replace(FAILED, result="oom-kill")})
    by_kill = observed(WITHOUT, units={UNIT: FAILED}, kills=(Kill("redis-server", unit=unit),))

    for observation in (by_result, by_kill):
        found = read_one(RULE, observation)
        assert found.cause == "memory"
        assert found.sentence == "redis-server died: the OOM killer killed a process of it"


def test_a_kill_without_a_unit_belongs_to_no_unit() -> None:
    found = read_one(RULE, observed(WITHOUT, units={UNIT: FAILED}, kills=(Kill("job"),)))

    assert found.cause == "service redis-server"


def test_a_service_that_began_anew_has_not_died() -> None:
    assert read(RULE, observed(RUNNING, units={UNIT: replace(FAILED, active="active")})) == ()


def test_what_is_gone_stays_gone_until_it_runs_again() -> None:
    told = signal("service_died", UNIT, WARNING, cause="memory", sentence="redis-server died")
    kept = state(signals=(told,))

    still = read_one(RULE, observed(WITHOUT, kept=kept))
    again = read_one(RULE, observed(RUNNING, kept=kept))

    assert (still.reached, still.cause, still.sentence) == (WARNING, "memory", "redis-server died")
    assert (again.kept, again.cause, again.subject) == (None, "memory", UNIT)
    assert again.sentence == "redis-server runs again"


def test_one_that_was_about_to_begin_keeps_pointing_there() -> None:
    told = replace(signal("service_died", UNIT, WARNING), severity=None, toward=WARNING)

    assert read_one(RULE, observed(WITHOUT, kept=state(signals=(told,)))).reached is WARNING


def test_it_may_be_configured_to_be_critical() -> None:
    settings = replace(RULE.defaults, critical=1)

    assert read_one(RULE, observed(WITHOUT, units={UNIT: FAILED}), settings).reached is Severity.CRITICAL
