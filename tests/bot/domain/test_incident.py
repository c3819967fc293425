"""An incident follows what is broken: what is told, what only changes the card, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.incident import (
    Breach,
    Change,
    Incident,
    News,
    State,
    Turn,
    alarmed_at,
    breaches_of,
    followed,
    news_since,
    opened,
    reopened,
    resolved,
    told,
)
from bot.domain.policy import Severity
from bot.domain.signal import Signal
from tests.fakes.snapshots import NOON

KILLED = "the OOM killer killed gunicorn"


def breach(
    severity: Severity = Severity.WARNING, rule: str = "memory", sentence: str = "15 % left"
) -> Breach:
    return Breach(rule, "", severity, sentence, NOON)


def incident(severity: Severity = Severity.WARNING) -> Incident:
    return opened(12, "web-1", "memory", (breach(severity),), NOON)


def after(
    before: Incident, *breaches: Breach, minutes: float = 1, news: tuple[News, ...] = (), seen: bool = True
) -> Incident:
    at = NOON + timedelta(minutes=minutes)
    return followed(before, breaches, news, at, at if seen else before.seen_at)


def turns(before: Incident, now: Incident) -> list[Turn]:
    return [change.turn for change in news_since(before, now)]


def test_the_breaches_of_a_cause_are_its_signals_that_hold_the_worst_first() -> None:
    def signal(rule: str, severity: Severity | None, cause: str = "memory") -> Signal:
        return Signal(rule, "", cause, severity, NOON, rule)

    found = breaches_of(
        [
            signal("swap_in", Severity.WARNING),
            signal("memory", Severity.CRITICAL),
            signal("pressure", None),
            signal("unreachable", Severity.CRITICAL, "reach"),
        ],
        "memory",
    )

    assert [each.rule for each in found] == ["memory", "swap_in"]


def test_nothing_new_changes_nothing() -> None:
    before = incident()

    assert after(before, breach(sentence="14 % left")) is before


def test_figures_are_renewed_every_few_minutes_and_without_a_word() -> None:
    before = incident()

    now = after(before, breach(sentence="14 % left"), minutes=6)

    assert now.breaches[0].sentence == "14 % left"
    assert turns(before, now) == []


def test_the_figures_of_a_host_that_is_not_seen_stay_as_old_as_they_are() -> None:
    before = incident()

    assert after(before, breach(), minutes=60, seen=False) is before


def test_a_higher_severity_is_worse_and_a_lower_one_better() -> None:
    before = incident()
    worse = after(before, breach(Severity.CRITICAL, sentence="5 % left"))
    better = after(worse, breach(), minutes=2)

    assert turns(before, worse) == [Turn.WORSE]
    assert turns(worse, better) == [Turn.BETTER]
    assert (better.severity, better.worst) == (Severity.WARNING, Severity.CRITICAL)


def test_as_bad_again_soon_after_it_got_better_is_no_news() -> None:
    worse = after(incident(), breach(Severity.CRITICAL))
    better = after(worse, breach(), minutes=10)

    soon = after(better, breach(Severity.CRITICAL), minutes=20)
    late = after(better, breach(Severity.CRITICAL), minutes=50)

    assert soon.severity is Severity.CRITICAL
    assert turns(better, soon) == []
    assert turns(better, late) == [Turn.WORSE]


def test_another_rule_of_the_same_cause_joins_without_a_word() -> None:
    before = incident()

    now = after(before, breach(), breach(rule="swap_in", sentence="swap is read back"))

    assert len(now.breaches) == 2
    assert turns(before, now) == []


def test_a_kill_is_news_and_the_next_one_soon_after_is_not() -> None:
    before = incident(Severity.CRITICAL)
    killed = after(before, breach(Severity.CRITICAL), news=(News(KILLED, again=False),))
    again = after(killed, breach(Severity.CRITICAL), minutes=2, news=(News(KILLED, again=True),))
    later = after(again, breach(Severity.CRITICAL), minutes=20, news=(News(KILLED, again=True),))

    assert turns(before, killed) == [Turn.NEWS]
    assert turns(killed, again) == []
    assert turns(again, later) == [Turn.NEWS]


def test_a_kill_that_makes_it_worse_is_one_change_that_tells_both() -> None:
    before = incident()

    now = after(before, breach(Severity.CRITICAL, sentence="2 % left"), news=(News(KILLED, again=False),))

    (change,) = news_since(before, now)
    assert change == Change(Turn.WORSE, NOON + timedelta(minutes=1), f"{KILLED}; 2 % left")


def test_whoever_acknowledged_a_warning_did_not_acknowledge_that_it_is_critical() -> None:
    acknowledged = replace(
        incident(), state=State.ACKNOWLEDGED, acknowledged_at=NOON, acknowledged_by="Alice"
    )

    assert after(acknowledged, breach(Severity.CRITICAL)).state is State.TRIGGERED
    assert after(acknowledged, breach(), minutes=6).acknowledged_by == "Alice"


def test_an_end_keeps_how_bad_it_was_and_a_new_beginning_is_the_same_incident() -> None:
    at = NOON + timedelta(minutes=9)
    over = resolved(incident(Severity.CRITICAL), "49 % left", at)
    again = reopened(over, (breach(),), at + timedelta(minutes=5))

    assert (over.is_open, over.breaches, over.resolved_at) == (False, (), at)
    assert (again.id, again.state, again.resolved_at) == (12, State.TRIGGERED, None)
    assert [change.turn for change in again.story] == [Turn.OPENED, Turn.RESOLVED, Turn.REOPENED]
    assert alarmed_at(again) == at + timedelta(minutes=5)


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    long = incident()
    for number in range(100):
        long = told(long, Change(Turn.REPEATED, NOON + timedelta(hours=number), str(number)))

    assert len(long.story) <= 40
    assert long.story[0].turn is Turn.OPENED
    assert long.story[-1].sentence == "99"
