"""A small bot on the real discord.py, which shows that the library works with the fake."""

from __future__ import annotations

import asyncio
import io
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

import discord
from discord import app_commands

from tests.servers.fake_discord.library import library_at

if TYPE_CHECKING:
    import re
    from collections.abc import Coroutine, Iterator

    from tests.servers.fake_discord.fake import FakeDiscord

Result = TypeVar("Result")
GUILD = discord.Object(10)
HOSTS = ("db-1", "web-1", "web-2")
_PATIENCE_S = 15.0


class Again(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"again:(?P<host>[a-z0-9-]+)"
):
    """A button that works after a restart."""

    def __init__(self, host: str) -> None:
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:{host}"))
        self.host = host

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[discord.Client],  # noqa: ARG003  # the library's signature
        item: discord.ui.Item[discord.ui.View],  # noqa: ARG003  # likewise
        match: re.Match[str],
    ) -> Self:
        return cls(match["host"])

    async def callback(self, interaction: discord.Interaction[discord.Client]) -> None:
        await interaction.response.edit_message(content=f"{self.host} again", view=buttons(self.host))


class Question(discord.ui.Modal, title="Which host?"):
    """A form of one text."""

    host: discord.ui.Label[discord.ui.View] = discord.ui.Label(
        text="Host", component=discord.ui.TextInput(max_length=20)
    )

    async def on_submit(self, interaction: discord.Interaction[discord.Client]) -> None:
        assert isinstance(self.host.component, discord.ui.TextInput)
        await interaction.response.send_message(f"{self.host.component.value} it is", ephemeral=True)


def buttons(host: str) -> discord.ui.View:
    return discord.ui.View(timeout=None).add_item(Again(host))


class SampleBot(discord.Client):
    """Has one group of commands, in the guild or, with `everywhere`, in direct messages too."""

    def __init__(
        self, *, everywhere: bool = False, heartbeat_timeout: float = 60.0, intents: int = 1
    ) -> None:
        super().__init__(
            intents=discord.Intents._from_value(intents),
            max_messages=None,
            heartbeat_timeout=heartbeat_timeout,
            guild_ready_timeout=0.01,
        )
        self.tree = app_commands.CommandTree(self)
        self.scope = None if everywhere else GUILD
        self.errors: list[int] = []
        self.heard: list[str] = []
        self.tree.add_command(_group(), guild=self.scope)
        self.tree.error(self._failed)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Again)
        await self.tree.sync(guild=self.scope)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once, where the library waits for 5 s."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message.content)

    async def _failed(
        self, _: discord.Interaction[discord.Client], error: app_commands.AppCommandError
    ) -> None:
        cause = error.__cause__
        assert isinstance(cause, discord.HTTPException)
        self.errors.append(cause.code)


def _group() -> app_commands.Group:
    group = app_commands.Group(name="mem", description="Where the memory goes")

    async def hosts(_: discord.Interaction[discord.Client], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{host} (host)", value=host) for host in HOSTS if typed in host]

    @group.command(name="report", description="Tell all about a host")
    @app_commands.autocomplete(host=hosts)
    async def report(
        interaction: discord.Interaction[discord.Client], host: str, *, share: bool = False
    ) -> None:
        await interaction.response.defer(ephemeral=not share, thinking=True)
        await interaction.followup.send(f"**{host}**", view=buttons(host))

    @group.command(name="edit", description="Answer by editing what says that it thinks")
    async def edit(interaction: discord.Interaction[discord.Client]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        embed = discord.Embed(title="web-1", description="used **4.1 GiB**").add_field(
            name="free", value="`1 GiB`"
        )
        await interaction.edit_original_response(embed=embed)

    @group.command(name="file", description="Answer with a file")
    async def file(interaction: discord.Interaction[discord.Client]) -> None:
        attachment = discord.File(io.BytesIO(b"all of it"), "report.txt", description="the report")
        await interaction.response.send_message("see the file", file=attachment, ephemeral=True)

    @group.command(name="ask", description="Ask in a form")
    async def ask(interaction: discord.Interaction[discord.Client]) -> None:
        await interaction.response.send_modal(Question())

    @group.command(name="whoami", description="Tell the roles")
    async def whoami(interaction: discord.Interaction[discord.Client]) -> None:
        roles = [str(role.name) for role in getattr(interaction.user, "roles", [])]
        await interaction.response.send_message(f"{interaction.user.display_name} {roles}", ephemeral=True)

    @group.command(name="slow", description="Answer after a while")
    async def slow(interaction: discord.Interaction[discord.Client], wait_ms: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await asyncio.sleep(wait_ms / 1000)
        await interaction.edit_original_response(content="at last")

    return group


class Running:
    """A bot in a thread of its own. `ended_with` is what made the library give up."""

    def __init__(self, bot: SampleBot, token: str) -> None:
        self.bot = bot
        self.ended_with: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(token,), name="sample-bot")
        self._thread.start()

    def _run(self, token: str) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(token))

    async def _serve(self, token: str) -> None:
        serving = asyncio.create_task(self.bot.start(token))
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            self.ended_with = serving.exception()
            await stopped
        await self.bot.close()
        await asyncio.wait({serving}, timeout=_PATIENCE_S)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    def do(self, work: Coroutine[object, object, Result]) -> Result:
        """Let the bot's loop do something and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_PATIENCE_S)
        assert not self._thread.is_alive()


@contextmanager
def running(server: FakeDiscord, bot: SampleBot, *, token: str | None = None) -> Iterator[Running]:
    """Run the bot against the server."""
    with library_at(server):
        run = Running(bot, token or server.token)
        try:
            yield run
        finally:
            run.stop()
