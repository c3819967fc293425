"""The `[chat.discord]` table."""

from __future__ import annotations

import subprocess
import sys

import pytest

from adapters.chat.discord import PLATFORM
from bot.config import load, read_section
from bot.errors import ConfigError

TOKEN = 'token = { env = "TOKEN" }'


def mistakes(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        load(f"[chat.discord]\n{text}", "config.toml", {"discord": lambda: PLATFORM})
    return str(raised.value)


def test_a_token_is_enough() -> None:
    config = load(f"[chat.discord]\n{TOKEN}", "config.toml", {"discord": lambda: PLATFORM})
    options = read_section(PLATFORM.section, config, "discord")

    assert (options.guild, options.channel, options.channels, options.command) == (None, None, (), "mem")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("guild = 1122334455667788990", "expected a server's id"),
        ('guild = "my server"', "Copy ID"),
        ('channels = ["#ops"]', "Copy ID"),
        ('command = "/mem"', "without the slash"),
        ('command = "Mem"', "small letters"),
        ('api_url = "discord.example"', "https://"),
        ('gateway_url = "https://discord.example"', "wss://"),
        ('cdn_url = "ftp://discord.example"', "https://"),
    ],
)
def test_a_mistake_says_what_was_expected(line: str, sentence: str) -> None:
    assert sentence in mistakes(f"{TOKEN}\n{line}")


def test_a_token_in_the_file_is_refused_and_not_repeated() -> None:
    said = mistakes('token = "MTA.secret"')

    assert "never stands in this file" in said
    assert "MTA.secret" not in said


def test_reading_it_needs_no_library_of_discord() -> None:
    program = (
        "import sys, adapters.chat.discord as package;"
        "sys.exit(not package.PLATFORM or 'discord' in sys.modules or 'aiohttp' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
