"""Whose yes counts: what a plan needs, who is the same person, who may vote, and what the others are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.approval import Needs, Phase, Who
from bot.domain.people import Person, Role
from bot.domain.rule import plain
from bot.domain.units import counted, duration

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.approval import Approval, Vote
    from bot.domain.people import Roster

READ_ONLY = (
    "memwarden is read-only here: nobody may approve."
    ' Name approvers under [people], such as approvers = ["slack:U01"].'
)

MEMWARDEN = Who("memwarden", "memwarden")
"""Who does what nobody asked for at that moment."""

_LONGEST_NAME = 40
_LONGEST_VERDICT = 200


def who(person: Person) -> Who:
    """Return a person as an approval remembers one."""
    name = plain(person.name.strip(), _LONGEST_NAME) or "somebody"
    return Who(f"{person.platform}:{person.id}", name, person.groups)


def may_approve(person: Who, roster: Roster) -> bool:
    """Tell whether the roster gives somebody the role that approving takes."""
    platform, _, number = person.entry.partition(":")
    return roster.role_of(Person(platform, number, person.name, person.groups)) >= Role.APPROVER


def is_same(one: Who, other: Who, roster: Roster) -> bool:
    """Tell whether two accounts are one person's."""
    return roster.who(one.entry) == roster.who(other.entry)


def distinct(votes: Iterable[Vote], roster: Roster) -> tuple[Vote, ...]:
    """Return the votes that count: the first of each person who may approve, as the roster is now."""
    kept: dict[str, Vote] = {}
    for vote in votes:
        if may_approve(vote.by, roster):
            kept.setdefault(roster.who(vote.by.entry), vote)
    return tuple(kept.values())


def is_read_only(roster: Roster) -> bool:
    """Tell whether nobody may approve anything."""
    return not roster.approvers


def approvers(roster: Roster) -> int | None:
    """Return how many people may approve; None where that is anybody's guess.

    Nobody here knows who is in a group, or who everybody is.
    """
    if any(_is_many(entry) for entry in roster.approvers):
        return None
    return len({roster.who(entry) for entry in roster.approvers})


def others(person: Who, roster: Roster) -> int | None:
    """Return how many people other than this one may approve; None where that is anybody's guess."""
    count, own = approvers(roster), roster.who(person.entry)
    if count is None:
        return None
    return count - any(roster.who(entry) == own for entry in roster.approvers)


def needs(person: Who, roster: Roster, *, quorum: int, four_eyes: bool, solo_delay_s: float) -> Needs:
    """Return what it takes to approve what this person asks for.

    Somebody else has to approve it where there may be somebody else, unless the configuration waives that
    and the asker is an approver. Else one's own yes counts: typed, and not before a while has passed.
    """
    if may_approve(person, roster) and (not four_eyes or others(person, roster) == 0):
        return Needs(quorum, others_only=False, typed=True, delay_s=solo_delay_s)
    return Needs(quorum, others_only=True)


def stricter(one: Needs, other: Needs) -> Needs:
    """Return what satisfies both."""
    return Needs(
        max(one.quorum, other.quorum),
        others_only=one.others_only or other.others_only,
        typed=one.typed or other.typed,
        delay_s=max(one.delay_s, other.delay_s),
    )


def too_few(person: Who, roster: Roster, needed: Needs) -> str:
    """Say why what this person asks for could never be approved; empty where it could be."""
    count = others(person, roster)
    if count is None:
        return ""
    if not needed.others_only:
        count += 1
    if count >= needed.quorum:
        return ""
    apart = " other than you" if needed.others_only else ""
    return (
        f"This needs {counted(needed.quorum, 'approval')}, but only {_people(count)}{apart} may approve:"
        " name more approvers under [people], or lower the quorum under [remediation]."
    )


def missing(approval: Approval, roster: Roster) -> int:
    """Return how many people still have to approve."""
    return max(0, approval.needs.quorum - len(distinct(approval.votes, roster)))


def objection(approval: Approval, person: Who, roster: Roster, at: datetime, *, clicked: bool) -> str:
    """Say why this person cannot approve this now; empty where nothing speaks against it."""
    number = approval.number
    closed = over(approval, at)
    if closed:
        return closed
    if any(is_same(person, vote.by, roster) for vote in approval.votes):
        left = missing(approval, roster)
        more = f" It needs {counted(left, 'more approval')}, by somebody else." if left else ""
        return f"You have approved plan {number} already.{more}"
    if not is_same(person, approval.asked_by, roster):
        return ""
    return _own(approval, at, clicked=clicked)


def over(approval: Approval, at: datetime) -> str:
    """Say why nobody can decide about this any more; empty while people can."""
    number = approval.number
    match approval.phase:
        case Phase.ASKED if at < approval.expires_at:
            said = ""
        case Phase.ASKED | Phase.EXPIRED:
            ago = duration(max(0.0, (at - approval.expires_at).total_seconds()))
            said = f"Plan {number} expired {ago} ago. {_again(approval)}"
        case Phase.APPROVED:
            said = f"{_approved(approval, at)}; it is about to run."
        case Phase.RUNNING:
            said = f"{_approved(approval, at)}; it is running."
        case Phase.DENIED:
            by = approval.denied_by.name if approval.denied_by else "Somebody"
            reason = f": {_short(approval.verdict)}" if approval.verdict else ""
            said = f"{by} denied plan {number} {before(approval.changed_at, at)}{reason}."
        case Phase.CHANGED:
            said = f"Plan {number} is out of date. {_short(approval.verdict)}. {_again(approval)}"
        case _:
            said = f"Plan {number} was carried out already. `plan {number}` tells what came of it."
    return said


def before(earlier: datetime, at: datetime) -> str:
    """Say how long ago somebody was faster: `2 s before you`."""
    seconds = (at - earlier).total_seconds()
    return f"{duration(seconds)} before you" if seconds >= 1 else "just before you"


def _own(approval: Approval, at: datetime, *, clicked: bool) -> str:
    """Say why one cannot approve what one asked for."""
    needed, number = approval.needs, approval.number
    if needed.others_only:
        return f"You asked for plan {number} yourself: another approver has to approve it."
    words = f"`approve {number} {approval.code}`"
    if needed.typed and clicked:
        return f"You asked for plan {number} yourself, so a click is not enough: read it, then type {words}."
    wait_s = needed.delay_s - (at - approval.asked_at).total_seconds()
    if wait_s > 0:
        return (
            f"You asked for plan {number} yourself: take the time to read it, and type {words}"
            f" in {max(1.0, wait_s):.0f} s."
        )
    return ""


def _again(approval: Approval) -> str:
    return f"Ask for it again: `{approval.plan.words}`."


def _approved(approval: Approval, at: datetime) -> str:
    """Say who was first: `Bob approved this 2 s before you`."""
    by = approval.votes[-1].by.name if approval.votes else "Somebody"
    return f"{by} approved this {before(approval.approved_at or approval.changed_at, at)}"


def _short(verdict: str) -> str:
    return plain(verdict, _LONGEST_VERDICT).rstrip(".")


def _people(count: int) -> str:
    return f"{count or 'no'} {'person' if count == 1 else 'people'}"


def _is_many(entry: str) -> bool:
    """Tell whether an entry of the roster can mean several people: a group, or everybody."""
    platform, _, name = entry.partition(":")
    return "-" in platform or "*" in (platform, name)
