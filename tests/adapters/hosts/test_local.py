"""The machine itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.hosts.local import linked, local_shell
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


def test_whether_this_machine_has_a_network_is_what_the_kernel_says_of_its_interfaces() -> None:
    up, loopback = 0x1, 0x8
    interfaces = [
        (int((folder / "flags").read_text(), 16), (folder / "operstate").read_text().strip())
        for folder in Path("/sys/class/net").glob("*")
    ]

    assert linked() == any(
        flags & up and not flags & loopback and state != "down" for flags, state in interfaces
    )
