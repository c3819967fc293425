"""/proc/stat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.memory import CpuTimes
from bot.errors import Unreadable
from bot.facts import Section, cpu
from bot.ports import Completed
from tests.cases import MADE_ALPINE, captured
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.proc import FakeProc

STAT = "cpu  10132153 290696 3084719 468284830000 16683 2500 25195 700 175628 5\ncpu0 1 2 3 4\nintr 1 2 3\n"


def test_ticks_of_all_processors_become_seconds(machine: FakeProc, awk: Path) -> None:
    machine.process(1)
    machine.write("/proc/stat", STAT)

    found = probe.read("web-1", NOON, machine.answer(awk)).cpu

    assert found == CpuTimes(
        user_s=104228.49, system_s=31124.14, idle_s=4682848300.0, iowait_s=166.83, steal_s=7.0
    )
    assert found.total_s == pytest.approx(4_682_983_826.46)


def test_a_host_that_does_not_tell_is_none(machine: FakeProc, any_awk: Path) -> None:
    machine.process(1)

    assert probe.read("web-1", NOON, machine.answer(any_awk)).cpu is None


def test_an_answer_from_before_it_was_asked_for_is_read_without() -> None:
    assert probe.read("web-1", NOON, Completed(0, captured(MADE_ALPINE), b"")).cpu is None


def test_an_old_kernel_counts_fewer_kinds_of_time() -> None:
    assert cpu.parse(Section("cpu", (" cpu  1 2 3 4",))) == cpu.Ticks(1, 2, 3, 4, 0, 0, 0, 0)


@pytest.mark.parametrize("line", [" ", " cpu", " cpu 1 2 3", " cpu0 1 2 3 4", " intr 1 2 3 4"])
def test_another_line_is_none(line: str) -> None:
    assert cpu.parse(Section("cpu", (line,))) is None


@pytest.mark.parametrize("word", ["x", "-1", "1.5", "9" * 21, str(1 << 60)])
def test_what_is_no_counter_is_refused(word: str) -> None:
    with pytest.raises(Unreadable, match=r"where a number belongs \(cpu\)"):
        cpu.parse(Section("cpu", (f" cpu 1 2 3 {word}",)))
