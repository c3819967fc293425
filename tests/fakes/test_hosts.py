"""The scripted hosts behave like hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import HostUnreachable
from tests.fakes.hosts import Ran, ScriptedHosts

if TYPE_CHECKING:
    from bot.ports import Hosts, Shell


def test_a_prepared_program_says_its_part() -> None:
    hosts = ScriptedHosts("web-1", "db-1")
    hosts["web-1"].says("uptime", b"up\n", stderr=b"!", status=3)
    port: Hosts = hosts

    shell: Shell = port.shell("web-1")
    ended = shell.run(("uptime", "-s"), timeout_s=2)

    assert (ended.status, ended.stdout, ended.stderr) == (3, b"up\n", b"!")
    assert hosts["web-1"].ran == [Ran(("uptime", "-s"), 2)]
    assert hosts["db-1"].ran == []


def test_a_program_nobody_prepared_is_not_installed() -> None:
    ended = ScriptedHosts("web-1").shell("web-1").run(("uptime",), timeout_s=2)

    assert (ended.status, ended.stderr) == (127, b"sh: uptime: not found\n")


def test_a_host_can_fail_and_recover() -> None:
    hosts = ScriptedHosts("web-1")
    hosts["web-1"].says("uptime", b"up\n")

    hosts["web-1"].fails(HostUnreachable("web-1 does not answer"))
    with pytest.raises(HostUnreachable, match="web-1 does not answer"):
        hosts.shell("web-1").run(("uptime",), timeout_s=2)
    hosts["web-1"].recovers()

    assert hosts.shell("web-1").run(("uptime",), timeout_s=2).stdout == b"up\n"


def test_closing_is_remembered() -> None:
    hosts = ScriptedHosts()

    hosts.close()

    assert hosts.closed
