"""Somebody is woken up at night: who takes it, what is silenced, what was there."""

from __future__ import annotations

from dataclasses import replace

import pytest

import bot.commands
import bot.rules
from bot.catalogue import entries
from bot.commands import Command
from bot.dispatch import dispatch
from bot.domain.people import Person
from bot.domain.route import Destination
from bot.domain.rule import Rule
from bot.flows.announce import changed
from bot.message import Message, Tone
from bot.outbox import Part
from tests.bot.views import incident_samples as samples
from tests.conversations.ops import Ops, text_of

FLEET = """
[bot]
time_zone = "Europe/Rome"
[people]
viewers = ["slack:*"]
operators = ["slack:U01", "slack:U02"]
[[host]]
name = "web-1"
tags = ["production"]
[[host]]
name = "db-2"
"""
ALICE = Person("slack", "U01", "Alice")
BOB = Person("slack", "U02", "Bob")
VERA = Person("slack", "U03", "Vera")


class Night(Ops):
    """A bot that knows its rules, and a clock at the time of the incidents."""

    def __init__(self) -> None:
        super().__init__(FLEET)
        self.time_passes(hours=-1)
        self.ports = replace(self.ports, rules=entries(bot.rules, "RULE", Rule))
        self._answer = dispatch(entries(bot.commands, "COMMAND", Command), self.ports)

    def without_a_store(self) -> None:
        self._answer = dispatch(entries(bot.commands, "COMMAND", Command), replace(self.ports, store=None))


@pytest.fixture
def night() -> Night:
    """web-1 is short of memory, and everybody was told."""
    night = Night()
    with night.store.changing() as ledger:
        incident = samples.short_of_memory()
        changed(ledger, night.ports, incident, incident.story, night.clock())
    return night


def card(night: Night) -> Message:
    """The card as the channel shows it now."""
    night.time_passes(seconds=10)
    found = []
    while entry := night.store.claim(Destination("terminal"), night.clock()):
        night.store.said(entry, "ref", night.clock())
        if entry.outgoing.part is Part.CARD:
            found.append(entry.outgoing.message)
    return found[-1]


def test_two_people_take_the_same_incident_and_the_first_has_it(night: Night) -> None:
    assert night.say(ALICE, "/mem ack 12").headline == "Incident 12 (web-1) is acknowledged: it is yours"

    night.time_passes(minutes=4)
    second = night.say(BOB, "ack #12")

    assert second.headline == "Incident 12 (web-1) was acknowledged already, by Alice at 14:02 (4 min ago)"
    assert second.private


def test_the_button_of_a_card_says_what_a_person_could_type(night: Night) -> None:
    (words,) = (button.words for button in card(night).buttons if button.label == "Acknowledge")

    night.say(BOB, words)

    assert "acknowledged by Bob" in text_of(card(night))


def test_somebody_silences_what_they_deploy_and_lifts_it_afterwards(night: Night) -> None:
    said = night.say(ALICE, "silence web-1 for 2h deploy of 4.2")
    assert said.headline == "Silence 1: nothing is announced of web-1 until 16:02 (2 h)"

    listed = text_of(night.say(VERA, "silences"))
    assert "1  web-1  16:02  Alice  deploy of 4.2" in listed

    lifted = night.say(BOB, "unsilence 1")
    assert lifted.headline == "Silence 1 is lifted: web-1 is announced again"
    assert night.say(VERA, "silences").headline == "Nothing is silenced"


@pytest.mark.parametrize(
    ("words", "headline"),
    [
        ("silence production 1d", "Silence 1: nothing is announced of hosts with the tag production until"),
        ("silence memory 30m", "Silence 1: nothing is announced of the rule memory until 14:32 (30 min)"),
        ("silence web-1 1h", "Silence 1: nothing is announced of web-1 until 15:02 (1 h)"),
    ],
)
def test_a_host_a_tag_or_a_rule_can_be_silenced(night: Night, words: str, headline: str) -> None:
    assert night.say(ALICE, words).headline.startswith(headline)


def test_somebody_who_forgot_the_words_is_handed_a_form(night: Night) -> None:
    asked = night.say(ALICE, "silence")

    assert asked.form is not None
    assert asked.form.usage.synopsis == "silence <target> <duration> [reason]"
    assert "needs the word <target>" in asked.headline


@pytest.mark.parametrize("words", ["ack 12", "silence web-1 2h", "unsilence 1"])
def test_who_may_only_look_decides_nothing(night: Night, words: str) -> None:
    assert night.say(VERA, words).headline.startswith("Only operators may do that")


def test_somebody_looks_what_is_wrong_and_takes_the_worst(night: Night) -> None:
    listed = night.say(VERA, "incidents")
    assert listed.headline == "1 open (1 critical), 1 not acknowledged"
    assert listed.tone is Tone.CRITICAL

    night.say(ALICE, "incidents")
    night.click(ALICE, "Acknowledge 12")

    assert "12: web-1 is critical: 96 of 961" in text_of(night.say(VERA, "incidents"))
    assert "Alice has it, since 13:58" in text_of(night.say(VERA, "incidents"))


def test_incidents_of_one_host_are_those_and_the_storms_it_is_in(night: Night) -> None:
    storm, members = samples.storm(5)
    here = replace(members[0], host="db-2")
    with night.store.changing() as ledger:
        for incident in (storm, here, *members[1:]):
            ledger.save_incident(incident)

    of_db = text_of(night.say(VERA, "incidents db-2"))

    assert "18: 5 hosts cannot be reached (warning) · db-2, web-02" in of_db
    assert "12: web-1" not in of_db
    assert "18: " not in text_of(night.say(VERA, "incidents production"))


def test_what_is_not_delivered_is_mentioned_after_a_minute(night: Night) -> None:
    assert "1 message for" not in text_of(night.say(VERA, "incidents"))

    night.time_passes(minutes=2)

    assert "1 message for terminal should have been sent at 14:02" in text_of(night.say(VERA, "incidents"))


def test_an_incident_that_is_not_there_is_answered_with_those_that_are(night: Night) -> None:
    assert night.say(ALICE, "ack 99").headline == "There is no incident 99. Open: 12 (web-1)."


@pytest.mark.parametrize("words", ["ack 12", "silence web-1 2h", "unsilence 1", "silences", "incidents"])
def test_where_nothing_is_remembered_a_sentence_says_so(night: Night, words: str) -> None:
    night.without_a_store()

    answer = night.say(ALICE, words)

    assert answer.headline.startswith("memwarden remembers nothing here")
    assert answer.refusal
