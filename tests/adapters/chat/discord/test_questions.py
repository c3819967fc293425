"""The question before something dangerous: a yes counts once, and its answer appears where it belongs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bot.message import Button, Emphasis, Message
from tests.adapters.chat.discord.served import said, served

if TYPE_CHECKING:
    from bot.message import Request
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

STOP = Button("Stop", "stop web-1", Emphasis.DANGER, confirm="Really stop web-1?")
RENEW = Button("Renew", "renew web-1", confirm="Really renew?", in_place=True)
REFUSED = Button("Refused", "refused", confirm="Really try?", in_place=True)


def answer(request: Request) -> Message:
    return Message(
        f"you said {request.text}",
        buttons=(STOP, RENEW, REFUSED),
        private=not request.text.startswith("share"),
        refusal=request.text == "refused",
    )


def slow(request: Request) -> Message:
    time.sleep(0.2)
    return answer(request)


def test_two_quick_yes_do_it_once(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, slow) as chat:
        discord.command("1", "status", {"share": True}, group="mem")
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Stop")
        _, question = discord.wait_shown("1", 2)
        discord.delay_dispatch = 0.1
        clicks = [discord.click("1", question, "Yes") for _ in range(2)]
        assert discord.wait_until(lambda: "you said stop" in discord.shown("1")[1].plain)

    assert [request.text for request in chat.requests] == ["share status", "stop web-1"]
    assert [click.failed for click in clicks] == [False, False]


def test_a_no_after_a_yes_claims_nothing(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, slow):
        discord.command("1", "status", {"share": True}, group="mem")
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Stop")
        _, question = discord.wait_shown("1", 2)
        discord.delay_dispatch = 0.1
        discord.click("1", question, "Yes")
        discord.click("1", question, "No")
        assert discord.wait_until(lambda: "you said stop" in discord.shown("1")[1].plain)
        time.sleep(0.1)

    assert "you said stop web-1" in discord.shown("1")[1].plain


def test_after_a_yes_there_is_nothing_to_click_on(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, slow):
        discord.command("1", "status", {"share": True}, group="mem")
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Stop")
        _, question = discord.wait_shown("1", 2)
        clicked = discord.click("1", question, "Yes")
        assert clicked.acknowledged_after_s is not None
        buttons = discord.shown("1")[1].buttons
        discord.wait_until(lambda: "you said stop" in discord.shown("1")[1].plain)

    assert clicked.response_type == 7
    assert buttons == ()


@pytest.mark.parametrize("shared", [True, False])
def test_a_yes_to_an_in_place_button_renews_the_card(
    discord: FakeDiscord, memory: Memory, *, shared: bool
) -> None:
    with served(discord, memory, answer):
        discord.command("1", "status", {"share": shared}, group="mem")
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Renew")
        _, question = discord.wait_shown("1", 2)
        discord.click("1", question, "Yes")
        assert discord.wait_until(lambda: len(discord.shown("1")) == 1)

    (renewed,) = discord.shown("1")
    assert renewed.id == card.id
    assert "you said renew web-1" in renewed.plain
    assert [shown.id for shown in discord.shown("2")] == [card.id] * shared


def test_a_refusal_after_a_yes_leaves_the_card_alone(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, answer):
        discord.command("1", "status", {"share": True}, group="mem")
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Refused")
        _, question = discord.wait_shown("1", 2)
        discord.click("1", question, "Yes")
        assert discord.wait_until(lambda: "you said refused" in discord.shown("1")[1].plain)

    assert "you said share status" in discord.shown("1")[0].plain
    assert discord.shown("1")[1].ephemeral


def test_a_question_can_be_answered_after_a_restart(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, answer):
        discord.command("1", "status", {"share": True}, group="mem")
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Renew")
        _, question = discord.wait_shown("1", 2)

    with served(discord, memory, answer) as chat:
        discord.click("1", question, "Yes")
        assert discord.wait_until(lambda: "you said renew" in discord.shown("1")[1].plain)

    assert [request.text for request in chat.requests] == ["renew web-1"]


APPROVE = Button("Approve", "approve 42 k7f3", Emphasis.PRIMARY, confirm="Plan 42 on web-1: stop daphne.")


def test_approving_on_a_card_in_the_channel_asks_the_person_alone_and_counts_as_a_click(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory, answer) as chat:
        chat.chat.announce(said(Message("Plan 42 needs approval", buttons=(APPROVE,), private=False)))
        (card,) = discord.wait_shown("1", 1)
        discord.click("1", card, "Approve")
        _, question = discord.wait_shown("1", 2)
        discord.click("1", question, "Yes")
        assert discord.wait_until(lambda: "you said approve" in discord.shown("1")[1].plain)

    assert question.ephemeral
    assert "Plan 42 on web-1: stop daphne." in question.plain
    assert [(request.text, request.clicked) for request in chat.requests] == [("approve 42 k7f3", True)]
    assert [shown.plain for shown in discord.shown("2")] == [card.plain]


def test_what_is_typed_is_no_click(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, answer) as chat:
        discord.command("1", "status", {}, group="mem")
        discord.wait_shown("1", 1)

    assert [request.clicked for request in chat.requests] == [False]
