"""A bot that watches made-up servers in simulated time, and the channels in which it speaks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.config import load
from bot.errors import HostUnreachable
from bot.flows.deliver import Means, deliver
from bot.flows.tend import tend
from bot.flows.watch import watch
from tests.conversations.channel import Channel
from tests.conversations.machine import Machine
from tests.conversations.ops import Ops

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.incident import Incident

_TEND_EVERY = timedelta(seconds=60)
_DELIVER_EVERY = timedelta(seconds=5)


def hosts(count: int, tags: str = "") -> str:
    """Write so many hosts as the configuration does."""
    tagged = f"\ntags = [{tags}]" if tags else ""
    return "\n".join(f'[[host]]\nname = "web-{number}"{tagged}' for number in range(1, count + 1))


def web(*numbers: int) -> list[str]:
    """Return the names of hosts by number."""
    return [f"web-{number}" for number in numbers]


class NightWatch(Ops):
    """Hosts are looked at when the last check said so, spread over the interval; the outbox is delivered."""

    def __init__(self, configuration: str = '[[host]]\nname = "web-1"') -> None:
        # Half as often as usual: what people are told is the same, and the nights are long.
        super().__init__(f'[check]\nclosely = "30s"\n{configuration}\n[people]\noperators = ["terminal:*"]')
        now = self.clock()
        names = [host.name for host in self.ports.config.hosts]
        self.machines = {name: Machine(now - timedelta(days=41)) for name in names}
        self.channels: dict[str, Channel] = defaultdict(Channel)
        every_s = self.ports.config.check.every_s
        self._due = {
            name: now + timedelta(seconds=every_s * place / len(names)) for place, name in enumerate(names)
        }
        self._tend_at = now + _TEND_EVERY
        self._deliver_at = now + _DELIVER_EVERY

    @property
    def machine(self) -> Machine:
        """The only server."""
        (machine,) = self.machines.values()
        return machine

    @property
    def channel(self) -> Channel:
        """The only channel."""
        return self.channels["terminal"]

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """All there ever were."""
        return self.store.incidents(self.clock() - timedelta(days=365))

    def minutes_pass(self, minutes: float, *, each: Callable[[datetime], None] | None = None) -> None:
        """Let time pass; `each` is called before every check."""
        end = self.clock() + timedelta(minutes=minutes)
        while (at := min(*self._due.values(), self._tend_at, self._deliver_at)) <= end:
            self.clock.passes(seconds=max(0.0, (at - self.clock()).total_seconds()))
            self._do_what_is_due(at, each)
        self.clock.passes(seconds=(end - self.clock()).total_seconds())

    def _do_what_is_due(self, at: datetime, each: Callable[[datetime], None] | None) -> None:
        for name in [name for name, due in self._due.items() if due <= at]:
            if each is not None:
                each(at)
            self.check(name)
        if self._tend_at <= at:
            tend(self.ports)
            self._tend_at = at + _TEND_EVERY
        if self._deliver_at <= at:
            self.delivered()
            self._deliver_at = at + _DELIVER_EVERY

    def check(self, name: str) -> None:
        """Look at a host now."""
        now = self.clock()
        self.hosts[name].says("sh", self.machines[name].answer(now))
        self._due[name] = now + timedelta(seconds=watch(self.ports, name).next_in_s)

    def delivered(self) -> None:
        """Say all that is due."""
        for waiting in self.store.backlog():
            place = waiting.destination
            channel = self.channels[f"{place.platform}:{place.channel}" if place.channel else place.platform]
            means = Means(channel.announce, lambda mark: mark(), lambda: 0.5)
            while (done := deliver(self.ports, self.store, place, means)) and done.outcome == "said":
                pass

    def lose(self, *names: str) -> None:
        """From now on these hosts cannot be reached."""
        for name in names:
            self.hosts[name].fails(HostUnreachable(f"{name} cannot be reached: no route to host."))

    def find(self, *names: str) -> None:
        """From now on these hosts answer again."""
        for name in names:
            self.hosts[name].recovers()

    def link(self, linked: Callable[[], bool]) -> None:
        """Let this tell whether our machine has a network."""
        self.ports = replace(self.ports, linked=linked)

    def reconfigure(self, configuration: str) -> None:
        """Let another configuration hold from now on."""
        config = load(configuration, "config.toml")
        self.ports = replace(self.ports, config=config)
        names = {host.name for host in config.hosts}
        self._due = {name: due for name, due in self._due.items() if name in names}
