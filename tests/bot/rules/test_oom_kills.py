"""OOM kills."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.oom import Kill
from bot.domain.policy import Severity
from bot.domain.units import MIB
from bot.errors import CommandTimedOut
from bot.rules.oom_kills import RULE
from tests.bot.rules.observations import checked, failed, observed, read, read_one, sample, signal, state
from tests.fakes.snapshots import identity, snapshot

if TYPE_CHECKING:
    from bot.domain.host_state import HostState

CRITICAL = Severity.CRITICAL
GUNICORN = Kill("gunicorn", 312, 312 * MIB, "gunicorn.service", "redis-server", 404 * MIB, "the kernel's log")


def test_a_kill_is_critical_at_once_and_names_who_died_and_who_was_largest() -> None:
    found = read_one(RULE, observed(checked(), now=sample(), kills=(GUNICORN,)))

    assert (found.reached, found.kept, found.cause, found.at_once) == (CRITICAL, CRITICAL, "memory", True)
    assert found.sentence == (
        "the OOM killer killed gunicorn (312 MiB) in gunicorn;"
        " the largest process at the check before was redis-server with 404 MiB"
    )


def test_the_largest_is_not_named_twice_where_it_is_the_victim() -> None:
    kill = replace(GUNICORN, largest="gunicorn")

    assert read_one(RULE, observed(checked(), now=sample(), kills=(kill,))).sentence == (
        "the OOM killer killed gunicorn (312 MiB) in gunicorn"
    )


def test_of_many_kills_the_first_are_named() -> None:
    kills = (GUNICORN, *(Kill(f"job-{n}") for n in range(4)))

    assert read_one(RULE, observed(checked(), now=sample(), kills=kills)).sentence.startswith(
        "the OOM killer killed 5 processes: gunicorn (312 MiB) in gunicorn, job-0, job-1 and 2 more;"
    )


@pytest.mark.parametrize(
    ("grown", "sentence"),
    [
        (1, "the OOM killer killed 1 process, which one is not known"),
        (3, "the OOM killer killed 3 processes, which is not known"),
    ],
)
def test_the_counter_misses_none_even_where_nobody_is_named(grown: int, sentence: str) -> None:
    kept = state(oom_kills=7, largest="java", largest_bytes=500 * MIB)

    found = read_one(RULE, observed(checked(), now=sample(oom_kills=7 + grown), kept=kept))

    assert found.reached is CRITICAL
    assert found.sentence == f"{sentence}; the largest process at the check before was java with 500 MiB"


def test_a_name_is_plain_text_and_no_longer_than_it_has_to_be() -> None:
    found = read_one(RULE, observed(checked(), now=sample(), kills=(Kill("\n\x1b[31m" + "x" * 999),)))

    assert found.sentence.isprintable()
    assert len(found.sentence) < 120


def test_what_was_said_stays_until_its_hold_is_over() -> None:
    kept = state(signals=(signal("oom_kills", "", CRITICAL, sentence="the OOM killer killed x"),))

    found = read_one(RULE, observed(checked(), now=sample(), kept=kept))

    assert (found.reached, found.kept, found.sentence) == (None, None, "the OOM killer killed x")
    assert RULE.defaults.clear_hold_s == 600


@pytest.mark.parametrize(
    ("kept", "counted"),
    [
        (None, 5),
        (state(oom_kills=None), 5),
        (state(oom_kills=0), None),
        (state(oom_kills=9), 5),
        (state(oom_kills=0, boot_id="another"), 5),
        (state(oom_kills=0, boot_id=""), 5),
        (state(oom_kills=0), 1 << 60),
    ],
)
def test_a_counter_that_cannot_be_compared_is_no_kill(kept: HostState | None, counted: int | None) -> None:
    assert read(RULE, observed(checked(), now=sample(oom_kills=counted), kept=kept)) == ()


def test_the_kills_of_its_machine_are_not_the_containers() -> None:
    contained = checked(snapshot(identity=identity(container="docker")))

    assert read(RULE, observed(contained, now=sample(oom_kills=9), kept=state(oom_kills=0))) == ()
    assert read_one(RULE, observed(contained, now=sample(), kills=(GUNICORN,))).reached is CRITICAL


def test_a_host_that_was_not_seen_tells_nothing() -> None:
    assert read(RULE, observed(failed(CommandTimedOut("slow")), kept=state(oom_kills=0))) == ()
