"""What is approved is done at once, on several hosts at the same time, one thing at a time on each."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.store.store import open_store
from adapters.wiring.delivering import waking
from adapters.wiring.executing import Executing
from bot.domain.approval import Done, Phase
from bot.domain.audit import check
from bot.errors import HostUnreachable, StoreError
from bot.flows.execute import claim
from tests.adapters.wiring.chats import PATIENCE_S, until
from tests.bot.flows.remedies import CONFIGURATION, World, fewer_for_now, fewer_workers, restart
from tests.fakes.machine_with_services import SUDO, MachineHosts, MachineWithServices
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.ports import Ports
    from tests.fakes.machine_with_services import Argv

TWO = CONFIGURATION + '[[host]]\nname = "web-2"'


class Bot:
    """A world whose approved plans are executed on threads of their own."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World(TWO)
        memory = self.world.store
        assert isinstance(memory, MemoryStore)
        self.memory = memory
        self.executing = Executing(lambda: self.ports, find_out_s=0.02)
        self.world.store = waking(memory, self.executing.wake)
        self.ports: Ports = replace(self.world.ports, store=self.world.store)


@pytest.fixture
def bots() -> Iterator[list[Bot]]:
    made: list[Bot] = []
    yield made
    for bot in made:
        bot.executing.close()


def begun(bots: list[Bot], world: World | None = None) -> Bot:
    bot = Bot(world)
    bots.append(bot)
    bot.executing.begin()
    return bot


def test_what_is_approved_is_done_at_once(bots: list[Bot]) -> None:
    bot = begun(bots)
    time.sleep(0.1)

    before = time.monotonic()
    number = bot.world.approved(fewer_workers(bot.world))

    until(lambda: bot.world.phase(number) is Phase.WATCHED)
    assert time.monotonic() - before < 1.0


def test_it_is_the_same_with_a_database(tmp_path: Path) -> None:
    with closing(open_store(str(tmp_path / "memwarden.db"))) as store:
        world = World(store=store)
        executing = Executing(lambda: world.ports)
        executing.begin()

        number = world.approved(fewer_workers(world))
        executing.wake()

        until(lambda: world.phase(number) is not Phase.APPROVED)
        until(lambda: world.phase(number) is not Phase.RUNNING)
        executing.close()
        assert world.phase(number) is Phase.WATCHED
        assert [step.status for step in world.approval(number).steps] == [0] * 5
        assert check(store.audited_from(1, 100)) == ()


def test_hosts_do_not_wait_for_each_other_but_each_for_itself(bots: list[Bot]) -> None:
    world = World(TWO)
    other = MachineWithServices(world.clock)
    world.ports = replace(world.ports, hosts=MachineHosts(world.machine, web_2=other))
    go_on, hangs = threading.Event(), threading.Event()

    def hanging(argv: Argv) -> None:
        if argv[: len(SUDO)] == SUDO:
            hangs.set()
            go_on.wait(PATIENCE_S)

    world.machine.before = hanging
    bot = begun(bots, world)
    first = world.approved(fewer_for_now(world))
    until(hangs.is_set)
    second = world.approved(restart(world))
    elsewhere = world.approved(fewer_workers(world, "web-2"))

    until(lambda: world.phase(elsewhere) is Phase.WATCHED)
    assert (world.phase(first), world.phase(second)) == (Phase.RUNNING, Phase.APPROVED)
    go_on.set()
    until(lambda: world.phase(first) is Phase.WATCHED)
    until(lambda: world.phase(second) is Phase.WATCHED)
    assert bot.world.machine.gunicorn.workers == 4


def test_what_an_earlier_process_left_is_found_out_first_and_not_run_again(bots: list[Bot]) -> None:
    world = World(TWO)
    left = world.approved(fewer_workers(world))
    assert claim(world.ports) == (left,)
    with world.store.changing() as ledger:
        ledger.save_approval(replace(world.approval(left), steps=(Done(world.clock()),)))
    silent = threading.Event()

    def before(_argv: Argv) -> None:
        if not silent.is_set():
            raise HostUnreachable("web-1 cannot be reached: no route to host.")

    world.machine.before = before
    waiting = world.approved(restart(world))
    begun(bots, world)

    until(lambda: "does not answer" in world.approval(left).verdict)
    time.sleep(0.1)
    assert (world.phase(left), world.phase(waiting)) == (Phase.RUNNING, Phase.APPROVED)
    silent.set()
    until(lambda: world.phase(left) is Phase.INTERRUPTED)
    assert "nothing was changed" in world.approval(left).verdict
    until(lambda: world.phase(waiting) is Phase.WATCHED)
    assert [words[1] for words in world.machine.ran] == ["restart"]


def test_a_mistake_of_ours_is_found_out_like_any_other_end(
    bots: list[Bot], caplog: pytest.LogCaptureFixture
) -> None:
    bot = begun(bots)
    done: list[Argv] = []

    def after(argv: Argv) -> None:
        if argv[: len(SUDO)] == SUDO and not done:
            done.append(argv)
            raise ZeroDivisionError

    bot.world.machine.after = after
    with caplog.at_level(logging.ERROR):
        number = bot.world.approved(fewer_workers(bot.world))
        until(lambda: bot.world.phase(number) is Phase.INTERRUPTED)

    assert "half done" in bot.world.approval(number).verdict
    assert "a mistake of ours in executing plan 1" in caplog.text


def test_a_store_that_fails_meanwhile_costs_nothing_but_time(bots: list[Bot]) -> None:
    bot = begun(bots)
    failed: list[Argv] = []

    def after(argv: Argv) -> None:
        if argv[: len(SUDO)] == SUDO and not failed:
            failed.append(argv)
            bot.memory.fails(StoreError("The disk is full."))

    bot.world.machine.after = after
    number = bot.world.approved(fewer_workers(bot.world))
    until(lambda: failed)
    time.sleep(0.1)
    bot.memory.fails(None)

    until(lambda: bot.world.phase(number) is Phase.INTERRUPTED)
    assert bot.world.machine.ran == [failed[0][len(SUDO) :]]


def test_it_ends_in_time_whatever_hangs_and_leaves_the_rest_to_the_next(bots: list[Bot]) -> None:
    bot = begun(bots)
    go_on, hangs = threading.Event(), threading.Event()

    def hanging(argv: Argv) -> None:
        if argv[: len(SUDO)] == SUDO:
            hangs.set()
            go_on.wait(PATIENCE_S)

    bot.world.machine.before = hanging
    number = bot.world.approved(fewer_workers(bot.world))
    until(hangs.is_set)

    before = time.monotonic()
    bot.executing.close(0.2)

    assert time.monotonic() - before < 1.0
    assert bot.world.phase(number) is Phase.RUNNING
    go_on.set()
    until(lambda: bot.world.approval(number).steps[0].ended_at)
    time.sleep(0.05)
    assert (bot.world.phase(number), len(bot.world.approval(number).steps)) == (Phase.RUNNING, 1)
    assert len(bot.world.machine.ran) == 1


def test_what_never_began_ends_at_once() -> None:
    bot = Bot()

    bot.executing.close()
    bot.executing.begin()
    number = bot.world.approved(fewer_workers(bot.world))

    time.sleep(0.05)
    assert bot.world.phase(number) is Phase.APPROVED
