"""What becomes of an incident, and what the outbox holds of it then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.config import load
from bot.domain.incident import Breach, Change, Incident, State, Turn, followed, opened, resolved, told
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.domain.silence import Silence
from bot.flows.announce import changed
from bot.outbox import Part
from tests.conversations.ops import Ops

if TYPE_CHECKING:
    from bot.outbox import Outgoing
    from bot.ports import Ports

TWINS = """
[[host]]
name = "web-1"
tags = ["production"]
[[route]]
tags = ["production"]
to = ["slack:C01", "discord:42"]
mention = ["slack:U01", "discord-role:7", "slack-group:S01"]
[[route]]
least = "critical"
to = ["slack:C01", "slack:C99"]
"""
SLACK, DISCORD, PAGER = Destination("slack", "C01"), Destination("discord", "42"), Destination("slack", "C99")


class Desk:
    """A store, and what waits in its outbox."""

    def __init__(self, configuration: str = TWINS) -> None:
        ops = Ops()
        self.clock = ops.clock
        self.store = ops.store
        self.ports: Ports = replace(ops.ports, config=load(configuration, "config.toml"))

    def begins(self, severity: Severity = Severity.WARNING) -> Incident:
        at = self.clock()
        breach = Breach("memory", "", severity, "15 % available", at)
        return self.changes(opened(1, "web-1", "memory", (breach,), at))

    def changes(self, incident: Incident, *, silently: bool = False) -> Incident:
        with self.store.changing() as ledger:
            changes = () if silently else incident.story[-1:]
            return changed(ledger, self.ports, incident, changes, self.clock())

    def gets_worse(self, incident: Incident) -> Incident:
        breach = Breach("memory", "", Severity.CRITICAL, "5 % available", self.clock())
        return self.changes(followed(incident, (breach,), (), self.clock(), self.clock()))

    def ends(self, incident: Incident) -> Incident:
        return self.changes(resolved(incident, "49 % available", self.clock()))

    def silenced(self, rule: str = "") -> None:
        at = self.clock()
        with self.store.changing() as ledger:
            ledger.save_silence(Silence(1, "web-1", "", rule, "", "Ann", at, at + timedelta(hours=1)))

    def says(self, *places: Destination) -> list[Outgoing]:
        """Say everything that is due at these places; return it."""
        said = []
        for place in places:
            while entry := self.store.claim(place, self.clock()):
                self.store.said(entry, f"ref-{entry.id}", self.clock())
                said.append(entry.outgoing)
        return said


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_twins_show_the_same_card_each_with_its_own_people(desk: Desk) -> None:
    desk.begins()
    desk.clock.passes(seconds=5)

    slack, discord = desk.says(SLACK, DISCORD)

    assert slack.message == discord.message
    assert slack.mentions == ("slack:U01", "slack-group:S01")
    assert discord.mentions == ("discord-role:7",)


def test_a_card_waits_a_moment_for_it_may_become_part_of_a_storm(desk: Desk) -> None:
    desk.begins()

    assert desk.says(SLACK) == []
    desk.clock.passes(seconds=5)
    assert len(desk.says(SLACK)) == 1


def test_what_is_over_before_anybody_was_told_is_not_told(desk: Desk) -> None:
    over = desk.ends(desk.begins())
    desk.clock.passes(minutes=1)

    assert desk.says(SLACK, DISCORD) == []
    assert over.told_at is None
    assert desk.store.incident(1) == over


def test_what_was_critical_is_told_though_it_is_over(desk: Desk) -> None:
    desk.ends(desk.begins(Severity.CRITICAL))
    desk.clock.passes(minutes=1)

    (card,) = desk.says(SLACK)

    assert card.part is Part.CARD
    assert card.message.headline.startswith("Resolved")


def test_an_end_is_the_card_and_a_note(desk: Desk) -> None:
    incident = desk.begins()
    desk.clock.passes(minutes=1)
    desk.says(SLACK, DISCORD)
    desk.ends(incident)

    assert [outgoing.part for outgoing in desk.says(SLACK)] == [Part.CARD, Part.NOTE]


def test_what_gets_worse_before_it_was_told_is_told_as_it_is_now(desk: Desk) -> None:
    desk.gets_worse(desk.begins())
    desk.clock.passes(minutes=1)

    (card,) = desk.says(SLACK)
    (pager,) = desk.says(PAGER)

    assert card.severity is Severity.CRITICAL
    assert pager.message == card.message


def test_what_gets_worse_goes_where_only_that_goes_and_notifies_again(desk: Desk) -> None:
    incident = desk.begins()
    desk.clock.passes(minutes=1)
    desk.says(SLACK, DISCORD)
    incident = desk.gets_worse(incident)
    desk.clock.passes(minutes=1)

    card, note = desk.says(SLACK)
    assert (card.part, card.mentions) == (Part.CARD, ())
    assert (note.part, note.mentions) == (Part.NOTE, ("slack:U01", "slack-group:S01"))
    (new,) = desk.says(PAGER)
    assert new.part is Part.CARD
    assert incident.destinations == (SLACK, DISCORD, PAGER)


def test_a_card_that_looks_the_same_is_not_edited(desk: Desk) -> None:
    incident = desk.begins()
    desk.clock.passes(minutes=1)
    desk.says(SLACK, DISCORD)

    desk.changes(replace(incident, seen_at=incident.seen_at + timedelta(seconds=30)), silently=True)
    assert desk.says(SLACK) == []
    desk.changes(replace(incident, picture=("gunicorn 404 MiB",)), silently=True)
    assert [outgoing.part for outgoing in desk.says(SLACK)] == [Part.CARD]


def test_what_is_silenced_when_it_begins_is_kept_and_not_told(desk: Desk) -> None:
    desk.silenced()
    incident = desk.begins(Severity.CRITICAL)
    desk.clock.passes(minutes=1)

    assert incident.silenced
    assert desk.says(SLACK, DISCORD, PAGER) == []
    assert desk.ends(incident).state is State.RESOLVED
    assert desk.says(SLACK, DISCORD, PAGER) == []


def test_what_is_silenced_before_it_was_told_is_not_told(desk: Desk) -> None:
    incident = desk.begins()
    desk.silenced()
    change = Change(Turn.NEWS, desk.clock(), "silenced by Ann")
    incident = desk.changes(told(incident, change))
    desk.clock.passes(minutes=1)

    assert incident.silenced
    assert desk.says(SLACK, DISCORD) == []


def test_a_silence_of_another_rule_silences_nothing(desk: Desk) -> None:
    desk.silenced("swap_in")
    incident = desk.begins()
    desk.clock.passes(minutes=1)

    assert not incident.silenced
    assert len(desk.says(SLACK)) == 1


def test_what_no_route_takes_is_kept_and_told_when_one_does() -> None:
    desk = Desk('[[host]]\nname = "web-1"\n[[route]]\nleast = "critical"\nto = ["slack:C01"]')
    incident = desk.begins()
    assert (incident.destinations, incident.told_at) == ((), None)

    desk.gets_worse(incident)
    desk.clock.passes(seconds=5)

    assert [outgoing.part for outgoing in desk.says(SLACK)] == [Part.CARD]


def test_a_member_of_a_storm_has_nothing_said_of_it(desk: Desk) -> None:
    at = desk.clock()
    breach = Breach("memory", "", Severity.CRITICAL, "5 % available", at)
    desk.changes(replace(opened(1, "web-1", "memory", (breach,), at), parent=9))
    desk.clock.passes(minutes=1)

    assert desk.says(SLACK, DISCORD, PAGER) == []
