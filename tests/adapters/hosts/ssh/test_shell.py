"""A host over SSH, on a real sshd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.hosts.ssh.shell import ssh_shell
from tests.contracts.shell import MAX_OUTPUT_BYTES, ShellContract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.ports import Shell
    from tests.servers.sshd import Sshd


class TestSshShell(ShellContract):
    @pytest.fixture(scope="class")
    @classmethod
    def shell(cls, sshd: Sshd) -> Iterator[Shell]:
        shell = ssh_shell(sshd.host(), max_output_bytes=MAX_OUTPUT_BYTES)
        yield shell
        shell.close()
