"""`watch`, `unwatch`: a host in a message that renews itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.commands import Command, admin, unwatch, watch
from bot.config import load
from bot.dispatch import dispatch
from bot.domain.people import Person
from bot.domain.route import Destination
from bot.errors import HostUnreachable
from bot.message import Message, Request
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

ANN = Person("slack", "U01", "Ann")
COMMANDS: tuple[Command, ...] = (watch.COMMAND, unwatch.COMMAND, admin.COMMAND)


class Showing:
    """`ports.Live`: what was begun is renewed when the test says so."""

    def __init__(self) -> None:
        self.begun: list[tuple[Destination, float, datetime]] = []
        self.make: Callable[[int], Message] = lambda _: Message("")
        self.stopped: list[int] = []

    def begin(
        self, destination: Destination, make: Callable[[int], Message], *, every_s: float, until: datetime
    ) -> int:
        self.begun.append((destination, every_s, until))
        self.make = make
        return 7

    def stop(self, number: int) -> bool:
        self.stopped.append(number)
        return number == 7


class World:
    def __init__(self) -> None:
        self.ops = Ops('[[host]]\nname = "web-1"\n[[host]]\nname = "web-2"')
        self.showing = Showing()
        self.ports = replace(self.ops.ports, live=self.showing)

    def say(self, text: str, *, who: Person = ANN, channel: str = "C01") -> Message:
        return dispatch(COMMANDS, self.ports)(Request(who, text, channel=channel))


@pytest.fixture
def world() -> World:
    made = World()
    made.ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    return made


def test_it_is_shown_where_it_was_asked_for_for_five_minutes_and_can_be_stopped(world: World) -> None:
    answer = world.say("watch web-1")

    ((where, every_s, until),) = world.showing.begun
    assert (where, every_s) == (Destination("slack", "C01"), 4.0)
    assert until - world.ops.clock() == timedelta(minutes=5)
    assert answer.headline == "web-1 is shown here until 14:07:31."
    assert [button.words for button in answer.buttons] == ["unwatch 7"]
    assert world.say("unwatch 7").headline == "Ended."
    assert world.showing.stopped == [7]


@pytest.mark.parametrize("words", ["watch web-1 10m", "watch web-1 for 10m"])
def test_the_time_can_be_said_with_or_without_for(world: World, words: str) -> None:
    world.say(words)

    assert world.showing.begun[0][2] - world.ops.clock() == timedelta(minutes=10)


def test_a_terminal_is_written_to_more_often(world: World) -> None:
    world.say("watch web-1", who=Person("terminal", "ann", "Ann"), channel="terminal")

    assert world.showing.begun[0][:2] == (Destination("terminal", "terminal"), 2.0)


def test_what_is_shown_is_what_free_shows_and_the_largest_services(world: World) -> None:
    world.say("watch web-1")

    shown = world.showing.make(7)

    assert text_of(shown).splitlines()[0].startswith("web-1 · critical · ")
    assert "used" in text_of(shown)
    assert "gunicorn" in text_of(shown)
    assert [button.words for button in shown.buttons] == ["unwatch 7", "report web-1"]
    assert not shown.private


def test_at_the_end_it_says_so_with_the_extremes_that_were_seen(world: World) -> None:
    world.say("watch web-1")
    world.showing.make(7)
    world.ops.hosts["web-1"].fails(HostUnreachable("web-1 does not answer."))
    world.ops.clock.passes(minutes=2)
    lost = world.showing.make(7)
    world.ops.hosts["web-1"].recovers()
    world.ops.clock.passes(minutes=3)

    last = world.showing.make(0)

    assert lost.headline == "web-1 · unknown · web-1 does not answer."
    assert last.headline == "web-1 was watched for 5 min, until 14:07:31"
    assert re.search(r"Since 14:02:31 available: least \d+ MiB at 14:02:31, most \d+ MiB", text_of(last))
    assert "It did not answer 1 of 3 times." in text_of(last)
    assert [button.words for button in last.buttons] == ["watch web-1", "report web-1"]


@pytest.mark.parametrize(
    ("words", "channel", "sentence"),
    [
        ("watch web-1 2h", "C01", "A message renews itself for at most 30 min"),
        ("watch web-1", "", "Nothing can be shown continuously here: ask in a channel"),
        ("watch web-9", "C01", "There is no host `web-9`"),
        ("unwatch 8", "C01", "No message with the number 8 renews itself any more."),
        ("unwatch", "C01", "`unwatch` needs the word <number>"),
    ],
)
def test_what_cannot_be_is_one_sentence(world: World, words: str, channel: str, sentence: str) -> None:
    answer = world.say(words, channel=channel)

    assert answer.headline.startswith(sentence)
    assert answer.refusal
    assert world.showing.begun == []


def test_where_nothing_is_served_neither_can_be(world: World) -> None:
    world.ports = world.ops.ports

    for words in ("watch web-1", "unwatch 7"):
        assert world.say(words).headline == "Nothing can be shown continuously here: no chat is being served."


def test_where_nothing_runs_nothing_can_be_read_again(world: World) -> None:
    world.ports = replace(
        world.ops.ports, config=load('[people]\napprovers = ["slack:U01"]\n', "config.toml")
    )

    assert world.say("admin reload").headline.startswith("The configuration can only be read again by")
