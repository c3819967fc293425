"""Commands, clicks and forms: who sees the answer, and where it appears."""

from __future__ import annotations

import itertools
import json
import logging
import re
import threading
from typing import TYPE_CHECKING

import pytest

from bot.message import Button, Emphasis, Form, Message, Text, Tone
from tests.adapters.chat.discord.served import USAGES, Memory, asking_for, echo, served

if TYPE_CHECKING:
    from bot.message import Request
    from tests.servers.fake_discord import FakeDiscord

TOP = next(usage for usage in USAGES if usage.name == "top")


class WithButtons:
    """Answers with something to click on; each answer is told from the others by its number."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def __call__(self, request: Request) -> Message:
        return Message(
            f"answer {next(self._count)}: {request.text}",
            buttons=(
                Button("Refresh", "report web-1", in_place=True),
                Button("Top", "top web-1"),
                Button("Share", "share report web-1"),
                Button("Stop", "stop web-1", Emphasis.DANGER, confirm="Really stop web-1?"),
                Button("Refuse", "refuse", in_place=True),
            ),
            private=not request.text.startswith("share"),
            refusal=request.text == "refuse",
        )


def test_a_command_is_answered_to_the_asker_alone(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        asked = discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)

    assert "you said report web-1" in answer.plain
    assert asked.ephemeral
    assert answer.ephemeral
    assert discord.shown("2") == []
    assert discord.refusals == []
    (request,) = chat.requests
    assert (request.person.platform, request.person.id, request.person.name) == ("discord", "1", "alice")
    assert request.in_channel


def test_a_shared_answer_is_seen_by_all(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        discord.command("1", "status", {"share": True}, group="mem")
        (answer,) = discord.wait_shown("2", 1)

    assert "you said share status" in answer.plain
    assert not answer.ephemeral


def test_a_refusal_of_what_should_be_shared_is_seen_by_the_asker_alone(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory, lambda _: Message("You may not.", refusal=True)):
        discord.command("1", "status", {"share": True}, group="mem")
        (answer,) = discord.wait_shown("1", 1)

    assert "You may not." in answer.plain
    assert answer.ephemeral
    assert discord.shown("2") == []
    assert discord.thinking("2") == 0


def test_what_is_not_private_is_seen_by_all_though_nobody_asked_for_that(
    discord: FakeDiscord, memory: Memory
) -> None:
    public = Message("for all", buttons=(Button("More", "more"),), private=False)

    with served(discord, memory, lambda _: public):
        discord.command("1", "status", group="mem")
        (answer,) = discord.wait_shown("2", 1)
        private = discord.post_as_bot(
            components=[{"type": 1, "components": list(answer.components[0]["components"])}], only_for="1"
        )
        discord.click("1", private, "More")
        discord.wait_shown("2", 2)

    assert [shown.ephemeral for shown in discord.shown("2")] == [False, False]
    assert discord.thinking("1") == 0


def test_what_is_wide_has_a_button_for_it_and_an_option(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        discord.command("1", "top", {"host": "web-1", "n": 7, "wide": True}, group="mem")
        discord.wait_shown("1", 1)

    assert [request.text for request in chat.requests] == ["wide top web-1 7"]


def test_in_a_direct_message_the_answer_is_simply_there(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, guild=None) as chat:
        discord.wait_until(lambda: discord.syncs == 1)
        channel = discord.direct_channel("1")
        discord.command("1", "status", channel=channel, group="mem")
        (answer,) = discord.wait_shown("1", 1, channel)

    assert not answer.ephemeral
    assert not chat.requests[0].in_channel


def test_a_long_answer_comes_with_a_file(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, lambda _: Message("Long.", (Text("word " * 3000),))):
        discord.command("1", "status", group="mem")
        (answer,) = discord.wait_shown("1", 1)

    (file,) = answer.files
    assert file.content.count(b"word") == 3000
    assert answer.ephemeral


def test_a_click_on_a_private_answer_replaces_it(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, WithButtons()) as chat:
        discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Top")
        discord.wait_until(lambda: discord.shown("1")[0].edited)

    (shown,) = discord.shown("1")
    assert "answer 2: top web-1" in shown.plain
    assert [request.text for request in chat.requests] == ["report web-1", "top web-1"]


def test_a_click_that_shares_leaves_the_private_answer_and_tells_all(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory, WithButtons()):
        discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Share")
        (shared,) = discord.wait_shown("2", 1)

    assert "answer 2: share report web-1" in shared.plain
    assert "answer 1: report web-1" in discord.shown("1")[0].plain


def test_an_in_place_button_renews_what_all_see(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, WithButtons()):
        discord.command("1", "report", {"host": "web-1", "share": True}, group="mem")
        (answer,) = discord.wait_shown("2", 1)
        discord.click("2", answer, "Refresh")
        discord.wait_until(lambda: discord.shown("1")[0].edited)

    (shown,) = discord.shown("1")
    assert "answer 2: report web-1" in shown.plain
    assert not shown.ephemeral


def test_any_other_click_on_what_all_see_is_answered_to_the_clicker(
    discord: FakeDiscord, memory: Memory
) -> None:
    with served(discord, memory, WithButtons()):
        discord.command("1", "report", {"host": "web-1", "share": True}, group="mem")
        (answer,) = discord.wait_shown("2", 1)
        discord.click("2", answer, "Top")
        _, mine = discord.wait_shown("2", 2)

    assert "answer 2: top web-1" in mine.plain
    assert mine.ephemeral
    assert len(discord.shown("1")) == 1


def test_a_refusal_never_replaces_anything(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, WithButtons()):
        discord.command("1", "report", {"host": "web-1", "share": True}, group="mem")
        (answer,) = discord.wait_shown("2", 1)
        discord.click("2", answer, "Refuse")
        before, refusal = discord.wait_shown("2", 2)

    assert "answer 1" in before.plain
    assert "answer 2: refuse" in refusal.plain
    assert refusal.ephemeral


def test_a_dangerous_button_asks_first(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, WithButtons()) as chat:
        discord.command("1", "report", {"host": "web-1", "share": True}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Stop")
        _, question = discord.wait_shown("1", 2)
        asked_so_far = len(chat.requests)
        discord.click("1", question, "Yes")
        discord.wait_until(lambda: discord.shown("1")[1].edited)

    assert "Really stop web-1?" in question.plain
    assert question.ephemeral
    assert question.buttons == ("Yes", "No")
    assert asked_so_far == 1
    assert chat.requests[1].text == "stop web-1"
    assert "answer 2: stop web-1" in discord.shown("1")[1].plain


def test_no_does_nothing(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, WithButtons()) as chat:
        discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Stop")
        _, question = discord.wait_shown("1", 2)
        discord.click("1", question, "No")
        discord.wait_until(lambda: discord.shown("1")[1].edited)

    assert "Nothing was done" in discord.shown("1")[1].plain
    assert discord.shown("1")[1].buttons == ()
    assert len(chat.requests) == 1


def test_buttons_work_after_a_restart(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, WithButtons()):
        discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)

    with served(discord, memory, WithButtons()) as chat:
        discord.click("1", answer, "Top")
        discord.wait_until(lambda: discord.shown("1")[0].edited)

    assert [request.text for request in chat.requests] == ["top web-1"]
    assert discord.syncs == 1


def test_a_button_whose_words_were_forgotten_says_what_to_do(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, WithButtons()) as chat:
        discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        memory.words.clear()
        for number, label in enumerate(("Top", "Refresh", "Stop"), start=2):
            discord.click("1", answer, label)
            assert "type the command" in discord.wait_shown("1", number)[-1].plain

    assert len(chat.requests) == 1


@pytest.mark.parametrize("custom_id", ["mw0:old", "mw2:future:x", "mw1::", "something else"])
def test_a_button_of_another_version_says_what_to_do(
    discord: FakeDiscord, memory: Memory, custom_id: str
) -> None:
    button = {"type": 2, "style": 1, "label": "Old", "custom_id": custom_id}
    old = discord.post_as_bot(content="long ago", components=[{"type": 1, "components": [button]}])

    with served(discord, memory) as chat:
        discord.click("1", old, "Old")
        _, told = discord.wait_shown("1", 2)

    assert "older version" in told.plain
    assert told.ephemeral
    assert chat.requests == []


def missing_words(request: Request) -> Message:
    *before, last = request.text.split(" ")
    return Message("Which?", form=Form(TOP, tuple(before)), refusal=True) if last == "top" else echo(request)


def test_missing_words_can_be_filled_in(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, missing_words) as chat:
        discord.command("1", "top", group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Fill in…")
        form = discord.wait_modal("1")
        discord.fill_in("1", form, {"host": "db 1", "n": "5"})
        discord.wait_until(lambda: discord.shown("1")[0].edited)

    assert form.labels == ("host", "n")
    assert chat.requests[-1].text == 'top "db 1" 5'
    assert "you said" in discord.shown("1")[0].plain
    assert discord.refusals == []


def test_a_form_keeps_what_stood_before_the_command(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, missing_words) as chat:
        discord.command("1", "top", {"share": True, "wide": True}, group="mem")
        discord.wait_until(lambda: any(each.ephemeral for each in discord.shown("1")))
        discord.click("1", discord.shown("1")[-1], "Fill in…")
        discord.fill_in("1", discord.wait_modal("1"), {"n": "5"})
        discord.wait_until(lambda: any("you said" in each.plain for each in discord.shown("2")))

    assert chat.requests[-1].text == "share wide top 5"
    assert discord.refusals == []


def test_what_is_offered_depends_on_who_types(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, missing_words, groups=["discord-role:50"]) as chat:
        for user in ("1", "2"):
            discord.autocomplete(user, "report", "host", "web", group="mem")
        discord.command("1", "top", group="mem")
        discord.click("1", discord.wait_shown("1", 1)[-1], "Fill in…")
        discord.wait_modal("1")

    assert {(person.id, person.groups) for person in chat.typists} == {("1", ("discord-role:50",)), ("2", ())}
    assert (chat.typists[-1].id, chat.typists[-1].groups) == ("1", ("discord-role:50",))


def test_a_form_can_be_sent_after_a_restart(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, missing_words):
        discord.command("1", "top", group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Fill in…")
        form = discord.wait_modal("1")

    with served(discord, memory) as chat:
        discord.fill_in("1", form, {"n": "5"})
        discord.wait_until(lambda: discord.shown("1")[0].edited)

    assert chat.requests[-1].text == "top 5"


def test_a_form_of_a_command_that_is_gone_says_what_to_do(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, missing_words):
        discord.command("1", "top", group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Fill in…")
        form = discord.wait_modal("1")

    with served(discord, memory, usages=USAGES[:1]) as chat:
        discord.click("1", answer, "Fill in…")
        discord.fill_in("1", form, {"n": "5"})
        _, clicked, sent = discord.wait_shown("1", 3)

    assert "older version" in clicked.plain
    assert "older version" in sent.plain
    assert chat.requests == []


def test_a_form_of_many_choices_is_typed_in(discord: FakeDiscord, memory: Memory) -> None:
    usage = next(usage for usage in USAGES if usage.name == "service")

    with served(discord, memory, asking_for(usage)) as chat:
        discord.command("1", "status", group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.click("1", answer, "Fill in…")
        discord.fill_in("1", discord.wait_modal("1"), {"name": "redis", "host": "web-1"})
        discord.wait_until(lambda: len(chat.requests) == 2)

    assert chat.requests[-1].text == "service web-1 redis"


def test_the_same_event_twice_is_answered_once(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory) as chat:
        asked = discord.command("1", "status", group="mem")
        discord.wait_shown("1", 1)
        discord.redeliver(asked)
        discord.command("1", "report", group="mem")
        discord.wait_shown("1", 2)

    assert [request.text for request in chat.requests] == ["status", "report"]
    assert discord.refusals == []


def test_elsewhere_it_says_where_it_answers(discord: FakeDiscord, memory: Memory) -> None:
    discord.add_channel("200", "random")

    with served(discord, memory, channels=("100",)) as chat:
        discord.command("1", "status", channel="200", group="mem")
        (told,) = discord.wait_shown("1", 1, "200")
        offered = discord.autocomplete("1", "report", "host", "", channel="200", group="mem")
        discord.command("1", "status", group="mem")
        discord.wait_shown("1", 1)

    assert "only in #ops" in told.plain
    assert told.ephemeral
    assert offered == []
    assert len(chat.requests) == 1


def test_one_that_comes_too_late_costs_one_line_of_the_log(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    discord.acknowledge_within_s, discord.delay_dispatch = 0.05, 0.2

    with served(discord, memory) as chat:
        discord.command("1", "status", group="mem")
        assert discord.wait_until(lambda: bool(caplog.records))
        discord.acknowledge_within_s, discord.delay_dispatch = 3, 0
        discord.command("1", "status", group="mem")
        discord.wait_shown("1", 1)

    assert [record.message for record in caplog.records] == [
        "somebody was left without an answer: it was not acknowledged within 3 seconds"
    ]
    assert len(chat.requests) == 1


def test_an_answer_after_fifteen_minutes_costs_one_line_of_the_log(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    expired = threading.Event()

    def slow(request: Request) -> Message:
        expired.wait(60)
        return echo(request)

    with served(discord, memory, slow):
        asked = discord.command("1", "status", group="mem")
        assert asked.acknowledged_after_s is not None
        discord.expire(asked)
        expired.set()
        assert discord.wait_until(lambda: bool(caplog.records))

    assert ["15 minutes" in record.message for record in caplog.records] == [True]


def test_when_the_message_was_deleted_meanwhile_the_answer_comes_by_itself(
    discord: FakeDiscord, memory: Memory
) -> None:
    numbered = WithButtons()

    deleted = threading.Event()

    def slow(request: Request) -> Message:
        if request.text == "top web-1":
            deleted.wait(60)
        return numbered(request)

    with served(discord, memory, slow):
        discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        clicked = discord.click("1", answer, "Top")
        assert clicked.acknowledged_after_s is not None
        discord.delete(answer)
        deleted.set()
        discord.wait_until(lambda: "top web-1" in "".join(s.plain for s in discord.shown("1")))

    (new,) = discord.shown("1")
    assert "answer 2: top web-1" in new.plain
    assert new.ephemeral


def test_when_discord_refuses_the_layout_the_answer_comes_as_plain_text(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    with served(
        discord, memory, lambda _: Message("It is `full`.", (Text("All of it."),), tone=Tone.CRITICAL)
    ):
        discord.fail("PATCH /webhooks/", 400, 50035)
        discord.command("1", "status", group="mem")
        (answer,) = discord.wait_shown("1", 1)

    assert "It is" in answer.content
    assert answer.content.startswith("```")
    assert b"All of it." in answer.files[0].content
    assert len(caplog.records) == 1


def test_choices_that_come_too_late_are_no_trouble(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
        discord.fail("POST /interactions/", 404, 10062)
        with pytest.raises(TimeoutError):
            discord.autocomplete("1", "report", "host", "web", group="mem", patience_s=3)

    assert caplog.records == []


def test_a_mistake_of_ours_costs_one_answer(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(request: Request) -> Message:
        if request.text == "status":
            raise ZeroDivisionError("secret")
        return echo(request)

    with served(discord, memory, broken):
        discord.command("1", "status", group="mem")
        (told,) = discord.wait_shown("1", 1)
        discord.command("1", "report", group="mem")
        discord.wait_shown("1", 2)

    assert "mistake of ours" in told.plain
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_a_command_that_discord_knows_otherwise_says_what_to_do(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
    memory_file = next(memory.folder.iterdir())

    discord.fail("PUT /applications/", 500, times=10)
    with served(discord, memory, usages=USAGES[:1]) as chat:
        discord.command("1", "top", group="mem")
        (told,) = discord.wait_shown("1", 1)

    assert "another version" in told.plain
    assert chat.requests == []
    assert re.fullmatch(r"[0-9a-f]{64}", memory_file.read_text())


def test_no_secret_is_ever_logged(
    discord: FakeDiscord, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with served(discord, memory, WithButtons()):
        asked = discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        discord.expire(asked)
        discord.click("1", answer, "Top")
        discord.wait_until(lambda: discord.shown("1")[0].edited)
        discord.fail("POST /interactions/", 500, times=1)
        discord.cut()
        discord.wait_connected(count=2)

    everything = caplog.text + json.dumps([str(vars(record)) for record in caplog.records])
    assert discord.token not in everything
    assert asked.token not in everything
