"""The process dies at every single write and every single command of an execution; another one takes over."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from bot.domain.approval import Phase
from bot.domain.audit import check
from bot.errors import HostUnreachable
from bot.flows.execute import claim, execute, running
from tests.bot.flows.remedies import World, fewer_for_now, fewer_workers, recover, renewal, restart
from tests.fakes.machine_with_services import SUDO, drop_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.plan import Plan
    from bot.ports import Ledger, Store
    from tests.fakes.machine_with_services import Argv, MachineWithServices
    from tests.fakes.store import MemoryStore


class Death(BaseException):
    """What nothing in the program catches, as nothing survives SIGKILL."""


class Fate:
    """Counts all moments, and kills at one of them."""

    def __init__(self, fatal: int | None) -> None:
        self.moments = 0
        self._fatal = fatal

    def moment(self, *_about: object) -> None:
        self.moments += 1
        if self.moments == self._fatal:
            raise Death


class MortalStore:
    """A store whose process may die before a transaction is committed, and after it."""

    def __init__(self, store: Store, fate: Fate) -> None:
        self._store = store
        self._fate = fate

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    @contextmanager
    def changing(self) -> Iterator[Ledger]:
        with self._store.changing() as ledger:
            yield ledger
            self._fate.moment()
        self._fate.moment()


def lived(make: Callable[[World], Plan], fatal: int | None) -> tuple[World, int, int]:
    """Let a plan be carried out until death; returns the world, the plan's number and all moments."""
    world = World()
    number = world.approved(make(world))
    fate = Fate(fatal)
    world.machine.before = world.machine.after = fate.moment
    ports = replace(world.ports, store=cast("Store", MortalStore(world.store, fate)))
    try:
        for claimed in claim(ports):
            execute(ports, claimed)
    except Death:
        assert fatal is not None
    world.machine.before = world.machine.after = lambda _argv: None
    return world, number, fate.moments


def reborn(world: World) -> None:
    """Another process goes on with what this one left."""
    memory = cast("MemoryStore", world.store).restarted()
    world.store = memory
    world.ports = replace(world.ports, store=memory)
    world.clock.passes(seconds=20)


def unreachable(_argv: Argv) -> None:
    raise HostUnreachable("web-1 cannot be reached: no route to host.")


def state(machine: MachineWithServices) -> tuple[int, bool]:
    return machine.gunicorn.workers, drop_in("gunicorn.service") in machine.files


def is_chained(world: World) -> bool:
    return check(world.store.audited_from(1, 1000)) == ()


@pytest.mark.parametrize(
    ("make", "origin", "goal", "points"),
    [
        (fewer_workers, (4, False), (2, True), 50),
        (fewer_for_now, (4, False), (2, False), 30),
    ],
)
def test_wherever_it_dies_nothing_is_done_twice_and_the_truth_is_told(
    make: Callable[[World], Plan], origin: tuple[int, bool], goal: tuple[int, bool], points: int
) -> None:
    _, _, moments = lived(make, None)
    assert moments >= points
    for fatal in range(1, moments + 1):
        world, number, _ = lived(make, fatal)
        due = [step.argv[len(SUDO) :] for step in make(world).steps if step.argv[: len(SUDO)] == SUDO]
        reborn(world)

        left = running(world.ports)
        ran = list(world.machine.ran)
        if left and world.approval(number).steps:
            world.machine.before = unreachable
            recover(world.ports)
            assert world.phase(number) is Phase.RUNNING, f"guessed at moment {fatal}"
            world.machine.before = lambda _argv: None
        recover(world.ports)
        assert world.machine.ran == ran, f"something was run to find out, at moment {fatal}"
        for claimed in claim(world.ports):
            execute(world.ports, claimed)

        approval, found = world.approval(number), state(world.machine)
        assert world.machine.ran == due[: len(world.machine.ran)], f"twice at moment {fatal}"
        assert is_chained(world)
        if found == goal:
            assert approval.phase is Phase.WATCHED, f"{approval.verdict} at moment {fatal}"
        else:
            assert approval.phase is Phase.INTERRUPTED, f"{approval.verdict} at moment {fatal}"
            words = "nothing was" if found == origin else "half done"
            assert words in approval.verdict, f"{approval.verdict} at moment {fatal}"


def test_a_process_that_dies_while_it_finds_out_leaves_it_to_the_next() -> None:
    _, _, moments = lived(fewer_workers, None)
    for fatal in range(1, moments + 1, 7):
        for again in range(1, 40):
            world, number, _ = lived(fewer_workers, fatal)
            reborn(world)
            ran, fate = list(world.machine.ran), Fate(again)
            world.machine.before = world.machine.after = fate.moment
            ports = replace(world.ports, store=cast("Store", MortalStore(world.store, fate)))
            with suppress(Death):
                recover(ports)
            world.machine.before = world.machine.after = lambda _argv: None
            reborn(world)

            recover(world.ports)

            assert world.machine.ran == ran
            assert world.phase(number) is not Phase.RUNNING
            notes = [what for _, what, _ in world.audited() if what in {"done", "interrupted"}]
            assert len(notes) == (world.phase(number) is not Phase.APPROVED), f"{notes} at {fatal}, {again}"
            if fate.moments < again:
                break


@pytest.mark.parametrize("make", [restart, renewal])
def test_a_restart_is_never_made_twice_and_told_by_when_the_workers_began(
    make: Callable[[World], Plan],
) -> None:
    _, _, moments = lived(make, None)
    for fatal in range(1, moments + 1):
        world, number, _ = lived(make, fatal)
        was = bool(world.machine.ran)
        begun = bool(world.approval(number).steps)
        waits = world.phase(number) is Phase.APPROVED
        reborn(world)

        recover(world.ports)
        for claimed in claim(world.ports):
            execute(world.ports, claimed)

        assert len(world.machine.ran) == (1 if was or waits else 0)
        expected = Phase.WATCHED if was or waits else Phase.INTERRUPTED
        approval = world.approval(number)
        assert approval.phase is expected, f"{approval.verdict} at moment {fatal}, {begun}"
