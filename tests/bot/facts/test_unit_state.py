"""What systemd says of a unit."""

from __future__ import annotations

import pytest

from bot.domain.inspection import UnitState
from bot.domain.memory import Gap
from bot.facts import unit_state
from bot.ports import Completed

SAID = b"""Description=gunicorn daemon = scan2food
ActiveState=active
SubState=running
Result=success
NRestarts=3
MainPID=712
UnitFileState=enabled
"""


def test_a_unit_tells_its_state() -> None:
    assert unit_state.parse(Completed(0, SAID, b"")) == UnitState(
        active="active",
        sub="running",
        result="success",
        restarts=3,
        enabled="enabled",
    )


@pytest.mark.parametrize("restarts", [b"", b"[not set]", b"x", b"9" * 5000, "٣".encode(), b"-"])
def test_restarts_that_an_old_systemd_does_not_count_are_none(restarts: bytes) -> None:
    found = unit_state.parse(Completed(0, SAID.replace(b"NRestarts=3", b"NRestarts=" + restarts), b""))

    assert isinstance(found, UnitState)
    assert found.restarts is None


@pytest.mark.parametrize(
    "answer",
    [
        Completed(127, b"", b"sh: systemctl: not found\n"),
        Completed(1, b"", b"System has not been booted with systemd as init system\n"),
        Completed(0, b"", b""),
        Completed(0, b"\xff\xfe\0garbage", b""),
    ],
)
def test_a_host_without_systemd_leaves_a_gap(answer: Completed) -> None:
    assert unit_state.parse(answer) == Gap("the unit's state", "systemctl did not answer")


def test_a_unit_is_asked_for_as_a_word_of_its_own_never_as_an_option() -> None:
    argv = unit_state.command("--help.service")

    assert argv[:2] == ("systemctl", "show")
    assert argv[-2:] == ("--", "--help.service")
