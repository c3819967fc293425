"""What every platform may use, made from the configuration and the core."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING

import bot.commands
from adapters.chat import Surroundings
from adapters.wiring.connection import state_folder
from adapters.wiring.words import KeptWords
from bot import catalogue
from bot.commands import Command
from bot.completion import completions, offers

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.wiring.setting import Setting
    from bot.domain.outage import Outage
    from bot.domain.route import Route
    from bot.message import Chart
    from bot.ports import Ports


def commands() -> tuple[Command, ...]:
    """Return everything that can be said."""
    return catalogue.entries(bot.commands, "COMMAND", Command)


def draw(chart: Chart) -> bytes | None:
    """Return a chart as a PNG, None if it could not be drawn; never raises."""
    drawn: bytes | None = importlib.import_module("adapters.charts").draw(chart)
    return drawn


def surroundings(
    setting: Setting, ports: Ports, tell_others: Callable[[Outage], None]
) -> Callable[[str], Surroundings]:
    """Return what tells a platform's surroundings by its name."""
    config = setting.config
    usages = tuple(command.usage for command in commands())
    hosts = tuple(host.name for host in config.hosts)
    tags = tuple(dict.fromkeys(tag for host in config.hosts for tag in host.tags))
    own_services = (name for host in config.hosts for name in host.services)
    services = tuple(dict.fromkeys((*own_services, *(service.name for service in ports.known_services))))
    rules = tuple(rule.name for rule in ports.rules)
    words = KeptWords(ports.store)
    common = Surroundings(
        usages=usages,
        complete=completions(usages, hosts, tags, services, rules=rules),
        offers=offers(usages, hosts, tags, services, config.people, rules=rules),
        groups=(),
        state_folder=state_folder(),
        reveal=setting.reveal,
        keep_words=words.keep,
        kept_words=words.kept,
        tell_others=tell_others,
        now=ports.now,
        draw=draw,
    )
    return lambda name: replace(
        common,
        groups=config.people.groups_of(name),
        places=_places(config.routes, name),
        mentioned=_mentioned(config.routes, name),
    )


def _places(routes: tuple[Route, ...], platform: str) -> tuple[str, ...]:
    """Return the channels of a platform in which routes have things announced."""
    places = (place for route in routes for place in (*route.to, *route.escalate_to))
    return tuple(dict.fromkeys(place.channel for place in places if place.platform == platform))


def _mentioned(routes: tuple[Route, ...], platform: str) -> tuple[str, ...]:
    """Return the roster's entries of people and groups of a platform whom routes notify."""
    entries = (entry for route in routes for entry in (*route.mention, *route.escalate_mention))
    return tuple(
        dict.fromkeys(entry for entry in entries if entry.startswith((f"{platform}:", f"{platform}-")))
    )
