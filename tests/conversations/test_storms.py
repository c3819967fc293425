"""Many hosts in trouble at once, and memwarden itself without a network: what a person sees of that."""

from __future__ import annotations

from bot.domain.incident import State
from bot.errors import LoginRefused
from tests.conversations.night_watch import NightWatch, hosts, web


def test_one_host_of_many_that_cannot_be_reached_has_a_card_of_its_own() -> None:
    ops = NightWatch(hosts(5))
    ops.minutes_pass(5)

    ops.lose("web-3")
    ops.minutes_pass(10)
    ops.find("web-3")
    ops.minutes_pass(5)

    (card,) = ops.channel.cards
    assert card.message.headline == "Resolved after 9 min: web-3 could not be reached"
    assert len(card.thread) == 1


def test_twelve_hosts_of_twenty_that_are_lost_at_once_are_one_card_and_one_note() -> None:
    ops = NightWatch(hosts(20))
    ops.minutes_pass(5)
    lost = web(*range(1, 13))

    ops.lose(*lost)
    ops.minutes_pass(10)
    (card,) = ops.channel.cards
    assert card.message.headline == "12 of 20 hosts cannot be reached (warning)"

    ops.find(*lost)
    ops.minutes_pass(10)
    (card,) = ops.channel.cards
    (ended,) = card.thread
    assert ended.startswith("Resolved after 12 min")
    assert ended.endswith("all 12 hosts have recovered")


def test_a_storm_that_grows_is_told_of_once_for_each_doubling() -> None:
    ops = NightWatch(hosts(30))
    ops.minutes_pass(5)

    for first in range(1, 21, 5):
        ops.lose(*web(*range(first, first + 5)))
        ops.minutes_pass(3)

    (card,) = ops.channel.cards
    assert card.message.headline.startswith("20 of 30 hosts")
    assert 1 <= len(card.thread) <= 2


def test_hosts_that_are_rebooted_together_are_one_card() -> None:
    ops = NightWatch(hosts(10))
    ops.minutes_pass(5)

    for machine in ops.machines.values():
        machine.reboots(ops.clock())
    ops.minutes_pass(20)

    (storm,) = (incident for incident in ops.incidents if not incident.host)
    assert storm.cause == "storm reboot"
    assert storm.state is State.RESOLVED
    assert ops.channel.notifications <= 5


def test_when_no_host_at_all_can_be_reached_we_are_blind_and_say_so_once() -> None:
    ops = NightWatch(hosts(20))
    ops.minutes_pass(5)
    lost = web(*range(1, 21))

    ops.lose(*lost)
    ops.minutes_pass(20)
    (card,) = ops.channel.cards
    assert card.message.headline == "memwarden is blind: none of 20 hosts can be reached since 14:07"
    assert len(ops.incidents) == 1

    ops.find(*lost)
    ops.minutes_pass(10)
    assert ops.channel.notifications == 2
    assert card.thread[0].startswith("Resolved after")


def test_what_stays_out_of_reach_when_sight_returns_is_told_of_then() -> None:
    ops = NightWatch(hosts(10))
    ops.minutes_pass(5)
    ops.lose(*web(*range(1, 11)))
    ops.minutes_pass(20)

    ops.find(*web(*range(2, 11)))
    ops.minutes_pass(10)

    blind, left = ops.channel.cards
    assert len(blind.thread) == 1
    assert left.message.headline.startswith("web-1 cannot be reached")


def test_without_a_network_of_our_own_no_host_is_blamed_and_it_is_said_when_it_can_be() -> None:
    ops = NightWatch(hosts(2))
    linked = [True]
    ops.link(lambda: linked[0])
    ops.minutes_pass(5)

    linked[0] = False
    ops.channel.is_down = True
    ops.lose("web-1", "web-2")
    ops.minutes_pass(20)
    assert not ops.channel.cards
    linked[0] = True
    ops.channel.is_down = False
    ops.find("web-1", "web-2")
    ops.minutes_pass(20)

    (card,) = ops.channel.cards
    assert card.message.headline.startswith("Resolved after")
    assert "this machine has no network" in card.text
    assert "ago; it could not be said before" in card.text


def test_what_is_left_of_a_storm_swallows_no_host_that_is_lost_hours_later() -> None:
    ops = NightWatch(hosts(20))
    ops.minutes_pass(5)
    ops.lose(*web(*range(1, 9)))
    ops.minutes_pass(10)
    ops.find(*web(*range(2, 9)))
    ops.say("alice", "ack 2")
    ops.minutes_pass(60)

    ops.lose("web-15")
    ops.minutes_pass(10)

    _, alone = ops.channel.cards
    assert alone.message.headline.startswith("web-15 cannot be reached")


def test_a_host_that_comes_and_goes_stays_in_its_storm() -> None:
    ops = NightWatch(hosts(20))
    ops.minutes_pass(5)
    ops.lose(*web(*range(1, 9)))
    ops.minutes_pass(20)
    for _ in range(3):
        ops.find("web-3")
        ops.minutes_pass(10)
        ops.lose("web-3")
        ops.minutes_pass(10)

    (card,) = ops.channel.cards
    assert not card.thread


SHOP_AND_BANK = """
[[route]]
tags = ["shop"]
to = ["terminal:shop"]
[[route]]
tags = ["bank"]
to = ["terminal:bank"]
"""


def test_a_storm_is_told_wherever_one_of_its_hosts_is_told_of_though_it_joined_late() -> None:
    bank = [f'[[host]]\nname = "web-{number}"\ntags = ["bank"]' for number in range(13, 25)]
    ops = NightWatch("\n".join((hosts(12, '"shop"'), *bank, SHOP_AND_BANK)))
    ops.minutes_pass(5)
    ops.lose(*web(*range(1, 9)))
    ops.minutes_pass(5)
    assert set(ops.channels) == {"terminal:shop"}

    ops.lose("web-20")
    ops.minutes_pass(5)
    ops.find(*web(*range(1, 9)), "web-20")
    ops.minutes_pass(10)

    for channel in ops.channels.values():
        (card,) = channel.cards
        assert [note.partition(" after")[0] for note in card.thread] == ["Resolved"]
    assert set(ops.channels) == {"terminal:shop", "terminal:bank"}


def test_a_storm_that_gets_worse_after_it_was_acknowledged_is_nobodys_again() -> None:
    ops = NightWatch(hosts(10))
    ops.minutes_pass(5)
    for machine in ops.machines.values():
        machine.available_mib = 160
    ops.minutes_pass(10)
    (storm,) = (incident for incident in ops.incidents if not incident.host)
    ops.say("alice", f"ack {storm.id}")

    ops.machines["web-4"].available_mib = 70
    ops.minutes_pass(5)

    (storm,) = (incident for incident in ops.incidents if not incident.host)
    assert storm.state is State.TRIGGERED


def test_a_host_that_lets_nobody_in_can_be_reached_so_we_are_not_blind() -> None:
    ops = NightWatch(hosts(4))
    ops.minutes_pass(5)
    ops.lose(*web(1, 2, 3, 4))
    ops.minutes_pass(10)

    ops.hosts["web-2"].fails(LoginRefused("web-2 refuses the key."))
    ops.minutes_pass(2)

    assert ops.channel.cards[0].thread[0].endswith("web-2 answers again")


def test_the_last_of_several_hosts_is_its_own_incident_and_no_blindness() -> None:
    ops = NightWatch(hosts(4))
    ops.minutes_pass(5)
    for name in web(1, 2, 3, 4):
        ops.lose(name)
        ops.minutes_pass(30)

    assert [incident.host for incident in ops.incidents] == web(1, 2, 3, 4)
    assert len(ops.channel.cards) == len(ops.machines)


def test_what_is_left_of_a_storm_swallows_no_host_whose_silence_ends() -> None:
    ops = NightWatch(hosts(20))
    ops.say("alice", "silence web-15 1h")
    ops.lose("web-15")
    ops.minutes_pass(5)
    ops.lose(*web(*range(1, 9)))
    ops.minutes_pass(10)
    ops.find(*web(*range(2, 9)))
    ops.minutes_pass(60)

    _, alone = ops.channel.cards
    assert alone.message.headline.startswith("web-15 cannot be reached")
