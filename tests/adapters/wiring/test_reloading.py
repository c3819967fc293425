"""Another configuration comes into force while everything runs, or none of it does."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.hosts.configured import ConfiguredHosts
from adapters.wiring.recording import WHAT
from adapters.wiring.reloading import InForce, on_hangup, reload_by_signal
from bot.domain.people import Person
from bot.errors import ConfigError
from bot.message import Kind, Request
from bot.ports import Ports
from tests.adapters.wiring.chats import until
from tests.conversations.ops import text_of
from tests.fakes.clock import FixedClock
from tests.fakes.each import sequential_each
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adapters import wiring

BEFORE = """
[[host]]
name = "web-1"
address = "192.0.2.1"
[[host]]
name = "web-2"
address = "192.0.2.2"
[people]
approvers = ["terminal:ann"]
[chat.pigeon]
letters = "letters"
"""
ANN = Person("terminal", "ann", "Ann")


class World:
    """A program that serves a configuration; `write` changes the file."""

    def __init__(self, configured: Callable[[str], wiring.Setting], file: Path) -> None:
        self.file = file
        self.store = MemoryStore()
        self.swapped = 0
        setting = replace(configured(BEFORE), asked_for=file)
        ports = Ports(
            config=setting.config,
            known_services=(),
            hosts=ConfiguredHosts(setting.config, setting.means),
            store=self.store,
            now=FixedClock(),
            each=sequential_each,
        )
        self.in_force = InForce(setting, ports, lambda _: None, self.swap)

    def swap(self) -> None:
        self.swapped += 1

    def write(self, old: str, new: str) -> None:
        assert old in self.file.read_text()
        self.file.write_text(self.file.read_text().replace(old, new))

    def say(self, text: str, who: Person = ANN) -> str:
        return text_of(self.in_force.answer(Request(who, text)))

    @property
    def audited(self) -> list[tuple[str, str, str]]:
        lines = [link.entry for link in self.store.audited(9)]
        return [(line.who, line.what, line.result) for line in lines if line.what != WHAT]


@pytest.fixture
def world(configured: Callable[[str], wiring.Setting], tmp_path: Path) -> Iterator[World]:
    made = World(configured, tmp_path / "config.toml")
    yield made
    made.in_force.close()


def test_a_new_configuration_is_in_force_everywhere_at_once(world: World) -> None:
    before = world.in_force.ports
    world.write('"web-2"\naddress = "192.0.2.2"', '"db-1"\naddress = "192.0.2.3"')

    said = world.say("admin reload")

    assert said.splitlines() == [
        "The configuration was read again and is in force.",
        "host db-1: is new",
        "host web-2: is not looked at any more",
    ]
    assert [host.name for host in world.in_force.ports.config.hosts] == ["web-1", "db-1"]
    assert "db-1" in world.say("hosts")
    assert list(world.in_force.complete("report d")) == ["db-1"]
    assert list(world.in_force.offers(ANN, Kind.HOST, "web")) == ["web-1"]
    assert [host.name for host in before.config.hosts] == ["web-1", "web-2"]
    assert world.swapped == 1
    assert world.audited == [
        ("terminal:ann", "admin reload", "host db-1: is new; host web-2: is not looked at any more")
    ]


def test_connections_to_hosts_that_are_reached_as_before_are_kept(world: World) -> None:
    before = world.in_force.ports.hosts
    web_1, web_2 = before.shell("web-1"), before.shell("web-2")
    world.write("192.0.2.2", "192.0.2.9")

    world.in_force.reload()

    after = world.in_force.ports.hosts
    assert after.shell("web-1") is web_1
    assert after.shell("web-2") is not web_2


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"web-2"', '"web-1"', "config.toml:6: host[1].name: host[0] has this name already"),
        ("[people]", "[poeple]", "config.toml:8: poeple: there is no such key; did you mean `people`?"),
        (
            "[chat.pigeon]",
            '[chat.pigeon]\nring = { env = "NO_RING" }',
            "chat.pigeon.ring: environment: NO_RING",
        ),
        (
            '"192.0.2.2"',
            '"192.0.2.2"\nkey_file = "/nowhere/key"',
            "host[1].key_file: /nowhere/key: No such file",
        ),
    ],
)
def test_what_is_wrong_is_refused_whole_and_the_old_one_stays(
    world: World, old: str, new: str, sentence: str
) -> None:
    before = world.in_force.ports
    world.write(old, new)

    said = world.say("admin reload")

    assert said.startswith("The configuration is wrong; the one in force stays.")
    assert sentence in said
    assert world.in_force.ports is before
    assert world.swapped == 0
    ((who, what, result),) = world.audited
    assert (who, what) == ("terminal:ann", "admin reload")
    assert result.startswith("refused: ")


def test_what_cannot_change_while_it_runs_is_named(world: World) -> None:
    world.write('letters = "letters"', 'letters = "others"')
    world.write("[people]", '[bot]\ndatabase = "elsewhere.sqlite3"\ntime_zone = "Europe/Berlin"\n[people]')

    assert world.in_force.reload() == (
        "[bot] time_zone: Europe/Berlin",
        "[bot] database: not changed, for that needs a restart of memwarden",
        "[chat.pigeon]: not changed, for that needs a restart of memwarden",
    )


def test_where_nothing_changed_nothing_is_replaced(world: World) -> None:
    before = world.in_force.ports

    assert world.say("admin reload") == "The configuration was read again: nothing changed."
    assert world.in_force.ports is before


def test_only_approvers_may(world: World) -> None:
    assert "Only approvers may do that" in world.say("admin reload", Person("terminal", "bob", "Bob"))
    ((who, what, result),) = world.audited
    assert (who, what) == ("terminal:bob", "admin reload")
    assert result.startswith("refused: Only approvers may do that")


def test_a_signal_does_the_same_and_is_audited(world: World) -> None:
    before = signal.getsignal(signal.SIGHUP)
    on_hangup(world.in_force)
    try:
        world.write("192.0.2.2", "192.0.2.9")
        os.kill(os.getpid(), signal.SIGHUP)
        until(lambda: world.audited)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert world.audited == [("signal", "reload", "host web-2: changed")]


def test_a_signal_with_a_wrong_configuration_is_in_the_log_and_the_audit(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.write("[people]", "[poeple]")

    reload_by_signal(world.in_force)

    assert "the one in force stays" in caplog.text
    ((_, _, result),) = world.audited
    assert result.startswith("refused: ")
    with pytest.raises(ConfigError):
        world.in_force.reload()
