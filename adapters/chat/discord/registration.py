"""Registers the commands with Discord, and only when it holds them otherwise.

Who registers too often is locked out for 24 hours, so what was registered last is remembered in a file.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import discord

from adapters.chat.discord.trouble import STRANGE, TROUBLE, Code, code_of, reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.chat.discord.declaration import Declaration, Shape

_LOG = logging.getLogger(__name__)

_SERVER_ERROR = 500
_DOUBTED_EVERY_S = 3600.0
_EVERYWHERE = "global"

NO_SCOPE = (
    "the bot may not have commands there: invite it again with the address that"
    " `memwarden discord invite` prints"
)


class Registration:
    """Keeps the commands at Discord as they are declared; its files are in `folder`.

    What fails is logged in one line and stops nothing. What may pass is tried again after `first_retry_s`
    seconds, doubled each time up to `longest_retry_s`.
    """

    def __init__(
        self,
        folder: Path,
        first_retry_s: float,
        longest_retry_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._first_retry_s = first_retry_s
        self._longest_retry_s = longest_retry_s
        self._clock = clock
        self._settled = False
        self._doubted_at: float | None = None

    async def settle(self, tree: Declaration) -> None:
        """Register what is declared, unless Discord holds it. Waits as long as Discord wants."""
        pause_s, told = self._first_retry_s, ""
        while not self._settled:
            try:
                await self._register(tree)
            except discord.RateLimited as error:
                _LOG.warning("the commands cannot be registered yet: %s", reason(error))
                await asyncio.sleep(error.retry_after)
            except (*TROUBLE, *STRANGE) as error:
                said = NO_SCOPE if code_of(error) == Code.MISSING_ACCESS else reason(error)
                if said != told:
                    _LOG.warning("the commands could not be registered: %s", said)
                    told = said
                # What was refused once would be refused again; that changes with a restart or an invitation.
                self._settled = _is_refusal(error)
                await asyncio.sleep(0 if self._settled else pause_s)
                pause_s = min(2 * pause_s, self._longest_retry_s)

    def forget(self) -> None:
        """Look again at the next occasion: the bot was taken out of the server and invited again."""
        self._settled = False

    def doubt(self) -> bool:
        """Forget, because Discord offered something else, at most once an hour; tell whether we did."""
        now = self._clock()
        if self._doubted_at is not None and now - self._doubted_at < _DOUBTED_EVERY_S:
            return False
        self._doubted_at = now
        self.forget()
        return True

    async def _register(self, tree: Declaration) -> None:
        prefix = f"discord-commands-{tree.client.application_id}-"
        file = self._folder / f"{prefix}{tree.guild.id if tree.guild else _EVERYWHERE}"
        remembered = _remembered(file)
        if not remembered or remembered != await _as_held(tree):
            held = tree.shapes(await tree.sync(guild=tree.guild))
            # How Discord tells them is part of it: were that never what we declare, we would never rest.
            _remember(file, _fingerprint(tree.declared(), held))
        await self._clear_other_places(tree, file, prefix)
        self._settled = True

    async def _clear_other_places(self, tree: Declaration, here: Path, prefix: str) -> None:
        """Take away what we registered where the configuration does not want it any more."""
        for file in sorted(self._folder.glob(f"{prefix}*")):
            place = file.name.removeprefix(prefix)
            if file == here or not (place == _EVERYWHERE or place.isdecimal()):
                continue
            # A server that the bot is not in any more has no commands of it either.
            with suppress(discord.Forbidden, discord.NotFound):
                await tree.sync(guild=None if place == _EVERYWHERE else discord.Object(int(place)))
            with suppress(OSError):
                file.unlink()


async def _as_held(tree: Declaration) -> str:
    return _fingerprint(tree.declared(), tree.shapes(await tree.fetch_commands(guild=tree.guild)))


def _is_refusal(error: BaseException) -> bool:
    if not isinstance(error, discord.HTTPException):
        return False
    return error.status < _SERVER_ERROR and error.status != HTTPStatus.TOO_MANY_REQUESTS


def _fingerprint(declared: list[Shape], held: list[Shape]) -> str:
    """Return what changes when anything about the commands does, at our side or at Discord's."""
    return hashlib.sha256(json.dumps([declared, held], sort_keys=True).encode()).hexdigest()


def _remembered(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _remember(file: Path, fingerprint: str) -> None:
    """Write the fingerprint whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(fingerprint, "ascii")
        new.replace(file)
    except OSError as error:
        _LOG.warning(
            "what was registered could not be written to %s (%s): it will be registered again",
            file,
            error.strerror,
        )
