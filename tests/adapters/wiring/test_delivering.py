"""What waits in the outbox is said at once, everywhere at the same time, whatever fails."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.wiring.delivering import Delivering, waking
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.errors import ChatError, StoreError
from bot.message import Message
from bot.outbox import Outgoing, Part
from tests.adapters.wiring.chats import PATIENCE_S, Listening, until
from tests.conversations.ops import Ops
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.message import Announcement
    from bot.ports import Chat, Ports, Store


class World:
    """An outbox that is being emptied."""

    def __init__(self, **chats: Chat) -> None:
        self.memory = MemoryStore()
        self.served: dict[str, Chat] = dict(chats)
        self.delivering = Delivering(lambda: self.ports, lambda: self.served, jitter=lambda: 1.0)
        self.store: Store = waking(self.memory, self.delivering.wake)
        self.ports: Ports = replace(Ops().ports, store=self.store, now=lambda: datetime.now(UTC))

    def enqueue(self, headline: str, platform: str = "slack", card: str = "", later_s: float = 0.0) -> None:
        now = datetime.now(UTC)
        with self.store.changing() as ledger:
            ledger.enqueue(
                Outgoing(
                    Destination(platform),
                    card or headline,
                    Part.CARD,
                    Message(headline),
                    Severity.WARNING,
                    now,
                    now + timedelta(seconds=later_s),
                )
            )


@pytest.fixture
def worlds() -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for world in made:
        world.delivering.close()


def begun(worlds: list[World], **chats: Chat) -> World:
    world = World(**chats)
    worlds.append(world)
    world.delivering.begin()
    return world


def test_what_is_enqueued_is_said_at_once(worlds: list[World]) -> None:
    slack = Listening()
    world = begun(worlds, slack=slack)
    time.sleep(0.1)

    before = time.monotonic()
    world.enqueue("web-1 is critical")
    until(lambda: slack.announced)

    assert time.monotonic() - before < 1.0


def test_what_waited_before_the_start_is_said_and_what_is_due_later_is_said_later(
    worlds: list[World],
) -> None:
    slack = Listening()
    world = World(slack=slack)
    worlds.append(world)
    world.enqueue("left over")
    world.enqueue("for later", later_s=0.5)
    world.delivering.begin()

    until(lambda: slack.headlines == ["left over", "for later"])


def test_a_platform_that_hangs_holds_up_nobody_else(worlds: list[World]) -> None:
    hangs, go_on, listens = threading.Event(), threading.Event(), Listening()

    class Hanging(Listening):
        def announce(self, announcement: Announcement) -> str:
            hangs.set()
            go_on.wait(PATIENCE_S)
            return super().announce(announcement)

    world = begun(worlds, slack=Hanging(), discord=listens)
    world.enqueue("a")
    assert hangs.wait(PATIENCE_S)
    world.enqueue("b", "discord")

    until(lambda: listens.announced)
    go_on.set()


def test_a_mistake_of_a_platform_postpones_its_entry_and_is_logged(
    worlds: list[World], caplog: pytest.LogCaptureFixture
) -> None:
    slack = Listening(KeyError("channel"))
    with caplog.at_level(logging.WARNING):
        world = begun(worlds, slack=slack)
        world.enqueue("web-1 is critical")
        until(lambda: world.memory.backlog()[0].trouble)

    (backlog,) = world.memory.backlog()
    assert backlog.trouble == "A mistake of ours; the log tells more."
    assert "KeyError" in caplog.text


def test_what_passes_by_itself_is_tried_again(worlds: list[World]) -> None:
    slack = Listening(ChatError("Slack does not answer.", permanent=False))
    world = begun(worlds, slack=slack)
    world.enqueue("web-1 is critical")

    until(lambda: slack.headlines == ["web-1 is critical"])


def test_what_belongs_to_a_platform_that_is_not_served_waits(worlds: list[World]) -> None:
    slack, discord = Listening(), Listening()
    world = begun(worlds, slack=slack)
    world.enqueue("a", "discord")
    world.enqueue("b")
    until(lambda: slack.announced)

    assert [backlog.destination.platform for backlog in world.memory.backlog()] == ["discord"]
    world.served["discord"] = discord
    world.delivering.wake()
    until(lambda: discord.announced)


def test_while_the_store_fails_nothing_ends_and_all_goes_on_after_that(
    worlds: list[World], caplog: pytest.LogCaptureFixture
) -> None:
    slack = Listening()
    world = begun(worlds, slack=slack)
    with caplog.at_level(logging.ERROR):
        world.memory.fails(StoreError("The disk is full."))
        world.delivering.wake()
        until(lambda: caplog.messages)
    world.memory.fails(None)
    world.enqueue("web-1 is critical")

    until(lambda: slack.announced)
    assert caplog.messages == ["the outbox cannot be read: The disk is full."]


def test_what_was_said_is_noted_even_where_the_store_fails_in_that_moment(worlds: list[World]) -> None:
    class Breaking(Listening):
        def announce(self, announcement: Announcement) -> str:
            world.memory.fails(StoreError("The disk is full."))
            return super().announce(announcement)

    slack = Breaking()
    world = begun(worlds, slack=slack)
    world.enqueue("web-1 is critical")
    until(lambda: slack.announced)
    world.memory.fails(None)

    until(lambda: world.memory.backlog() == ())
    assert slack.headlines == ["web-1 is critical"]


def test_it_ends_in_time_whatever_hangs() -> None:
    begun_, go_on = threading.Event(), threading.Event()

    class Hanging(Listening):
        def announce(self, announcement: Announcement) -> str:
            begun_.set()
            go_on.wait(PATIENCE_S)
            return super().announce(announcement)

    world = World(slack=Hanging())
    world.delivering.begin()
    world.enqueue("a")
    assert begun_.wait(PATIENCE_S)

    before = time.monotonic()
    world.delivering.close(within_s=0.2)

    assert time.monotonic() - before < 2.0
    go_on.set()
