"""Slack: slash command, mentions and direct messages, over Socket Mode or signed HTTP requests.

Slack's libraries take a while to import and are only imported by what needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.chat import Platform, Print, Surroundings
from adapters.chat.slack.manifest import manifest
from adapters.chat.slack.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.finding import Finding
    from bot.ports import Chat

__all__ = ["PLATFORM", "Options", "build", "examine"]


def build(options: Options, surroundings: Surroundings) -> Chat:
    """Return the chat; nothing is sent before it serves or posts."""
    from adapters.chat.slack.chat import SlackChat  # noqa: PLC0415

    return SlackChat(options, surroundings)


def examine(options: Options, surroundings: Surroundings) -> Iterable[Finding]:
    """Look at everything that can be wrong between us and Slack."""
    from adapters.chat.slack.doctor import findings  # noqa: PLC0415

    return findings(options, surroundings)


_MANIFEST: Print[Options] = Print("manifest", "the app manifest to paste at api.slack.com/apps", manifest)

PLATFORM: Platform[Options] = Platform("slack", Options, build, examine, (_MANIFEST,), group="group")
