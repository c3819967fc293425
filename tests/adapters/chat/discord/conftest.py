"""A Discord with two people in it, and something that outlives processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.adapters.chat.discord.served import Memory
from tests.servers.fake_discord import FakeDiscord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def discord() -> Iterator[FakeDiscord]:
    """Alice, who is on call, and Bob, who is not."""
    with FakeDiscord() as discord:
        discord.add_role("50", "oncall", mentionable=True)
        discord.add_member("1", "alice", roles=("50",))
        discord.add_member("2", "bob")
        yield discord


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """A state folder that does not exist yet, and no words."""
    return Memory(tmp_path / "state")
