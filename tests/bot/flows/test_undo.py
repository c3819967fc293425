"""What was done is taken back, by a plan of its own, from how the host is now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.approval import Phase
from bot.domain.people import Person
from bot.domain.plan import Goal
from bot.errors import HostUnreachable, Refused, UserError
from bot.flows.decide import approve, deny
from bot.flows.execute import claim, execute
from bot.flows.undo import remade, undo
from bot.flows.verify import verify
from bot.message import Request
from tests.bot.flows.remedies import World, fewer_for_now, fewer_workers, restart
from tests.fakes.machine_with_services import drop_in

if TYPE_CHECKING:
    from bot.domain.approval import Approval
    from bot.domain.plan import Plan
    from tests.fakes.machine_with_services import Argv

FILE = drop_in("gunicorn.service")
ALICE = Request(Person("terminal", "alice", "Alice"), "undo 1", clicked=True)
TTIN = ("/usr/bin/systemctl", "kill", "--kill-who=main", "-s", "TTIN", "gunicorn.service")


def go_on(world: World) -> None:
    for number in claim(world.ports):
        execute(world.ports, number)
    world.machine.before = world.machine.after = lambda _argv: None


def done(world: World, plan: Plan) -> int:
    number = world.approved(plan)
    go_on(world)
    world.machine.ran.clear()
    return number


def undone(world: World, number: int) -> Approval:
    """Let Alice ask for it and approve it."""
    asked = undo(world.ports, number, ALICE)
    approve(world.ports, asked.number, asked.code, ALICE)
    go_on(world)
    return world.approval(asked.number)


def dies_at(world: World, argv: Argv) -> None:
    def after(found: Argv) -> None:
        if found[-len(argv) :] == argv:
            world.machine.after = lambda _argv: None
            raise HostUnreachable("The connection to web-1 broke.")

    world.machine.after = after


def test_who_asks_may_approve_and_all_is_as_before() -> None:
    world = World()
    before = dict(world.machine.files)
    number = done(world, fewer_workers(world))

    taken_back = undone(world, number)

    assert world.machine.files == before
    assert world.machine.gunicorn.workers == 4
    assert taken_back.phase is Phase.WATCHED
    original = world.approval(number)
    assert (original.phase, original.undone_by) == (Phase.UNDONE, taken_back.number)
    assert original.verdict == f"undone by plan {taken_back.number}"
    world.clock.passes(minutes=6)
    verify(world.ports)
    assert world.phase(taken_back.number) is Phase.VERIFIED


def test_it_shows_what_would_be_run_and_what_it_costs() -> None:
    world = World()
    number = done(world, fewer_workers(world))

    plan = undo(world.ports, number, ALICE).plan

    assert plan.title == "undo plan 1 (gunicorn 4 -> 2 workers)"
    assert plan.words == "undo 1"
    assert plan.steps == fewer_workers(world).undo
    assert (plan.goal.workers, plan.origin.workers) == (4, 2)
    assert plan.saving.expected_bytes == -170 * 1024 * 1024
    assert plan.undone == "ask for the same again: `workers web-1 gunicorn 2`"


def test_nothing_is_run_before_somebody_approved_it() -> None:
    world = World()
    number = done(world, fewer_workers(world))

    undo(world.ports, number, ALICE)
    go_on(world)

    assert world.machine.ran == []


@pytest.mark.parametrize(
    ("cut_at", "expected"),
    [
        (("workers", "gunicorn.service", "2"), 2),
        (("daemon-reload",), 2),
        (("-s", "TTOU", "gunicorn.service"), 3),
    ],
)
def test_what_was_cut_off_half_way_is_taken_back_from_where_it_is(
    cut_at: tuple[str, ...], expected: int
) -> None:
    world = World()
    before = dict(world.machine.files)
    dies_at(world, cut_at)
    number = done(world, fewer_workers(world))
    assert world.phase(number) is Phase.INTERRUPTED

    undone(world, number)

    assert len(world.machine.ran) == expected
    assert world.machine.files == before
    assert world.machine.gunicorn.workers == 4
    assert world.phase(number) is Phase.UNDONE


def test_its_plan_is_another_one_as_soon_as_the_host_is() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    asked = undo(world.ports, number, ALICE)
    assert remade(world.ports, asked).fingerprint == asked.plan.fingerprint

    world.machine._signalled(world.machine.gunicorn, "TTIN")

    assert remade(world.ports, asked).fingerprint != asked.plan.fingerprint
    assert [step.workers for step in remade(world.ports, asked).steps] == [None, None, 4]


def test_it_is_asked_for_once_and_again_after_a_no() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    asked = undo(world.ports, number, ALICE)

    with pytest.raises(Refused, match=f"Plan {asked.number} is to undo plan {number} already"):
        undo(world.ports, number, ALICE)

    deny(world.ports, asked.number, "", ALICE)
    assert undo(world.ports, number, ALICE).number == asked.number + 1


def test_what_was_undone_is_not_undone_twice() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    undone(world, number)

    with pytest.raises(Refused, match=f"Plan {number} was undone already, by plan {number + 1}"):
        undo(world.ports, number, ALICE)


def test_what_nobody_began_has_nothing_to_undo() -> None:
    world = World()
    number = world.approved(fewer_workers(world))

    with pytest.raises(Refused, match="There is nothing to undo of plan 1: it is approved"):
        undo(world.ports, number, ALICE)


def test_what_is_as_it_was_has_nothing_to_undo() -> None:
    world = World()
    number = done(world, fewer_for_now(world))
    world.machine.reboots()

    with pytest.raises(Refused, match=r"gunicorn.service is as it was \(4 workers\)"):
        undo(world.ports, number, ALICE)


def test_a_restart_has_no_way_back() -> None:
    world = World()
    number = done(world, restart(world))

    with pytest.raises(Refused, match="cannot be undone: there is nothing to undo"):
        undo(world.ports, number, ALICE)


def test_a_plan_that_there_is_not() -> None:
    with pytest.raises(UserError, match="There is no plan 7"):
        undo(World().ports, 7, ALICE)


def test_our_own_file_that_is_not_what_was_approved_can_be_taken_away() -> None:
    world = World()
    plan = fewer_workers(world)
    written, read_back, *more = plan.steps
    other = "[Service]\nExecStart=\nExecStart=/bin/false\n"
    approved = replace(
        plan,
        steps=(written, replace(read_back, prints=other), *more),
        goal=replace(plan.goal, files=((FILE, other),)),
    )
    number = done(world, approved)
    assert "it printed something else than what was approved" in world.approval(number).verdict

    way_back = undone(world, number)

    assert way_back.plan.steps[0].argv[-2:] == ("forget", "gunicorn.service")
    assert way_back.phase is Phase.WATCHED
    assert FILE not in world.machine.files


def test_a_file_that_somebody_has_changed_since_is_left_alone() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    world.machine.files[FILE] += "Environment=MINE=1\n"

    with pytest.raises(Refused, match="somebody has changed /etc/systemd/system/") as refused:
        undo(world.ports, number, ALICE)

    assert "/usr/bin/systemctl daemon-reload" in str(refused.value)


def test_workers_that_somebody_else_has_set_are_left_alone() -> None:
    world = World()
    number = done(world, fewer_workers(world))
    for _ in range(5):
        world.machine._signalled(world.machine.gunicorn, "TTIN")

    with pytest.raises(Refused, match=r"gunicorn\.service has 7 workers now"):
        undo(world.ports, number, ALICE)


def test_more_workers_are_taken_back_too() -> None:
    world = World()
    plan = fewer_for_now(world)
    more = replace(
        plan,
        steps=(replace(plan.undo[0], workers=5),),
        undo=(replace(plan.steps[0], workers=4),),
        goal=Goal(workers=5, active=True),
    )
    number = done(world, more)
    assert world.machine.gunicorn.workers == 5

    undone(world, number)

    assert world.machine.gunicorn.workers == 4
