"""What remediations say to systemd about one unit, and what their plans are made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.bounds import is_essential
from bot.domain.plan import Step, privileged
from bot.errors import Refused

if TYPE_CHECKING:
    from bot.domain.plan import Order
    from bot.domain.remediation import Argv, Situation
    from bot.domain.unit_file import Unit

SYSTEMCTL = "/usr/bin/systemctl"

_DEPENDANTS = ("RequiredBy", "BoundBy", "ConsistsOf")


def command(verb: str, unit: str) -> Argv:
    """Return the words that have systemd stop, start, restart, enable or disable a unit."""
    return (SYSTEMCTL, verb, unit)


def kill(signal: str, unit: str) -> Argv:
    """Return the words that send a signal (`TTOU`) to a unit's main process alone, whatever its pid is."""
    return (SYSTEMCTL, "kill", "--kill-who=main", "-s", signal, unit)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes steps about one unit."""

    unit: str
    is_root: bool

    def step(self, verb: str, sentence: str, timeout_s: float = 120.0) -> Step:
        """Return the step that does this to the unit; systemd waits up to its own timeouts for it."""
        return Step(privileged(command(verb, self.unit), is_root=self.is_root), sentence, timeout_s=timeout_s)

    def signal(self, signal: str, sentence: str, workers: int | None = None) -> Step:
        """Return the step that sends a signal, and waits for so many workers."""
        return Step(privileged(kill(signal, self.unit), is_root=self.is_root), sentence, workers=workers)


def words(verb: str, order: Order) -> str:
    """Return the command that asks for the same again."""
    return " ".join(filter(None, (verb, order.host, _word(order.service), order.option)))


def _word(service: str) -> str:
    return f'"{service}"' if " " in service else service


def basis(situation: Situation, *, counting: bool = True) -> tuple[str, ...]:
    """Return what a plan stands on: the unit's files and settings, whether it runs, how many workers.

    Without `counting` it is the same plan with any number of workers: some servers change it by themselves.
    """
    unit, service = situation.unit, situation.service
    files = hashlib.sha256(repr(unit.files).encode("utf-8", "surrogatepass")).hexdigest()
    return (
        f"{unit.name} {unit.active} {unit.enabled}",
        f"files {files}",
        *((f"workers {len(service.workers) if service else 0}",) if counting else ()),
        f"needed by {' '.join(dependants(unit))}, begun by {' '.join(unit.triggered_by)}",
        f"reload {unit.can_reload}, OOM {unit.oom_policy}",
        f"boot {situation.checked.snapshot.identity.boot_id}",
        f"root {situation.is_root}",
        f"helper {situation.has_helper}",
    )


def waking(unit: Unit) -> tuple[str, ...]:
    """Say what starts a unit again though it was stopped."""
    return tuple(f"{name} starts it again when something asks for it" for name in unit.triggered_by)


def dependants(unit: Unit) -> tuple[str, ...]:
    """Return the units that systemd stops and restarts together with this one.

    Source: systemd.unit(5), Requires=, BindsTo= and PartOf=.
    """
    shown = dict(unit.show)
    return tuple(dict.fromkeys(name for key in _DEPENDANTS for name in shown.get(key, "").split()))


def refuse_unwilling(unit: Unit, *, stopping: bool) -> None:
    """Raise Refused for a unit that says of itself that nobody starts or stops it by hand.

    Nor is one stopped whose end would be that of an essential service.
    """
    doing = "stopped" if stopping else "started"
    if dict(unit.show).get("RefuseManualStop" if stopping else "RefuseManualStart") == "yes":
        raise Refused(f"{unit.name} says of itself that it is not {doing} by hand: systemd would refuse it.")
    essential = [name for name in dependants(unit) if is_essential((name,), None, ())]
    if stopping and essential:
        raise Refused(
            f"{', '.join(essential)} needs {unit.name} and is essential: systemd would stop it as well."
        )
