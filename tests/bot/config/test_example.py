"""`config.example.toml` is complete and true."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from functools import partial
from pathlib import Path
from typing import get_args

import pytest

import adapters.chat
import bot.rules
from adapters.chat import Platform
from bot.config import default, load
from bot.config.models import File
from bot.config.section import Section

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
COMMENTED = re.compile(r"^# (\[{1,2}[a-z.]+\]{1,2}|[a-z_.]+ = .*)$", re.MULTILINE)


def uncommented() -> str:
    return COMMENTED.sub(r"\1", EXAMPLE.read_text())


def tables(annotation: object) -> list[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [table for inner in get_args(annotation) for table in tables(inner)]


def options(table: type[Section]) -> list[str]:
    """Every option, by its path without places and free names: `host.services.units`."""
    return [
        path
        for name, field in table.model_fields.items()
        for key in (field.alias or name,)
        for path in (
            key,
            *(f"{key}.{inner}" for below in tables(field.annotation) for inner in options(below)),
        )
    ]


def written(value: object, outer: str = "") -> set[str]:
    if isinstance(value, list):
        return {path for item in value for path in written(item, outer)}
    if not isinstance(value, dict):
        return set()
    below = {path for key, item in value.items() for path in written(item, f"{outer}{key}.")}
    return below | {f"{outer}{key}" for key in value}


def test_as_it_stands_it_is_the_default_configuration() -> None:
    assert load(EXAMPLE.read_text(), EXAMPLE.name) == default()


def test_everything_in_it_can_be_uncommented_at_once() -> None:
    config = load(uncommented(), EXAMPLE.name)

    assert [host.name for host in config.hosts] == ["local", "web-1"]


def commented() -> list[tuple[str, str]]:
    """Each option that is commented out, and the table it stands in."""
    table, found = "", []
    for line in uncommented().splitlines():
        if re.fullmatch(r"\[.+\]", line):
            table = line
        elif line in COMMENTED.findall(EXAMPLE.read_text()):
            found.append((table, line))
    return found


# What a table, or a key of it, makes no sense without.
NEEDED = {"[[host]]": 'name = "mine"', "[[route]]": 'to = ["terminal"]'}
NEEDED_BY = {"from": 'to = "06:00"', "to": 'from = "23:00"'}
MEANT = '[[host]]\nname = "web-1"\ntags = ["production"]\n'


@pytest.mark.parametrize(("table", "option"), commented())
def test_each_option_can_be_uncommented_alone(table: str, option: str) -> None:
    key = option.partition(" ")[0]
    needed = NEEDED_BY.get(key, "") if table == "[quiet]" else NEEDED.get(table, "")
    with_it = "" if needed.startswith(f"{key} ") else needed

    meant = "" if table == "[[host]]" else MEANT

    assert load(f"{meant}{table}\n{with_it}\n{option}", EXAMPLE.name) != load(meant, EXAMPLE.name)


def test_no_option_is_left_out() -> None:
    named = {
        re.sub(r"host\.services\.\w+", "host.services", path).replace("rules.memory", "rules")
        for path in written(tomllib.loads(uncommented()))
    }

    # Those are the same as for all hosts.
    assert {option for option in options(File) if not option.startswith("alerts.for.rules.")} <= named


def test_every_rule_is_named() -> None:
    rules = [module.name for module in pkgutil.iter_modules(bot.rules.__path__)]

    assert [
        name for name in rules if not re.search(rf"^#   {name}\b", EXAMPLE.read_text(), re.MULTILINE)
    ] == []


PLATFORMS = [module.name for module in pkgutil.iter_modules(adapters.chat.__path__)]


def platform(name: str) -> Platform[Section]:
    found: object = importlib.import_module(f"adapters.chat.{name}").PLATFORM
    assert isinstance(found, Platform)
    return found


@pytest.mark.parametrize("name", PLATFORMS)
def test_no_option_of_a_chat_platform_is_left_out(name: str) -> None:
    platforms = tomllib.loads(uncommented())["chat"]

    assert set(options(platform(name).section)) <= written(platforms.get(name, {}))


def test_every_table_of_a_chat_platform_is_right() -> None:
    # Slack has two ways in, of which one is to be chosen.
    one_way_in = re.sub(r"^listen = .*$", "", uncommented(), flags=re.MULTILINE)

    config = load(one_way_in, EXAMPLE.name, {name: partial(platform, name) for name in PLATFORMS})

    assert {"discord", "slack"} <= set(config.chat)
