"""`memwarden doctor`: everything that could be wrong, looked at before it is."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters import log
from adapters.config_file import shown
from adapters.wiring import platforms
from adapters.wiring.connection import database, open_store, ports
from adapters.wiring.prints import tell_nobody
from adapters.wiring.setting import missing_of_hosts
from adapters.wiring.surroundings import surroundings
from bot.errors import ConfigError
from bot.flows import doctor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from adapters.wiring.setting import Setting
    from bot.domain.finding import Finding


def examine(setting: Setting, hosts: tuple[str, ...]) -> Iterator[Finding]:
    """Look at the configuration, the database, every configured platform and these hosts, in this order."""
    for finding in _findings(setting, hosts):
        yield replace(finding, sentence=log.concealed(finding.sentence), remedy=log.concealed(finding.remedy))


def _findings(setting: Setting, hosts: tuple[str, ...]) -> Iterator[Finding]:
    file = shown(setting.file) if setting.file else None
    # What platforms need each of them tells by itself.
    lacking = missing_of_hosts(setting)
    yield from doctor.configuration(file, len(setting.config.hosts), lacking)
    with ports(setting, remember=False) as connected:
        yield from _database(setting)
        around = surroundings(setting, connected, tell_nobody)
        for name in platforms.configured(setting.config):
            platform, options = platforms.named(name), platforms.options(setting.config, name)
            yield from platform.examine(options, around(name))
        yield from doctor.hosts(connected, hosts)


def _database(setting: Setting) -> Iterator[Finding]:
    with ExitStack() as stack:
        try:
            file = database(setting)
        except ConfigError as error:
            yield from doctor.mistakes(error)
            return
        if os.path.lexists(file):
            yield doctor.database(shown(file), lambda: stack.enter_context(closing(open_store(setting))))
        else:
            yield doctor.no_database(shown(file), can_be_made=_can_be_made(file))


def _can_be_made(file: Path) -> bool:
    nearest = next(folder for folder in file.absolute().parents if os.path.lexists(folder))
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
