"""/proc/pressure/memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.memory import Pressure
from bot.errors import Unreadable
from bot.facts import Section, pressure
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.proc import FakeProc

SOME = "some avg10=1.50 avg60=0.70 avg300=0.10 total=123456"
FULL = "full avg10=0.50 avg60=0.20 avg300=0.00 total=23456"


def test_averages_are_percents(machine: FakeProc, awk: Path) -> None:
    machine.process(1)
    machine.write("/proc/pressure/memory", f"{SOME}\n{FULL}\n")

    assert probe.read("web-1", NOON, machine.answer(awk)).pressure == Pressure(1.5, 0.7, 0.1, 0.5, 0.2, 0.0)


def test_a_kernel_without_pressure_tells_none(machine: FakeProc, awk: Path) -> None:
    machine.process(1)

    assert probe.read("web-1", NOON, machine.answer(awk)).pressure is None


@pytest.mark.parametrize(
    "lines",
    [
        (f" {SOME}",),
        (f" {SOME}", " full avg10=0.50 avg60=0.20"),
        (f" {FULL}", f" {SOME}".replace("1.50", "nan")),
        (f" {FULL}", f" {SOME}".replace("1.50", "101")),
        (f" {FULL}", f" {SOME}".replace("1.50", "-1")),
        (f" {FULL}", f" {SOME}".replace("1.50", "")),
        (" ",),
    ],
)
def test_what_is_no_percentage_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable, match="/proc/pressure/memory"):
        pressure.parse(Section("pressure", lines))
