"""Plans that were approved, a machine to carry them out on, and time that passes while somebody waits."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import bot.known_services
import bot.rules
from bot.catalogue import entries
from bot.config import load
from bot.domain.approval import Approval, Needs, Phase, Vote, Who
from bot.domain.plan import Goal, Order, Plan, Saving, Step
from bot.domain.remediation import HELPER, Remediation
from bot.domain.route import Destination
from bot.domain.rule import Rule
from bot.domain.service import KnownService
from bot.domain.units import MIB
from bot.flows.execute import find_out, running
from bot.ports import Health, Ports
from tests.fakes.clock import FixedClock
from tests.fakes.each import sequential_each
from tests.fakes.machine_with_services import (
    SUDO,
    MachineHosts,
    MachineWithServices,
    drop_in,
    drop_in_text,
)
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from bot.domain.remediation import Situation, Target
    from bot.ports import Store

UNIT = "gunicorn.service"
ALICE, BOB = Who("terminal:alice", "Alice"), Who("terminal:bob", "Bob")
CONFIGURATION = """
[people]
operators = ["terminal:*"]
approvers = ["terminal:alice", "terminal:bob"]
[[host]]
name = "web-1"
"""
UNDONE_BY_ITSELF = "[remediation]\nundo_unhealthy = true"
WITH_HEALTH = '[host.services.gunicorn]\nhealth = "https://shop.example/health"'


def systemctl(*words: str) -> tuple[str, ...]:
    return (*SUDO, "/usr/bin/systemctl", *words)


def signal(name: str, workers: int) -> Step:
    argv = systemctl("kill", "--kill-who=main", "-s", name, UNIT)
    return Step(argv, f"{name} to the master: {workers} workers", workers=workers)


def fewer_workers(world: World, host: str = "web-1") -> Plan:
    """gunicorn 4 -> 2 workers for good, as the remediation of that name plans it."""
    path, text = drop_in(UNIT), drop_in_text(world.machine.gunicorn.exec_start, 2)
    return Plan(
        order=Order("set_workers", host, "gunicorn", count=2),
        unit=UNIT,
        title="gunicorn 4 -> 2 workers",
        words=f"workers {host} gunicorn 2",
        steps=(
            Step((*SUDO, HELPER, "workers", UNIT, "2"), "write the drop-in"),
            Step(("/usr/bin/cat", path), "read it back", prints=text),
            Step(systemctl("daemon-reload"), "have systemd read it"),
            signal("TTOU", 3),
            signal("TTOU", 2),
        ),
        undo=(
            Step((*SUDO, HELPER, "forget", UNIT), "remove the drop-in"),
            Step(systemctl("daemon-reload"), "have systemd read it"),
            signal("TTIN", 3),
            signal("TTIN", 4),
        ),
        goal=Goal(workers=2, active=True, files=((path, text),)),
        origin=Goal(workers=4, active=True, files=((path, None),)),
        saving=Saving(170 * MIB, "USS of the two oldest workers"),
        lasting=True,
        lasts="for good",
        at_once="signals to the master; no restart",
        undone="removes the drop-in, TTIN x 2",
        basis=("4 workers",),
        made_at=world.clock(),
        available_bytes=world.machine.available_mib * MIB,
        total_bytes=961 * MIB,
        files=((path, text),),
    )


def fewer_for_now(world: World) -> Plan:
    """The same by signals only."""
    plan = fewer_workers(world)
    return replace(
        plan,
        steps=plan.steps[3:],
        undo=plan.undo[2:],
        goal=Goal(workers=2, active=True),
        origin=Goal(workers=4, active=True),
        lasting=False,
        lasts="until gunicorn.service restarts: then 4 workers come back",
        files=(),
    )


def restart(world: World) -> Plan:
    """Restart it: afterwards all is as before."""
    return replace(
        fewer_workers(world),
        order=Order("restart_service", "web-1", "gunicorn"),
        title="restart gunicorn",
        words="restart web-1 gunicorn",
        steps=(Step(systemctl("restart", UNIT), "restart it"),),
        undo=(),
        goal=Goal(active=True),
        origin=Goal(active=True),
        saving=Saving(None, "nobody can know"),
        undone="there is nothing to undo",
        files=(),
    )


def renewal(world: World) -> Plan:
    """Let the master renew its workers: the same state before and after, though it is not told so."""
    plan = restart(world)
    hup = Step(systemctl("kill", "--kill-who=main", "-s", "HUP", UNIT), "renew the workers")
    return replace(plan, steps=(hup,), goal=Goal(workers=4, active=True))


def recover(ports: Ports) -> None:
    """Find out about all that an earlier process left, as whoever watches next does first."""
    for number in running(ports):
        find_out(ports, number)


class World:
    """A bot that may change web-1, and web-1. `pause` lets the time pass that somebody waits.

    What was approved is what would be planned again, as long as a test puts no other plan in `planned`.
    """

    def __init__(self, configuration: str = CONFIGURATION, store: Store | None = None) -> None:
        self.clock = FixedClock()
        self.machine = MachineWithServices(self.clock)
        self.store = MemoryStore() if store is None else store
        self.planned: dict[str, Plan] = {}
        self.health = Health(well=True, sentence="200 in 12 ms")
        codes = (f"c{number:03}" for number in count(1))
        self.ports = Ports(
            config=load(configuration, "config.toml"),
            known_services=entries(bot.known_services, "SERVICE", KnownService),
            hosts=MachineHosts(self.machine),
            store=self.store,
            now=self.clock,
            each=sequential_each,
            rules=entries(bot.rules, "RULE", Rule),
            pause=lambda seconds: self.clock.passes(seconds=seconds),
            health=lambda _url, _timeout_s: self.health,
            new_code=lambda: next(codes),
            remediations=tuple(map(self._remediation, ("set_workers", "restart_service"))),
        )

    def _remediation(self, name: str) -> Remediation:
        def steps() -> tuple[tuple[str, ...], ...]:
            return tuple(step.argv for step in (*self.planned[name].steps, *self.planned[name].undo))

        def grants(_target: Target) -> tuple[tuple[str, ...], ...]:
            return tuple(argv[len(SUDO) :] for argv in steps() if argv[: len(SUDO)] == SUDO)

        def plan(_order: Order, _situation: Situation) -> Plan:
            return self.planned[name]

        return Remediation(name, name, plan, grants, unprivileged=lambda _target: steps())

    def approved(self, plan: Plan) -> int:
        """Keep a plan as APPROVED by Bob, asked by Alice; returns its number."""
        at = self.clock()
        self.planned[plan.order.action] = plan
        with self.store.changing() as ledger:
            number = ledger.next_number("plan")
            ledger.save_approval(
                Approval(
                    number=number,
                    code="k7f3",
                    plan=plan,
                    needs=Needs(),
                    asked_by=ALICE,
                    asked_at=at,
                    expires_at=at,
                    phase=Phase.APPROVED,
                    changed_at=at,
                    destinations=(Destination("terminal"),),
                    votes=(Vote(BOB, at),),
                    approved_at=at,
                )
            )
        return number

    def approval(self, number: int) -> Approval:
        found = self.store.approval(number)
        assert found is not None
        return found

    def phase(self, number: int) -> Phase:
        return self.approval(number).phase

    def audited(self) -> list[tuple[str, str, str]]:
        """Return who, what and what came of it, oldest first."""
        links = self.store.audited_from(1, 1000)
        return [(link.entry.who, link.entry.what, link.entry.result) for link in links]
