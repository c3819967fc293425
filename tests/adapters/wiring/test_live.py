"""Messages that renew themselves, on the real clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.wiring.live import LiveMessages
from bot.domain.route import Destination
from bot.errors import ChatError, MessageGone, UserError
from bot.message import Message
from tests.adapters.wiring.chats import Listening, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.ports import Chat

HERE = Destination("slack", "C01")


class World:
    def __init__(self) -> None:
        self.chat = Listening()
        self.served: dict[str, Chat] = {"slack": self.chat}
        self.live = LiveMessages(lambda: self.served, self.now)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def begin(self, *, seconds: float = 60.0, where: Destination = HERE, every_s: float = 0.02) -> int:
        return self.live.begin(
            where, counting(), every_s=every_s, until=self.now() + timedelta(seconds=seconds)
        )


def counting() -> Callable[[int], Message]:
    made: list[int] = []

    def make(number: int) -> Message:
        made.append(number)
        return Message(f"look {len(made)}" if number else f"ended after {len(made)}")

    return make


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.live.close()


def test_one_message_is_edited_until_its_time_has_come_and_says_so_then(world: World) -> None:
    world.begin(seconds=0.3)

    until(lambda: "ended" in world.chat.headlines[-1])
    first, *others = world.chat.announced
    assert (first.channel, first.edits, first.message.headline) == ("C01", "", "look 1")
    assert len(others) >= 3
    assert {other.edits for other in others} == {"ts1"}
    assert len({each.key for each in world.chat.announced}) == len(world.chat.announced)


def test_it_can_be_stopped_by_its_number_once(world: World) -> None:
    number = world.begin()

    assert world.live.stop(number)
    until(lambda: "ended" in world.chat.headlines[-1])
    until(lambda: not world.live.stop(number))


def test_there_are_at_most_three_in_one_place(world: World) -> None:
    numbers = [world.begin() for _ in range(3)]

    with pytest.raises(UserError, match="3 messages renew themselves here already: end one with `unwatch "):
        world.begin()
    world.begin(where=Destination("slack", "C02"))

    assert len(set(numbers)) == 3
    world.live.stop(numbers[0])
    until(
        lambda: (
            world.chat.announced[-1].message.headline.startswith("ended")
            or "ended" in str(world.chat.headlines)
        )
    )


def test_what_could_not_be_posted_is_none(world: World) -> None:
    for _ in range(4):
        world.chat.fails = [ChatError("not in channel", permanent=True)]
        with pytest.raises(ChatError, match="not in channel"):
            world.begin()
    with pytest.raises(UserError, match="Discord is not served at the moment"):
        world.begin(where=Destination("discord"))


def test_a_failure_that_passes_leaves_out_one_look(world: World) -> None:
    world.begin(seconds=0.5)
    world.chat.fails = [ChatError("busy", permanent=False)]

    until(lambda: "ended" in world.chat.headlines[-1])
    assert world.chat.fails == []


@pytest.mark.parametrize("error", [MessageGone("deleted", permanent=True), KeyError("a mistake")])
def test_one_that_was_deleted_or_fails_for_good_ends_without_a_word(world: World, error: Exception) -> None:
    number = world.begin()
    world.chat.fails = [error]

    until(lambda: not world.live.stop(number))
    assert "ended" not in str(world.chat.headlines)


def test_at_the_end_of_the_program_all_of_them_end_in_order(world: World) -> None:
    world.begin(every_s=60.0)
    world.begin(every_s=60.0)

    world.live.close()

    assert sorted(world.chat.headlines) == ["ended after 2", "ended after 2", "look 1", "look 1"]
    with pytest.raises(UserError, match="being stopped"):
        world.begin()
