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


def test_names_of_hosts_are_offered_only_to_who_may_look() -> None:
    ports = Ops(FLEET).ports
    offers = surroundings(Setting(ports.config, None), ports, lambda _: None)("slack").offers

    assert list(offers(Person("slack", "U02", "Bob", ("slack-group:S01",)), Kind.HOST, "")) == ["web-1"]
    assert list(offers(Person("slack", "U99", "Mallory"), Kind.HOST, "")) == []
