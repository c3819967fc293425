"""Roster entries -> mentions, the only markup that we ever send, and the only ones that notify anybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import discord

from adapters.chat.discord.limits import MENTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENTRY = re.compile(r"discord(?P<role>-role)?:(?P<id>[0-9]{1,20})")


def line(entries: Iterable[str]) -> str:
    """Return the line that mentions them: `<@123> <@&456>` for `discord:123` and `discord-role:456`.

    Entries of other platforms are passed over.
    """
    return " ".join(f"<@{'&' if found['role'] else ''}{found['id']}>" for found in _found(entries))


def allowed(entries: Iterable[str]) -> discord.AllowedMentions:
    """Return what lets Discord notify these people and roles, and nobody else, whatever a text says."""
    found = _found(entries)
    if not found:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False,
        users=[discord.Object(int(each["id"])) for each in found if not each["role"]],
        roles=[discord.Object(int(each["id"])) for each in found if each["role"]],
        replied_user=False,
    )


def _found(entries: Iterable[str]) -> list[re.Match[str]]:
    matches = map(_ENTRY.fullmatch, dict.fromkeys(entries))
    return [match for match in matches if match is not None][:MENTIONS]
