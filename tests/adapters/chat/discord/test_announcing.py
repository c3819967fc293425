"""What is said without having been asked for: a card, changed in place, with its notes in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import ChatError
from bot.message import Button, Message, Text
from tests.adapters.chat.discord.served import said, served
from tests.servers.fake_discord import permissions

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

ALERT = Message("web-1 is critical", (Text("96 MiB left"),), (Button("Acknowledge", "ack 12"),))
OTHER = Message("web-2 is critical", (Text("12 MiB left"),))
RESOLVED = Message("web-1 is good again", (Text("297 MiB left"),))
NOTE = Message("acknowledged by Alice 14:03")


def test_a_card_is_changed_in_place_and_keeps_its_reference(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        again = chat.chat.announce(said(RESOLVED, "k2", edits=card))

    (shown,) = discord.shown("2")
    assert again == card == f"100/{shown.id}"
    assert shown.content == "web-1 is good again"
    assert shown.buttons == ()
    assert [happened.kind for happened in discord.timeline] == ["said", "edited"]


def test_it_is_said_in_the_channel_that_is_named(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_channel("200", "oncall")

    with served(discord, memory, channel=None) as chat:
        ref = chat.chat.announce(said(ALERT, channel="200"))

    assert [shown.id for shown in discord.shown("2", "200")] == [ref.removeprefix("200/")]


@pytest.mark.parametrize(("channel", "match"), [("", "names no `channel`"), ("C012", "no id of a channel")])
def test_what_has_no_place_is_told_so_for_good(
    discord: FakeDiscord, memory: Memory, channel: str, match: str
) -> None:
    with served(discord, memory, channel=None) as chat, pytest.raises(ChatError, match=match) as raised:
        chat.chat.announce(said(ALERT, channel=channel))

    assert raised.value.permanent


def test_notes_go_into_the_thread_of_their_card(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        first = chat.chat.announce(said(NOTE, "k2", thread=card))
        second = chat.chat.announce(said(RESOLVED, "k3", thread=card))

    (thread,) = discord.threads
    assert card == f"100/{thread.id}"
    assert (thread.name, thread.archived_after_min) == ("web-1 is critical", 1440)
    notes = discord.shown("2", thread.id)
    assert [note.plain for note in notes] == [
        "acknowledged by Alice 14:03",
        "web-1 is good again\n297 MiB left",
    ]
    assert [first, second] == [f"{thread.id}/{note.id}" for note in notes]
    assert len(discord.shown("2")) == 1
    assert discord.refusals == []


def test_a_thread_that_is_there_already_is_used(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        chat.chat.announce(said(NOTE, "k2", thread=card))
    with served(discord, memory) as chat:
        chat.chat.announce(said(RESOLVED, "k3", thread=card))

    (thread,) = discord.threads
    assert len(discord.shown("2", thread.id)) == 2


def test_an_archived_thread_is_taken_out_of_the_archive(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        note = chat.chat.announce(said(NOTE, "k2", thread=card))
        (thread,) = discord.threads
        discord.archive(thread.id)
        chat.chat.announce(said(RESOLVED, "k3", thread=card))
        assert not discord.threads[0].archived

        discord.archive(thread.id)
        chat.chat.announce(said(OTHER, "k4", edits=note))

    assert [shown.content for shown in discord.shown("2", thread.id)] == [
        "web-2 is critical",
        "web-1 is good again",
    ]


@pytest.mark.parametrize(
    "denied",
    [permissions.CREATE_PUBLIC_THREADS, permissions.SEND_MESSAGES_IN_THREADS, permissions.IN_THREADS],
)
def test_where_no_thread_is_allowed_a_note_is_a_reply(
    discord: FakeDiscord, memory: Memory, denied: int
) -> None:
    discord.add_channel("100", "ops", denied=denied)

    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        ref = chat.chat.announce(said(NOTE, "k2", thread=card))

    _, note = discord.shown("2")
    assert ref == f"100/{note.id}"
    assert note.reply_to == card.removeprefix("100/")
    assert note.pings == ()


def test_where_no_history_may_be_read_a_note_stands_alone(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_channel("100", "ops", denied=permissions.IN_THREADS | permissions.READ_MESSAGE_HISTORY)

    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        chat.chat.announce(said(NOTE, "k2", thread=card))

    assert [shown.reply_to for shown in discord.shown("2")] == [None, None]


@pytest.mark.parametrize("lost", ["locked", "deleted"])
def test_where_the_thread_was_lost_a_note_is_a_reply(discord: FakeDiscord, memory: Memory, lost: str) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        chat.chat.announce(said(NOTE, "k2", thread=card))
        (thread,) = discord.threads
        if lost == "locked":
            discord.archive(thread.id, locked=True)
        else:
            discord.delete_channel(thread.id)
        chat.chat.announce(said(RESOLVED, "k3", thread=card))

    assert discord.shown("2")[-1].reply_to == thread.id


def test_in_a_thread_there_are_no_threads_but_replies(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_thread("300", "100", "outage")

    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1", channel="300"))
        chat.chat.announce(said(NOTE, "k2", thread=card))

    alert, note = discord.shown("2", "300")
    assert note.reply_to == alert.id


def test_only_who_is_meant_is_notified(discord: FakeDiscord, memory: Memory) -> None:
    loud = Message("@everyone web-1 <@2>", (Text("@here"),))
    entries = ("discord:1", "discord-role:50", "slack:U01", "discord:1", "discord-role:x")

    with served(discord, memory) as chat:
        chat.chat.announce(said(loud, mentions=entries))

    (alert,) = discord.shown("2")
    assert alert.pings == ("@1", "@&50")
    assert alert.plain.splitlines()[1] == "@alice @oncall"
    assert alert.allowed_mentions == {"parse": [], "users": [1], "roles": [50]}


def test_an_edit_still_names_who_was_meant(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1", mentions=("discord:1",)))
        chat.chat.announce(said(RESOLVED, "k2", edits=card, mentions=("discord:1",)))

    (alert,) = discord.shown("2")
    assert alert.content.endswith("\n<@1>")


def test_an_alert_arrives_as_text_where_the_bot_may_do_nothing_else(
    discord: FakeDiscord, memory: Memory
) -> None:
    discord.add_channel("100", "ops", denied=permissions.EMBED_LINKS | permissions.ATTACH_FILES)

    with served(discord, memory) as chat:
        chat.chat.announce(said(ALERT, mentions=("discord-role:50",)))

    (alert,) = discord.shown("2")
    assert "96 MiB left" in alert.content
    assert alert.pings == ("@&50",)
    assert alert.buttons == ("Acknowledge",)
