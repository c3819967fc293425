"""The real discord.py works with the fake Discord."""

from __future__ import annotations

import threading
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.servers.fake_discord import FakeDiscord, NotOffered
from tests.servers.fake_discord.sample_bot import Running, SampleBot, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ALICE, BOB = "1", "2"


@pytest.fixture
def server() -> Iterator[FakeDiscord]:
    with FakeDiscord() as server:
        server.add_role("50", "oncall")
        server.add_member(ALICE, "alice", roles=("50",))
        server.add_member(BOB, "bob")
        yield server


@pytest.fixture
def bot(server: FakeDiscord) -> Iterator[Running]:
    with running(server, SampleBot()) as bot:
        server.wait_connected()
        yield bot


@pytest.mark.usefixtures("bot")
def test_commands_are_registered_once_and_held_as_the_api_holds_them(server: FakeDiscord) -> None:
    (group,) = server.commands
    assert (server.syncs, group["name"], group["guild_id"]) == (1, "mem", "10")
    assert [option["name"] for option in group["options"]][:2] == ["report", "edit"]


@pytest.mark.usefixtures("bot")
def test_the_first_followup_becomes_the_deferred_reply_and_stays_private(server: FakeDiscord) -> None:
    interaction = server.command(ALICE, "report", {"host": "web-1"}, group="mem")
    (shown,) = server.wait_shown(ALICE, 1)
    assert interaction.acknowledged_after_s is not None
    assert interaction.acknowledged_after_s < 1
    assert (interaction.ephemeral, shown.ephemeral, shown.plain) == (True, True, "web-1\n[Again]")
    assert server.shown(BOB) == []
    assert server.thinking(ALICE) == 0


@pytest.mark.usefixtures("bot")
def test_what_is_shared_is_seen_by_all(server: FakeDiscord) -> None:
    server.command(ALICE, "report", {"host": "web-1", "share": True}, group="mem")
    assert server.wait_shown(BOB, 1) == server.shown(ALICE)


@pytest.mark.usefixtures("bot")
def test_a_deferred_reply_can_be_edited_into_an_embed(server: FakeDiscord) -> None:
    server.command(ALICE, "edit", group="mem")
    (shown,) = server.wait_shown(ALICE, 1)
    assert shown.plain == "web-1\nused 4.1 GiB\nfree\n1 GiB"


@pytest.mark.usefixtures("bot")
def test_choices_are_offered_while_typing(server: FakeDiscord) -> None:
    offered = server.autocomplete(ALICE, "report", "host", "web", group="mem")
    assert offered == [("web-1 (host)", "web-1"), ("web-2 (host)", "web-2")]


def test_a_button_works_after_a_restart(server: FakeDiscord) -> None:
    with running(server, SampleBot()):
        server.wait_connected()
        server.command(ALICE, "report", {"host": "web-1"}, group="mem")
        (before,) = server.wait_shown(ALICE, 1)
    with running(server, SampleBot()):
        server.wait_connected(count=2)
        interaction = server.click(ALICE, before, "Again")
        assert interaction.acknowledged_after_s is not None
        (after,) = server.shown(ALICE)
    assert (after.id, after.content, after.edited) == (before.id, "web-1 again", True)


@pytest.mark.usefixtures("bot")
def test_a_form_is_filled_in(server: FakeDiscord) -> None:
    server.command(ALICE, "ask", group="mem")
    modal = server.wait_modal(ALICE)
    server.fill_in(ALICE, modal, {"Host": "web-1"})
    (shown,) = server.wait_shown(ALICE, 1)
    assert (modal.title, modal.labels, shown.content) == ("Which host?", ("Host",), "web-1 it is")
    assert server.modals(ALICE) == []


@pytest.mark.usefixtures("bot")
def test_a_file_is_attached_and_can_be_fetched(server: FakeDiscord) -> None:
    server.command(ALICE, "file", group="mem")
    (shown,) = server.wait_shown(ALICE, 1)
    told = next(call.answer for call in server.calls if call.route.endswith("/callback"))
    assert isinstance(told, dict)
    (attachment,) = told["resource"]["message"]["attachments"]
    with urllib.request.urlopen(attachment["url"], timeout=5) as fetched:  # noqa: S310  # http, on loopback
        assert fetched.read() == shown.files[0].content == b"all of it"
    assert (shown.files[0].name, shown.files[0].description) == ("report.txt", "the report")


@pytest.mark.usefixtures("bot")
def test_the_roles_of_the_person_are_known_by_name(server: FakeDiscord) -> None:
    server.command(ALICE, "whoami", group="mem")
    (shown,) = server.wait_shown(ALICE, 1)
    assert shown.content == "alice ['@everyone', 'oncall']"


def test_commands_of_the_application_can_be_used_in_direct_messages(server: FakeDiscord) -> None:
    with running(server, SampleBot(everywhere=True)):
        server.wait_connected()
        direct = server.direct_channel(ALICE)
        server.command(ALICE, "whoami", channel=direct, group="mem")
        (shown,) = server.wait_shown(ALICE, 1, direct)
    assert shown.content == "alice []"


@pytest.mark.usefixtures("bot")
def test_commands_of_the_guild_are_not_offered_in_direct_messages(server: FakeDiscord) -> None:
    with pytest.raises(NotOffered, match="no command /mem"):
        server.command(ALICE, "whoami", channel=server.direct_channel(ALICE), group="mem")


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("report", {}),
        ("report", {"host": ""}),
        ("report", {"host": 1}),
        ("report", {"host": "web-1", "wide": True}),
        ("nothing", {}),
    ],
    ids=["required", "empty", "another type", "no such option", "no such command"],
)
def test_a_person_can_only_say_what_the_client_offers(
    server: FakeDiscord, name: str, options: dict[str, str | int]
) -> None:
    with pytest.raises(NotOffered):
        server.command(ALICE, name, options, group="mem")


@pytest.mark.usefixtures("bot")
def test_a_person_can_only_click_what_is_there(server: FakeDiscord) -> None:
    off = {"type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": True}
    shown = server.post_as_bot(components=[{"type": 1, "components": [off]}], only_for=ALICE)
    for person, label in ((ALICE, "Off"), (ALICE, "On"), (BOB, "Off")):
        with pytest.raises(NotOffered):
            server.click(person, shown, label)


def test_the_bot_can_post_edit_and_delete_in_a_channel(server: FakeDiscord, bot: Running) -> None:
    channel = bot.bot.get_partial_messageable(100)
    message = bot.do(channel.send("web-1 runs out of memory <@1>"))
    (posted,) = server.shown(BOB)
    bot.do(message.edit(content="resolved"))
    (edited,) = server.shown(BOB)
    bot.do(message.delete())
    assert (posted.plain, posted.pings) == ("web-1 runs out of memory @alice", ("@1",))
    assert (edited.content, edited.edited) == ("resolved", True)
    assert server.shown(BOB) == []


def test_messages_are_heard_as_far_as_the_intents_go(server: FakeDiscord) -> None:
    with running(server, SampleBot(intents=1 | 1 << 9)) as run:
        server.wait_connected()
        server.say(ALICE, "hello")
        server.say(ALICE, "<@900> status")
        assert server.wait_until(lambda: run.bot.heard == ["", "<@900> status"])


def test_the_library_keeps_below_a_bucket_by_itself(server: FakeDiscord, bot: Running) -> None:
    server.buckets["POST /channels/{channel_id}/messages"] = (2, 0.2)
    channel = bot.bot.get_partial_messageable(100)
    for number in range(5):
        bot.do(channel.send(str(number)))
    assert [shown.content for shown in server.shown(ALICE)] == list("01234")
    assert server.refusals == []


def test_nothing_is_left_running() -> None:
    before = set(threading.enumerate())
    with FakeDiscord() as another, running(another, SampleBot()):
        another.wait_connected()
    # The library does not wait for its heartbeats' thread.
    assert another.wait_until(lambda: set(threading.enumerate()) <= before)
