"""A bot that may change a made-up server, people on two platforms, and the channel in which it asks them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import bot.commands
from bot.catalogue import entries
from bot.commands import Command
from bot.config import load
from bot.dispatch import dispatch
from bot.domain.people import Person
from bot.domain.plan import Goal, Plan, Saving, Step
from bot.domain.remediation import HELPER, Remediation
from bot.domain.route import Destination
from bot.domain.units import MIB
from bot.errors import Refused
from bot.outbox import Part
from tests.conversations.ops import Ops
from tests.fakes.machine_with_services import SUDO, MachineHosts, MachineWithServices

if TYPE_CHECKING:
    from bot.domain.approval import Approval
    from bot.domain.plan import Order
    from bot.domain.remediation import Argv, Situation, Target
    from bot.message import Message
    from bot.outbox import Outgoing

ALICE = Person("slack", "U01", "Alice")
BOB = Person("slack", "U02", "Bob")
CAROL = Person("discord", "3", "Carol")
DAVE = Person("slack", "U04", "Dave")
VERA = Person("slack", "U05", "Vera")
ALICE_ON_DISCORD = Person("discord", "1", "alice")
HERE = Destination("terminal")

HOST = '[[host]]\nname = "web-1"\n'
PEOPLE = """
[people]
viewers = ["*"]
operators = ["slack:U04"]
approvers = ["slack:U01", "slack:U02", "discord:3", "discord:1"]
same = [["slack:U01", "discord:1"]]
"""
SOLO = """
[people]
viewers = ["*"]
operators = ["slack:U04"]
approvers = ["slack:U01"]
"""


def _systemctl(*words: str) -> Argv:
    return ("/usr/bin/systemctl", *words)


def _kill(signal: str, unit: str) -> Argv:
    return _systemctl("kill", "--kill-who=main", "-s", signal, unit)


def _set_workers(order: Order, situation: Situation) -> Plan:
    """Plan other workers by signals only: as much of the real one as approving is about."""
    service, wanted = situation.service, order.count or 0
    now = len(service.workers) if service else 0
    if now == wanted:
        raise Refused(f"{order.service} has {now} workers already.")
    down = wanted < now
    signals = ("TTOU", "TTIN") if down else ("TTIN", "TTOU")
    unit, steps = situation.unit.name, abs(wanted - now)
    meminfo = situation.checked.snapshot.meminfo
    return Plan(
        order=order,
        unit=unit,
        title=f"{order.service} {now} -> {wanted} workers",
        words=f"workers {order.host} {order.service} {wanted}",
        steps=tuple(Step((*SUDO, *_kill(signals[0], unit)), signals[0]) for _ in range(steps)),
        undo=tuple(Step((*SUDO, *_kill(signals[1], unit)), signals[1]) for _ in range(steps)),
        goal=Goal(workers=wanted, active=True),
        origin=Goal(workers=now, active=True),
        saving=Saving(85 * MIB * (now - wanted), "USS of the workers that end"),
        lasting=False,
        lasts=f"until {unit} restarts",
        at_once="by signals",
        undone="by signals",
        basis=(f"{now} workers", f"helper {situation.has_helper}", f"root {situation.is_root}"),
        made_at=situation.checked.snapshot.taken_at,
        available_bytes=meminfo.available_bytes,
        total_bytes=meminfo.total_bytes,
    )


def _simple(verb: str) -> Remediation:
    """Plan what takes one command of systemctl's."""

    def plan(order: Order, situation: Situation) -> Plan:
        made = _set_workers(replace(order, count=99), situation)
        step = Step((*SUDO, *_systemctl(verb, situation.unit.name)), verb)
        return replace(
            made,
            order=order,
            title=f"{verb} {order.service}",
            words=f"{verb} {order.host} {order.service}",
            steps=(step,),
            undo=(),
            goal=Goal(active=verb != "stop"),
            origin=Goal(active=situation.unit.is_active),
            saving=Saving(None, "nobody knows"),
        )

    def grants(target: Target) -> tuple[Argv, ...]:
        return (_systemctl(verb, target.unit),)

    return Remediation(f"{verb}_service", verb, plan, grants)


def _grants(target: Target) -> tuple[Argv, ...]:
    return (_kill("TTOU", target.unit), _kill("TTIN", target.unit), (HELPER, "forget", target.unit))


REMEDIATIONS = (
    Remediation("set_workers", "set workers", _set_workers, _grants, serves=("gunicorn", "puma")),
    _simple("stop"),
    _simple("start"),
    _simple("restart"),
)


class Approvals(Ops):
    """web-1 is the seed's server; what is announced goes to the terminal."""

    def __init__(self, people: str = PEOPLE, more: str = "", host: str = HOST) -> None:
        super().__init__(f"{people}\n{more}\n{host}")
        self.machine = MachineWithServices(self.clock)
        self.use(people, more, host)

    def use(self, people: str = PEOPLE, more: str = "", host: str = HOST) -> None:
        """Read another configuration, as a reload does."""
        codes = count(1)
        self.ports = replace(
            self.ports,
            config=load(f"{people}\n{more}\n{host}", "config.toml"),
            hosts=MachineHosts(self.machine),
            remediations=REMEDIATIONS,
            new_code=lambda: f"k{next(codes):03}",
        )
        self._answer = dispatch(entries(bot.commands, "COMMAND", Command), self.ports)

    def without_a_store(self) -> None:
        """Remember nothing from now on."""
        self.ports = replace(self.ports, store=None)
        self._answer = dispatch(entries(bot.commands, "COMMAND", Command), self.ports)

    def passes(self) -> None:
        """Remember from now on what is lost at the end of the program."""
        self.ports = replace(self.ports, lasting=False)
        self._answer = dispatch(entries(bot.commands, "COMMAND", Command), self.ports)

    def approval(self, number: int) -> Approval:
        found = self.store.approval(number)
        assert found is not None
        return found

    def ask(self, who: Person = ALICE, words: str = "workers web-1 gunicorn 2") -> Approval:
        """Ask for a plan and return the newest."""
        self.say(who, words)
        return self.store.approvals(self.clock())[-1]

    def approve(self, who: Person, number: int, *, clicked: bool = True) -> Message:
        """Press Approve on a plan's card, or type it."""
        return self.say(who, f"approve {number} {self.approval(number).code}", clicked=clicked)

    def said(self, place: Destination = HERE) -> list[Outgoing]:
        """Deliver all that waits for a place, and return it."""
        said = []
        while entry := self.store.claim(place, self.clock()):
            said.append(entry.outgoing)
            self.store.said(entry, "ref", self.clock())
        return said

    def cards(self, place: Destination = HERE) -> list[Message]:
        """Deliver all, and return how cards look now."""
        return [outgoing.message for outgoing in self.said(place) if outgoing.part is Part.CARD]

    def audit(self, most: int = 20) -> list[str]:
        """Return the newest lines of the audit, oldest first: who, what, what came of it."""
        lines = (link.entry for link in reversed(self.store.audited(most)))
        return [f"{entry.who} | {entry.what} | {entry.result}" for entry in lines]
