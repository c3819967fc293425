"""A service that keeps restarting."""

from __future__ import annotations

import pytest

from bot.domain.event import Event, EventKind
from bot.domain.inspection import UnitState
from bot.domain.policy import Severity
from bot.rules.service_restarting import RULE
from tests.bot.rules.observations import after, checked, observed, read, read_one, signal, state
from tests.fakes.snapshots import process, snapshot

WARNING = Severity.WARNING
UNIT = "redis-server.service"
RUNNING = checked(snapshot(process(5, "redis-server", unit=f"/system.slice/{UNIT}")))


def started(*minutes_ago: float, subject: str = "redis") -> tuple[Event, ...]:
    return tuple(
        Event("web-1", after(-60 * minutes), EventKind.SERVICE_STARTED, subject, "")
        for minutes in sorted(minutes_ago, reverse=True)
    )


def anew(restarts: int | None) -> dict[str, UnitState]:
    return {UNIT: UnitState("active", "running", "success", restarts, "enabled")}


def test_a_third_restart_within_a_quarter_of_an_hour_is_a_breach_at_once() -> None:
    found = read_one(RULE, observed(RUNNING, units=anew(3), events=started(4, 9)))

    assert (found.reached, found.at_once) == (WARNING, True)
    assert (found.cause, found.subject) == ("service redis", UNIT)
    assert found.sentence == "redis-server restarted 3 times within 15 min"


@pytest.mark.parametrize(
    "events",
    [started(), started(4), started(4, 20), started(4, 9, subject="nginx"), started(-4, -9)],
)
def test_fewer_older_and_others_restarts_are_none(events: tuple[Event, ...]) -> None:
    assert read_one(RULE, observed(RUNNING, units=anew(9), events=events)).reached is None


def test_who_starts_a_service_by_hand_is_not_systemd() -> None:
    assert read_one(RULE, observed(RUNNING, units=anew(0), events=started(4, 9))).kept is None


def test_without_systemds_own_count_what_was_seen_counts() -> None:
    assert read_one(RULE, observed(RUNNING, units=anew(None), events=started(4, 9))).reached is WARNING


@pytest.mark.parametrize(("events", "kept"), [(started(8, 14), WARNING), (started(14), None), ((), None)])
def test_it_ends_when_hardly_any_restart_is_left_within_the_time(
    events: tuple[Event, ...], kept: Severity | None
) -> None:
    told = signal("service_restarting", UNIT, WARNING)

    found = read_one(RULE, observed(RUNNING, kept=state(signals=(told,)), events=events))

    assert (found.reached, found.kept) == (None, kept)


def test_a_service_that_began_long_ago_is_not_spoken_of() -> None:
    assert read(RULE, observed(RUNNING, events=started(4, 9, 14))) == ()
