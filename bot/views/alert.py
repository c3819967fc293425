"""The card of an incident, and the notes in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.incident import BLIND, State, Turn
from bot.domain.policy import Severity
from bot.domain.rule import MEMORY, REACH, plain
from bot.domain.storm import storm_rule
from bot.domain.units import MIB, size
from bot.message import Button, Emphasis, Message, Text, Tone
from bot.usage import said
from bot.views.story import (
    LONGEST_NAME,
    LONGEST_SENTENCE,
    by_number,
    clauses,
    clock,
    happened,
    headline,
    is_momentary,
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

_MOST_MEMBERS = 10
_MOST_BREACHES = 3
_MOST_SUSPECTS = 3
_MOST_EVENTS = 4
_MOST_REMEDIES = 2
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
            *(_open(incident, zone, members) if incident.is_open else _over(incident, zone, members)),
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


def _open(incident: Incident, zone: tzinfo, members: tuple[Incident, ...]) -> Iterator[Text]:
    yield from _details(incident)
    yield from _events(incident, zone, _TOLD)
    if incident.cause == BLIND:
        yield Text(
            "Look at the network of the machine on which memwarden runs: most likely it is that, not the"
            " hosts. Nothing is known of them meanwhile."
        )
    elif storm_rule(incident):
        yield from _members(incident, members)
    else:
        yield from _why(incident)


def _over(incident: Incident, zone: tzinfo, members: tuple[Incident, ...]) -> Iterator[Text]:
    if storm_rule(incident):
        yield from _members(incident, members)
    else:
        began = "; ".join(clauses(told_at_the_beginning(incident)))
        yield Text(f"{clock(incident.opened_at, zone, incident.changed_at)} {began}")
    yield from _events(incident, zone, _TOLD_IN_THE_END)
    ended = [change for change in incident.story if change.turn is Turn.RESOLVED]
    if ended and not is_momentary(incident):
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
    changed = [phrase for phrase in incident.since_good if not _is_foreseen(incident, phrase)]
    if changed:
        yield Text(f"since the last good check: {_joined(changed, ', ')}")
    for place, suspect in enumerate(incident.suspects[:_MOST_SUSPECTS], 1):
        yield Text(f"{place}. {_suspect(suspect)}")
    if incident.picture:
        yield Text(f"memory: {_joined(incident.picture, ' · ')}", Tone.FAINT)


def _is_foreseen(incident: Incident, phrase: str) -> bool:
    """Tell whether a breach says already when memory will be full, by a measurement of its own."""
    return phrase.startswith("at this rate") and any(b.rule == "exhaustion" for b in incident.breaches)


def _joined(phrases: Iterable[str], between: str) -> str:
    return plain(between.join(phrases), LONGEST_SENTENCE)


def _suspect(suspect: Suspect) -> str:
    grown = suspect.grown_bytes or 0
    growth = f", {'+' if grown > 0 else ''}{size(grown)}" if abs(grown) >= MIB else ""
    advice = f" · {plain(suspect.advice, _LONGEST_ADVICE)}" if suspect.advice else ""
    return f"{plain(suspect.service, LONGEST_NAME)} {size(suspect.memory_bytes)}{growth}{advice}"


def _members(storm: Incident, members: tuple[Incident, ...]) -> Iterator[Text]:
    """Name the hosts of a storm, those in the worst trouble first, and say how many are out of it."""
    everybody = {member.host for member in members}
    lasting = [member for member in members if member.is_open]
    severities = sorted({member.severity for member in lasting}, reverse=True)
    if len(severities) > 1:
        for severity in severities:
            yield _named(severity.word, {each.host for each in lasting if each.severity is severity})
    elif everybody:
        yield _named("hosts", {each.host for each in lasting} or everybody)
    if lasting and not is_momentary(storm):
        yield Text(_joined(storm.picture, ", "))


def _named(word: str, hosts: Iterable[str]) -> Text:
    names = sorted((plain(host, LONGEST_NAME) for host in hosts), key=by_number)
    more = f" and {len(names) - _MOST_MEMBERS} more" if len(names) > _MOST_MEMBERS else ""
    return Text(f"{word}: {', '.join(names[:_MOST_MEMBERS])}{more}")


def _buttons(incident: Incident) -> Iterator[Button]:
    """Offer what makes sense now."""
    yield from _remedies(incident)
    if incident.state is State.TRIGGERED:
        yield Button("Acknowledge", f"ack {incident.id}", Emphasis.PRIMARY)
    rule = storm_rule(incident)
    if rule:
        yield Button(f"Silence {rule} 1 h", said(("silence", rule, "1h")))
    elif incident.host and not incident.silenced:
        yield Button("Silence 1 h", said(("silence", incident.host, "1h")))
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


def _remedies(incident: Incident) -> Iterator[Button]:
    """Offer what can be asked for where memory is short; it waits for somebody's approval then."""
    if incident.cause != MEMORY or incident.severity < Severity.WARNING:
        return
    fixable = [suspect for suspect in incident.suspects if suspect.remedy_words]
    for suspect in fixable[:_MOST_REMEDIES]:
        yield Button(plain(suspect.remedy_label, LONGEST_NAME), suspect.remedy_words)
