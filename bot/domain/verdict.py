"""What a look at a host says of a plan: done, not begun, in between; and that in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bot.domain.plan import Goal
from bot.domain.rule import plain
from bot.domain.units import counted, duration, part_of, percent_at_least, size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.approval import Approval, Measured
    from bot.domain.policy import Assessment

_SETTLED_PERCENT = 1.0
_HELPED_PART = 0.5


class Truth(StrEnum):
    """How a host is, as a plan sees it: as it shall be, as it was before, neither, or not to be told."""

    REACHED = "reached"
    ORIGIN = "origin"
    NEITHER = "neither"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """A service as a look found it; None is what could not be told.

    `files` are those that could be read, None for one that is not there, `answers` what commands printed.
    `began_at` is when its oldest worker began, of a service without workers its oldest process; `booted_at`
    when the host did. `service_bytes` is what its processes hold.
    """

    at: datetime
    assessment: Assessment
    workers: int | None
    active: bool | None
    enabled: bool | None
    files: tuple[tuple[str, str | None], ...]
    service_bytes: int | None
    booted_at: datetime
    began_at: datetime | None = None
    answers: tuple[tuple[tuple[str, ...], str], ...] = ()

    def fits(self, goal: Goal) -> bool | None:
        """Tell whether all is as a goal says; None where nothing contradicts it but not all is known."""
        read = dict(self.files)
        told = [
            None if found is None else found == wanted
            for wanted, found in (
                (goal.workers, self.workers),
                (goal.active, self.active),
                (goal.enabled, self.enabled),
            )
            if wanted is not None
        ]
        told += [read[path] == content if path in read else None for path, content in goal.files]
        said = dict(self.answers)
        told += [said[argv] == text if argv in said else None for argv, text in goal.answers]
        if False in told:
            return False
        return None if None in told or not told else True

    def as_goal(self, like: Goal) -> Goal:
        """Return how it is now, of what another goal asks for."""
        read, said = dict(self.files), dict(self.answers)
        return Goal(
            workers=None if like.workers is None else self.workers,
            active=None if like.active is None else self.active,
            enabled=None if like.enabled is None else self.enabled,
            files=tuple((path, read[path]) for path, _ in like.files if path in read),
            answers=tuple((argv, said[argv]) for argv, _ in like.answers if argv in said),
        )


def truth(found: Found, goal: Goal, origin: Goal, began_at: datetime | None) -> Truth:
    """Tell how a host is that was told at `began_at` to get from `origin` to `goal`.

    Where it is as both say (after a restart, say) it is done if its workers began since then.
    """
    if found.fits(goal) and found.fits(origin):
        if found.began_at is None or began_at is None:
            return Truth.UNKNOWN
        return Truth.REACHED if found.began_at >= began_at else Truth.ORIGIN
    for goal_, told in ((goal, Truth.REACHED), (origin, Truth.ORIGIN)):
        if found.fits(goal_):
            return told
    return Truth.NEITHER if found.fits(goal) is False and found.fits(origin) is False else Truth.UNKNOWN


def is_settled(before: Found, now: Found) -> bool:
    """Tell whether two looks agree on what is available, to 1 % of the host's memory."""
    first, second = before.assessment.available_bytes, now.assessment.available_bytes
    if first is None or second is None:
        return True
    return abs(second - first) * 100 <= _SETTLED_PERCENT * now.assessment.total_bytes


def freed_enough(approval: Approval) -> bool:
    """Tell whether at least half of what was expected was freed.

    By the host or by the service: others may have taken it at once. What nobody could expect exactly, and
    what could not be measured, is not judged.
    """
    expected, measured = approval.plan.saving.expected_bytes, approval.measured
    if not approval.plan.saving.exact or not expected or expected < 0 or measured is None:
        return True
    before, after = measured.service_before_bytes, measured.service_after_bytes
    shrunk = None if before is None or after is None else before - after
    freed = [bytes_ for bytes_ in (measured.freed_bytes, shrunk) if bytes_ is not None]
    return not freed or max(freed) >= _HELPED_PART * expected


def state(found: Found, goal: Goal) -> str:
    """Say how a service is, of what a goal asks for: `3 workers, running`."""
    said = []
    if goal.workers is not None:
        said.append(
            "an unknown number of workers" if found.workers is None else counted(found.workers, "worker")
        )
    if goal.active is not None and (goal.workers is None or not found.active):
        said.append("unknown state" if found.active is None else "running" if found.active else "stopped")
    if goal.enabled is not None:
        known = "starts at boot" if found.enabled else "does not start at boot"
        said.append("whether it starts at boot is not known" if found.enabled is None else known)
    for path, content in goal.files:
        read = dict(found.files)
        if path not in read:
            said.append(f"{path} could not be read")
        elif read[path] != content:
            other = "there" if content is None else "another than it should be"
            said.append(f"{path} is {'not there' if read[path] is None else other}")
    said += _answers(found, goal)
    return ", ".join(said) or "nothing to tell it by"


def _answers(found: Found, goal: Goal) -> Iterator[str]:
    """Say what commands print that should print something else."""
    printed = dict(found.answers)
    for argv, text in goal.answers:
        command = PurePosixPath(argv[0]).name
        if argv not in printed:
            yield f"`{' '.join((command, *argv[1:]))}` did not answer"
        elif printed[argv] != text:
            lines = printed[argv].split()
            yield f"`{' '.join((command, *argv[1:]))}` says {plain(lines[-1]) if lines else 'nothing'}"


def memory(found: Found) -> str:
    """Say what is available: `297 of 961 MiB available (30 %), good`."""
    judged = found.assessment
    if judged.available_bytes is None or judged.available_percent is None:
        return "what is available is not known"
    available = part_of(judged.available_bytes, judged.total_bytes)
    return f"{available} available ({percent_at_least(judged.available_percent)}), {judged.level}"


def saving(measured: Measured | None, expected_bytes: int | None) -> str:
    """Say what was freed, beside what was expected: `freed 201 MiB (expected 196 MiB)`."""
    freed = None if measured is None else measured.freed_bytes
    if freed is None:
        return "what it freed could not be measured"
    told = f"freed {size(freed)}" if freed >= 0 else f"{size(-freed)} less available"
    if expected_bytes is None:
        return told
    expected = size(expected_bytes) if expected_bytes >= 0 else f"{size(-expected_bytes)} less"
    return f"{told} (expected {expected})"


def held(service: str, measured: Measured | None) -> Iterator[str]:
    """Say by how much less a service holds than before, if that is known: `gunicorn holds 197 MiB less`."""
    before = measured.service_before_bytes if measured else None
    after = measured.service_after_bytes if measured else None
    if before is not None and after is not None:
        less = "less" if after <= before else "more"
        yield f"{service} holds {size(abs(before - after))} {less} than before"


def done(approval: Approval, found: Found) -> str:
    """Say that it was done, what it brought, and how the host is now."""
    seconds = 0.0
    if approval.began_at and approval.ended_at:
        seconds = (approval.ended_at - approval.began_at).total_seconds()
    took = f"{seconds:.1f} s" if seconds < 60 else duration(seconds)  # noqa: PLR2004 - seconds of a minute
    parts = (
        state(found, approval.plan.goal),
        saving(approval.measured, approval.plan.saving.expected_bytes),
        memory(found),
    )
    return f"done in {took}: {', '.join(parts)}"


def cut_off(approval: Approval, found: Found, told: Truth, why: str) -> str:
    """Say what is true on the host after a plan was cut off or stopped, and what a person can do."""
    host, why = approval.plan.order.host, why.rstrip(".")
    goal = approval.plan.origin if told is Truth.ORIGIN else approval.plan.goal
    rebooted = approval.began_at is not None and found.booted_at > approval.began_at
    since = f"; {host} rebooted meanwhile" if rebooted else ""
    now = f"{approval.plan.unit}: {state(found, goal)}"
    undo = f" `undo {approval.number}` takes it back." if approval.plan.undo else ""
    match told:
        case Truth.REACHED:
            return f"{why}{since}. It is done all the same ({now})."
        case Truth.ORIGIN:
            left = "nothing of it is left" if rebooted else "nothing was changed"
            return f"{why}{since}: {left} ({now})."
        case Truth.NEITHER:
            return f"{why}{since}. It is half done ({now}).{undo}"
        case Truth.UNKNOWN:
            return f"{why}{since}. Whether it was done cannot be told ({now}).{undo}"
