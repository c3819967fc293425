"""The chat platforms by name: each is imported only when it is asked for."""

from __future__ import annotations

import importlib
import pkgutil
from functools import partial
from typing import TYPE_CHECKING

import adapters.chat
from adapters.chat import Platform
from bot import config

if TYPE_CHECKING:
    from bot.config import Config, Section


def names() -> tuple[str, ...]:
    """Name all platforms there are, sorted; none is imported."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(adapters.chat.__path__)))


def named(name: str) -> Platform[Section]:
    """Return a platform. TypeError if its package defines none: a mistake of ours."""
    platform = importlib.import_module(f"adapters.chat.{name}").PLATFORM
    if not isinstance(platform, Platform):
        raise TypeError(f"adapters.chat.{name} must define PLATFORM: Platform")
    return platform


def known() -> config.Platforms:
    """Return how to get each platform, as the configuration is checked against it."""
    return {name: partial(named, name) for name in names()}


def options(config_: Config, name: str) -> Section:
    """Return a platform's own section, its defaults where there is none. Raises ConfigError."""
    return config.read_section(named(name).section, config_, name)


def configured(config_: Config) -> tuple[str, ...]:
    """Name the platforms to serve; without any in the configuration that is the terminal."""
    return tuple(config_.chat) or (config.TERMINAL,)
