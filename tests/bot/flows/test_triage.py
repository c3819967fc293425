"""Acknowledging, silencing and lifting, each as one transaction with what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.config import load
from bot.domain.audit import AuditEntry
from bot.domain.incident import Incident, State, Turn, resolved, told
from bot.domain.people import Person
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.errors import StoreError, UserError
from bot.flows.announce import changed
from bot.flows.tend import tend
from bot.flows.triage import acknowledge, lift, silence
from bot.names import Target
from bot.outbox import Part
from bot.ports import Ports
from tests.bot.views import incident_samples as samples
from tests.conversations.ops import text_of
from tests.fakes.clock import FixedClock
from tests.fakes.each import sequential_each
from tests.fakes.hosts import ScriptedHosts
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from datetime import datetime

    from bot.outbox import Outgoing

CONFIGURATION = """
[bot]
time_zone = "Europe/Rome"
[alerts]
gather = 0
[[host]]
name = "web-1"
tags = ["production"]
[[host]]
name = "db-2"
"""
ALICE = Person("slack", "U01", "Alice")
BOB = Person("discord", "7", "Bob")
HERE = Destination("terminal")
HOUR = 3600.0


class Night:
    """A night shift: a store, a clock, and what has been said."""

    def __init__(self, configuration: str = CONFIGURATION) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock(samples.NOW)
        self.ports = Ports(
            load(configuration, "config.toml"), (), ScriptedHosts(), self.store, self.clock, sequential_each
        )

    def begins(self, *incidents: Incident) -> None:
        """Open incidents, and say all that is to be said of them."""
        with self.store.changing() as ledger:
            for incident in incidents:
                changed(ledger, self.ports, incident, incident.story, self.now)
        self.said()

    def said(self) -> list[Outgoing]:
        """Deliver all that waits."""
        said = []
        while entry := self.store.claim(HERE, self.now):
            said.append(entry.outgoing)
            self.store.said(entry, "ref", self.now)
        return said

    def notes(self) -> list[str]:
        return [outgoing.message.headline for outgoing in self.said() if outgoing.part is Part.NOTE]

    def incident(self, number: int) -> Incident:
        incident = self.store.incident(number)
        assert incident is not None
        return incident

    @property
    def now(self) -> datetime:
        return self.clock()


@pytest.fixture
def night() -> Night:
    """Two hosts are in trouble, and everybody was told."""
    night = Night()
    night.begins(samples.short_of_memory(12, "web-1"), samples.unreachable(13, "db-2"))
    return night


def test_an_incident_is_acknowledged_once_and_everybody_sees_by_whom(night: Night) -> None:
    incident, new = acknowledge(night.ports, 12, ALICE)

    assert new
    assert (incident.state, incident.acknowledged_by) == (State.ACKNOWLEDGED, "Alice")
    assert incident.story[-1].turn is Turn.ACKNOWLEDGED
    assert night.incident(12) == incident
    card, note = sorted(night.said(), key=lambda outgoing: outgoing.part)
    assert "Acknowledge" not in [button.label for button in card.message.buttons]
    assert note.message.headline == "web-1: acknowledged by Alice"


def test_who_comes_second_changes_nothing(night: Night) -> None:
    first, _ = acknowledge(night.ports, 12, ALICE)
    night.said()

    again, new = acknowledge(night.ports, 12, BOB)

    assert (again, new) == (first, False)
    assert night.said() == []


def test_what_is_over_is_not_acknowledged(night: Night) -> None:
    over = resolved(night.incident(12), "well again", night.now)
    night.begins(over)

    incident, new = acknowledge(night.ports, 12, ALICE)

    assert not new
    assert incident.state is State.RESOLVED
    assert incident.acknowledged_by == ""


def test_a_number_that_is_none_is_answered_with_those_that_are(night: Night) -> None:
    with pytest.raises(UserError) as refused:
        acknowledge(night.ports, 99, ALICE)

    assert str(refused.value) == "There is no incident 99. Open: 12 (web-1) and 13 (db-2)."


def test_where_nothing_is_open_that_is_said() -> None:
    night = Night()

    with pytest.raises(UserError, match=r"^There is no incident 1\. No incident is open\.$"):
        acknowledge(night.ports, 1, ALICE)


def test_who_acknowledges_a_storm_acknowledges_all_of_it(night: Night) -> None:
    storm, (first, *others) = samples.storm(6)
    members = (replace(first, host="db-2"), *others)
    night.begins(*members, storm)

    acknowledge(night.ports, storm.id, ALICE)

    assert {night.incident(each.id).acknowledged_by for each in (storm, *members)} == {"Alice"}
    assert night.notes() == ["many hosts: acknowledged by Alice"]


def test_a_long_or_hostile_name_is_cut_and_printable(night: Night) -> None:
    incident, _ = acknowledge(night.ports, 12, replace(ALICE, name="\x1b[31m" + "x" * 500))

    assert incident.acknowledged_by.isprintable()
    assert len(incident.acknowledged_by) == 40


def test_a_silence_is_kept_with_who_why_and_until_when(night: Night) -> None:
    made, new = silence(night.ports, Target(host="web-1"), 2 * HOUR, "deploy", ALICE)

    assert new

    assert night.store.silences(night.now) == (made,)
    assert (made.host, made.tag, made.rule) == ("web-1", "", "")
    assert (made.owner, made.reason) == ("Alice", "deploy")
    night.clock.passes(hours=2)
    assert night.store.silences(night.now) == ()


@pytest.mark.parametrize(
    ("target", "touched"),
    [
        (Target(host="web-1"), [12]),
        (Target(tag="production"), [12]),
        (Target(rule="unreachable"), [13]),
        (Target(rule="memory"), []),
        (Target(rule="reboot"), []),
    ],
)
def test_the_cards_of_all_that_is_covered_say_so_without_a_note(
    night: Night, target: Target, touched: list[int]
) -> None:
    silence(night.ports, target, 2 * HOUR, "deploy", ALICE)

    line = "silenced by Alice until 16:02: deploy"
    assert [n for n in (12, 13) if night.incident(n).story[-1].sentence == line] == touched
    assert [(said.card, said.part) for said in night.said()] == [
        (f"incident {number}", Part.CARD) for number in touched
    ]


def test_what_is_silenced_already_is_not_told_twice(night: Night) -> None:
    silence(night.ports, Target(host="web-1"), HOUR, "", ALICE)
    night.said()

    silence(night.ports, Target(tag="production"), 2 * HOUR, "", BOB)

    assert night.said() == []


def test_who_asks_again_makes_the_same_silence_longer_and_the_card_says_so(night: Night) -> None:
    first, _ = silence(night.ports, Target(host="web-1"), HOUR, "deploy", ALICE)
    night.said()
    night.clock.passes(minutes=10)

    second, new = silence(night.ports, Target(host="web-1"), HOUR, "", BOB)

    assert new
    assert night.store.silences(night.now) == (second,)
    assert (second.id, second.begins_at, second.reason) == (first.id, first.begins_at, "deploy")
    (said,) = night.said()
    assert "silenced by Bob until 15:12: deploy" in text_of(said.message)


@pytest.mark.parametrize("seconds", [HOUR, 0.5 * HOUR])
def test_a_second_click_changes_nothing(night: Night, seconds: float) -> None:
    first, _ = silence(night.ports, Target(host="web-1"), HOUR, "", ALICE)
    night.said()

    again, new = silence(night.ports, Target(host="web-1"), seconds, "", BOB)

    assert (again, new) == (first, False)
    assert night.store.silences(night.now) == (first,)
    assert night.said() == []
    assert len(night.store.audited(5)) == 1


def test_many_hosts_whose_silence_is_lifted_at_once_are_one_card() -> None:
    night = Night(
        CONFIGURATION + "".join(f'[[host]]\nname = "web-{n}"\ntags = ["w"]\n' for n in range(2, 12))
    )
    silence(night.ports, Target(tag="w"), HOUR, "", ALICE)
    night.begins(*(samples.unreachable(100 + n, f"web-{n}") for n in range(2, 12)))

    lift(night.ports, 1, BOB)
    tend(night.ports)

    assert [said.message.headline for said in night.said()] == ["10 of 12 hosts cannot be reached (warning)"]


def test_a_silence_is_audited_and_so_is_its_end(night: Night) -> None:
    silence(night.ports, Target(tag="production"), 2 * HOUR, "deploy", ALICE)
    lift(night.ports, 1, BOB)

    assert [link.entry for link in night.store.audited(5)] == [
        AuditEntry(
            night.now,
            "discord:7",
            "lift silence 1 of hosts with the tag production",
            "lifted",
            name="Bob",
        ),
        AuditEntry(
            night.now,
            "slack:U01",
            "silence hosts with the tag production for 2 h: deploy",
            "silence 1, until 2026-03-02 15:02 UTC",
            name="Alice",
        ),
    ]


def test_an_acknowledgement_is_audited_once(night: Night) -> None:
    acknowledge(night.ports, 12, ALICE)
    acknowledge(night.ports, 12, BOB)

    assert [link.entry for link in night.store.audited(5)] == [
        AuditEntry(night.now, "slack:U01", "acknowledge incident 12 (web-1)", "acknowledged", name="Alice")
    ]


def test_when_a_silence_is_lifted_what_was_told_before_is_told_that(night: Night) -> None:
    silence(night.ports, Target(host="web-1"), HOUR, "", ALICE)
    night.said()

    lifted = lift(night.ports, 1, BOB)

    assert (lifted.lifted_by, lifted.lifted_at) == ("Bob", night.now)
    assert night.store.silences(night.now) == ()
    assert night.notes() == ["web-1: silence lifted by Bob"]


def test_when_a_silence_is_lifted_what_began_meanwhile_is_announced(night: Night) -> None:
    silence(night.ports, Target(rule="service_died"), HOUR, "", ALICE)
    night.begins(samples.died())
    assert night.incident(15).silenced

    lift(night.ports, 1, BOB)

    assert not night.incident(15).silenced
    assert [said.message.headline for said in night.said()] == [
        "web-1, critical: gunicorn died: systemd says failed with the result oom-kill"
    ]


def test_what_another_silence_covers_stays_silent(night: Night) -> None:
    silence(night.ports, Target(host="web-1"), HOUR, "", ALICE)
    silence(night.ports, Target(tag="production"), HOUR, "", ALICE)
    night.said()

    lift(night.ports, 1, BOB)

    assert night.said() == []


def test_a_silence_that_is_none_is_answered_with_those_in_force(night: Night) -> None:
    with pytest.raises(UserError, match=r"^There is no silence 3 in force\. None is in force\.$"):
        lift(night.ports, 3, BOB)
    silence(night.ports, Target(host="web-1"), HOUR, "", ALICE)
    with pytest.raises(UserError, match=r"^There is no silence 3 in force\. In force: 1 \(web-1\)\.$"):
        lift(night.ports, 3, BOB)


def test_a_silence_that_was_lifted_cannot_be_lifted_again(night: Night) -> None:
    silence(night.ports, Target(host="web-1"), HOUR, "", ALICE)
    lift(night.ports, 1, BOB)

    with pytest.raises(UserError, match="There is no silence 1 in force"):
        lift(night.ports, 1, ALICE)


def test_a_reason_is_cut_and_printable(night: Night) -> None:
    made, _ = silence(night.ports, Target(host="web-1"), HOUR, "\u202e" + "x" * 5000, ALICE)

    assert made.reason.isprintable()
    assert len(made.reason) == 200


def test_where_nothing_is_remembered_there_is_nothing_to_triage(night: Night) -> None:
    forgetful = replace(night.ports, store=None)

    for attempt in (
        lambda: acknowledge(forgetful, 12, ALICE),
        lambda: silence(forgetful, Target(host="web-1"), HOUR, "", ALICE),
        lambda: lift(forgetful, 1, ALICE),
    ):
        with pytest.raises(UserError, match="remembers nothing here"):
            attempt()


def test_a_store_that_fails_changes_nothing(night: Night) -> None:
    night.store.fails(StoreError("The disk is full."))
    with pytest.raises(StoreError):
        acknowledge(night.ports, 12, ALICE)
    night.store.fails(None)

    assert night.incident(12).state is State.TRIGGERED
    assert night.said() == []


def test_what_gets_worse_after_somebody_took_it_can_be_taken_again(night: Night) -> None:
    acknowledge(night.ports, 13, ALICE)
    worse = replace(
        night.incident(13), state=State.TRIGGERED, severity=Severity.CRITICAL, acknowledged_at=None
    )
    night.begins(told(replace(worse, acknowledged_by=""), samples.KILL))

    incident, new = acknowledge(night.ports, 13, BOB)

    assert new
    assert incident.acknowledged_by == "Bob"
