"""Charts are pictures in the message; where they cannot be, they are lines of characters."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.chat.discord.rendering import rendered
from bot.message import Button, Chart, Message, Series, Text, Tone
from tests.adapters.chat.discord.served import said, served
from tests.bot.views.test_golden_chats import GOLDEN, assert_same
from tests.servers.fake_discord import permissions

if TYPE_CHECKING:
    from bot.message import Request
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

MIB = float(1 << 20)
BEGAN = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"


def chart(title: str = "web-1, 24 h") -> Chart:
    values = (412 * MIB, None, 62 * MIB, 96 * MIB)
    return Chart(
        title,
        tuple(BEGAN + timedelta(minutes=20 * place) for place in range(len(values))),
        Series("available", values),
        (),
        961 * MIB,
        text="Available memory fell from 412 to 62 MiB.",
    )


HISTORY = Message("web-1 in the past 24 h", (Text("one incident"), chart(), Text("nothing else")))


def drawn(chart: Chart) -> bytes:
    return PNG + chart.title.encode()


def test_a_chart_is_a_picture_below_the_text(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, draw=drawn) as chat:
        chat.chat.announce(said(HISTORY))

    (shown,) = discord.shown("2")
    (picture,) = shown.pictures
    assert picture.content == PNG + b"web-1, 24 h"
    assert picture.name == "chart.png"
    assert picture.description == "Available memory fell from 412 to 62 MiB."
    assert "▁" not in shown.plain
    assert "nothing else" in shown.plain
    assert discord.refusals == []


def test_what_cannot_be_drawn_is_a_line_of_characters(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        chat.chat.announce(said(HISTORY))

    (shown,) = discord.shown("2")
    assert shown.files == ()
    assert "▁" in shown.plain


def test_several_charts_are_several_pictures(discord: FakeDiscord, memory: Memory) -> None:
    charts = tuple(chart(f"web-{number}") for number in range(6))

    with served(discord, memory, draw=drawn) as chat:
        chat.chat.announce(said(Message("all of them", charts)))

    (shown,) = discord.shown("2")
    assert [picture.content.removeprefix(PNG) for picture in shown.pictures] == [
        b"web-0",
        b"web-1",
        b"web-2",
        b"web-3",
    ]
    assert "web-4" in shown.plain
    assert "web-5" in shown.plain
    assert len({embed.get("url", place) for place, embed in enumerate(shown.embeds)}) == len(shown.embeds)


def test_a_change_brings_its_own_picture_or_takes_the_old_one_away(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory, draw=drawn) as chat:
        card = chat.chat.announce(said(HISTORY, "k1"))
        chat.chat.announce(said(Message("later", (chart("later"),)), "k2", edits=card))
        (later,) = discord.shown("2")
        chat.chat.announce(said(Message("over"), "k3", edits=card))
        (over,) = discord.shown("2")

    assert [picture.content for picture in later.pictures] == [PNG + b"later"]
    assert len(later.files) == 1
    assert over.files == ()


def test_where_no_file_may_be_attached_the_layout_stays(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_channel("100", "ops", denied=permissions.ATTACH_FILES)

    with served(discord, memory, draw=drawn) as chat:
        chat.chat.announce(said(HISTORY))

    (shown,) = discord.shown("2")
    assert shown.files == ()
    assert shown.embeds
    assert "▁" in shown.plain


@pytest.mark.parametrize("share", [True, False])
def test_an_answer_shows_its_picture_to_whom_the_answer_is_for(
    discord: FakeDiscord, memory: Memory, *, share: bool
) -> None:
    def answer(request: Request) -> Message:
        return Message(
            "web-1",
            (chart(request.text),),
            (Button("Report", "report"),),
            private="share" not in request.text,
        )

    with served(discord, memory, answer, draw=drawn):
        discord.command("1", "status", {"share": share}, group="mem")
        (shown,) = discord.wait_shown("1", 1)
        discord.click("1", shown, "Report")
        answers = discord.wait_shown("1", 1 + share)
        assert discord.wait_until(lambda: b"report" in discord.shown("1")[-1].pictures[0].content)

    assert [picture.name for picture in shown.pictures] == ["chart.png"]
    assert shown.ephemeral != share
    assert len(answers[-1].files) == 1
    assert len(discord.shown("2")) == share
    assert discord.refusals == []


def test_nobody_waits_for_a_picture_but_who_asked_for_it(discord: FakeDiscord, memory: Memory) -> None:
    going_on = threading.Event()

    def slow(chart: Chart) -> bytes:
        going_on.wait(30)
        return drawn(chart)

    def answer(request: Request) -> Message:
        return HISTORY if request.text == "history" else Message("at once")

    with served(discord, memory, answer, draw=slow):
        asked = discord.command("1", "history", group="mem")
        assert asked.acknowledged_after_s is not None
        discord.command("1", "status", group="mem")
        (first,) = discord.wait_shown("1", 1)
        going_on.set()
        discord.wait_shown("1", 2)

    assert "at once" in first.plain


def test_nobody_waits_for_pictures_in_announcements_of_others(discord: FakeDiscord, memory: Memory) -> None:
    let_go = threading.Event()

    def slowly(_: Chart) -> bytes:
        let_go.wait(15)
        return PNG

    pictured = [said(Message(f"digest {number}", (chart(),)), f"k{number}") for number in range(3)]
    with served(discord, memory, draw=slowly) as chat, ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(chat.chat.announce, each) for each in pictured]
        time.sleep(0.1)
        chat.chat.announce(said(Message("web-1 is critical"), "k9"))
        before = [shown.content for shown in discord.shown("2")]
        let_go.set()
        for saying in waiting:
            saying.result(15)

    assert before == ["web-1 is critical"]
    assert len(discord.shown("2")) == 4


def test_an_announced_card_is_shown_as_agreed() -> None:
    card = Message(
        "web-1 is critical: 96 of 961 MiB available (10 %), below 10 % for 2 min",
        (Text("at this rate full in about 9 min"), chart()),
        (Button("Acknowledge", "ack 12"), Button("Silence 1 h", "silence web-1 1h")),
        footnote="incident 12",
        tone=Tone.CRITICAL,
    )

    sheet = rendered(card, announced=True, mentioning="<@1> <@&50>", pictures={chart(): "chart.png"})

    assert_same(
        GOLDEN / "discord" / "announced.json",
        {"content": sheet.content, "embeds": sheet.embeds, "buttons": [b.label for b in sheet.buttons]},
    )


def test_above_a_wide_answer_stands_no_chart_that_is_a_picture() -> None:
    wide = Message("web-1", (chart(), Text("more")), wide=True)

    sheet = rendered(wide, pictures={chart(): "chart.png"})

    assert "▁" not in sheet.content
    assert sheet.embeds[0]["image"] == {"url": "attachment://chart.png"}


def test_a_message_of_a_chart_alone_is_an_embed_of_a_picture() -> None:
    sheet = rendered(Message("web-1", (chart(),)), announced=True, pictures={chart(): "chart.png"})

    assert sheet.content == "web-1"
    assert sheet.embeds == ({"image": {"url": "attachment://chart.png"}},)
