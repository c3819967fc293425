"""A small Discord (REST, gateway, CDN) that the real discord.py talks to.

    with FakeDiscord() as discord, library_at(discord):
        discord.add_member("1", "alice")
        ... start a client with discord.token ...
        discord.wait_connected()
        discord.command("1", "report", {"host": "web-1"}, group="mem")
        (answer,) = discord.wait_shown("1", 1)
        assert "web-1" in answer.plain

Guild, channel "100" (#ops) and the bot exist from the start. Whatever breaks one of Discord's limits or rules
is refused with Discord's error code; `discord.refusals` lists what was.
"""

from tests.servers.fake_discord.fake import FakeDiscord
from tests.servers.fake_discord.interaction import Interaction
from tests.servers.fake_discord.library import library_at
from tests.servers.fake_discord.people import NotOffered
from tests.servers.fake_discord.seen import Call, File, Happened, Modal, Shown, Thread

__all__ = [
    "Call",
    "FakeDiscord",
    "File",
    "Happened",
    "Interaction",
    "Modal",
    "NotOffered",
    "Shown",
    "Thread",
    "library_at",
]
