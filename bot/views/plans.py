"""What people are answered who ask for plans, decide about them or list them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.approval import Phase
from bot.domain.rule import plain
from bot.domain.units import counted
from bot.message import Align, Button, Column, Message, Row, Table, Text, Tone
from bot.views import plan as view
from bot.views.story import clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from bot.domain.approval import Approval

_MOST_BUTTONS = 3
_COLUMNS = (
    Column("plan", Align.RIGHT),
    Column("host"),
    Column("what", elastic=True),
    Column("stands"),
    Column("asked by", dispensable=1),
    Column("at", Align.RIGHT, dispensable=2),
)
_TONES = {
    Phase.ASKED: Tone.WARNING,
    Phase.VERIFIED: Tone.GOOD,
    Phase.WATCHED: Tone.GOOD,
    Phase.NOT_HELPED: Tone.WARNING,
    Phase.FAILED: Tone.CRITICAL,
    Phase.INTERRUPTED: Tone.CRITICAL,
}


def shown(approval: Approval, zone: tzinfo, now: datetime, before: str) -> Message:
    """Show a plan to one person, after what there is to say to that person."""
    card = view.card(approval, zone, now)
    return replace(card, blocks=(Text(before), *card.blocks), private=True)


def asked(approval: Approval, zone: tzinfo, now: datetime, *, new: bool) -> Message:
    """Show a plan to the person who asked for it, or for the same again."""
    if new:
        places = ", ".join(map(str, approval.destinations))
        return shown(approval, zone, now, f"It waits for approval; it is announced in {places}.")
    by, at = approval.asked_by.name, clock(approval.asked_at, zone, now)
    return shown(approval, zone, now, f"It was asked for already, by {plain(by)} at {at}.")


def approved(approval: Approval, left: int, zone: tzinfo, now: datetime) -> Message:
    """Say what a yes came to: it is done now, or needs so many more."""
    plan, number = approval.plan, approval.number
    what = f"{plain(plan.title)} on {plan.order.host}"
    if approval.phase is Phase.ASKED:
        needed = f"Your approval of plan {number} counts; it needs {counted(left, 'more approval')}: {what}"
        until = clock(approval.expires_at, zone, now)
        return Message(needed, (Text(f"It expires at {until}."),), (_show(number),), tone=Tone.GOOD)
    return Message(
        f"Plan {number} is approved: {what}",
        (Text("It begins now; its card shows how it goes."),),
        (_show(number),),
        tone=Tone.GOOD,
    )


def replaced(old: Approval, new: Approval, zone: tzinfo, now: datetime) -> Message:
    """Say that a plan would be another one by now, and show that."""
    message = shown(new, zone, now, f"Nothing was done. {plain(new.plan.title)}:")
    return replace(message, headline=f"Plan {old.number} is out of date. {old.verdict}", tone=Tone.WARNING)


def denied(approval: Approval) -> Message:
    """Say that nothing is done."""
    plan = approval.plan
    return Message(
        f"Plan {approval.number} is denied: {plain(plan.title)} on {plan.order.host}",
        (Text("Nothing was done."),),
        (_show(approval.number),),
    )


def plans(found: Sequence[Approval], zone: tzinfo, now: datetime, *, again: str) -> Message:
    """List plans, the newest first. `again` are the words that asked for them."""
    refresh = Button("Refresh", again, in_place=True)
    if not found:
        usage = "`workers web-1 gunicorn 2` or `stop web-1 daphne` asks for one."
        return Message("No plan in the last 24 hours", (Text(usage),), (refresh,), tone=Tone.GOOD)
    ranked = sorted(found, key=lambda approval: -approval.number)
    waiting = [approval for approval in ranked if approval.phase is Phase.ASKED]
    headline = f"{counted(len(ranked), 'plan')} in the last 24 hours"
    return Message(
        headline=f"{headline}, {len(waiting)} waiting for approval" if waiting else headline,
        blocks=(Table(_COLUMNS, tuple(_row(each, zone, now) for each in ranked)),),
        buttons=(*(_show(each.number) for each in (waiting or ranked)[:_MOST_BUTTONS]), refresh),
        tone=Tone.WARNING if waiting else Tone.PLAIN,
        measured_at=now.astimezone(zone),
    )


def _row(approval: Approval, zone: tzinfo, now: datetime) -> Row:
    plan = approval.plan
    cells = (
        str(approval.number),
        plan.order.host,
        plain(plan.title),
        approval.phase.value,
        plain(approval.asked_by.name),
        clock(approval.asked_at, zone, now),
    )
    return Row(cells, _TONES.get(approval.phase, Tone.PLAIN))


def _show(number: int) -> Button:
    return Button(f"Plan {number}", f"plan {number}")
