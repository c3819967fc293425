"""Discord as a chat: listens on an event loop of its own, on whatever thread it is served."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from functools import partial
from typing import TYPE_CHECKING

from adapters.chat.discord.announcing import Announcer
from adapters.chat.discord.client import Client
from adapters.chat.discord.conversation import Conversation
from adapters.chat.discord.endpoints import pointed_at, proxy
from adapters.chat.discord.hearing import SessionHearing
from adapters.chat.discord.people import People
from adapters.chat.discord.registration import Registration
from adapters.chat.discord.supervision import Patience, Supervisor
from adapters.chat.discord.threads import Workers
from adapters.chat.discord.token import token_of
from adapters.chat.discord.undelivered import ended, not_connected
from adapters.chat.discord.under_way import UnderWay
from adapters.seen import Seen

if TYPE_CHECKING:
    import discord

    from adapters.chat import Surroundings
    from adapters.chat.discord.client import Ear
    from adapters.chat.discord.options import Options
    from bot.message import Announcement
    from bot.ports import Answer

_ANSWERS_AT_ONCE = 16
_CALM_S = 0.05
_LOOKS_AT_ONCE = 4
_SPARE_S = 5.0


class DiscordChat:
    """A bot of Discord. `serve` may run on any thread, and blocks it."""

    def __init__(
        self, options: Options, surroundings: Surroundings, patience: Patience | None = None
    ) -> None:
        self._options = options
        self._surroundings = surroundings
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed: asyncio.Event | None = None
        self._client: discord.Client | None = None
        self._announcer: Announcer | None = None

    def serve(self, answer: Answer) -> None:
        """Answer until `close`. Raises ChatError if the token or the proxy cannot be used."""
        token = token_of(self._options, self._surroundings)
        with pointed_at(self._options):
            asyncio.run(self._serve(answer, token, proxy(self._options)))

    def announce(self, announcement: Announcement) -> str:
        """Say something that nobody asked for, in the configured channel unless it names another.

        Returns `channel/message`. May take a minute if Discord asks to wait. Raises ChatError, MessageGone.
        """
        with self._lock:
            loop, announcer = self._loop, self._announcer
            if loop is None or announcer is None or self._connected() is None:
                raise not_connected(announcement)
            saying = asyncio.run_coroutine_threadsafe(announcer.announce(announcement), loop)
        try:
            return saying.result(self._patience.post_s + _SPARE_S)
        except (CancelledError, TimeoutError):  # it has ended meanwhile
            raise ended(announcement) from None

    def close(self) -> None:
        """End `serve` from another thread, or keep it from beginning."""
        with self._lock:
            self._is_closed = True
            if self._loop is not None and self._closed is not None:
                self._loop.call_soon_threadsafe(self._closed.set)

    async def _serve(self, answer: Answer, token: str, proxy: str | None) -> None:
        closed = asyncio.Event()
        with self._lock:
            if self._is_closed:
                return
            self._loop, self._closed = asyncio.get_running_loop(), closed
            under_way = UnderWay()
            channel = self._options.channel
            self._announcer = Announcer(
                None if channel is None else int(channel),
                self._connected,
                self._surroundings,
                under_way,
                self._patience.post_s,
            )
        try:
            await self._supervisor(answer, proxy, under_way).run(token, closed)
        finally:
            with self._lock:
                self._loop = self._closed = self._client = self._announcer = None

    def _supervisor(self, answer: Answer, proxy: str | None, under_way: UnderWay) -> Supervisor:
        conversation = Conversation(
            self._options,
            self._surroundings,
            answer,
            People(self._surroundings.groups),
            Seen(),
            answering=Workers(_ANSWERS_AT_ONCE, calm_s=_CALM_S),
            looking=Workers(_LOOKS_AT_ONCE),
            under_way=under_way,
        )
        patience = self._patience
        registration = Registration(
            self._surroundings.state_folder, patience.first_retry_s, patience.longest_retry_s
        )
        make = partial(self._make, conversation, registration, proxy)
        hearing = SessionHearing(self._surroundings, patience.deaf_s)
        return Supervisor(make, hearing, patience, under_way)

    def _make(
        self, conversation: Conversation, registration: Registration, proxy: str | None, ear: Ear
    ) -> Client:
        client = Client(conversation, registration, ear, proxy=proxy)
        with self._lock:
            self._client = client
        return client

    def _connected(self) -> discord.Client | None:
        client = self._client
        return None if client is None or client.is_closed() or client.user is None else client
