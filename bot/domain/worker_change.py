"""A change of a service's number of workers, and the steps there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain import service_unit
from bot.domain.plan import Goal, Step, privileged
from bot.domain.remediation import HELPER
from bot.domain.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.attribution import Service
    from bot.domain.drop_in import DropIn
    from bot.domain.remediation import Argv
    from bot.domain.service import Scaling
    from bot.domain.unit_file import Unit

DAEMON_RELOAD = (service_unit.SYSTEMCTL, "daemon-reload")
# A worker that ends serves its requests first, one that starts has to load the application.
_SETTLE_S = 90.0
# systemd waits up to 90 s for a service to stop, and as long for it to start.
_RESTART_S = 240.0


@dataclass(frozen=True, slots=True)
class Change:
    """From `now` to `count` workers of a service.

    `said` is with how many the unit's text starts it, None where that does not tell. `signals` tells whether
    its main process can be told, so that nothing has to be restarted. `before` and `then` are our drop-in as
    it is and as it will be; `then` is None where the change is not to last.
    """

    host: str
    service: Service
    unit: Unit
    scaling: Scaling
    now: int
    count: int
    said: int | None
    signals: bool
    is_root: bool
    before: DropIn | None = None
    then: DropIn | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is done."""
        return (*_written(self), *_taken_effect(self, self.now, self.count))

    @property
    def undo(self) -> tuple[Step, ...]:
        """What takes it back."""
        return (*_unwritten(self), *_taken_effect(self, self.count, self.now))

    @property
    def goal(self) -> Goal:
        """How all is afterwards."""
        files = ((self.then.path, self.then.content),) if self.then else ()
        return Goal(workers=self.count, active=True, files=files)

    @property
    def origin(self) -> Goal:
        """How all was."""
        content = self.before.content if self.before else None
        return Goal(workers=self.now, active=True, files=((self.then.path, content),) if self.then else ())


def helper(verb: str, unit: str, *rest: str) -> Argv:
    """Return the words that have the helper write our drop-in or remove it."""
    return (HELPER, verb, unit, *rest)


def _written(change: Change) -> Iterator[Step]:
    if change.then is None:
        return
    yield from _rewritten(change, change.then, change.count)
    yield _daemon_reload(change)


def _unwritten(change: Change) -> Iterator[Step]:
    if change.then is None:
        return
    if change.before is not None and change.said is not None:
        yield from _rewritten(change, change.before, change.said)
    else:
        forget = privileged(helper("forget", change.unit.name), is_root=change.is_root)
        yield Step(forget, f"removes {change.then.path}")
    yield _daemon_reload(change)


def _rewritten(change: Change, to: DropIn, count: int) -> Iterator[Step]:
    written = privileged(helper("workers", change.unit.name, str(count)), is_root=change.is_root)
    yield Step(written, f"writes {to.path}: it starts with {counted(count, 'worker')} from then on")
    yield Step(
        ("/usr/bin/cat", to.path), "reads it back: anything else in it stops the plan", prints=to.content
    )


def _daemon_reload(change: Change) -> Step:
    return Step(privileged(DAEMON_RELOAD, is_root=change.is_root), "has systemd read the unit files again")


def _taken_effect(change: Change, now: int, then: int) -> Iterator[Step]:
    """One signal after the other: equal ones that come together count as one."""
    if now == then:
        return
    if not change.signals:
        restart = privileged(service_unit.command("restart", change.unit.name), is_root=change.is_root)
        sentence = f"restarts it, with {counted(then, 'worker')}"
        yield Step(restart, sentence, workers=then, settle_s=_SETTLE_S, timeout_s=_RESTART_S)
        return
    signal = change.scaling.fewer if then < now else change.scaling.more
    kill = privileged(service_unit.kill(str(signal), change.unit.name), is_root=change.is_root)
    counts = range(now - 1, then - 1, -1) if then < now else range(now + 1, then + 1)
    for count in counts:
        sentence = f"{'ends' if then < now else 'starts'} one worker, then there are {count}"
        yield Step(kill, sentence, workers=count, settle_s=_SETTLE_S)
