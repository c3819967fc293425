"""What a person reads when the configuration is wrong."""

from __future__ import annotations

import pytest

from bot.config import load
from bot.errors import ConfigError


def said(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, "config.toml")
    return str(caught.value).splitlines()


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    text = """
[chek]
every = 1

[check]
every = "often"
time_out = "20s"

[[host]]
adress = "10.0.0.1"
port = "22"

[[host]]
name = "db-1"
port = 99999
known-hosts = "pinned"
tags = ["a", 1]
"""

    assert said(text) == [
        "config.toml:2: chek: there is no such key; did you mean `check`?",
        'config.toml:6: check.every: expected a duration: seconds, or text with a unit such as "90s" or "5m"',
        "config.toml:7: check.time_out: there is no such key; did you mean `timeout`?",
        'config.toml:9: host[0].name: this key is missing: expected a name of your choice, such as "web-1"',
        "config.toml:10: host[0].adress: there is no such key; did you mean `address`?",
        "config.toml:11: host[0].port: expected a port number from 1 to 65535, found text",
        "config.toml:15: host[1].port: expected a port number from 1 to 65535",
        "config.toml:16: host[1].known-hosts: there is no such key; did you mean `known_hosts`?",
        "config.toml:17: host[1].tags[1]: expected text in quotes, found a whole number",
    ]


def test_mistakes_can_be_taken_apart_by_a_program() -> None:
    with pytest.raises(ConfigError) as caught:
        load("bot.time_zone = 1", "config.toml")

    (mistake,) = caught.value.mistakes
    assert (caught.value.file, mistake.path, mistake.line) == ("config.toml", "bot.time_zone", 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("check = 1", "check: expected a table `[check]`, found a whole number"),
        ("check = true", "check: expected a table `[check]`, found true or false"),
        ("check = 1979-05-27", "check: expected a table `[check]`, found a date or time"),
        ("check = []", "check: expected a table `[check]`, found a list"),
        (
            "host = {}",
            "host: expected a table `[[host]]`, in two pairs of brackets, for each host, found a table",
        ),
        ("host = [1]", "host[0]: expected a table, found a whole number"),
        ("chat.slack = 1", "chat.slack: expected a table, found a whole number"),
        (
            "people.viewers = 1.5",
            'people.viewers: expected a list such as ["slack:U01", "terminal:*"], found a number',
        ),
        (
            "thresholds.good = nan",
            "thresholds.good: expected a number from 0 to 100 (percent of memory available)",
        ),
        ("check.deep_budget_gib = -1", "check.deep_budget_gib: expected a number of GiB from 0 to 4096"),
        (
            'check.timeout = "1h"',
            'check.timeout: expected a duration such as 60, "60s", "5m" or "1h", from 1 second to 10 minutes',
        ),
        (
            "check.deep_budget_gib = true",
            "check.deep_budget_gib: expected a number of GiB from 0 to 4096, found true or false",
        ),
    ],
)
def test_a_value_of_another_kind_is_told_what_belongs_there(text: str, sentence: str) -> None:
    (line,) = [line for line in said(text) if "descend" not in line]
    assert line == f"config.toml:1: {sentence}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[bot]\nKnown_Zone = 1", "there is no such key here; known are `database`, `time_zone`"),
        ("[bot]\nTIME_ZONE = 1", "there is no such key; did you mean `time_zone`?"),
        ('[[host]]\nname = "a"\nevery = 1', "there is no such key here; it belongs to the table `[check]`"),
        ('[[host]]\nname = "a"\nservices.b.unit = 1', "there is no such key; did you mean `units`?"),
        ('[[host]]\nname = "a"\nthresholds.god = 1', "there is no such key; did you mean `good`?"),
    ],
)
def test_an_unknown_key_is_told_what_was_perhaps_meant(text: str, sentence: str) -> None:
    assert sentence in said(text)[0]


@pytest.mark.parametrize(
    "name",
    ["", " ", "web 1", "-v", "/mem", "20", "+20", "1.5", "a,b", '\\"a\\"', "it's", "a\\u0007", "a" * 65],
)
def test_names_that_a_chat_could_misread_are_refused(name: str) -> None:
    (line,) = said(f'[[host]]\nname = "{name}"')
    assert line.startswith(
        ("config.toml:2: host[0].name: expected a name", "config.toml:2: host[0].name: a name")
    )


@pytest.mark.parametrize(
    ("entry", "beginning"),
    [
        ('address = "deploy@web-1"', "expected a host name or an IP address alone"),
        ('address = "web-1:22"', "expected a host name or an IP address without a port"),
        ('address = ""', "expected a host name or an IP address alone"),
        ('address = "-oProxyCommand=x"', "expected a host name or an IP address alone"),
        ('user = "a b"', "expected a login name"),
        ('key_file = ""', "expected the path of a file"),
        ('known_hosts = "a\\u0000b"', "expected the path of a file"),
        ('jump = ["a:70000"]', "expected a host's name, an alias"),
        ('jump = "a,,b"', "expected a host's name, an alias"),
        ("services.a = {}", "expected `units`, `programs` or both"),
        ('services.a.units = ["shop"]', "expected a systemd unit with its suffix"),
        ('services.a.programs = ["/usr/bin/shop"]', "expected the name of a program without its folder"),
    ],
)
def test_values_that_cannot_be_right_are_refused(entry: str, beginning: str) -> None:
    (line,) = said(f'[[host]]\nname = "web"\n{entry}')
    assert f": {beginning}" in line
    assert line.startswith("config.toml:3: host[0].")


@pytest.mark.parametrize(
    "person", ["alice", "slack:", "slack U01", "*:U01", "slack-team:1", "slack-group:*", ""]
)
def test_people_are_named_with_their_platform(person: str) -> None:
    (line,) = said(f'people.approvers = ["*", "{person}"]')
    assert line.startswith('config.toml:1: people.approvers[1]: expected an entry such as "slack:U01"')


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europe/Berln", "did you mean `Europe/Berlin`?"),
        ("Europe", ""),
        ("../../etc/passwd", 'such as "UTC"'),
        ("", 'such as "UTC"'),
        ("x" * 5000, 'such as "UTC"'),
    ],
)
def test_a_time_zone_must_exist(zone: str, hint: str) -> None:
    (line,) = said(f'bot.time_zone = "{zone}"')
    assert line.startswith("config.toml:1: bot.time_zone: expected a time zone that this machine knows")
    assert hint in line


def test_the_database_is_a_file() -> None:
    (line,) = said('bot.database = "postgresql://me:hunter2@db/memwarden"')
    assert line == "config.toml:1: bot.database: expected the path of an SQLite file, not an address"


def test_no_two_hosts_have_one_name() -> None:
    assert said('[[host]]\nname = "web"\n[[host]]\nname = "db"\n[[host]]\nname = "WEB"') == [
        "config.toml:6: host[2].name: host[0] has this name already"
    ]


def test_thresholds_descend() -> None:
    assert said("[thresholds]\nacceptable = 40") == [
        "config.toml:1: thresholds: good, acceptable and warning must descend, but are 30, 40 and 10"
    ]


def test_thresholds_of_one_host_descend_together_with_the_inherited_ones() -> None:
    assert said('[[host]]\nname = "a"\n[[host]]\nname = "b"\n[host.thresholds]\nwarning = 20') == [
        "config.toml:5: host[1].thresholds: good, acceptable and warning must descend, but are 30, 20 and 20"
    ]


def test_no_way_to_a_host_leads_through_itself() -> None:
    text = '[[host]]\nname = "a"\njump = "b"\n[[host]]\nname = "b"\njump = ["c", "A"]\n[[host]]\nname = "c"'

    assert said(text) == [
        "config.toml:3: host[0].jump: the way to this host leads through itself",
        "config.toml:6: host[1].jump: the way to this host leads through itself",
    ]


def test_this_machine_is_not_reached_by_ssh() -> None:
    assert said('[[host]]\nname = "local"\nuser = "deploy"') == [
        "config.toml:3: host[0].user: has no meaning for this machine, which is read without SSH"
    ]


def test_contradictions_are_told_together_with_other_mistakes() -> None:
    lines = said('[[host]]\nname = "a"\nport = 0\n[[host]]\nname = "a"')

    assert len(lines) == 2
    assert lines[1] == "config.toml:5: host[1].name: host[0] has this name already"


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("\n\nname = web-1", 3, 'expected a value; text stands in quotes, as in name = "web-1"'),
        ("name", 1, "expected `=` and a value after the key"),
        ("[check]\nevery = 60 s", 2, "expected nothing more on this line; text stands in quotes"),
        ('a = 1\nb = "x\nc = 1', 2, "the quotes opened on this line are not closed on it"),
        ("a = 1\nb = 'x\nc = 1", 2, "the quotes opened here are not closed"),
        ("a = 1\nb = 'x\nc = ''", 2, "the quotes opened on this line are not closed on it"),
        ('a = 1\nb = """x\nc = 1\n', 2, "the quotes opened here are not closed"),
        ("a = 1\nb = '''x\nc = 1\n", 2, "the quotes opened here are not closed"),
        ('a = 1\nb = "x', 2, "the quotes opened here are not closed"),
        ("a = 1\nb = [1,\n", 2, "expected a value; text stands in quotes"),
        ("a = [\n1\n2]", 3, "expected `,` or the `]` that closes the list"),
        ("a = { b = 1 c = 2 }", 1, "expected `,` or the `}` that closes the braces"),
        ("[check\nevery = 1", 1, "expected the `]` that closes the name of the table"),
        ("[check]\n[bot]\n[check]", 3, "this table is given twice"),
        ("a = 1\na = 2\n", 2, "this key or table is given twice"),
        ("a = { b = 1, b = 2 }", 1, "a key is given twice in these braces"),
        ('a = "C:\\keys"', 1, "in double quotes a backslash is written `\\\\`"),
        ('a = "C:\\users"', 1, "in double quotes a backslash is written `\\\\`"),
        ("= 1", 1, "expected `key = value` or `[table]`"),
        ("a = 1 # \a", 1, "an invisible character stands here that TOML does not allow"),
        ('a = "\\ud800"', 1, "not valid TOML: Escaped character is not a Unicode scalar value"),
    ],
)
def test_what_is_no_toml_is_told_in_plain_words(text: str, line: int, sentence: str) -> None:
    (told,) = said(text)
    assert told.startswith(f"config.toml:{line}: {sentence}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = " + "[" * 5000, "lists or tables are nested too deeply"),
        (".".join("a" * 500) + " = 1", "lists or tables are nested too deeply"),
        ("a = " + "9" * 5000, "a number in this file has too many digits"),
    ],
)
def test_absurd_files_are_refused(text: str, sentence: str) -> None:
    assert said(text) == [f"config.toml: {sentence}"]


def test_keys_are_shown_so_that_they_can_do_no_harm() -> None:
    (told,) = said('"\\u001b[2J" = 1')
    assert told.startswith('config.toml:1: "\\x1b[2J": there is no such key')


def test_long_keys_are_cut_short() -> None:
    (told,) = said(f"{'k' * 500} = 1")
    assert told.startswith(f"config.toml:1: {'k' * 40}…: there is no such key")
