"""Threads, history, nonces and what people see happen, as the real discord.py finds them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest

from tests.servers.fake_discord import FakeDiscord, permissions
from tests.servers.fake_discord.sample_bot import Running, SampleBot, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ALICE = "1"


@pytest.fixture
def server() -> Iterator[FakeDiscord]:
    with FakeDiscord() as server:
        server.add_member(ALICE, "alice")
        yield server


@pytest.fixture
def bot(server: FakeDiscord) -> Iterator[Running]:
    with running(server, SampleBot()) as bot:
        server.wait_connected()
        yield bot


@pytest.fixture
def channel(bot: Running) -> discord.PartialMessageable:
    return bot.bot.get_partial_messageable(100, guild_id=10)


def begun(bot: Running, message: int, name: str = "outage") -> discord.Thread:
    async def begin() -> discord.Thread:
        partial = bot.bot.get_partial_messageable(100, guild_id=10).get_partial_message(message)
        return await partial.create_thread(name=name, auto_archive_duration=60)

    return bot.do(begin())


def test_a_thread_has_the_id_of_its_message_and_begins_once(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    message = bot.do(channel.send("web-1"))

    thread = begun(bot, message.id)
    bot.do(thread.send("a note"))
    with pytest.raises(discord.HTTPException) as again:
        begun(bot, message.id)

    (seen,) = server.threads
    assert (seen.id, seen.parent, seen.name, seen.archived_after_min) == (
        str(message.id),
        "100",
        "outage",
        60,
    )
    assert again.value.code == 160004
    assert [shown.content for shown in server.shown(ALICE, seen.id)] == ["a note"]
    assert len(server.shown(ALICE)) == 1


@pytest.mark.parametrize(("name", "code"), [("", 50035), ("x" * 101, 50035)])
def test_a_thread_has_a_name(bot: Running, channel: discord.PartialMessageable, name: str, code: int) -> None:
    message = bot.do(channel.send("web-1"))

    with pytest.raises(discord.HTTPException) as refused:
        begun(bot, message.id, name)

    assert refused.value.code == code


def test_a_thread_needs_a_message_and_a_permission(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    message = bot.do(channel.send("web-1"))
    server.permissions &= ~permissions.CREATE_PUBLIC_THREADS
    with pytest.raises(discord.HTTPException) as forbidden:
        begun(bot, message.id)
    server.permissions |= permissions.CREATE_PUBLIC_THREADS
    server.delete(server.shown(ALICE)[0])
    with pytest.raises(discord.HTTPException) as gone:
        begun(bot, message.id)

    assert (forbidden.value.code, gone.value.code) == (50013, 10008)


def test_a_thread_is_written_in_by_a_permission_of_its_own(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    thread = begun(bot, bot.do(channel.send("web-1")).id)
    server.permissions &= ~permissions.SEND_MESSAGES
    bot.do(thread.send("a note"))
    server.permissions &= ~permissions.SEND_MESSAGES_IN_THREADS

    with pytest.raises(discord.Forbidden):
        bot.do(thread.send("another"))


def test_an_archived_thread_can_be_written_in_but_not_edited(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    thread = begun(bot, bot.do(channel.send("web-1")).id)
    note = bot.do(thread.send("a note"))
    server.archive(str(thread.id))
    with pytest.raises(discord.HTTPException) as edited:
        bot.do(note.edit(content="changed"))
    bot.do(thread.send("another"))
    is_archived = server.threads[0].archived
    server.archive(str(thread.id), locked=True)
    with pytest.raises(discord.HTTPException) as locked:
        bot.do(thread.send("a third"))

    assert (edited.value.code, is_archived, locked.value.code) == (50083, False, 160005)


def test_history_is_told_in_pages_from_a_moment(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    for number in range(230):
        server.say(ALICE, str(number))
    seen = server.shown(ALICE)

    async def read(**given: datetime | discord.Object | int | None) -> list[str]:
        after, before, limit = given.get("after"), given.get("before"), given.get("limit")
        assert isinstance(limit, int)
        assert not isinstance(after, int)
        assert not isinstance(before, int)
        return [message.content async for message in channel.history(limit=limit, after=after, before=before)]

    after, before = discord.Object(int(seen[9].id)), discord.Object(int(seen[20].id))
    assert bot.do(read(limit=150, after=after)) == [str(number) for number in range(10, 160)]
    assert bot.do(read(limit=5)) == ["229", "228", "227", "226", "225"]
    assert bot.do(read(limit=2, before=before)) == ["19", "18"]
    assert bot.do(read(limit=300, after=datetime.now(UTC) + timedelta(seconds=5))) == []
    assert len(bot.do(read(limit=300, after=datetime.now(UTC) - timedelta(minutes=5)))) == 230


def test_history_needs_a_permission(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    bot.do(channel.send("web-1"))
    server.permissions &= ~permissions.READ_MESSAGE_HISTORY

    async def read() -> list[discord.Message]:
        return [message async for message in channel.history()]

    assert bot.do(read()) == []


def test_a_nonce_is_recognised_for_a_while_and_told_only_at_first(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    first = bot.do(channel.send("web-1", nonce="k1"))
    second = bot.do(channel.send("web-1 again", nonce="k1"))
    server.forget_nonces()
    third = bot.do(channel.send("web-1 anew", nonce="k1"))
    read = bot.do(channel.fetch_message(first.id))

    assert (first.id, first.nonce) == (second.id, second.nonce)
    assert third.id != first.id
    assert read.nonce is None
    assert [shown.content for shown in server.shown(ALICE)] == ["web-1", "web-1 anew"]


def test_what_was_deleted_is_not_made_again_with_its_nonce(
    bot: Running, channel: discord.PartialMessageable
) -> None:
    bot.do(bot.do(channel.send("web-1", nonce="k1")).delete())

    with pytest.raises(discord.NotFound) as gone:
        bot.do(channel.send("web-1", nonce="k1"))

    assert gone.value.code == 10008


@pytest.mark.parametrize("must_exist", [True, False])
def test_a_reply_to_what_is_gone_is_refused_or_stands_alone(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable, *, must_exist: bool
) -> None:
    message = bot.do(channel.send("web-1"))
    reference = discord.MessageReference(message_id=message.id, channel_id=100, fail_if_not_exists=must_exist)
    bot.do(channel.send("a reply", reference=reference))
    server.delete(server.shown(ALICE)[0])
    if must_exist:
        with pytest.raises(discord.HTTPException, match="Unknown message"):
            bot.do(channel.send("late", reference=reference))
    else:
        bot.do(channel.send("late", reference=reference))

    replies = [(shown.content, shown.reply_to) for shown in server.shown(ALICE)]
    assert replies == [("a reply", str(message.id)), *([] if must_exist else [("late", None)])]


def test_a_reply_needs_to_read_the_history(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    message = bot.do(channel.send("web-1"))
    server.permissions &= ~permissions.READ_MESSAGE_HISTORY
    reference = discord.MessageReference(message_id=message.id, channel_id=100)

    with pytest.raises(discord.Forbidden) as forbidden:
        bot.do(channel.send("a reply", reference=reference))

    assert forbidden.value.code == 160002


def test_pictures_come_and_go_with_changes(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    def picture(content: bytes) -> discord.File:
        return discord.File(io.BytesIO(content), filename="chart.png", description="it falls")

    embed = discord.Embed(description="web-1").set_image(url="attachment://chart.png")
    message = bot.do(channel.send(embed=embed, file=picture(b"one")))
    (first,) = server.shown(ALICE)
    bot.do(message.edit(embed=embed, attachments=[picture(b"two")]))
    (second,) = server.shown(ALICE)
    bot.do(message.edit(content="over", embed=None, attachments=[]))
    (third,) = server.shown(ALICE)

    assert [file.content for file in first.pictures] == [b"one"]
    assert [(file.content, file.description) for file in second.pictures] == [(b"two", "it falls")]
    assert third.files == ()


def test_only_those_named_are_notified(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    server.add_role("50", "oncall")
    allowed = discord.AllowedMentions(
        everyone=False, users=[discord.Object(1)], roles=[discord.Object(50)], replied_user=False
    )

    bot.do(channel.send("@everyone <@1> <@900> <@&50>", allowed_mentions=allowed))

    assert server.shown(ALICE)[0].pings == ("@1", "@&50")


@pytest.mark.parametrize("is_done", [True, False])
def test_a_call_breaks_before_or_after_it_was_done(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable, *, is_done: bool
) -> None:
    (server.lose_answer if is_done else server.lose_call)("POST /channels/")

    with pytest.raises(aiohttp.ClientError):
        bot.do(channel.send("web-1"))

    assert len(server.shown(ALICE)) == is_done


def test_what_people_see_happen_is_kept_in_order(
    server: FakeDiscord, bot: Running, channel: discord.PartialMessageable
) -> None:
    message = bot.do(channel.send("web-1 is critical"))
    thread = begun(bot, message.id)
    bot.do(thread.send("acknowledged"))
    bot.do(message.edit(content="web-1 is good"))
    bot.do(message.delete())

    assert [
        (happened.kind, happened.shown.channel, happened.shown.plain) for happened in server.timeline
    ] == [
        ("said", "100", "web-1 is critical"),
        ("thread", "100", "web-1 is critical"),
        ("said", str(thread.id), "acknowledged"),
        ("edited", "100", "web-1 is good"),
        ("deleted", "100", "web-1 is good"),
    ]
