"""discord.py's client, listening for what people do and telling when it hears anything at all."""

from __future__ import annotations

import asyncio
import logging
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

import aiohttp
import discord
from discord import app_commands

from adapters.chat.discord.components import MODAL_PREFIX, form_button, is_known, say_button
from adapters.chat.discord.declaration import Declaration

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord.gateway import DiscordWebSocket

    from adapters.chat.discord.commands import Interaction
    from adapters.chat.discord.conversation import Conversation
    from adapters.chat.discord.registration import Registration

_LOG = logging.getLogger(__name__)

# What Discord wants us to wait longer for is not waited for in silence.
_LONGEST_WAIT_S = 60.0
# What is in a server is needed when somebody asks, and not before.
_READY_S = 0.5


class Ear(Protocol):
    """Is told about the connection."""

    def heard(self) -> None:
        """Note that something arrived."""

    def connected(self) -> None:
        """Note that a session has begun or goes on."""

    def disconnected(self) -> None:
        """Note that the connection has ended."""


def asking_client(proxy: str | None, trace: aiohttp.TraceConfig) -> discord.Client:
    """Return a client that logs in and asks, and does not listen."""
    _hush()
    return discord.Client(
        intents=discord.Intents(guilds=True),
        proxy=proxy,
        http_trace=trace,
        max_ratelimit_timeout=_LONGEST_WAIT_S,
    )


class Tree(Declaration):
    """The commands, and what answers them; `doubt` is called where Discord knows them otherwise."""

    def __init__(self, client: discord.Client, conversation: Conversation, doubt: Callable[[], None]) -> None:
        super().__init__(
            client,
            conversation.options,
            conversation.surroundings.usages,
            conversation.typed,
            conversation.suggest,
        )
        self._conversation = conversation
        self._doubt = doubt

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Answer a command that Discord knows otherwise than we do."""
        _LOG.warning("Discord offered a command that is not ours: %s", type(error).__name__)
        self._doubt()
        await self._conversation.unregistered(interaction)


class Client(discord.Client):
    """One connection to Discord. When it ends, a new one is made."""

    def __init__(
        self, conversation: Conversation, registration: Registration, ear: Ear, *, proxy: str | None
    ) -> None:
        _hush()
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._note_socket)
        super().__init__(
            # Servers with their channels and roles; commands and clicks arrive without any intent.
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            guild_ready_timeout=_READY_S,
            max_ratelimit_timeout=_LONGEST_WAIT_S,
            # They tell of every frame that arrives.
            enable_debug_events=True,
            http_trace=trace,
            proxy=proxy,
        )
        self._conversation = conversation
        self._registration = registration
        self._ear = ear
        self._tree = Tree(self, conversation, self._doubt_commands)
        self._registering: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._dismissal: asyncio.Task[None] | None = None
        self._socket: aiohttp.ClientResponse | None = None
        self.add_dynamic_items(say_button(conversation.pressed), form_button(conversation.form_wanted))

    @property
    def _gateway(self) -> DiscordWebSocket | None:
        """Whatever the library declares, there is none before the first has been connected to."""
        return self.ws

    async def setup_hook(self) -> None:
        """Register the commands, which nothing has to wait for."""
        self._register()

    async def close(self) -> None:
        """Stop listening. What is being answered can still go out, until `dismiss`."""
        self._is_leaving = True
        if self._registering is not None:
            self._registering.cancel()
        if (gateway := self._gateway) is not None and gateway.open:
            await gateway.close(code=1000)

    def _register(self) -> None:
        if self._registering is not None:
            self._registering.cancel()
        if not self._is_leaving:
            self._registering = asyncio.create_task(self._registration.settle(self._tree))

    def _doubt_commands(self) -> None:
        if not self._is_leaving and self._registration.doubt():
            self._register()

    def hang_up(self) -> None:
        """Close the socket even of a connection that did not stand yet, which discord.py forgets."""
        if self._socket is not None:
            self._socket.close()

    async def _note_socket(
        self, _session: aiohttp.ClientSession, _context: object, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        if ended.response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            self._socket = ended.response

    async def dismiss(self) -> None:
        """Close everything. What breaks off one who waits for that does not break off the closing."""
        if self._dismissal is None:
            self._dismissal = asyncio.create_task(super().close())
        await asyncio.shield(self._dismissal)

    async def on_socket_raw_receive(self, _frame: str) -> None:
        """Note that Discord is there."""
        self._ear.heard()

    async def on_connect(self) -> None:
        """Note that a session has begun."""
        self._ear.connected()

    async def on_resumed(self) -> None:
        """Note that the session goes on."""
        self._ear.connected()

    async def on_disconnect(self) -> None:
        """Note that the connection was lost."""
        self._ear.disconnected()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Register the commands in a server that was not there, or not ours, before."""
        if self._tree.guild is not None and guild.id == self._tree.guild.id:
            self._registration.forget()
            self._register()

    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer what discord.py has no listener for: forms, and buttons of other versions."""
        custom_id = interaction.custom_id or ""
        if interaction.type is discord.InteractionType.modal_submit and custom_id.startswith(MODAL_PREFIX):
            await self._conversation.form_sent(interaction, custom_id)
        elif interaction.type is discord.InteractionType.modal_submit or (
            interaction.type is discord.InteractionType.component and not is_known(custom_id)
        ):
            await self._conversation.outdated(interaction)

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Log a mistake in one line; a traceback could tell secrets."""
        _LOG.error("mistake in %s: %s", event_method, type(sys.exception()).__name__)


def _hush() -> None:
    """Keep discord.py from logging what it must not, and what nobody needs."""
    # Below this it logs requests and frames, and with them the tokens of interactions.
    library = logging.getLogger("discord")
    library.setLevel(max(library.level, logging.WARNING))
    # It logs a traceback when choices come too late, which is of no use to anybody.
    logging.getLogger("discord.app_commands.tree").setLevel(logging.CRITICAL)
    # It warns at the first client that voice does not work.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
