"""A process that is killed while it says something: the next one finds out whether it was said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.message import Message, Text
from tests.adapters.chat.discord.served import said, served

if TYPE_CHECKING:
    from tests.adapters.chat.discord.served import Memory
    from tests.servers.fake_discord import FakeDiscord

ALERT = Message("web-1 is critical", (Text("96 MiB left"),))

_PROCESS = """
import sys, threading, time
from adapters.chat.discord.chat import DiscordChat
from adapters.chat.discord.options import Options
from bot.errors import ChatError
from bot.message import Announcement, Message, Text
from tests.adapters.chat.discord.served import Memory, echo, surroundings_of
from pathlib import Path

api_url, gateway_url, token, folder = sys.argv[1:]
options = Options.model_validate(
    {"token": {"env": "TOKEN"}, "channel": "100", "api_url": api_url, "gateway_url": gateway_url}
)
chat = DiscordChat(options, surroundings_of(Memory(Path(folder)), token))
threading.Thread(target=chat.serve, args=(echo,), daemon=True).start()
while True:
    try:
        chat.announce(Announcement(Message("web-1 is critical", (Text("96 MiB left"),)), "k7"))
    except ChatError:
        time.sleep(0.05)
"""


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=10)], ids=["at once", "later"])
def test_what_was_said_by_a_process_that_was_killed_is_not_said_again(
    discord: FakeDiscord, memory: Memory, later: timedelta
) -> None:
    began = datetime.now(UTC)
    discord.hold_answer("POST /channels/")
    arguments = [discord.api_url, discord.gateway_url, discord.token, str(memory.folder)]
    with subprocess.Popen(
        [sys.executable, "-c", _PROCESS, *arguments], cwd=Path(__file__).parents[4], start_new_session=True
    ) as process:
        try:
            assert discord.wait_until(lambda: discord.held == 1)
        finally:
            os.kill(process.pid, signal.SIGKILL)
    if later:
        discord.forget_nonces()

    with served(discord, memory) as chat:
        ref = chat.chat.announce(said(ALERT, "k7", doubtful=True, since=began - later))

    (shown,) = discord.shown("2")
    assert ref == f"100/{shown.id}"
