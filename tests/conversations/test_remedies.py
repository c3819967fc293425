"""A plan is approved in the channel, carried out, watched, and taken back: what people see of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import count

import pytest

import bot.commands
import bot.remediations
from bot.catalogue import entries
from bot.commands import Command
from bot.dispatch import dispatch
from bot.domain.approval import Phase
from bot.domain.people import Person
from bot.domain.remediation import Remediation
from bot.errors import CommandTimedOut, HostUnreachable
from bot.flows.deliver import Means, deliver
from bot.flows.execute import claim, execute, find_out
from bot.flows.verify import verify
from bot.message import Message, Request
from bot.ports import Health
from tests.bot.flows.remedies import recover
from tests.conversations.channel import Card, Channel
from tests.conversations.ops import Ops, text_of
from tests.fakes.machine_with_services import SUDO, Argv, MachineHosts, MachineWithServices, drop_in

SHOP = """
[bot]
time_zone = "Europe/Rome"
[people]
operators = ["terminal:*"]
approvers = ["terminal:alice", "terminal:bob"]
[[host]]
name = "web-1"
[host.services.gunicorn]
health = "https://shop.example/health"
"""
BY_ITSELF = SHOP + "[remediation]\nundo_unhealthy = true"
FILE = drop_in("gunicorn.service")


class Shop(Ops):
    """web-1 as it can be changed, the channel in which that is approved, and whoever executes."""

    def __init__(self, configuration: str = SHOP) -> None:
        super().__init__(configuration)
        self.machine = MachineWithServices(self.clock)
        self.channels: dict[str, Channel] = defaultdict(Channel)
        self.health = Health(well=True, sentence="200 in 12 ms")
        codes = (f"k{number:03}" for number in count(1))
        self.ports = replace(
            self.ports,
            hosts=MachineHosts(self.machine),
            remediations=entries(bot.remediations, "REMEDIATION", Remediation),
            new_code=lambda: next(codes),
            pause=lambda seconds: self.clock.passes(seconds=seconds),
            health=lambda _url, _timeout_s: self.health,
        )
        self._answer = dispatch(entries(bot.commands, "COMMAND", Command), self.ports)

    def asked(self, words: str, by: str = "alice") -> Card:
        """Let somebody ask for a plan and return its card."""
        self.say(by, words, in_channel=True)
        return self.cards[-1]

    @property
    def cards(self) -> list[Card]:
        """What the channel shows."""
        self.clock.passes(seconds=1)
        for waiting in self.store.backlog():
            channel = self.channels[waiting.destination.platform]
            means = Means(channel.announce, lambda mark: mark(), lambda: 0.5)
            while (done := deliver(self.ports, self.store, waiting.destination, means)) is not None:
                assert done.outcome == "said"
        return self.channels["terminal"].cards

    def pressed(self, card: Card, label: str, by: str = "bob") -> Message:
        """Let somebody press a button of a card."""
        words = next(button.words for button in card.message.buttons if button.label == label)
        return self._answer(Request(Person("terminal", by, by.title()), words, in_channel=True, clicked=True))

    def executes(self) -> None:
        """Do what is approved now."""
        for number in claim(self.ports):
            execute(self.ports, number)

    def watches(self, minutes: float) -> None:
        """Let time pass, and look after what was done."""
        for _ in range(round(minutes * 4)):
            self.clock.passes(seconds=15)
            verify(self.ports)

    def phase(self, number: int) -> Phase:
        """Return where a plan is."""
        found = self.store.approval(number)
        assert found is not None
        return found.phase

    def loses(self, argv: Argv, error: Exception | None = None) -> None:
        """Lose the connection when this command was done, once."""

        def after(ran: Argv) -> None:
            if ran[-len(argv) :] == argv and ran[: len(SUDO)] == SUDO:
                self.machine.after = lambda _argv: None
                raise error or HostUnreachable("The connection to web-1 broke.")

        self.machine.after = after


@pytest.fixture
def shop() -> Shop:
    return Shop()


def approved(shop: Shop, words: str = "workers web-1 gunicorn 2") -> Card:
    card = shop.asked(words)
    shop.pressed(card, "Approve")
    shop.executes()
    return shop.cards[-1]


def test_from_the_question_to_the_proof_that_it_helped(shop: Shop) -> None:
    card = shop.asked("workers web-1 gunicorn 2")
    assert "gunicorn 4 -> 2 workers" in card.text
    assert shop.machine.ran == []

    shop.pressed(card, "Approve")
    assert shop.phase(1) is Phase.APPROVED
    shop.executes()
    assert "2 workers, freed 170 MiB (expected 170 MiB)" in shop.cards[-1].text

    shop.watches(6)
    (shown,) = shop.cards
    assert "Verified: 2 workers, freed 170 MiB (expected 170 MiB)" in shown.text
    assert [note for note in shown.thread if "Verified" in note]
    assert (shop.machine.gunicorn.workers, FILE in shop.machine.files) == (2, True)


def test_a_site_that_is_down_afterwards_is_told_and_the_way_back_offered(shop: Shop) -> None:
    approved(shop)
    shop.health = Health(well=False, sentence="502 Bad Gateway")

    shop.watches(0.25)

    card = shop.cards[-1]
    assert "Not helped: gunicorn is not well: 502 Bad Gateway" in card.text
    assert "Undo" in [button.label for button in card.message.buttons]
    assert shop.machine.gunicorn.workers == 2


def test_a_site_that_is_down_afterwards_is_taken_back_where_the_configuration_says_so() -> None:
    shop = Shop(BY_ITSELF)
    approved(shop)
    shop.health = Health(well=False, sentence="502 Bad Gateway")

    shop.watches(0.25)
    shop.executes()

    first, second = shop.cards
    assert "undone by plan 2" in first.text.casefold()
    assert "undo plan 1" in second.text.casefold()
    assert (shop.machine.gunicorn.workers, FILE in shop.machine.files) == (4, False)


def test_it_is_undone_by_one_who_may_approve(shop: Shop) -> None:
    before = dict(shop.machine.files)
    card = approved(shop)

    shop.pressed(card, "Undo")
    undoing = shop.cards[-1]
    assert shop.machine.gunicorn.workers == 2
    shop.pressed(undoing, "Approve")
    shop.executes()

    assert shop.machine.files == before
    assert shop.machine.gunicorn.workers == 4
    assert (shop.phase(1), shop.phase(2)) == (Phase.UNDONE, Phase.WATCHED)


@pytest.mark.parametrize(
    ("lost_at", "phase", "said"),
    [
        (("workers", "gunicorn.service", "2"), Phase.INTERRUPTED, "It is half done"),
        (("daemon-reload",), Phase.INTERRUPTED, "It is half done"),
        (("TTOU", "gunicorn.service"), Phase.INTERRUPTED, "It is half done (gunicorn.service: 3 workers)"),
    ],
)
def test_a_connection_that_is_lost_is_found_out_and_undone(
    shop: Shop, lost_at: Argv, phase: Phase, said: str
) -> None:
    before = dict(shop.machine.files)
    shop.loses(lost_at)
    card = approved(shop)
    assert shop.phase(1) is phase
    assert said in card.text

    shop.pressed(card, "Undo")
    shop.pressed(shop.cards[-1], "Approve")
    shop.executes()

    assert shop.machine.files == before
    assert shop.machine.gunicorn.workers == 4


def test_a_command_that_takes_too_long_but_was_done_is_no_failure(shop: Shop) -> None:
    shop.loses(("stop", "daphne.service"), CommandTimedOut("'/usr/bin/sudo' was not done within 60 s."))

    card = approved(shop, "stop web-1 daphne")

    assert shop.phase(1) is Phase.WATCHED
    assert "It is done all the same" in card.text


def test_a_host_that_reboots_in_the_middle_and_is_away_for_a_while(shop: Shop) -> None:
    def after(ran: Argv) -> None:
        if ran[-2:] == ("TTOU", "gunicorn.service"):
            shop.clock.passes(seconds=5)
            shop.machine.reboots()
            shop.machine.before = away
            raise HostUnreachable("The connection to web-1 broke.")

    def away(_ran: Argv) -> None:
        raise HostUnreachable("web-1 cannot be reached: no route to host.")

    shop.machine.after = after
    card = approved(shop)
    assert shop.phase(1) is Phase.RUNNING
    assert "web-1 does not answer: as soon as it does, it is looked at." in card.text

    shop.machine.before = shop.machine.after = lambda _ran: None
    shop.time_passes(seconds=60)
    find_out(shop.ports, 1)

    assert shop.phase(1) is Phase.WATCHED
    assert "web-1 rebooted meanwhile. It is done all the same" in shop.cards[-1].text


def test_a_bot_that_dies_in_the_middle_says_so_when_it_is_back(shop: Shop) -> None:
    class DiedError(BaseException):
        pass

    def dies(ran: Argv) -> None:
        if ran[-1:] == ("daemon-reload",):
            raise DiedError

    shop.pressed(shop.asked("workers web-1 gunicorn 2"), "Approve")
    shop.machine.after = dies
    with pytest.raises(DiedError):
        shop.executes()
    shop.machine.after = lambda _ran: None

    recover(shop.ports)

    assert shop.phase(1) is Phase.INTERRUPTED
    assert "memwarden ended during step 3 of 5. It is half done" in shop.cards[-1].text
    shop.executes()
    assert len(shop.machine.ran) == 2


def test_memory_that_others_take_at_once_is_told(shop: Shop) -> None:
    card = approved(shop, "stop web-1 daphne")
    assert shop.phase(1) is Phase.WATCHED
    shop.machine.other_mib += 110

    shop.watches(6)

    # It did what it should: that others took it since is no saving lost, but what is available now is told.
    assert shop.phase(1) is Phase.VERIFIED
    assert "freed 115 MiB (expected 115 MiB), daphne holds 115 MiB less than before" in shop.cards[-1].text
    assert text_of(card.message)
