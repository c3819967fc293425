"""A chat platform reads its own table with the same care."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from pydantic import Field

from bot.config import Platforms, Section, load, read_section
from bot.errors import ConfigError

TEXT = """
[bot]
[chat.slack]
channel = "C01"
extra = { depth = 2 }
"""


class Extra(Section):
    depth: int = 1


class Slack(Section):
    channel: str = Field(description='a channel such as "C01"')
    extra: Extra = Extra()
    retries: Annotated[int, Field(ge=0)] = 3
    style: Literal["plain", "rich"] = "rich"
    name: Annotated[str, Field(min_length=2)] = "memwarden"
    notify: int | tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """A chat platform, as far as the configuration is concerned."""

    section: type[Section]
    group: str = ""


def said(text: str) -> list[str]:
    config = load(text, "config.toml")
    with pytest.raises(ConfigError) as caught:
        read_section(Slack, config, "slack")
    return str(caught.value).splitlines()


def test_a_platform_gets_its_table_checked_and_with_defaults() -> None:
    slack = read_section(Slack, load(TEXT, "config.toml"), "slack")

    assert slack == Slack(channel="C01", extra=Extra(depth=2), retries=3, style="rich")


def test_mistakes_have_the_path_and_line_in_the_whole_file() -> None:
    assert said(
        '[bot]\n[chat.slack]\nchanel = "C01"\nretries = -1\nstyle = "odd"\nextra.depht = 1\nname = "x"'
    ) == [
        'config.toml:2: chat.slack.channel: this key is missing: expected a channel such as "C01"',
        "config.toml:3: chat.slack.chanel: there is no such key; did you mean `channel`?",
        "config.toml:4: chat.slack.retries: expected a value that is greater than or equal to 0",
        "config.toml:5: chat.slack.style: expected a value that is 'plain' or 'rich'",
        "config.toml:6: chat.slack.extra.depht: there is no such key; did you mean `depth`?",
        "config.toml:7: chat.slack.name: expected another value: String should have at least 2 characters",
    ]


def test_a_value_that_may_be_of_two_kinds_has_one_place() -> None:
    assert said('[chat.slack]\nchannel = "C01"\nnotify = "x"') == [
        "config.toml:3: chat.slack.notify: expected a whole number, found text",
        "config.toml:3: chat.slack.notify: expected a list in brackets, found text",
    ]


def test_a_table_that_is_not_there_is_read_as_empty() -> None:
    assert said("") == [
        'config.toml: chat.slack.channel: this key is missing: expected a channel such as "C01"'
    ]


def test_every_table_is_checked_at_once_with_the_rest_of_the_file() -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            "[bto]\n[chat.slak]\n[chat.irc]\n[chat.slack]\nretries = -1",
            "config.toml",
            {"terminal": lambda: Known(Section), "slack": lambda: Known(Slack)},
        )

    assert str(caught.value).splitlines() == [
        "config.toml:1: bto: there is no such key; did you mean `bot`?",
        "config.toml:2: chat.slak: there is no such chat platform; did you mean `slack`?",
        "config.toml:3: chat.irc: there is no such chat platform; known are `slack`, `terminal`",
        'config.toml:4: chat.slack.channel: this key is missing: expected a channel such as "C01"',
        "config.toml:5: chat.slack.retries: expected a value that is greater than or equal to 0",
    ]


def test_tables_of_known_platforms_are_fine() -> None:
    config = load("[chat.terminal]", "config.toml", {"terminal": lambda: Known(Section)})

    assert list(config.chat) == ["terminal"]


PLATFORMS: Platforms = {
    "terminal": lambda: Known(Section),
    "slack": lambda: Known(Slack, "group"),
    "discord": lambda: Known(Section, "role"),
}


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("discrod:1", "there is no such chat platform; did you mean `discord`?"),
        ("discrod-role:1", "there is no such chat platform; did you mean `discord`?"),
        ("irc:*", "there is no such chat platform; known are `discord`, `slack`, `terminal`"),
        ("slack-role:S01", "groups of slack are written `slack-group:ID`"),
        ("discord-group:5", "groups of discord are written `discord-role:ID`"),
        ("terminal-group:wheel", "terminal has no groups of people"),
    ],
)
def test_an_entry_that_nobody_could_ever_match_is_a_mistake(entry: str, sentence: str) -> None:
    text = f'[people]\nviewers = ["*"]\noperators = ["slack:U01", "{entry}"]\n'

    with pytest.raises(ConfigError) as caught:
        load(text, "config.toml", PLATFORMS)

    assert str(caught.value) == f"config.toml:3: people.operators[1]: {sentence}"
    assert load(text, "config.toml").people.operators == ("slack:U01", entry)


def test_entries_of_known_platforms_are_fine_and_load_only_those_with_groups() -> None:
    def never() -> Known:
        raise AssertionError

    entries = '"*", "terminal:*", "slack:U01", "slack-group:S01", "discord:1"'

    config = load(
        f"[people]\napprovers = [{entries}]",
        "config.toml",
        {**PLATFORMS, "terminal": never, "discord": never},
    )

    assert len(config.people.approvers) == 5


def test_an_entry_of_no_known_form_is_one_mistake() -> None:
    with pytest.raises(ConfigError) as caught:
        load('[people]\nviewers = ["slack:", 1]\nviewer = 3\noperators = "x"', "config.toml", PLATFORMS)

    assert [mistake.path for mistake in caught.value.mistakes] == [
        "people.viewers[0]",
        "people.viewers[1]",
        "people.viewer",
        "people.operators",
    ]
