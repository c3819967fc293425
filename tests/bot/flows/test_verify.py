"""What was done is looked after for a while: does it stay, is the site well, is the memory really free?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.config import load
from bot.domain.approval import Phase
from bot.domain.plan import Goal, Step
from bot.errors import HostUnreachable
from bot.flows.execute import claim, execute
from bot.flows.verify import remind, verify
from bot.flows.watch import watch
from bot.ports import Health
from tests.bot.flows.remedies import (
    CONFIGURATION,
    UNDONE_BY_ITSELF,
    WITH_HEALTH,
    World,
    fewer_for_now,
    fewer_workers,
    systemctl,
)
from tests.fakes.machine_with_services import drop_in

if TYPE_CHECKING:
    from bot.domain.plan import Plan
    from tests.fakes.machine_with_services import Argv

FILE = drop_in("gunicorn.service")
DOWN = Health(well=False, sentence="502 Bad Gateway")


def done(world: World, plan: Plan) -> int:
    number = world.approved(plan)
    go_on(world)
    assert world.phase(number) is Phase.WATCHED
    return number


def go_on(world: World) -> None:
    for number in claim(world.ports):
        execute(world.ports, number)


def watched(world: World, minutes: float = 6) -> None:
    for _ in range(round(minutes * 4)):
        world.clock.passes(seconds=15)
        verify(world.ports)


def test_what_stays_done_and_well_is_verified_at_the_end_of_the_watch() -> None:
    world = World(CONFIGURATION + WITH_HEALTH)
    number = done(world, fewer_workers(world))

    watched(world, 4)
    assert world.phase(number) is Phase.WATCHED
    watched(world, 2)

    approval = world.approval(number)
    assert approval.phase is Phase.VERIFIED
    assert approval.verdict.startswith("Verified: 2 workers, freed 170 MiB (expected 170 MiB), ")
    assert approval.verdict.endswith(" available (35 %), good.")


def test_what_is_temporary_says_until_when() -> None:
    world = World()
    number = done(world, fewer_for_now(world))

    watched(world)

    assert "Temporary: until gunicorn.service restarts: then 4 workers" in world.approval(number).verdict


def test_workers_that_come_back_are_not_helped() -> None:
    world = World()
    number = done(world, fewer_for_now(world))
    world.machine._start(world.machine.gunicorn, world.clock())

    watched(world, 1)

    approval = world.approval(number)
    assert approval.phase is Phase.NOT_HELPED
    assert "gunicorn.service did not stay as it should be: 4 workers" in approval.verdict
    assert f"`undo {number}`" in approval.verdict


def test_a_worker_that_is_replaced_just_now_is_no_reason() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    unit, looks = world.machine.gunicorn, []

    def replacing(argv: Argv) -> None:
        if argv[0] == "sh":
            looks.append(argv)
            unit.workers, unit.ages = (1, [801]) if len(looks) == 1 else (2, [801, 802])

    world.machine.before = replacing
    watched(world, 0.25)

    assert world.phase(number) is Phase.WATCHED


def test_a_site_that_does_not_answer_is_told_and_the_way_back_offered() -> None:
    world = World(CONFIGURATION + WITH_HEALTH)
    number = done(world, fewer_workers(world))
    world.health = DOWN

    watched(world, 0.25)
    go_on(world)

    approval = world.approval(number)
    assert approval.phase is Phase.NOT_HELPED
    assert (
        approval.verdict
        == f"Not helped: gunicorn is not well: 502 Bad Gateway. `undo {number}` takes it back."
    )
    assert world.machine.gunicorn.workers == 2


def test_a_site_that_does_not_answer_is_taken_back_where_the_configuration_says_so() -> None:
    world = World(CONFIGURATION + WITH_HEALTH + "\n" + UNDONE_BY_ITSELF)
    number = done(world, fewer_workers(world))
    world.health = DOWN

    watched(world, 0.25)
    go_on(world)

    assert world.phase(number) is Phase.UNDONE
    assert world.approval(number).undone_by == number + 1
    assert world.machine.gunicorn.workers == 4
    assert drop_in("gunicorn.service") not in world.machine.files
    approvals = [(what, result) for _, what, result in world.audited() if what == f"undo plan {number}"]
    assert approvals == [(f"undo plan {number}", f"approved as plan {number + 1} by `undo_unhealthy`")]
    # That the site is still down is no reason to go round in circles.
    watched(world)
    go_on(world)
    assert len(world.store.approvals(world.clock().replace(year=2020))) == 2


def test_a_site_that_hiccups_once_is_no_reason() -> None:
    world = World(CONFIGURATION + WITH_HEALTH)
    answers = [DOWN]
    world.ports = replace(
        world.ports, health=lambda _url, _s: answers.pop() if answers else Health(well=True, sentence="200")
    )
    number = done(world, fewer_workers(world))

    watched(world, 0.25)

    assert answers == []
    assert world.phase(number) is Phase.WATCHED


def test_what_was_ill_before_is_no_reason_to_take_it_back() -> None:
    world = World(CONFIGURATION + UNDONE_BY_ITSELF + "\n" + WITH_HEALTH)
    world.health = DOWN
    number = done(world, fewer_workers(world))

    watched(world)

    approval = world.approval(number)
    assert (approval.phase, approval.undone_by) == (Phase.VERIFIED, None)
    assert approval.verdict.endswith("Before it was done: gunicorn is not well: 502 Bad Gateway.")


def test_what_cannot_be_told_is_not_called_verified() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    world.machine.hidden.add(FILE)

    watched(world, 6)
    assert world.phase(number) is Phase.WATCHED
    watched(world, 5)

    approval = world.approval(number)
    assert approval.phase is Phase.INTERRUPTED
    assert approval.verdict == f"It could not be verified: 2 workers, {FILE} could not be read."


def test_nobody_asks_a_service_that_was_stopped_for_its_health() -> None:
    world = World(CONFIGURATION + WITH_HEALTH)
    plan = replace(
        fewer_workers(world),
        steps=(Step(systemctl("stop", "gunicorn.service"), "stop it"),),
        goal=Goal(active=False),
        origin=Goal(active=True),
    )
    number = done(world, plan)
    world.health = DOWN

    watched(world)

    assert world.phase(number) is Phase.VERIFIED


def test_memory_that_was_not_freed_is_not_helped() -> None:
    world = World()
    world.machine.frees_nothing = True
    # What the workers held is taken by others at once, and the master grows by as much.
    plan = replace(fewer_workers(world), steps=fewer_workers(world).steps)
    number = done(world, plan)
    approval = world.approval(number)
    assert approval.measured is not None
    with world.store.changing() as ledger:
        before = approval.measured.service_after_bytes
        measured = replace(approval.measured, service_before_bytes=before)
        ledger.save_approval(replace(approval, measured=measured))

    watched(world)

    assert world.phase(number) is Phase.NOT_HELPED
    assert "freed 0 MiB (expected 170 MiB)" in world.approval(number).verdict


def test_a_silent_host_is_waited_for() -> None:
    world = World()
    number = done(world, fewer_workers(world))

    def silent(_argv: Argv) -> None:
        raise HostUnreachable("web-1 cannot be reached: no route to host.")

    world.machine.before = silent
    watched(world, 20)
    assert world.phase(number) is Phase.WATCHED

    world.machine.before = lambda _argv: None
    watched(world, 0.25)
    assert world.phase(number) is Phase.VERIFIED


def test_nobody_looks_after_a_host_that_is_not_configured_any_more() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    world.ports = replace(world.ports, config=load('[[host]]\nname = "db-1"', "config.toml"))

    watched(world, 0.25)

    assert world.phase(number) is Phase.INTERRUPTED


def test_what_a_later_plan_has_changed_is_over() -> None:
    world = World()
    first = done(world, fewer_for_now(world))
    world.clock.passes(seconds=20)
    plan = fewer_for_now(world)
    more = replace(
        plan,
        steps=(replace(plan.undo[0], workers=3),),
        goal=Goal(workers=3, active=True),
        origin=Goal(workers=2, active=True),
    )
    second = done(world, more)

    watched(world, 0.25)

    assert world.phase(first) is Phase.VERIFIED
    assert world.approval(first).verdict.endswith(f"plan {second} has changed it since")
    assert world.phase(second) is Phase.WATCHED


@pytest.mark.parametrize("lasting", [False, True])
def test_that_something_temporary_is_over_is_said_once(*, lasting: bool) -> None:
    world = World()
    number = done(world, fewer_workers(world) if lasting else fewer_for_now(world))
    watched(world)
    watch(world.ports, "web-1")
    remind(world.ports)
    assert "It was temporary" not in world.approval(number).verdict

    world.clock.passes(hours=5)
    world.machine._start(world.machine.gunicorn, world.clock())
    world.clock.passes(seconds=30)
    watch(world.ports, "web-1")
    for _ in range(3):
        remind(world.ports)

    told = [result for _, what, result in world.audited() if what == "temporary"]
    assert len(told) == (0 if lasting else 1)
    if not lasting:
        assert "It was temporary, and is over (19:" in world.approval(number).verdict
        assert told[0].endswith(": 4 workers.")
