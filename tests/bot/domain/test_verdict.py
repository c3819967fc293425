"""What a look at a host says of a plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.approval import Measured
from bot.domain.plan import Goal, Saving
from bot.domain.policy import Assessment, Level
from bot.domain.units import MIB
from bot.domain.verdict import Found, Truth, cut_off, done, freed_enough, is_settled, saving, state, truth
from tests.bot.flows.remedies import World, fewer_workers
from tests.fakes.clock import START

if TYPE_CHECKING:
    from bot.domain.approval import Approval

FILE = "/etc/systemd/system/gunicorn.service.d/50-memwarden.conf"
GOAL = Goal(workers=2, active=True, files=((FILE, "new"),))
ORIGIN = Goal(workers=4, active=True, files=((FILE, None),))
ALIKE = Goal(active=True)


def found(
    workers: int | None = 4,
    *,
    active: bool | None = True,
    file: str | None = None,
    is_readable: bool = True,
    available_mib: float | None = 297,
    began_at_s: float | None = None,
    booted_at_s: float = -1000,
) -> Found:
    available = None if available_mib is None else round(available_mib * MIB)
    return Found(
        at=START,
        assessment=Assessment(Level.GOOD, 961 * MIB, available),
        workers=workers,
        active=active,
        enabled=None,
        files=((FILE, file),) if is_readable else (),
        service_bytes=186 * MIB,
        booted_at=START + timedelta(seconds=booted_at_s),
        began_at=None if began_at_s is None else START + timedelta(seconds=began_at_s),
    )


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (found(2, file="new"), Truth.REACHED),
        (found(4), Truth.ORIGIN),
        (found(4, file="new"), Truth.NEITHER),
        (found(3, file="new"), Truth.NEITHER),
        (found(2), Truth.NEITHER),
        (found(2, file="somebody else's"), Truth.NEITHER),
        (found(2, file="new", active=False), Truth.NEITHER),
        (found(None, file="new"), Truth.UNKNOWN),
        (found(2, is_readable=False), Truth.UNKNOWN),
        (found(None, active=None, is_readable=False), Truth.UNKNOWN),
        (found(3, is_readable=False), Truth.NEITHER),
    ],
)
def test_what_is_true_is_told_by_all_that_was_asked_for(seen: Found, told: Truth) -> None:
    assert truth(seen, GOAL, ORIGIN, START) is told


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (found(began_at_s=1), Truth.REACHED),
        (found(began_at_s=-1), Truth.ORIGIN),
        (found(), Truth.UNKNOWN),
        (found(active=None, began_at_s=1), Truth.UNKNOWN),
        (found(active=False), Truth.NEITHER),
    ],
)
def test_a_restart_is_told_by_when_the_service_began(seen: Found, told: Truth) -> None:
    assert truth(seen, ALIKE, ALIKE, START) is told


def test_a_goal_that_asks_for_nothing_tells_nothing() -> None:
    assert truth(found(), Goal(), Goal(), START) is Truth.UNKNOWN


def test_how_it_is_now_is_a_goal_of_the_same_kind() -> None:
    assert found(3, file="new").as_goal(GOAL) == Goal(workers=3, active=True, files=((FILE, "new"),))
    assert found(3).as_goal(ALIKE) == ALIKE


def test_two_looks_agree_to_a_hundredth_of_the_memory() -> None:
    assert is_settled(found(available_mib=300), found(available_mib=309))
    assert not is_settled(found(available_mib=300), found(available_mib=311))
    assert is_settled(found(available_mib=None), found())


@pytest.mark.parametrize(
    ("available", "service", "is_enough"),
    [
        ((96, 297), (356, 186), True),
        ((96, 100), (356, 186), True),
        ((96, 297), (None, None), True),
        ((96, 100), (356, 350), False),
        ((96, 60), (None, None), False),
        ((None, 297), (None, 186), True),
    ],
)
def test_half_of_what_was_expected_is_enough_on_the_host_or_in_the_service(
    available: tuple[int | None, int | None], service: tuple[int | None, int | None], *, is_enough: bool
) -> None:
    sizes = [None if mib is None else mib * MIB for mib in (*available, *service)]
    approval = replace(kept(), measured=Measured(*sizes))

    assert freed_enough(approval) is is_enough


@pytest.mark.parametrize(
    "expected", [Saving(None, "?"), Saving(170 * MIB, "?", exact=False), Saving(-5, "?")]
)
def test_what_nobody_could_expect_exactly_is_not_judged(expected: Saving) -> None:
    approval = kept()
    approval = replace(approval, plan=replace(approval.plan, saving=expected), measured=Measured(9, 9, 9, 9))

    assert freed_enough(approval)


def test_a_service_is_described_by_what_was_asked_for() -> None:
    assert state(found(2, file="new"), GOAL) == "2 workers"
    assert state(found(1), GOAL) == f"1 worker, {FILE} is not there"
    assert (
        state(found(0, active=False, file="x"), GOAL)
        == f"0 workers, stopped, {FILE} is another than it should be"
    )
    assert state(found(None, is_readable=False), GOAL) == (
        f"an unknown number of workers, {FILE} could not be read"
    )
    assert state(found(active=None), ALIKE) == "unknown state"
    assert state(found(), Goal(enabled=False)) == "whether it starts at boot is not known"
    assert state(found(), Goal()) == "nothing to tell it by"


def test_what_was_freed_is_said_beside_what_was_expected() -> None:
    freed = Measured(96 * MIB, 297 * MIB, None, None)
    assert saving(freed, 196 * MIB) == "freed 201 MiB (expected 196 MiB)"
    assert saving(freed, None) == "freed 201 MiB"
    assert saving(Measured(297 * MIB, 96 * MIB, None, None), -196 * MIB) == (
        "201 MiB less available (expected 196 MiB less)"
    )
    assert saving(None, 1) == "what it freed could not be measured"


def test_the_end_is_one_line() -> None:
    approval = replace(
        kept(),
        plan=replace(kept().plan, goal=GOAL),
        began_at=START,
        ended_at=START + timedelta(seconds=4.1),
        measured=Measured(96 * MIB, 297 * MIB, None, None),
    )

    assert done(approval, found(2, file="new")) == (
        "done in 4.1 s: 2 workers, freed 201 MiB (expected 170 MiB), 297 of 961 MiB available (30 %), good"
    )


@pytest.mark.parametrize(
    ("told", "booted_at_s", "sentence"),
    [
        (Truth.REACHED, -1, "memwarden ended. It is done all the same ("),
        (Truth.ORIGIN, -1, "memwarden ended: nothing was changed (gunicorn.service: 4 workers"),
        (Truth.ORIGIN, 1, "memwarden ended; web-1 rebooted meanwhile: nothing of it is left ("),
        (Truth.NEITHER, -1, "memwarden ended. It is half done ("),
        (Truth.UNKNOWN, -1, "memwarden ended. Whether it was done cannot be told ("),
    ],
)
def test_what_was_cut_off_is_told_as_it_is(told: Truth, booted_at_s: float, sentence: str) -> None:
    approval = replace(kept(), began_at=START)

    said = cut_off(approval, found(booted_at_s=booted_at_s), told, "memwarden ended")

    assert said.startswith(sentence)
    assert ("`undo 1`" in said) is (told in {Truth.NEITHER, Truth.UNKNOWN})


def kept() -> Approval:
    world = World()
    return world.approval(world.approved(fewer_workers(world)))
