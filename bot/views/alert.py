"""The card of an incident, and the notes in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.incident import BLIND, State, Turn
from bot.domain.rule import MEMORY, REACH, plain
from bot.domain.storm import storm_rule
from bot.domain.units import size
from bot.message import Button, Column, Emphasis, Message, Row, Table, Text, Tone
from bot.usage import said
from bot.views.story import (
    LONGEST_NAME,
    LONGEST_SENTENCE,
    REBOOT,
    clauses,
    clock,
    happened,
    headline,
    lasted,
    main_breach,
    standing,
    subject,
    told_at_the_beginning,
    tone,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from bot.domain.incident import Change, Incident, Suspect
    from bot.message import Block

_MOST_MEMBERS = 10
_MOST_BREACHES = 3
_MOST_SUSPECTS = 3
_MOST_EVENTS = 4
_LONGEST_ADVICE = 160
_TOLD = frozenset({Turn.NEWS, Turn.ESCALATED, Turn.REOPENED})
_TOLD_IN_THE_END = _TOLD | {Turn.WORSE}


def card(incident: Incident, zone: tzinfo, members: tuple[Incident, ...] = (), *, hosts: int = 0) -> Message:
    """The whole incident as it is now, to be edited in place: what, since when, why, what helps, next steps.

    `members` are those of a storm; `hosts` is how many hosts there are, 0 where that need not be said.
    """
    return Message(
        headline=headline(incident, members, hosts),
        blocks=(
            Text(f"incident {incident.id} · {standing(incident, zone)}"),
            *(_open(incident, zone, members) if incident.is_open else _over(incident, zone)),
        ),
        buttons=tuple(_buttons(incident)) if incident.is_open else (),
        tone=tone(incident),
        private=False,
        measured_at=(incident.resolved_at or incident.seen_at).astimezone(zone),
    )


def note(incident: Incident, change: Change, zone: tzinfo) -> Message:
    """One change, as a line of the card's thread; its evidence, where there is any, on a line of its own."""
    first, *evidence = clauses(change.sentence)
    if change.turn is Turn.ESCALATED:
        # It is the first that some people hear of it.
        evidence = [headline(incident)]
    ended = change.turn is Turn.RESOLVED
    return Message(
        headline=_noted(incident, change, first),
        blocks=(Text("; ".join(evidence), Tone.FAINT),) if evidence else (),
        tone=Tone.GOOD if ended else Tone.PLAIN if change.turn is Turn.ACKNOWLEDGED else tone(incident),
        private=False,
        measured_at=change.at.astimezone(zone),
    )


def _noted(incident: Incident, change: Change, first: str) -> str:
    severity = incident.severity.word
    before = {
        Turn.WORSE: f"Worse, {severity} now",
        Turn.BETTER: f"Better, {severity} now",
        Turn.REOPENED: f"Again, {severity} now",
        Turn.REPEATED: f"Still {severity}, not acknowledged",
        Turn.ESCALATED: "Escalated",
        Turn.RESOLVED: f"Resolved after {lasted(incident)}",
    }.get(change.turn, "")
    # A sentence may itself begin with the host it is about, or say how many there are.
    names_it = first.startswith(incident.host) if incident.host else "hosts" in first
    return " · ".join(filter(None, (before, first if names_it else f"{subject(incident)}: {first}")))


def _open(incident: Incident, zone: tzinfo, members: tuple[Incident, ...]) -> Iterator[Block]:
    yield from _details(incident)
    yield from _events(incident, zone, _TOLD)
    if incident.cause == BLIND:
        yield Text("Nothing is known of the hosts meanwhile. Most likely it is our own network, not theirs.")
    elif storm_rule(incident):
        yield from _members(incident, zone, members)
    else:
        yield from _why(incident)


def _over(incident: Incident, zone: tzinfo) -> Iterator[Text]:
    began = "; ".join(clauses(told_at_the_beginning(incident)))
    yield Text(f"{clock(incident.opened_at, zone, incident.changed_at)} {began}")
    yield from _events(incident, zone, _TOLD_IN_THE_END)
    ended = [change for change in incident.story if change.turn is Turn.RESOLVED]
    if ended and incident.cause != REBOOT:
        at = clock(ended[-1].at, zone, incident.changed_at)
        yield Text(f"{at} {'; '.join(clauses(ended[-1].sentence))}", Tone.GOOD)


def _details(incident: Incident) -> Iterator[Text]:
    """Say what the headline had no room for: the rest of its sentence, then what else is broken."""
    breach, shown = main_breach(incident), headline(incident)
    if breach is not None and not storm_rule(incident) and incident.cause != BLIND:
        rest = [clause for clause in clauses(breach.sentence) if clause not in shown]
        if rest:
            yield Text("; ".join(rest))
        if breach.rule == "host_key" and "memwarden trust" not in breach.sentence:
            yield Text(f"If you reinstalled it: memwarden trust {incident.host}")
    told_below = {change.sentence for change in incident.story if change.turn in _TOLD}
    others = [other for other in incident.breaches[1:] if other.sentence not in told_below]
    for other in others[:_MOST_BREACHES]:
        yield Text(f"also {other.severity.word}: {'; '.join(clauses(other.sentence))}")
    if len(others) > _MOST_BREACHES:
        yield Text(f"and {len(others) - _MOST_BREACHES} more")


def _events(incident: Incident, zone: tzinfo, turns: Iterable[Turn]) -> Iterator[Text]:
    found = [change for change in incident.story[1:] if change.turn in turns]
    for change in found[-_MOST_EVENTS:]:
        yield Text(f"{clock(change.at, zone, incident.changed_at)} {happened(change)}")


def _why(incident: Incident) -> Iterator[Text]:
    """Say what changed, who may be to blame and what can be done about it, where the memory is."""
    if incident.since_good:
        yield Text(f"since the last good check: {_joined(incident.since_good, ', ')}")
    suspects = incident.suspects[:_MOST_SUSPECTS]
    for place, suspect in enumerate(suspects, 1):
        yield Text(f"{place}. {_suspect(suspect)}")
    if incident.picture:
        yield Text(f"memory: {_joined(incident.picture, ' · ')}", Tone.FAINT)


def _joined(phrases: Iterable[str], between: str) -> str:
    return between.join(plain(phrase, LONGEST_SENTENCE) for phrase in phrases)


def _suspect(suspect: Suspect) -> str:
    grown = suspect.grown_bytes
    growth = "" if not grown else f", {'+' if grown > 0 else ''}{size(grown)}"
    advice = f" · {plain(suspect.advice, _LONGEST_ADVICE)}" if suspect.advice else ""
    return f"{plain(suspect.service, LONGEST_NAME)} {size(suspect.memory_bytes)}{growth}{advice}"


def _members(incident: Incident, zone: tzinfo, members: tuple[Incident, ...]) -> Iterator[Block]:
    if not members:
        return
    ranked = sorted(members, key=lambda member: (not member.is_open, -member.severity, member.host))
    rows = tuple(_member(member, incident, zone) for member in ranked[:_MOST_MEMBERS])
    yield Table((Column("host", elastic=True), Column("since"), Column("state")), rows)
    if len(ranked) > _MOST_MEMBERS:
        yield Text(f"and {len(ranked) - _MOST_MEMBERS} more: `incidents` lists them.", Tone.FAINT)
    recovered = sum(not member.is_open for member in members)
    if recovered and storm_rule(incident) != REBOOT:
        yield Text(f"{recovered} of {len(members)} have recovered.", Tone.GOOD)


def _member(member: Incident, storm: Incident, zone: tzinfo) -> Row:
    since = clock(member.opened_at, zone, storm.seen_at)
    state = member.severity.word if member.is_open or member.cause == REBOOT else "recovered"
    return Row((plain(member.host, LONGEST_NAME), since, state), tone(member))


def _buttons(incident: Incident) -> Iterator[Button]:
    """Offer what makes sense now."""
    if incident.state is State.TRIGGERED:
        yield Button("Acknowledge", f"ack {incident.id}", Emphasis.PRIMARY)
    target = incident.host or storm_rule(incident)
    if target and not incident.silenced:
        yield Button("Silence 1 h", said(("silence", target, "1h")))
    if not incident.host:
        yield Button("Status", "status")
    elif incident.cause == REACH:
        yield Button("Try now", f"status {incident.host}")
    else:
        yield Button("Report", f"report {incident.host}")
        if incident.cause == MEMORY:
            yield Button("Top", f"top {incident.host}")
        elif incident.cause.startswith("service "):
            name = incident.cause.removeprefix("service ")
            yield Button(plain(name, LONGEST_NAME), said(("service", incident.host, name)))
