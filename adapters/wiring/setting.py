"""The configuration and the file it came from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import bot.remediations
import bot.rules
from adapters import config_file, log
from adapters.hosts.configured import Means
from adapters.secrets import reveal
from adapters.wiring import platforms, ssh
from bot import catalogue, config
from bot.config import Secret
from bot.domain.remediation import Remediation
from bot.domain.rule import Rule
from bot.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.config import Config, Host, Section

    Wants = Iterator[tuple[str, Callable[[], object]]]


@dataclass(frozen=True, slots=True)
class Setting:
    """A configuration and the file it came from; its relative paths are relative to that file.

    `asked_for` is the file that somebody named, None where it was looked for in the usual places.
    """

    config: Config
    file: Path | None
    asked_for: Path | None = None

    @property
    def means(self) -> Means:
        """What the hosts of this configuration need."""
        return Means(self.located, self.reveal, ssh.shells(self.config.check.timeout_s))

    def located(self, path: Path) -> Path:
        """Return where a path of the configuration is. Raises ConfigError."""
        return config_file.located(path, self.file)

    def reveal(self, secret: Secret) -> str:
        """Return a secret's value, which from then on is never written to the log. Raises ConfigError."""
        value = reveal(secret, os.environ, self.located)
        log.conceal(value)
        return value


def setting(asked_for: Path | None) -> Setting:
    """Read the configuration, or take the defaults where there is no file. Raises ConfigError."""
    file = config_file.find(asked_for, os.environ)
    if file is None:
        return Setting(config.default(), None, asked_for)
    text = config_file.read(file)
    read = config.load(text, config_file.shown(file), platforms.known(), rules, _actions)
    return Setting(read, file, asked_for)


def rules() -> tuple[Rule, ...]:
    """Return everything that is watched for."""
    return catalogue.entries(bot.rules, "RULE", Rule)


def remediations() -> tuple[Remediation, ...]:
    """Return everything that may be done to a host."""
    return catalogue.entries(bot.remediations, "REMEDIATION", Remediation)


def _actions() -> Iterator[str]:
    return (remediation.name for remediation in remediations())


def missing(setting: Setting) -> tuple[str, ...]:
    """Say which keys and secrets that the configuration names are not there, a sentence each."""
    return _sentences(setting, mistakes(setting))


def missing_of_hosts(setting: Setting) -> tuple[str, ...]:
    """Say the same of what hosts need alone."""
    return _sentences(setting, _mistakes(_wants_of_hosts(setting)))


def mistakes(setting: Setting) -> tuple[Mistake, ...]:
    """Return every key and secret that the configuration names and that is not there."""
    return (*_mistakes(_wants_of_hosts(setting)), *_mistakes(_wants_of_platforms(setting)))


def _mistakes(wants: Wants) -> tuple[Mistake, ...]:
    return tuple(Mistake(path, reason) for path, look in wants if (reason := _failure(look)) is not None)


def _sentences(setting: Setting, wrong: tuple[Mistake, ...]) -> tuple[str, ...]:
    return tuple(f"{setting.file}: {mistake.path}: {mistake.sentence}" for mistake in wrong)


def _wants_of_hosts(setting: Setting) -> Wants:
    for number, host in enumerate(setting.config.hosts):
        for key, look in _wants_of_host(host, setting):
            yield f"host[{number}].{key}", look


def _wants_of_platforms(setting: Setting) -> Wants:
    for name in setting.config.chat:
        for key, look in _wants_of_section(platforms.options(setting.config, name), setting):
            yield f"chat.{name}.{key}", look


def _wants_of_host(host: Host, setting: Setting) -> Wants:
    if host.key_file is not None:
        key_file = host.key_file
        yield "key_file", lambda: setting.located(key_file).read_bytes()
    if host.passphrase is not None:
        yield "passphrase", partial(setting.reveal, host.passphrase)


def _wants_of_section(section: Section, setting: Setting) -> Wants:
    for field, value in section:
        if isinstance(value, Secret):
            yield type(section).model_fields[field].alias or field, partial(setting.reveal, value)


def _failure(look: Callable[[], object]) -> str | None:
    try:
        look()
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    except ConfigError as error:
        return str(error)
    return None
