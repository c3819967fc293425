"""What platforms print for whoever sets them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from adapters.wiring import platforms
from adapters.wiring.connection import ports
from adapters.wiring.surroundings import surroundings

if TYPE_CHECKING:
    from adapters import chat
    from adapters.wiring.setting import Setting
    from bot.config import Section
    from bot.domain.outage import Outage

Print: TypeAlias = "chat.Print[Section]"


def prints(name: str) -> tuple[Print, ...]:
    """Return what a platform can print; imports it."""
    return platforms.named(name).prints


def printed(setting: Setting, name: str, wanted: Print) -> str:
    """Return what a platform prints, given its section if it is configured. Raises BotError."""
    section = platforms.options(setting.config, name) if name in setting.config.chat else None
    with ports(setting, remember=False) as connected:
        return wanted.text(section, surroundings(setting, connected, tell_nobody)(name))


def tell_nobody(_outage: Outage) -> None:
    """Say nothing: no platform is being served."""
