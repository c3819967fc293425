"""Who is told, when and again: routes and escalation, silences, quiet hours."""

from __future__ import annotations

from bot.domain.incident import State
from bot.flows.tend import tend
from tests.conversations.night_watch import NightWatch, hosts, web

ROUTES = """
[[host]]
name = "web-1"
tags = ["production"]
[[route]]
to = ["terminal"]
mention = ["terminal:ann"]
[[route]]
tags = ["production"]
least = "critical"
to = ["terminal:pager"]
mention = ["terminal:bob", "slack:U01"]
escalate_to = ["terminal:boss"]
escalate_mention = ["terminal:eve"]
"""


def test_what_becomes_critical_goes_further_and_further_still_if_nobody_cares() -> None:
    ops = NightWatch(ROUTES)
    ops.machine.available_mib = 160
    ops.minutes_pass(10)
    assert set(ops.channels) == {"terminal"}
    assert ops.channel.cards[0].mentions == ("terminal:ann",)

    ops.machine.available_mib = 70
    ops.minutes_pass(10)
    (paged,) = ops.channels["terminal:pager"].cards
    assert paged.mentions == ("terminal:bob",)
    assert not paged.thread
    assert "terminal:boss" not in ops.channels

    ops.minutes_pass(30)
    (boss,) = ops.channels["terminal:boss"].cards
    assert boss.mentions == ("terminal:eve",)
    assert "nobody acknowledged it within 30 min" in paged.thread[0]
    assert len(ops.channel.cards[0].thread) == 2

    ops.minutes_pass(120)
    assert len(paged.thread) == 1
    ops.machine.available_mib = 480
    ops.minutes_pass(15)
    assert all(channel.cards[0].thread[-1].startswith("Resolved") for channel in ops.channels.values())


def test_a_silenced_host_is_not_told_of_and_neither_is_its_recovery() -> None:
    ops = NightWatch()
    ops.minutes_pass(5)
    ops.say("alice", "silence web-1 2h deploy")
    ops.machine.available_mib = 82
    ops.minutes_pass(30)
    ops.machine.available_mib = 480
    ops.minutes_pass(30)

    assert not ops.channel.cards
    (incident,) = ops.incidents
    assert incident.silenced
    assert incident.state is State.RESOLVED


def test_when_a_silence_ends_what_still_holds_is_told() -> None:
    ops = NightWatch()
    ops.minutes_pass(5)
    ops.say("alice", "silence web-1 1h deploy")
    ops.machine.available_mib = 82
    ops.minutes_pass(59)
    assert not ops.channel.cards

    ops.minutes_pass(5)
    (card,) = ops.channel.cards
    assert "web-1 is critical" in card.text

    ops.machine.available_mib = 480
    ops.minutes_pass(15)
    assert len(card.thread) == 1


def test_what_was_told_before_it_was_silenced_has_its_end_told_all_the_same() -> None:
    ops = NightWatch()
    ops.machine.available_mib = 160
    ops.minutes_pass(10)
    ops.say("alice", "silence web-1 2h")
    ops.machine.available_mib = 70
    ops.minutes_pass(10)
    (card,) = ops.channel.cards
    assert not card.thread

    ops.machine.available_mib = 480
    ops.minutes_pass(15)
    assert [note.partition(" ")[0] for note in card.thread] == ["Resolved"]


QUIET = """
[[host]]
name = "web-1"
[quiet]
from = "14:00"
to = "16:00"
"""


def test_a_warning_in_quiet_hours_waits_for_their_end() -> None:
    ops = NightWatch(QUIET)
    ops.machine.available_mib = 160
    ops.minutes_pass(110)
    assert not ops.channel.cards

    ops.minutes_pass(10)

    (card,) = ops.channel.cards
    assert card.message.headline.startswith("web-1 is warning")
    assert "held back until now" in card.text
    ops.minutes_pass(60)
    assert not card.thread


def test_a_warning_that_is_over_before_quiet_hours_are_is_never_told() -> None:
    ops = NightWatch(QUIET)
    ops.machine.available_mib = 160
    ops.minutes_pass(20)
    ops.machine.available_mib = 480
    ops.minutes_pass(180)

    assert not ops.channel.cards
    assert len(ops.incidents) == 1


def test_what_is_critical_breaks_the_quiet() -> None:
    ops = NightWatch(QUIET)
    ops.machine.available_mib = 160
    ops.minutes_pass(20)
    ops.machine.available_mib = 70
    ops.minutes_pass(5)

    (card,) = ops.channel.cards
    assert card.message.headline.startswith("web-1 is critical")
    assert not card.thread


def test_what_became_critical_in_silence_is_told_when_the_silence_ends() -> None:
    ops = NightWatch(ROUTES)
    ops.machine.available_mib = 160
    ops.minutes_pass(10)
    ops.say("alice", "silence web-1 1h")
    ops.machine.available_mib = 70
    ops.minutes_pass(50)
    (card,) = ops.channel.cards
    assert not card.thread
    assert "terminal:pager" not in ops.channels

    ops.minutes_pass(15)
    assert [note.partition(" · ")[0] for note in card.thread] == ["Worse, critical now"]
    assert len(ops.channels["terminal:pager"].cards) == 1
    assert "terminal:boss" not in ops.channels

    ops.minutes_pass(30)
    assert len(ops.channels["terminal:boss"].cards) == 1


def test_what_was_worse_only_while_it_was_silenced_is_not_told() -> None:
    ops = NightWatch()
    ops.machine.available_mib = 160
    ops.minutes_pass(10)
    ops.say("alice", "silence web-1 1h")
    ops.machine.available_mib = 70
    ops.minutes_pass(10)
    ops.machine.available_mib = 160
    ops.minutes_pass(60)

    (card,) = ops.channel.cards
    assert not card.thread


def test_who_is_called_when_a_silence_ends_has_time_before_it_is_escalated() -> None:
    ops = NightWatch(ROUTES)
    ops.say("alice", "silence web-1 1h")
    ops.machine.available_mib = 70
    ops.minutes_pass(80)
    assert len(ops.channels["terminal:pager"].cards) == 1
    assert "terminal:boss" not in ops.channels

    ops.minutes_pass(20)
    assert len(ops.channels["terminal:boss"].cards) == 1


def test_what_is_acknowledged_and_then_gets_worse_is_escalated_anew() -> None:
    route = '[[route]]\nleast = "warning"\nto = ["terminal"]\nescalate_to = ["terminal:boss"]'
    ops = NightWatch(f"{hosts(1)}\n{route}")
    ops.machine.available_mib = 160
    ops.minutes_pass(40)
    ops.say("alice", "ack 1")
    ops.machine.available_mib = 70
    ops.minutes_pass(40)

    (boss,) = ops.channels["terminal:boss"].cards
    said = [note.partition(" · ")[0] for note in ops.channel.cards[0].thread]
    assert said == ["Escalated", "web-1: acknowledged by Alice", "Worse, critical now", "Escalated"]
    assert boss.thread[-1].startswith("Escalated")


def test_nothing_is_repeated_or_escalated_before_memwarden_has_looked_again_itself() -> None:
    ops = NightWatch(ROUTES)
    ops.machine.available_mib = 70
    ops.minutes_pass(10)
    told = len(ops.channel.cards[0].thread)

    ops.clock.passes(hours=5)
    ops.machine.available_mib = 480
    tend(ops.ports)
    ops.minutes_pass(15)

    assert "terminal:boss" not in ops.channels
    assert [note.partition(" ")[0] for note in ops.channel.cards[0].thread[told:]] == ["Resolved"]


def test_a_storm_all_of_whose_hosts_are_silenced_is_silent() -> None:
    ops = NightWatch(f'{hosts(20, chr(34) + "rack" + chr(34))}\n[alerts]\nrepeat_every = "1h"')
    ops.minutes_pass(5)
    ops.lose(*web(*range(1, 13)))
    ops.minutes_pass(10)

    ops.say("alice", "silence rack 3h move")
    ops.minutes_pass(150)

    (card,) = ops.channel.cards
    assert not card.thread
