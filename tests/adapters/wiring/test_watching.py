"""Which host is looked at when, by which of several memwardens; and what is said if nothing can be kept."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.wiring.watching import Watching
from bot.config import load
from bot.errors import StoreError
from tests.adapters.wiring.chats import until
from tests.conversations.ops import Ops

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.config import Config
    from bot.message import Message

FLEET = """
[check]
every = "5s"
closely = "5s"
[[host]]
name = "web-1"
[[host]]
name = "web-2"
"""


def hasty(config: Config) -> Config:
    """Look far more often than a file may ask for: nobody wants to wait for 5 seconds."""
    return replace(config, check=config.check.model_copy(update={"every_s": 0.5, "closely_s": 0.5}))


class World:
    def __init__(self, configuration: str = FLEET, place: Path | None = None) -> None:
        self.ops = Ops(configuration)
        self.ports = replace(self.ops.ports, config=hasty(self.ops.ports.config))
        self.said: list[str] = []
        self.began: list[int] = []
        self.watching = Watching(
            lambda: self.ports, self.say, place, lambda: self.began.append(1), turn_s=0.05, over_s=0.0
        )

    def say(self, message: Message, key: str) -> None:
        assert key
        self.said.append(message.headline)

    def looks(self, host: str) -> int:
        return len(self.ops.hosts[host].ran)


@pytest.fixture
def worlds() -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for world in made:
        world.watching.close()


def begun(worlds: list[World], world: World) -> World:
    worlds.append(world)
    world.watching.begin()
    return world


def test_every_host_is_looked_at_and_what_is_seen_is_kept(worlds: list[World]) -> None:
    world = begun(worlds, World())

    until(lambda: world.looks("web-1") and world.looks("web-2"))
    until(lambda: world.ops.store.state("web-1"))
    assert world.began == [1]


def test_another_configuration_adds_and_leaves_out_hosts(worlds: list[World]) -> None:
    world = begun(worlds, World())
    until(lambda: world.looks("web-1"))
    config = hasty(load(FLEET.replace("web-1", "web-3"), "config.toml"))
    world.ops.hosts.shells["web-3"] = world.ops.hosts["web-1"].__class__()
    world.ports = replace(world.ports, config=config)

    world.watching.renew()

    until(lambda: world.looks("web-3"))


def test_of_two_by_the_same_database_one_watches_and_the_other_takes_over(
    worlds: list[World], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        first = begun(worlds, World(place=tmp_path / "memwarden.sqlite3"))
        until(lambda: first.began)
        second = begun(worlds, World(place=tmp_path / "memwarden.sqlite3"))
        until(lambda: "another memwarden watches" in caplog.text)
        assert second.began == []

        first.watching.close()
        until(lambda: second.began)

    assert "this one watches from now on" in caplog.text


def test_where_nothing_can_be_recorded_that_is_said_once_and_once_more_when_it_is_over(
    worlds: list[World],
) -> None:
    world = World()
    world.ops.store.fails(StoreError("The disk is full."))
    begun(worlds, world)

    until(lambda: world.said)
    until(lambda: world.looks("web-1") + world.looks("web-2") >= 2)
    world.ops.store.fails(None)
    until(lambda: len(world.said) > 1)

    assert world.said == [
        "memwarden cannot record anything: The disk is full.",
        "What is seen is recorded again.",
    ]
