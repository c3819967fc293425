"""What is said without having been asked for: it appears once, or it is told that it may not have."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.errors import ChatError, MessageGone
from bot.message import Button, Message, Text
from tests.adapters.chat.discord.served import QUICK, said, served
from tests.servers.fake_discord import permissions

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

ALERT = Message("web-1 is critical", (Text("96 MiB left"),), (Button("Acknowledge", "ack 12"),))
OTHER = Message("web-2 is critical", (Text("12 MiB left"),))
RESOLVED = Message("web-1 is good again", (Text("297 MiB left"),))
NOTE = Message("acknowledged by Alice 14:03")
POSTS = "POST /channels/"
HURRIED = replace(QUICK, post_s=1)


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=10)


def test_it_waits_as_long_as_discord_asks(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.rate_limit(POSTS, 0.5, 0.6)
        began = time.monotonic()
        chat.chat.announce(said(ALERT))

    assert time.monotonic() - began > 0.5
    assert len(discord.shown("2")) == 1


@pytest.mark.parametrize("via", [True, False])
def test_a_wait_without_end_is_told_as_not_said(discord: FakeDiscord, memory: Memory, *, via: bool) -> None:
    with served(discord, memory) as chat:
        discord.rate_limit(POSTS, 60, 3600, via=via)
        with pytest.raises(ChatError) as raised:
            chat.chat.announce(said(ALERT))

    assert not raised.value.permanent
    assert raised.value.retry_after_s == 3600
    assert not raised.value.in_doubt
    assert discord.shown("2") == []


def test_many_at_once_all_appear_and_each_once(discord: FakeDiscord, memory: Memory) -> None:
    discord.buckets[f"{POSTS}{{channel_id}}/messages"] = (5, 0.3)
    alerts = [said(Message(f"alert {number}."), f"k{number}") for number in range(16)]

    with served(discord, memory) as chat, ThreadPoolExecutor(16) as threads:
        refs = list(threads.map(chat.chat.announce, alerts))

    assert len({shown.content for shown in discord.shown("2")}) == len(discord.shown("2")) == 16
    assert refs == [
        f"100/{shown.id}"
        for alert in alerts
        for shown in discord.shown("2")
        if shown.content == alert.message.headline
    ]


def test_what_is_for_one_channel_is_said_in_its_order(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat, ThreadPoolExecutor(5) as threads:
        discord.buckets[f"{POSTS}{{channel_id}}/messages"] = (5, 0.3)
        discord.rate_limit(POSTS, 0.3, 0.4)
        waiting = []
        for number in range(5):
            waiting.append(threads.submit(chat.chat.announce, said(Message(f"alert {number}"), f"k{number}")))
            time.sleep(0.03)
        for saying in waiting:
            saying.result(15)

    assert [shown.content for shown in discord.shown("2")] == [f"alert {number}" for number in range(5)]


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_connection_that_breaks_once_costs_and_doubles_nothing(
    discord: FakeDiscord, memory: Memory, *, is_taken: bool
) -> None:
    with served(discord, memory) as chat:
        (discord.lose_answer if is_taken else discord.lose_call)(POSTS)
        chat.chat.announce(said(ALERT))

    assert len(discord.shown("2")) == 1


@pytest.mark.parametrize("is_taken", [True, False])
def test_what_is_not_known_is_in_doubt(discord: FakeDiscord, memory: Memory, *, is_taken: bool) -> None:
    with served(discord, memory) as chat:
        (discord.lose_answer if is_taken else discord.lose_call)(POSTS, times=9)
        with pytest.raises(ChatError, match="not known") as raised:
            chat.chat.announce(said(ALERT))

    assert raised.value.in_doubt
    assert not raised.value.permanent
    assert len(discord.shown("2")) == is_taken


def test_a_change_is_never_in_doubt(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        discord.lose_answer("PATCH /channels/", times=9)
        with pytest.raises(ChatError, match="not known") as raised:
            chat.chat.announce(said(RESOLVED, "k2", edits=card))

    assert not raised.value.in_doubt


def test_a_server_in_trouble_leaves_it_in_doubt(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.fail(POSTS, 503)
        with pytest.raises(ChatError, match="status 503") as raised:
            chat.chat.announce(said(ALERT))

    assert (raised.value.in_doubt, raised.value.permanent) == (True, False)


@pytest.mark.parametrize("is_taken", [True, False])
@pytest.mark.parametrize("message", [ALERT, NOTE], ids=["card", "line"])
@pytest.mark.parametrize("minutes", [0, 10])
def test_a_doubt_is_resolved_by_the_next_process(
    discord: FakeDiscord, memory: Memory, message: Message, minutes: int, *, is_taken: bool
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    with served(discord, memory) as chat:
        (discord.lose_answer if is_taken else discord.lose_call)(POSTS, times=9)
        with pytest.raises(ChatError):
            chat.chat.announce(said(message, "k7"))
    discord.end_trouble()
    if minutes:
        discord.forget_nonces()
    before = len(discord.calls)

    with served(discord, memory) as chat:
        ref = chat.chat.announce(said(message, "k7", doubtful=True, since=since))

    (shown,) = discord.shown("2")
    assert ref == f"100/{shown.id}"
    looked = [call for call in discord.calls[before:] if call.method == "GET" and "messages" in call.path]
    assert bool(looked) == bool(minutes)


def test_a_doubt_about_a_note_is_resolved_in_its_thread(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        ref = chat.chat.announce(said(NOTE, "k2", thread=card))
        discord.forget_nonces()
        again = chat.chat.announce(said(NOTE, "k2", thread=card, doubtful=True, since=long_ago()))

    (thread,) = discord.threads
    assert again == ref
    assert len(discord.shown("2", thread.id)) == 1


def test_a_note_that_was_a_reply_is_found_though_there_can_be_a_thread_now(
    discord: FakeDiscord, memory: Memory
) -> None:
    discord.add_channel("100", "ops", denied=permissions.CREATE_PUBLIC_THREADS)
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        ref = chat.chat.announce(said(NOTE, "k2", thread=card))
        discord.forget_nonces()
        discord.add_channel("100", "ops")
        again = chat.chat.announce(said(NOTE, "k2", thread=card, doubtful=True, since=long_ago()))

    assert again == ref
    assert len(discord.shown("2")) == 2


def test_the_same_words_about_another_incident_are_another_note(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_channel("100", "ops", denied=permissions.CREATE_PUBLIC_THREADS)
    with served(discord, memory) as chat:
        card, other = chat.chat.announce(said(ALERT, "k1")), chat.chat.announce(said(OTHER, "k2"))
        chat.chat.announce(said(NOTE, "k3", thread=card))
        chat.chat.announce(said(NOTE, "k4", thread=other, doubtful=True, since=long_ago()))

    assert len(discord.shown("2")) == 4


@pytest.mark.parametrize(
    ("text", "content_type"), [("<html>It works!</html>", "text/html"), ("[", "application/json")]
)
def test_what_something_else_answered_to_is_in_doubt(
    discord: FakeDiscord, memory: Memory, text: str, content_type: str
) -> None:
    with served(discord, memory) as chat:
        discord.say_instead(POSTS, text, content_type, times=9)
        with pytest.raises(ChatError, match="not known") as raised:
            chat.chat.announce(said(ALERT))

    assert (raised.value.in_doubt, raised.value.permanent) == (True, False)


def test_a_doubt_finds_what_was_said_amid_much_else(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        ref = chat.chat.announce(said(ALERT, "k1"))
        for number in range(150):
            discord.say("2", f"what about web-{number}?")
        chat.chat.announce(said(OTHER, "k2"))
        discord.forget_nonces()
        again = chat.chat.announce(said(ALERT, "k1", doubtful=True, since=long_ago()))

    assert again == ref


def test_the_same_words_of_another_incident_are_another_message(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        chat.chat.announce(said(ALERT, "k1"))
        chat.chat.announce(said(ALERT, "k2", doubtful=True, since=long_ago()))

    assert len(discord.shown("2")) == 2


def test_where_nothing_may_be_read_it_is_rather_said_twice(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_channel("100", "ops", denied=permissions.READ_MESSAGE_HISTORY)

    with served(discord, memory) as chat:
        chat.chat.announce(said(ALERT, "k1"))
        discord.forget_nonces()
        chat.chat.announce(said(ALERT, "k1", doubtful=True, since=long_ago()))

    assert len(discord.shown("2")) == 2


def test_where_looking_fails_it_stays_in_doubt(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.fail("GET /channels/", 503)
        with pytest.raises(ChatError) as raised:
            chat.chat.announce(said(ALERT, "k1", doubtful=True, since=long_ago()))

    assert raised.value.in_doubt
    assert discord.shown("2") == []


def test_the_mark_by_which_it_is_found_is_not_seen(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        chat.chat.announce(said(ALERT, "k-secret"))

    (alert,) = discord.shown("2")
    assert "k-secret" not in alert.plain
    assert "title" not in alert.embeds[0]


def test_what_was_deleted_is_gone_for_changes_and_notes(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        discord.delete(discord.shown("2")[0])
        with pytest.raises(MessageGone):
            chat.chat.announce(said(RESOLVED, "k2", edits=card))
        with pytest.raises(MessageGone):
            chat.chat.announce(said(NOTE, "k3", thread=card))
        chat.chat.announce(said(RESOLVED, "k2"))

    assert [shown.content for shown in discord.shown("2")] == ["web-1 is good again"]


def test_a_note_that_was_deleted_at_once_does_not_mean_that_its_card_was(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory) as chat:
        card = chat.chat.announce(said(ALERT, "k1"))
        chat.chat.announce(said(NOTE, "k2", thread=card))
        (thread,) = discord.threads
        discord.delete(discord.shown("2", thread.id)[0])
        with pytest.raises(ChatError, match="deleted at once") as raised:
            chat.chat.announce(said(NOTE, "k2", thread=card, doubtful=True, since=datetime.now(UTC)))

    assert not isinstance(raised.value, MessageGone)


def test_what_another_bot_has_said_has_to_be_said_anew(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.say("2", "web-1 is critical, says the bot of before")
        (other,) = discord.shown("2")
        with pytest.raises(MessageGone):
            chat.chat.announce(said(RESOLVED, edits=f"100/{other.id}"))


@pytest.mark.parametrize("ref", ["C01:1234.5", "100", "100/x", "/"])
def test_a_reference_of_another_platform_means_nothing_here(
    discord: FakeDiscord, memory: Memory, ref: str
) -> None:
    with served(discord, memory) as chat, pytest.raises(MessageGone):
        chat.chat.announce(said(RESOLVED, edits=ref))


def test_what_was_deleted_at_once_is_said_again_when_discord_has_forgotten_it(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory) as chat:
        chat.chat.announce(said(ALERT, "k1"))
        discord.delete(discord.shown("2")[0])
        with pytest.raises(ChatError, match="deleted") as raised:
            chat.chat.announce(said(ALERT, "k1", doubtful=True, since=datetime.now(UTC)))
        discord.forget_nonces()
        chat.chat.announce(said(ALERT, "k1", doubtful=True, since=long_ago()))

    assert not isinstance(raised.value, MessageGone)
    assert raised.value.retry_after_s > 60
    assert len(discord.shown("2")) == 1


def test_a_channel_that_is_gone_tells_what_to_correct(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat, pytest.raises(ChatError, match="correct `channel`") as raised:
        chat.chat.announce(said(ALERT, channel="404"))

    assert raised.value.permanent


@pytest.mark.parametrize("code", [50008, 50024])
def test_a_channel_of_another_kind_tells_what_to_correct(
    discord: FakeDiscord, memory: Memory, code: int
) -> None:
    with served(discord, memory) as chat:
        discord.fail(POSTS, 400, code)
        with pytest.raises(ChatError, match="correct `channel`") as raised:
            chat.chat.announce(said(ALERT))

    assert raised.value.permanent


def test_what_takes_too_long_goes_on_and_can_be_repeated(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, patience=HURRIED) as chat:
        discord.rate_limit(POSTS, 0.5, 2)
        with pytest.raises(ChatError, match="not known") as raised:
            chat.chat.announce(said(ALERT))
        discord.wait_shown("2", 1)
        chat.chat.announce(said(ALERT, doubtful=True, since=datetime.now(UTC)))

    assert raised.value.in_doubt
    assert len(discord.shown("2")) == 1


def test_what_waited_in_vain_for_its_turn_is_never_said(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, patience=HURRIED) as chat, ThreadPoolExecutor(2) as threads:
        discord.rate_limit(POSTS, 0.5, 2.5)
        first = threads.submit(chat.chat.announce, said(ALERT, "k1"))
        discord.wait_until(lambda: any(call.path.startswith("/channels/") for call in discord.calls))
        second = threads.submit(chat.chat.announce, said(OTHER, "k2"))
        outcomes = [str(saying.exception(15)) for saying in (first, second)]
        discord.wait_shown("2", 1)
        time.sleep(0.2)

    assert "not known" in outcomes[0]
    assert "too many are waiting" in outcomes[1]
    assert ["web-1" in shown.content for shown in discord.shown("2")] == [True]
