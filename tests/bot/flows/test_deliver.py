"""What waits is said, later if need be, and given up visibly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import load
from bot.domain.incident import Incident, State
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.errors import ChatError, MessageGone
from bot.flows.deliver import Means, Outcome, deliver
from bot.message import Announcement, Message, Text
from bot.outbox import Outgoing, Part
from bot.ports import Ports
from tests.fakes.clock import FixedClock
from tests.fakes.each import sequential_each
from tests.fakes.hosts import ScriptedHosts
from tests.fakes.store import MemoryStore

OPS = Destination("slack", "C01")
ELSEWHERE = Destination("discord", "5")
CONFIGURATION = """
[bot]
time_zone = "Europe/Berlin"
[chat.slack]
[chat.discord]
[[route]]
to = ["slack:C01", "discord:5"]
"""


class Platform:
    """Says what it is given, or fails in the ways that were prepared."""

    def __init__(self) -> None:
        self.announced: list[Announcement] = []
        self.failures: list[ChatError] = []

    def announce(self, announcement: Announcement) -> str:
        self.announced.append(announcement)
        if self.failures:
            raise self.failures.pop(0)
        return announcement.edits or f"ts{len(self.announced)}"

    @property
    def last(self) -> Announcement:
        return self.announced[-1]


class World:
    """A store with an outbox, and a platform."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.store = MemoryStore()
        self.platform = Platform()
        self.ports = Ports(
            config=load(CONFIGURATION, "config.toml"),
            known_services=(),
            hosts=ScriptedHosts(),
            store=self.store,
            now=self.clock,
            each=sequential_each,
        )

    def enqueue(
        self, headline: str, part: Part = Part.CARD, card: str = "incident 1", to: Destination = OPS
    ) -> None:
        now = self.clock()
        with self.store.changing() as ledger:
            ledger.enqueue(
                Outgoing(to, card, part, Message(headline), Severity.CRITICAL, now, now, ("slack:U01",))
            )

    def incident(self, state: State) -> None:
        now = self.clock()
        with self.store.changing() as ledger:
            ledger.save_incident(
                Incident(1, "web-1", "memory", state, Severity.WARNING, Severity.WARNING, now, now, now)
            )

    def deliver(self, to: Destination = OPS, *, jitter: float = 1.0) -> Outcome | None:
        means = Means(self.platform.announce, lambda mark: mark(), lambda: jitter)
        delivery = deliver(self.ports, self.store, to, means)
        return delivery.outcome if delivery else None

    @property
    def waits_s(self) -> float:
        (backlog,) = self.store.backlog()
        return (backlog.due_at - self.clock()).total_seconds()


@pytest.fixture
def world() -> World:
    return World()


def lines(message: Message) -> list[str]:
    return [block.text for block in message.blocks if isinstance(block, Text)]


def test_a_card_is_posted_then_edited_and_its_notes_go_into_its_thread(world: World) -> None:
    world.enqueue("web-1 is critical")
    assert world.deliver() is Outcome.SAID
    world.enqueue("it got worse", Part.NOTE)
    assert world.deliver() is Outcome.SAID
    world.enqueue("web-1 is well")
    assert world.deliver() is Outcome.SAID
    world.enqueue("resolved", Part.NOTE)
    assert world.deliver() is Outcome.SAID

    assert [(a.message.headline, a.edits, a.thread) for a in world.platform.announced] == [
        ("web-1 is critical", "", ""),
        ("it got worse", "", "ts1"),
        ("web-1 is well", "ts1", ""),
        ("resolved", "", "ts1"),
    ]
    assert {a.channel for a in world.platform.announced} == {"C01"}
    assert world.platform.last.mentions == ("slack:U01",)
    assert world.deliver() is None


def test_what_fails_for_a_moment_is_tried_again_ever_later_with_the_same_key(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.platform.failures = [ChatError("Slack does not answer.", permanent=False, in_doubt=True)] * 12
    waits = []
    for _ in range(12):
        assert world.deliver() is Outcome.POSTPONED
        assert world.deliver() is None
        waits.append(world.waits_s)
        world.clock.passes(seconds=world.waits_s)

    assert world.deliver() is Outcome.SAID
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert len({a.key for a in world.platform.announced}) == 1
    assert [a.doubtful for a in world.platform.announced] == [False] + [True] * 12


def test_chance_parts_those_that_failed_together(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.platform.failures = [ChatError("", permanent=False)] * 3
    for _ in range(2):
        world.deliver(jitter=0.0)
        world.clock.passes(seconds=world.waits_s)
    world.deliver(jitter=0.0)

    assert world.waits_s == 2.0


def test_the_platform_s_own_wish_to_wait_is_obeyed(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.platform.failures = [ChatError("rate limited", permanent=False, retry_after_s=30)]

    world.deliver()

    assert world.waits_s == 30


def test_what_somebody_has_to_mend_is_tried_seldom(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.platform.failures = [ChatError("not in channel", permanent=True)] * 5
    waits = []
    for _ in range(5):
        world.deliver()
        waits.append(world.waits_s)
        world.clock.passes(seconds=world.waits_s)

    assert waits == [300, 600, 1200, 2400, 3600]


def test_what_comes_late_says_when_it_was(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.clock.passes(minutes=23)

    world.deliver()

    assert lines(world.platform.last.message) == [
        "This was at 15:02, 23 min ago; it could not be said before."
    ]


def test_what_comes_a_day_late_says_on_which_day_it_was(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.clock.passes(hours=20)

    world.deliver()

    (line,) = lines(world.platform.last.message)
    assert line == "This was at 15:02 on Mon 2 Mar, 20 h ago; it could not be said before."


def test_what_was_held_back_on_purpose_says_so(world: World) -> None:
    now = world.clock()
    with world.store.changing() as ledger:
        ledger.enqueue(
            Outgoing(
                OPS,
                "incident 1",
                Part.CARD,
                Message("web-1: a warning"),
                Severity.WARNING,
                now,
                now + timedelta(hours=8),
            )
        )
    assert world.deliver() is None
    world.clock.passes(hours=8)

    world.deliver()

    (line,) = lines(world.platform.last.message)
    assert line.endswith("8 h ago; it was held back until now.")


def test_an_edit_is_never_late(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.deliver()
    world.enqueue("web-1 is well")
    world.clock.passes(hours=1)

    world.deliver()

    assert world.platform.last.edits
    assert lines(world.platform.last.message) == []


@pytest.mark.parametrize("part", [Part.CARD, Part.NOTE])
def test_a_card_that_was_deleted_is_posted_anew_while_it_matters(world: World, part: Part) -> None:
    world.incident(State.TRIGGERED)
    world.enqueue("web-1 is critical")
    world.deliver()
    world.platform.failures = [MessageGone("It was deleted.", permanent=True)]
    world.enqueue("news", part)

    assert world.deliver() is Outcome.POSTPONED
    assert world.deliver() is Outcome.SAID
    assert (world.platform.last.message.headline, world.platform.last.edits, world.platform.last.thread) == (
        "news",
        "",
        "",
    )


@pytest.mark.parametrize("part", [Part.CARD, Part.NOTE])
def test_of_a_card_that_was_deleted_nothing_is_said_when_it_is_over(world: World, part: Part) -> None:
    world.incident(State.RESOLVED)
    world.enqueue("web-1 is critical")
    world.deliver()
    world.platform.failures = [MessageGone("It was deleted.", permanent=True)]
    world.enqueue("web-1 is well", part)

    assert world.deliver() is Outcome.DROPPED
    assert world.deliver() is None
    assert world.store.backlog() == ()


def test_what_is_too_old_is_given_up_and_that_is_said_elsewhere(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.platform.failures = [ChatError("not in channel", permanent=True)] * 2
    world.deliver()
    world.clock.passes(hours=25)

    assert world.deliver() is Outcome.GIVEN_UP
    assert world.deliver(ELSEWHERE) is Outcome.SAID

    assert [given.reason for given in world.store.given_up(world.clock() - timedelta(days=2))] == [
        "not in channel"
    ]
    told = world.platform.last
    assert (told.channel, told.message.headline) == ("5", "Slack C01 was never told: web-1 is critical")
    assert lines(told.message) == ["memwarden tried for 25 h and gave up: not in channel"]


def test_that_something_was_given_up_is_itself_not_passed_on_for_ever(world: World) -> None:
    world.enqueue("web-1 is critical")
    world.platform.failures = [ChatError("no", permanent=True)] * 9
    world.clock.passes(hours=25)
    world.deliver()
    world.clock.passes(hours=25)

    assert world.deliver(ELSEWHERE) is Outcome.GIVEN_UP
    assert world.store.backlog() == ()


def test_where_nobody_else_can_be_told_it_is_only_noted(world: World) -> None:
    config = load('[chat.slack]\n[[route]]\nto = ["slack:C01"]', "config.toml")
    world.ports = replace(world.ports, config=config)
    world.enqueue("web-1 is critical")
    world.platform.failures = [ChatError("no", permanent=True)]
    world.clock.passes(hours=25)

    assert world.deliver() is Outcome.GIVEN_UP
    assert world.store.backlog() == ()
