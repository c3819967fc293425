"""What every platform may use."""

from __future__ import annotations

from adapters.wiring import Setting
from adapters.wiring.surroundings import surroundings
from bot.domain.people import Person
from bot.message import Kind
from tests.conversations.ops import Ops

FLEET = """
[people]
viewers = ["slack-group:S01"]
[[host]]
name = "web-1"
"""
ROUTES = """
[chat.slack]
[chat.discord]
[[route]]
to = ["slack", "slack:C02", "discord:200"]
mention = ["slack:U01", "slack-group:S01", "discord-role:50"]
escalate_to = ["slack:C03", "slack:C02"]
escalate_mention = ["slack:U01", "slack:U02"]
"""


def test_names_of_hosts_are_offered_only_to_who_may_look() -> None:
    ports = Ops(FLEET).ports
    offers = surroundings(Setting(ports.config, None), ports, lambda _: None)("slack").offers

    assert list(offers(Person("slack", "U02", "Bob", ("slack-group:S01",)), Kind.HOST, "")) == ["web-1"]
    assert list(offers(Person("slack", "U99", "Mallory"), Kind.HOST, "")) == []


def test_a_rule_is_offered_where_something_can_be_silenced() -> None:
    ports = Ops(FLEET).ports
    around = surroundings(Setting(ports.config, None), ports, lambda _: None)("slack")
    bob = Person("slack", "U02", "Bob", ("slack-group:S01",))

    assert list(around.offers(bob, Kind.TARGET, "oom")) == ["oom_kills"]
    assert list(around.complete("silence oom")) == ["oom_kills"]


def test_a_platform_knows_where_and_whom_the_routes_have_it_tell() -> None:
    ports = Ops(ROUTES).ports
    around = surroundings(Setting(ports.config, None), ports, lambda _: None)

    assert around("slack").places == ("", "C02", "C03")
    assert around("slack").mentioned == ("slack:U01", "slack-group:S01", "slack:U02")
    assert around("discord").places == ("200",)
    assert around("discord").mentioned == ("discord-role:50",)
