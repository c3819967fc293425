"""What was approved is done, exactly that, once; and when something goes wrong, what is true is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.config import load
from bot.domain.approval import Phase
from bot.domain.plan import Goal, Step
from bot.domain.units import MIB
from bot.errors import CommandTimedOut, HostUnreachable
from bot.flows.execute import claim, execute, find_out, running
from bot.outbox import Part
from bot.ports import Completed
from bot.views.plan import card
from tests.bot.flows.remedies import (
    CONFIGURATION,
    UNDONE_BY_ITSELF,
    World,
    fewer_for_now,
    fewer_workers,
    recover,
    restart,
    systemctl,
)
from tests.fakes.machine_with_services import SUDO, MachineHosts, MachineWithServices, drop_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.approval import Approval
    from bot.domain.plan import Plan
    from tests.fakes.machine_with_services import Argv

FILE = drop_in("gunicorn.service")
LOST = HostUnreachable("The connection to web-1 broke while '/usr/bin/sudo' ran.")


class Talking(MachineWithServices):
    """What it says of every change is not fit for a sentence."""

    def _changed(self, words: Argv) -> Completed:
        assert words
        return Completed(5, b"\xff", b"\x1b[2J\xffUnit not found\n")


def executed(world: World, plan: Plan | None = None) -> Approval:
    number = world.approved(plan or fewer_workers(world))
    for claimed in claim(world.ports):
        execute(world.ports, claimed)
    return world.approval(number)


def at_step(world: World, plan: Plan, place: int, do: Callable[[], None]) -> Callable[[Argv], None]:
    """Return a hook that does something at the command of a step of plan 1, counted from 1, once."""
    left = [place]

    def hook(argv: Argv) -> None:
        steps = world.approval(1).steps
        is_under_way = len(steps) == place and steps[-1].ended_at is None
        if left and is_under_way and argv == plan.steps[place - 1].argv:
            left.clear()
            do()

    return hook


def fails(error: Exception) -> Callable[[], None]:
    def do() -> None:
        raise error

    return do


def notes(world: World) -> list[str]:
    found = []
    world.clock.passes(seconds=1)
    for waiting in world.store.backlog():
        while entry := world.store.claim(waiting.destination, world.clock()):
            if entry.outgoing.part is Part.NOTE:
                found.append(entry.outgoing.message.headline)
            world.store.said(entry, "ref", world.clock())
    return found


def test_exactly_the_approved_steps_are_run_in_their_order_each_apart() -> None:
    world = World()

    approval = executed(world)

    assert world.machine.ran == [
        ("/usr/local/sbin/memwarden-host", "workers", "gunicorn.service", "2"),
        ("/usr/bin/systemctl", "daemon-reload"),
        ("/usr/bin/systemctl", "kill", "--kill-who=main", "-s", "TTOU", "gunicorn.service"),
        ("/usr/bin/systemctl", "kill", "--kill-who=main", "-s", "TTOU", "gunicorn.service"),
    ]
    assert approval.phase is Phase.WATCHED
    assert [step.status for step in approval.steps] == [0] * 5
    assert approval.watch_until == approval.changed_at + timedelta(minutes=5)


def test_what_it_brought_is_measured_and_said() -> None:
    world = World()

    approval = executed(world)

    assert approval.measured is not None
    assert approval.measured.freed_bytes == 170 * MIB
    assert approval.measured.service_before_bytes == (16 + 4 * 85) * MIB
    assert approval.measured.service_after_bytes == (16 + 2 * 85) * MIB
    assert "2 workers, freed 170 MiB (expected 170 MiB)" in approval.verdict
    assert approval.verdict in notes(world)[-1]


def test_running_and_begun_are_written_before_anything_runs() -> None:
    world = World()
    number = world.approved(fewer_workers(world))
    seen = []

    def before(argv: Argv) -> None:
        found = world.approval(number)
        seen.append((found.phase, len(found.steps), argv[: len(SUDO)] == SUDO))

    world.machine.before = before
    assert claim(world.ports) == (number,)
    execute(world.ports, number)

    assert {phase for phase, _, _ in seen} == {Phase.RUNNING}
    assert [count for _, count, is_change in seen if is_change] == [1, 3, 4, 5]


def test_the_audit_tells_who_did_what() -> None:
    world = World()

    executed(world)

    audited = world.audited()
    assert {who for who, _, _ in audited} == {"memwarden"}
    assert [what.split(":")[0] for _, what, _ in audited] == [
        "start",
        *(f"{word}step {place} of 5" for place in range(1, 6) for word in ("begin ", "")),
        "done",
    ]


def test_one_at_a_time_is_done_on_a_host() -> None:
    world = World(CONFIGURATION + '[[host]]\nname = "web-2"')
    first = world.approved(fewer_for_now(world))
    world.approved(restart(world))
    elsewhere = world.approved(fewer_workers(world, "web-2"))

    assert claim(world.ports) == (first, elsewhere)
    assert claim(world.ports) == ()

    execute(world.ports, first)
    assert len(claim(world.ports)) == 1


def test_what_is_claimed_or_begun_already_is_not_run_again() -> None:
    world = World()
    number = executed(world).number
    ran = len(world.machine.ran)

    execute(world.ports, number)
    find_out(world.ports, number)
    recover(world.ports)

    assert len(world.machine.ran) == ran


def test_what_was_not_begun_in_time_is_not_begun() -> None:
    world = World()
    number = world.approved(fewer_workers(world))
    world.clock.passes(minutes=16)

    assert claim(world.ports) == ()
    assert world.phase(number) is Phase.EXPIRED
    assert world.machine.ran == []


def test_nothing_is_done_on_a_host_that_is_not_configured_any_more() -> None:
    world = World()
    number = world.approved(fewer_workers(world))
    world.ports = replace(world.ports, config=load('[[host]]\nname = "db-1"', "config.toml"))

    assert claim(world.ports) == ()
    assert world.phase(number) is Phase.FAILED


def test_nothing_is_done_where_all_has_changed_since_it_was_approved() -> None:
    world = World()
    world.machine.gunicorn.workers, world.machine.gunicorn.ages = 3, [701, 702, 703]

    approval = executed(world)

    assert approval.phase is Phase.CHANGED
    assert world.machine.ran == []
    assert approval.verdict.startswith("Nothing was done: gunicorn.service has changed since it was approved")


def test_nothing_is_done_on_a_host_that_does_not_answer() -> None:
    world = World()
    world.machine.before = lambda _argv: fails(LOST)()

    approval = executed(world)

    assert (approval.phase, approval.steps) == (Phase.FAILED, ())
    assert approval.verdict.startswith("Nothing was done: ")


def test_another_content_than_the_approved_stops_it() -> None:
    world = World()
    plan = fewer_workers(world)
    steps = (plan.steps[0], replace(plan.steps[1], prints="something else"), *plan.steps[2:])

    approval = executed(world, replace(plan, steps=steps))

    assert approval.phase is Phase.FAILED
    assert "Step 2 of 5 failed: it printed something else than what was approved" in approval.verdict
    assert "half done" in approval.verdict
    assert f"`undo {approval.number}`" in approval.verdict
    assert len(world.machine.ran) == 1


def test_no_step_is_begun_by_a_process_that_ends() -> None:
    world = World()
    number = world.approved(fewer_workers(world))
    claim(world.ports)

    execute(world.ports, number, lambda: len(world.approval(number).steps) < 3)

    assert (world.phase(number), len(world.approval(number).steps)) == (Phase.RUNNING, 3)
    find_out(world.ports, number)
    assert "memwarden ended after step 3 of 5. It is half done" in world.approval(number).verdict
    assert len(world.machine.ran) == 2


def test_what_would_be_another_plan_by_now_is_not_begun() -> None:
    world = World()
    number = world.approved(fewer_workers(world))
    world.planned["set_workers"] = replace(fewer_workers(world), side_effects=("shop.service stops as well",))

    for claimed in claim(world.ports):
        execute(world.ports, claimed)

    approval = world.approval(number)
    assert (approval.phase, approval.steps, world.machine.ran) == (Phase.CHANGED, (), [])
    assert approval.verdict == (
        "Nothing was done: gunicorn.service has changed since it was approved."
        " Ask again: `workers web-1 gunicorn 2`."
    )


def test_what_was_forbidden_since_is_not_begun() -> None:
    world = World()
    number = world.approved(fewer_workers(world))
    forbidden = f'{CONFIGURATION}[host.services.gunicorn]\nforbid = ["set_workers"]'
    world.ports = replace(world.ports, config=load(forbidden, "config.toml"))

    for claimed in claim(world.ports):
        execute(world.ports, claimed)

    approval = world.approval(number)
    assert (approval.phase, world.machine.ran) == (Phase.CHANGED, [])
    assert "set_workers is forbidden for `gunicorn` on web-1" in approval.verdict


def test_what_cannot_be_told_before_is_not_begun() -> None:
    world = World()
    plan = fewer_workers(world)
    unread = Goal(workers=4, active=True, answers=((("/usr/bin/nothing",), "so"),))

    approval = executed(world, replace(plan, origin=unread))

    assert (approval.phase, world.machine.ran) == (Phase.FAILED, [])
    assert approval.verdict.startswith("Nothing was done: how gunicorn.service is now cannot be told (4 work")


def test_a_command_that_fails_stops_it_and_its_complaint_is_told() -> None:
    world = World()
    refused = Step(systemctl("stop", "nobody.service"), "stop it")

    approval = executed(world, replace(fewer_workers(world), steps=(refused,)))

    assert approval.phase is Phase.FAILED
    assert "it ended with status 127: /usr/bin/systemctl: not found" in approval.verdict
    assert "nothing was changed (gunicorn.service: 4 workers)" in approval.verdict
    assert "Undo" not in [button.label for button in card(approval, UTC, world.clock()).buttons]


class Telling(MachineWithServices):
    """It complains with a secret."""

    def _changed(self, words: Argv) -> Completed:
        assert words
        return Completed(1, b"", b"cannot run redis-server --requirepass hunter2\n")


def test_a_secret_in_a_complaint_is_neither_told_nor_audited() -> None:
    world = World()
    world.machine = Telling(world.clock)
    world.ports = replace(world.ports, hosts=MachineHosts(world.machine))

    approval = executed(world)

    assert "it ended with status 1: cannot run redis-server --requirepass ***" in approval.verdict
    assert "hunter2" not in repr((approval, world.audited()))


def test_a_signal_that_nobody_follows_stops_it() -> None:
    world = World()
    world.machine.is_deaf_to_signals = True

    approval = executed(world, fewer_for_now(world))

    assert approval.phase is Phase.FAILED
    assert "there are 4 workers 30 s later, not 3" in approval.verdict
    assert len(world.machine.ran) == 1


@pytest.mark.parametrize("place", range(1, 6))
@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("error", [LOST, CommandTimedOut("'/usr/bin/sudo' was not done within 60 s.")])
def test_a_lost_connection_or_a_timeout_is_looked_into_and_nothing_is_repeated(
    place: int, error: Exception, *, is_done: bool
) -> None:
    world = World()
    plan = fewer_workers(world)
    hook = at_step(world, plan, place, fails(error))
    if is_done:
        world.machine.after = hook
    else:
        world.machine.before = hook

    approval = executed(world, plan)

    found = world.machine.gunicorn.workers, FILE in world.machine.files
    assert len(approval.steps) == place
    if found == (2, True):
        assert approval.phase is Phase.WATCHED
        assert "It is done all the same" in approval.verdict
    else:
        assert approval.phase is Phase.INTERRUPTED
        assert ("nothing was changed" if found == (4, False) else "half done") in approval.verdict


def test_a_command_that_is_still_at_work_after_its_timeout_is_waited_for() -> None:
    world = World()
    plan = restart(world)
    unit = world.machine.gunicorn
    begun = world.clock()

    def hook(argv: Argv) -> None:
        if argv == plan.steps[0].argv:
            unit.active = False
            raise CommandTimedOut("'/usr/bin/sudo' was not done within 60 s.")
        if not unit.active and (world.clock() - begun).total_seconds() > 10:
            world.machine._start(unit, world.clock())

    world.machine.before = hook

    approval = executed(world, plan)

    assert approval.phase is Phase.WATCHED
    assert "It is done all the same" in approval.verdict


@pytest.mark.parametrize("changing", ["activating", "deactivating"])
def test_what_is_just_being_started_or_stopped_is_neither(changing: str) -> None:
    world = World()
    plan = replace(
        restart(world),
        goal=Goal(active=changing == "activating"),
        origin=Goal(active=changing != "activating"),
    )
    unit = world.machine.gunicorn
    unit.active = changing != "activating"

    def hook() -> None:
        unit.active, unit.changing = False, changing
        raise CommandTimedOut("'/usr/bin/sudo' was not done within 60 s.")

    world.machine.before = at_step(world, plan, 1, hook)

    approval = executed(world, plan)

    assert approval.phase is Phase.INTERRUPTED
    assert "Whether it was done cannot be told" in approval.verdict


def test_it_stays_running_while_its_host_is_silent_and_that_is_said_once() -> None:
    world = World()
    plan = fewer_workers(world)
    begin = at_step(world, plan, 3, lambda: setattr(world.machine, "before", lambda _argv: fails(LOST)()))
    world.machine.after = begin

    approval = executed(world, plan)
    for _ in range(3):
        world.clock.passes(seconds=15)
        find_out(world.ports, approval.number)

    assert running(world.ports) == (approval.number,)
    assert world.approval(approval.number).verdict.endswith(
        "web-1 does not answer: as soon as it does, it is looked at."
    )
    assert len([note for note in notes(world) if "does not answer" in note]) == 1
    world.machine.before = world.machine.after = lambda _argv: None
    find_out(world.ports, approval.number)
    assert world.phase(approval.number) is Phase.INTERRUPTED


@pytest.mark.parametrize(
    ("make", "phase", "said"),
    [
        (fewer_workers, Phase.WATCHED, "web-1 rebooted meanwhile. It is done all the same"),
        (fewer_for_now, Phase.INTERRUPTED, "web-1 rebooted meanwhile: nothing of it is left"),
    ],
)
def test_a_host_that_reboots_in_the_middle(make: Callable[[World], Plan], phase: Phase, said: str) -> None:
    world = World()
    plan = make(world)

    def reboot() -> None:
        world.clock.passes(seconds=5)
        world.machine.reboots()
        raise LOST

    world.machine.after = at_step(world, plan, len(plan.steps) - 1, reboot)

    approval = executed(world, plan)

    assert approval.phase is phase
    assert said in approval.verdict


def test_what_is_half_done_is_taken_back_only_where_the_configuration_says_so() -> None:
    for configuration, expected in ((CONFIGURATION, ()), (CONFIGURATION + UNDONE_BY_ITSELF, (2,))):
        world = World(configuration)
        plan = fewer_workers(world)
        world.machine.after = at_step(world, plan, 4, fails(LOST))

        approval = executed(world, plan)
        world.machine.after = lambda _argv: None
        claimed = claim(world.ports)
        for number in claimed:
            execute(world.ports, number)

        assert claimed == expected
        if claimed:
            assert (world.machine.gunicorn.workers, FILE in world.machine.files) == (4, False)
            assert world.phase(approval.number) is Phase.UNDONE
            assert world.approval(2).undoes == approval.number
        else:
            assert world.phase(approval.number) is Phase.INTERRUPTED


def test_all_steps_taken_but_not_what_was_wanted_is_no_success() -> None:
    world = World()
    plan = fewer_workers(world)

    approval = executed(world, replace(plan, steps=plan.steps[:3]))

    assert approval.phase is Phase.NOT_HELPED
    assert "All steps were taken, but gunicorn.service is not as it should be: 4 workers" in approval.verdict


def test_memory_is_measured_when_it_has_settled() -> None:
    world = World()
    plan = fewer_workers(world)
    begun = world.clock()

    def settling(_argv: Argv) -> None:
        waited = (world.clock() - begun).total_seconds()
        world.machine.other_mib = 262 + max(0, round(120 - 15 * waited)) if waited else 262

    world.machine.before = settling

    approval = executed(world, plan)

    assert approval.measured is not None
    assert approval.measured.freed_bytes is not None
    assert abs(approval.measured.freed_bytes - 170 * MIB) <= 10 * MIB


def test_two_processes_never_both_take_the_next_step() -> None:
    world = World()
    plan = fewer_workers(world)

    def overtaken() -> None:
        other = replace(world.ports)
        recover(other)

    world.machine.after = at_step(world, plan, 3, overtaken)

    approval = executed(world, plan)

    assert approval.phase is Phase.INTERRUPTED
    assert world.machine.gunicorn.workers == 4
    assert len(world.machine.ran) == 2


def test_the_answer_of_a_command_is_bytes_and_may_be_anything() -> None:
    world = World()
    step = Step(systemctl("stop", "nonsense.service"), "stop it")
    world.ports = replace(world.ports, hosts=MachineHosts(Talking(world.clock)))

    approval = executed(world, replace(fewer_workers(world), steps=(step,)))

    assert approval.phase is Phase.FAILED
    assert "it ended with status 5: \N{REPLACEMENT CHARACTER}[2J" in approval.verdict
