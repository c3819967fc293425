"""The real program as a process of its own, serving a fake Slack and a fake Discord at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.fake_discord import FakeDiscord
from tests.servers.fake_slack import FakeSlack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


SLACK_CHANNEL, DISCORD_CHANNEL = "C01", "100"
"""Where it says what nobody asked for."""

_CHANNELS = {"SLACK_CHANNEL": SLACK_CHANNEL, "DISCORD_CHANNEL": DISCORD_CHANNEL}
_STARTS_S = 30.0
_ENDS_S = 30.0
_POLL_S = 0.005
_PLATFORMS = """
[chat.slack]
bot_token = {{ env = "SLACK_BOT_TOKEN" }}
app_token = {{ env = "SLACK_APP_TOKEN" }}
channel = "{SLACK_CHANNEL}"
api_url = "{slack.api_url}"

[chat.discord]
token = {{ env = "DISCORD_TOKEN" }}
guild = "{discord.guild_id}"
channel = "{DISCORD_CHANNEL}"
api_url = "{discord.api_url}"
gateway_url = "{discord.gateway_url}"
cdn_url = "{discord.cdn_url}"
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the program ended: its status, how long that took after SIGTERM, and what it printed in all."""

    status: int
    after_s: float
    printed: str


class Running:
    """`memwarden run` with both platforms; it can be ended and started again, and remembers what it kept."""

    def __init__(
        self, folder: Path, slack: FakeSlack, discord: FakeDiscord, hosts: str = "", **environment: str
    ) -> None:
        self.slack = slack
        self.discord = discord
        self._folder = folder
        self._printed = folder / "printed"
        self._environment = _environment(folder) | self.secrets | environment
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "config.toml").write_text(
            hosts + _PLATFORMS.format(slack=slack, discord=discord, **_CHANNELS)
        )

    @property
    def secrets(self) -> dict[str, str]:
        """The tokens by the variables that hold them."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "DISCORD_TOKEN": self.discord.token,
        }

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    @property
    def printed(self) -> str:
        """All that it wrote so far to standard output and standard error."""
        return self._printed.read_text()

    def begin(self) -> None:
        """Start it, without waiting for anything."""
        with self._printed.open("ab") as printed:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "bot", "run"),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment,
            )

    def start(self) -> None:
        """Start it and wait until both platforms can be used."""
        on_slack, on_discord = self.slack.opened, self.discord.identifies
        self.begin()
        self.discord.wait_connected(_STARTS_S, on_discord + 1)
        self.slack.wait_opened(on_slack + 1, _STARTS_S)
        self.wait(lambda: bool(self.discord.commands), "the commands are not registered")

    def stop(self) -> Ended:
        """End it as `docker stop` and systemd do."""
        assert self._process is not None, "it does not run"
        before = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(_ENDS_S)
        return Ended(status, time.monotonic() - before, self.printed)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def wait(self, fulfilled: Callable[[], bool], otherwise: str) -> None:
        """Wait until something is so."""
        until = time.monotonic() + _STARTS_S
        while not fulfilled():
            assert time.monotonic() < until, f"{otherwise}; it printed: {self.printed}"
            time.sleep(_POLL_S)


@contextmanager
def running(folder: Path, hosts: str = "", **environment: str) -> Iterator[Running]:
    """Have both platforms, and the program not yet started; whatever runs is ended at the end."""
    with FakeSlack() as slack, FakeDiscord() as discord:
        program = Running(folder, slack, discord, hosts, **environment)
        try:
            yield program
        finally:
            program.kill()


def _environment(folder: Path) -> dict[str, str]:
    measured = [name for name in os.environ if name.startswith("COVERAGE_")]
    kept = {name: os.environ[name] for name in ("PATH", "LANG", *measured) if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "PYTHONPATH": os.pathsep.join(sys.path),
        # discord.py imports a module for voice that Python 3.13 has no more.
        "PYTHONWARNINGS": "error,ignore:'audioop' is deprecated:DeprecationWarning",
    }
