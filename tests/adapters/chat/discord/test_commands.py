"""What Discord offers to type, and what is said by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.chat.discord.commands import offered, words
from adapters.chat.discord.components import controls
from bot.message import Form, Kind, Parameter, Usage
from bot.usage import words as read
from tests.adapters.chat.discord.served import USAGES, served

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

SERVICE = next(usage for usage in USAGES if usage.name == "service")
TOP = next(usage for usage in USAGES if usage.name == "top")


def test_words_stand_in_the_order_of_the_usage_and_not_of_the_options() -> None:
    assert words(SERVICE, {"name": "redis", "host": "web-1"}) == "service web-1 redis"


def test_what_was_left_out_is_not_said() -> None:
    assert words(TOP, {"host": None, "n": 5, "share": False}) == "top 5"


def test_modifiers_come_first() -> None:
    assert words(TOP, {"host": "web-1", "n": 5, "wide": True, "share": True}) == "share wide top web-1 5"


@pytest.mark.parametrize("before", [(), ("share",), ("wide", "share")])
def test_a_form_button_says_what_stood_before_the_command(before: tuple[str, ...]) -> None:
    (control,) = controls((), Form(TOP, before).words, str)

    assert len(control.custom_id) <= 100
    assert control.custom_id.partition(":")[2] == Form(TOP, before).words


def test_a_form_that_discord_would_refuse_for_its_length_is_left_out() -> None:
    assert controls((), "x" * 96, str) == ()


@pytest.mark.parametrize(
    "value", ["db 1", "a\u00a0b", '"quoted', "it's", 'say "no" to it', "` '", "“", "\u2018web\u2019 1"]
)
def test_a_value_stays_one_word(value: str) -> None:
    assert len(read(words(SERVICE, {"name": value}))) == 2


def test_choices_are_as_many_and_as_long_as_discord_takes_them() -> None:
    many = ["", "x" * 101, *(str(number) for number in range(30)), "1"]

    assert [choice.name for choice in offered(many)] == [str(number) for number in range(25)]


def test_every_usage_is_a_subcommand_with_its_options(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
        (group,) = discord.commands

    shape = {sub["name"]: [option["name"] for option in sub["options"]] for sub in group["options"]}
    assert group["name"] == "mem"
    assert shape["status"] == ["hosts", "share", "wide"]
    assert shape["service"] == ["name", "host", "share", "wide"]  # what is required has to come first


def test_a_count_is_a_number_within_limits(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
        (group,) = discord.commands

    top = next(sub for sub in group["options"] if sub["name"] == "top")
    count = next(option for option in top["options"] if option["name"] == "n")
    assert (count["type"], count["min_value"], count["max_value"]) == (4, 1, 1000)


def test_the_command_may_have_another_name_and_be_global(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, command="memory", guild=None):
        discord.wait_until(lambda: discord.syncs == 1)
        (group,) = discord.commands
        discord.command("1", "status", group="memory")
        (answer,) = discord.wait_shown("1", 1)

    assert group["contexts"] == [0, 1]
    assert "you said status" in answer.plain


def test_a_long_description_is_cut_visibly(discord: FakeDiscord, memory: Memory) -> None:
    usage = Usage("long", "x" * 150, (Parameter("host", Kind.HOST, "y" * 150),))

    with served(discord, memory, usages=(usage,)):
        discord.wait_until(lambda: discord.syncs == 1)
        (group,) = discord.commands

    (long,) = group["options"]
    assert long["description"] == "x" * 99 + "…"
    assert long["options"][0]["description"] == "y" * 99 + "…"


def test_as_many_subcommands_as_discord_allows_are_taken(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory, usages=tuple(Usage(f"command{n}", "one of many") for n in range(25))):
        discord.wait_until(lambda: discord.syncs == 1)

        assert len(discord.commands[0]["options"]) == 25
        assert discord.refusals == []


def test_hosts_and_services_are_completed(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
        hosts = discord.autocomplete("1", "report", "host", "WEB", group="mem")
        tags = discord.autocomplete("1", "status", "hosts", "prod", group="mem")
        services = discord.autocomplete("1", "service", "name", "service", group="mem")
        nothing = discord.autocomplete("1", "report", "host", "nowhere", group="mem")

    assert hosts == [("web-1", "web-1"), ("web-2", "web-2")]
    assert tags == [("production", "production")]
    assert len(services) == 25
    assert nothing == []


def test_commands_are_choices(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
        (group,) = discord.commands

    helped = next(sub for sub in group["options"] if sub["name"] == "help")
    choices = [choice["value"] for choice in helped["options"][0]["choices"]]
    assert choices == [*(usage.name for usage in USAGES), "share", "wide"]


def test_new_kinds_of_words_are_offered_as_what_they_are(discord: FakeDiscord, memory: Memory) -> None:
    with served(discord, memory):
        discord.wait_until(lambda: discord.syncs == 1)
        (group,) = discord.commands
        targets = discord.autocomplete("1", "silence", "what", "o", group="mem")
        durations = discord.autocomplete("1", "silence", "how_long", "h", group="mem", others={"what": "x"})

    options = {(sub["name"], option["name"]): option for sub in group["options"] for option in sub["options"]}
    assert targets == [("production", "production"), ("oom_kills", "oom_kills")]
    assert durations == [("1h", "1h"), ("2h", "2h")]
    period, number = options["history", "period"], options["ack", "number"]
    assert [choice["value"] for choice in period["choices"]] == ["24h", "7d", "30d"]
    assert (number["type"], number["min_value"]) == (4, 1)
    reason = options["silence", "reason"]
    assert (reason["type"], reason.get("autocomplete", False), reason["max_length"]) == (3, False, 300)


def test_more_choices_than_discord_shows_are_completed(discord: FakeDiscord, memory: Memory) -> None:
    choices = tuple(f"period-{number}" for number in range(30))
    usage = Usage("look", "look", (Parameter("period", Kind.CHOICE, "which", choices=choices),))

    with served(discord, memory, usages=(usage,)):
        discord.wait_until(lambda: discord.syncs == 1)
        found = discord.autocomplete("1", "look", "period", "-29", group="mem")

    assert found == [("period-29", "period-29")]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("ack", {"number": 12}, "ack 12"),
        ("history", {"host": "web-1", "period": "7d"}, "history web-1 7d"),
        (
            "silence",
            {"what": "web-1", "how_long": "2h", "reason": 'a "big" deploy'},
            "silence web-1 2h 'a \"big\" deploy'",
        ),
    ],
)
def test_what_was_chosen_is_said_as_typed(
    discord: FakeDiscord, memory: Memory, name: str, options: dict[str, str | int], words: str
) -> None:
    with served(discord, memory) as chat:
        discord.command("1", name, options, group="mem")
        discord.wait_shown("1", 1)

    assert [request.text for request in chat.requests] == [words]
