"""The card of a plan, from the question to the proof that it helped, and the notes in its thread."""

from __future__ import annotations

from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from bot.domain.approval import Phase
from bot.domain.rule import plain
from bot.domain.units import counted, duration, part_of, percent_at_least, size
from bot.message import Button, Code, Emphasis, Message, Text, Tone
from bot.usage import enumerated, said
from bot.views import proposal
from bot.views.story import LONGEST_NAME, clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from bot.domain.approval import Approval, Done
    from bot.domain.plan import Step
    from bot.message import Block

LONGEST_TITLE = 120
_LONGEST_VERDICT = 600
_LONGEST_STEP = 160
_LONGEST_CONFIRM = 280
_FINGERPRINT = 8
_EXACT_S = 60

_BEGUN = frozenset({Phase.RUNNING, Phase.FAILED, Phase.INTERRUPTED})
_DONE = frozenset({Phase.WATCHED, Phase.VERIFIED, Phase.NOT_HELPED})
_TONES = {
    Phase.WATCHED: Tone.GOOD,
    Phase.VERIFIED: Tone.GOOD,
    Phase.NOT_HELPED: Tone.WARNING,
    Phase.INTERRUPTED: Tone.WARNING,
    Phase.FAILED: Tone.CRITICAL,
    Phase.DENIED: Tone.FAINT,
    Phase.EXPIRED: Tone.FAINT,
    Phase.CHANGED: Tone.FAINT,
    Phase.UNDONE: Tone.FAINT,
}
_WORDS = {
    Phase.ASKED: "needs approval",
    Phase.APPROVED: "is approved and about to run",
    Phase.RUNNING: "is running",
    Phase.WATCHED: "is done",
    Phase.VERIFIED: "is done and verified",
    Phase.NOT_HELPED: "has not helped",
    Phase.FAILED: "failed",
    Phase.INTERRUPTED: "was interrupted",
    Phase.DENIED: "was denied",
    Phase.EXPIRED: "expired",
    Phase.CHANGED: "is out of date",
    Phase.UNDONE: "was undone",
}


def card(approval: Approval, zone: tzinfo, now: datetime, *, whole: bool = False) -> Message:
    """The whole plan as it is now, to be edited in place: what, how, by whom, what came of it, next steps.

    A `whole` one is for somebody who asks for it: no line is left out, in whatever phase it is.
    """
    asked = approval.phase is Phase.ASKED
    at = approval.plan.made_at if asked else approval.changed_at
    return Message(
        headline=headline(approval),
        blocks=(
            *_people(approval, zone, now),
            *(() if asked else _outcome(approval, zone, now, whole=whole)),
            *(_proposed(approval, whole=whole) if asked or whole else ()),
        ),
        buttons=tuple(_buttons(approval, whole=whole)),
        footnote=" · ".join(_footnote(approval, with_origin=asked or whole)),
        tone=tone(approval),
        private=whole,
        measured_at=at.astimezone(zone),
    )


def note(approval: Approval, sentence: str, zone: tzinfo) -> Message:
    """What happened to a plan, as a line of its card's thread."""
    return Message(
        headline=f"{_named(approval)}: {plain(sentence, _LONGEST_VERDICT)}",
        tone=tone(approval),
        private=False,
        measured_at=approval.changed_at.astimezone(zone),
    )


def headline(approval: Approval) -> str:
    """Say in one line how a plan stands, fit for a notification."""
    title = plain(approval.plan.title, LONGEST_TITLE)
    return f"{_named(approval)} {standing(approval)}: {title}{_gained(approval)}"


def standing(approval: Approval) -> str:
    """Say where a plan is: `is running, step 2 of 5`, `was undone by plan 43`."""
    words = _WORDS[approval.phase]
    match approval.phase:
        case Phase.RUNNING if approval.steps:
            return f"{words}, step {len(approval.steps)} of {len(approval.plan.steps)}"
        case Phase.FAILED if approval.steps:
            return f"{words} at step {len(approval.steps)} of {len(approval.plan.steps)}"
        case Phase.DENIED if approval.denied_by is not None:
            return f"{words} by {plain(approval.denied_by.name, LONGEST_NAME)}"
        case Phase.UNDONE if approval.undone_by is not None:
            return f"{words} by plan {approval.undone_by}"
        case _:
            return words


def tone(approval: Approval) -> Tone:
    """Return the tone in which a plan is shown."""
    return _TONES.get(approval.phase, Tone.PLAIN)


def _named(approval: Approval) -> str:
    return f"Plan {approval.number} on {plain(approval.plan.order.host, LONGEST_NAME)}"


def _gained(approval: Approval) -> str:
    """Say what it brings, or brought where that was measured."""
    expected = approval.plan.saving.expected_bytes
    if approval.phase in _DONE:
        freed = approval.measured.freed_bytes if approval.measured else None
        return "" if freed is None or freed <= 0 else f", freed {size(freed)}"
    if approval.phase is Phase.ASKED and expected is not None and expected > 0:
        return f", frees {'' if approval.plan.saving.exact else 'at most '}about {size(expected)}"
    return ""


def _people(approval: Approval, zone: tzinfo, now: datetime) -> Iterator[Text]:
    """Say who asked and when, what for, who said yes, and while it waits what it waits for."""
    parts = [f"asked by {_name(approval.asked_by.name)} {clock(approval.asked_at, zone, now)}"]
    if approval.undoes is not None:
        parts.append(f"takes plan {approval.undoes} back")
    if approval.incident is not None:
        parts.append(f"for incident {approval.incident}")
    votes = [f"{_name(vote.by.name)} {clock(vote.at, zone, now)}" for vote in approval.votes]
    if votes:
        parts.append(f"approved by {enumerated(votes)}")
    if approval.phase is Phase.ASKED:
        parts.append(f"expires {clock(approval.expires_at, zone, now)}")
    yield Text(" · ".join(parts))
    if approval.phase is Phase.ASKED:
        yield Text(f"needs: {_needs(approval, zone)}")


def _needs(approval: Approval, zone: tzinfo) -> str:
    needed, asker = approval.needs, _name(approval.asked_by.name)
    missing = max(0, needed.quorum - len(approval.votes))
    count = counted(missing, "more approval" if approval.votes else "approval")
    if needed.others_only:
        return f"{count} by {'an approver' if missing == 1 else 'approvers'} other than {asker}"
    if not needed.typed:
        return f"{count} by any approver, {asker} too"
    since = (approval.asked_at + timedelta(seconds=needed.delay_s)).astimezone(zone)
    return f"{count}, typed: `{_approve(approval)}`, by {asker} from {since:%H:%M:%S} on"


def _proposed(approval: Approval, *, whole: bool) -> Iterator[Block]:
    """Show all that would be done, in the order in which a person decides."""
    plan, number = approval.plan, approval.number
    yield from proposal.expected(plan)
    yield from proposal.effects(plan)
    yield proposal.way_back(plan)
    yield from proposal.commands("runs exactly:", plan.steps, number, whole=whole)
    yield from proposal.files(plan, number, whole=whole)
    if whole and plan.undo:
        yield from proposal.commands("undo runs exactly:", plan.undo, number, whole=True)


def _footnote(approval: Approval, *, with_origin: bool) -> Iterator[str]:
    """Say what it was made from, and which line of the audit anybody can compare this card with."""
    if with_origin:
        yield f"made from {plain(approval.plan.unit, LONGEST_TITLE)} as it was then"
        yield f"refused if it changed · fingerprint {approval.plan.fingerprint[:_FINGERPRINT]}…"
    if approval.audited:
        yield f"audit {approval.audited}"


def _outcome(approval: Approval, zone: tzinfo, now: datetime, *, whole: bool) -> Iterator[Block]:
    """Say what came of it."""
    if approval.verdict and approval.phase is not Phase.UNDONE:
        verdict = plain(approval.verdict, _LONGEST_VERDICT)
        yield Text(f"reason: {verdict}" if approval.phase is Phase.DENIED else verdict)
    if approval.phase is Phase.DENIED:
        yield Text("Nothing was done.")
    if approval.phase in _DONE:
        yield from _before(approval)
    if approval.phase is Phase.WATCHED and approval.watch_until is not None:
        yield Text(f"watched until {clock(approval.watch_until, zone, now)}")
    if approval.phase in (Phase.WATCHED, Phase.VERIFIED) and not whole:
        yield Text(
            f"{'lasting' if approval.plan.lasting else 'temporary'}:"
            f" {plain(approval.plan.lasts, _LONGEST_VERDICT)}"
        )
    if approval.phase in _BEGUN and approval.plan.steps:
        yield Code(tuple(_ticked(approval)))


def _before(approval: Approval) -> Iterator[Text]:
    """Say what was available before; how it is now the verdict says."""
    before = approval.measured.available_before_bytes if approval.measured else None
    total = approval.plan.total_bytes
    after = approval.measured.available_after_bytes if approval.measured else None
    if before is None or after is None or total <= 0:
        return
    share = 100 * before / total
    level = approval.plan.thresholds.level(share)
    yield Text(f"before: {part_of(before, total)} available ({percent_at_least(share)}), {level}")


def _ticked(approval: Approval) -> Iterator[str]:
    """Write each step with how it stands: `[x]` done, `[>]` under way, `[!]` gone wrong, `[?]` cut off."""
    goes_on = approval.phase is Phase.RUNNING
    steps = zip_longest(approval.plan.steps, approval.steps)
    for place, (step, done) in enumerate(steps, 1):
        if step is not None:
            yield from _step(place, step, done, goes_on=goes_on)


def _step(place: int, step: Step, done: Done | None, *, goes_on: bool) -> Iterator[str]:
    sentence = plain(step.sentence, _LONGEST_STEP)
    if done is None:
        yield f"[ ] {place} {sentence}"
        return
    if done.ended_at is None:
        yield f"[>] {place} {sentence}" if goes_on else f"[?] {place} {sentence} (cut off)"
    else:
        mark = "x" if done.status == 0 and not done.note else "!"
        yield f"[{mark}] {place} {sentence} ({_took(done.ended_at - done.began_at)})"
    if done.note:
        yield f"      {plain(done.note, _LONGEST_VERDICT)}"


def _took(time: timedelta) -> str:
    seconds = max(0.0, time.total_seconds())
    return f"{seconds:.1f} s" if seconds < _EXACT_S else duration(seconds)


def _buttons(approval: Approval, *, whole: bool) -> Iterator[Button]:
    """Offer what makes sense now."""
    number, plan = approval.number, approval.plan
    if approval.phase is Phase.ASKED:
        # Nobody approves what was not shown.
        if not approval.needs.typed and (whole or not proposal.is_cut(plan)):
            yield Button("Approve", _approve(approval), Emphasis.PRIMARY, confirm=_confirm(approval))
        yield Button("Deny", f"deny {number}")
        if not whole and proposal.is_cut(plan):
            yield Button("Whole plan", f"plan {number}")
    elif approval.phase is Phase.EXPIRED:
        yield Button("Ask again", plan.words)
    elif approval.can_be_undone and approval.steps and not approval.untouched:
        undone = plain(f"{plan.title} on {plan.order.host} is taken back: {plan.undone}", _LONGEST_CONFIRM)
        well = approval.phase in (Phase.WATCHED, Phase.VERIFIED)
        emphasis = Emphasis.NORMAL if well else Emphasis.PRIMARY
        yield Button("Undo", f"undo {number}", emphasis, confirm=undone)
    if approval.phase in _DONE | {Phase.FAILED, Phase.INTERRUPTED}:
        yield Button("Report", said(("report", plan.order.host)))


def _confirm(approval: Approval) -> str:
    plan = approval.plan
    first, *others = plan.side_effects or ("none are known",)
    effects = f"{first} (and {len(others)} more)" if others else first
    lasts = "Lasting" if plan.lasting else "Temporary"
    return plain(
        f"Plan {approval.number} on {plan.order.host}: {plan.title}. Side effects: {effects}. {lasts}.",
        _LONGEST_CONFIRM,
    )


def _approve(approval: Approval) -> str:
    return f"approve {approval.number} {approval.code}"


def _name(name: str) -> str:
    return plain(name, LONGEST_NAME)
