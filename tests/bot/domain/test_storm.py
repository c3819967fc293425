"""Many hosts with the same trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain import storm as storms
from bot.domain.host_state import HostState
from bot.domain.incident import Breach, Incident, State, Turn, opened, resolved
from bot.domain.policy import Severity
from bot.domain.signal import Signal
from tests.fakes.snapshots import NOON

WITHIN = timedelta(minutes=3)


def lost(number: int, minutes: float = 0, severity: Severity = Severity.WARNING) -> Incident:
    at = NOON + timedelta(minutes=minutes)
    breach = Breach("unreachable", "", severity, "no route", at)
    return opened(number, f"web-{number}", "reach", (breach,), at)


def well(number: int) -> Incident:
    return resolved(lost(number), "answers", NOON + timedelta(minutes=9))


def members(count: int, minutes: float = 0) -> tuple[Incident, ...]:
    return tuple(lost(number, minutes) for number in range(1, count + 1))


def storm(count: int = 5) -> Incident:
    return replace(storms.begun(99, members(count), NOON), told_at=NOON)


def test_a_storm_is_named_after_its_rule_and_names_its_hosts() -> None:
    begun = storm()

    assert storms.storm_rule(begun) == "unreachable"
    assert begun.breaches[0].sentence == "unreachable on 5 hosts: web-1, web-2, web-3 and 2 more"
    assert storms.storm_rule(lost(1)) == ""


def test_companions_began_at_about_the_same_time_about_the_same() -> None:
    mine = lost(1)
    others = [
        lost(2, 2),
        lost(3, 4),
        replace(lost(4), parent=99),
        replace(lost(5), silenced=True),
        replace(lost(6), breaches=(Breach("memory", "", Severity.WARNING, "", NOON),)),
        mine,
    ]

    assert [each.id for each in storms.companions(mine, others, WITHIN)] == [2]


def test_hosts_that_are_about_to_have_the_same_trouble_are_expected() -> None:
    pending = Signal(
        "unreachable", "", "reach", None, NOON, "no route", toward=Severity.WARNING, toward_since=NOON
    )
    states = [
        HostState("web-1", NOON, signals=(pending,)),
        HostState("web-2", NOON, signals=(replace(pending, severity=Severity.WARNING, toward=None),)),
        HostState("web-3", NOON),
        HostState("web-4", NOON, signals=(pending,)),
    ]

    assert [each.host for each in storms.expected(states, "unreachable", {"web-4"})] == ["web-1"]


def test_twice_as_many_hosts_are_news_and_a_few_more_are_not() -> None:
    at = NOON + timedelta(minutes=5)
    begun = storm()
    few = (*members(5), lost(6, 4), lost(7, 4))
    many = (*members(5), *(lost(number, 4) for number in range(6, 11)))

    assert len(storms.moved_on(begun, few, at, 5).story) == 1
    assert storms.moved_on(begun, many, at, 5).story[-1].turn is Turn.NEWS


def test_a_storm_is_as_bad_as_its_worst_member() -> None:
    at = NOON + timedelta(minutes=5)

    now = storms.moved_on(storm(), (*members(4), lost(5, severity=Severity.CRITICAL)), at, 5)

    assert now.severity is Severity.CRITICAL
    assert now.story[-1].turn is Turn.WORSE


def test_a_storm_that_does_not_change_stays_the_same_value() -> None:
    assert storms.moved_on(storm(), members(5), NOON + timedelta(minutes=5), 5) == storm()


def test_a_storm_ends_with_its_last_member() -> None:
    at = NOON + timedelta(minutes=9)

    assert not storms.is_over(storm(), (well(1), lost(2)), at, WITHIN)
    assert storms.is_over(storm(), (well(1), well(2)), at, WITHIN)
    over = storms.ended(storm(), (well(1), well(2)), at)
    assert over.story[-1].sentence == "all 2 hosts have recovered"


def test_a_storm_of_what_does_not_last_ends_when_nobody_joins_any_more_and_without_a_word() -> None:
    rebooted = tuple(replace(each, state=State.RESOLVED, resolved_at=each.opened_at) for each in members(5))

    assert not storms.is_over(storm(), rebooted, NOON + timedelta(minutes=2), WITHIN)
    assert storms.is_over(storm(), rebooted, NOON + timedelta(minutes=4), WITHIN)
    assert len(storms.ended(storm(), rebooted, NOON + timedelta(minutes=4)).story) == 1
