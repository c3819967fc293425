"""The machine itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.hosts.local import local_shell
from bot.errors import HostError
from tests.contracts.shell import MAX_OUTPUT_BYTES, ShellContract

if TYPE_CHECKING:
    from bot.ports import Shell


class TestLocalShell(ShellContract):
    @pytest.fixture
    def shell(self) -> Shell:
        return local_shell(max_output_bytes=MAX_OUTPUT_BYTES)


def test_a_machine_that_is_not_linux_is_refused_in_one_sentence() -> None:
    with pytest.raises(HostError) as refused:
        local_shell("darwin").run(("true",), timeout_s=1)

    assert str(refused.value) == (
        "This machine runs darwin, and memory can only be read on Linux: "
        "add a Linux host to the configuration and run memwarden on it or over SSH."
    )


def test_a_command_has_no_terminal_and_no_session_of_ours() -> None:
    shown = local_shell().run(("sh", "-c", "ps -o sid= -p $$ && echo $$"), timeout_s=5)

    session, shell = shown.stdout.split()
    assert session == shell
