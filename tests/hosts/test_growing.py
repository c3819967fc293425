"""A process that grows until the kernel kills it, watched by the real program over real SSH.

Nothing is hurried on memwarden's side but how long a host has to be well again before that is believed.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.bot.both import running

from . import uml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.both import Running
    from tests.servers.fake_slack import Shown

    from .lab import Lab

pytestmark = pytest.mark.host

MEMORY_MIB, MIB_PER_S, LEFT_MIB, SEEN_S = 560, 2.0, 28, 15
# Grows evenly, whatever the processor does meanwhile.
GROW = f"""
import time
began, held = time.monotonic(), []
while True:
    while len(held) < (time.monotonic() - began) * {MIB_PER_S}: held.append(b"g" * (1 << 20))
    time.sleep(0.1)
"""
CONFIGURATION = """
[check]
every = "20s"
closely = "5s"
timeout = "2m"

[alerts.rules.memory]
clear_hold = "15s"
[alerts.rules.oom_kills]
clear_hold = "15s"
[alerts.rules.exhaustion]
clear_hold = "15s"
[alerts.rules.service_died]
clear_hold = "15s"

[[host]]
name = "web-1"
address = "{host.address}"
user = "root"
key_file = "{host.key_file}"
known_hosts = "known_hosts"
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What a person saw of it: cards and notes, and when; and when the kernel killed."""

    cards: list[Shown]
    notes: list[Shown]
    killed_at: float

    @property
    def told_before_s(self) -> float:
        """How long before the kill the first card was there."""
        return self.killed_at - float(self.cards[0].ts)


@pytest.fixture(scope="module")
def story(hosts: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("growing")
    with uml.booted(hosts, "web-1", memory_mib=MEMORY_MIB) as host:
        (folder / "known_hosts").write_text(f"{host.host_key_line}\n")
        with running(folder, CONFIGURATION.format(host=host)) as program:
            program.start()
            yield _told(program, host)


def _told(program: Running, host: uml.VirtualMachine) -> Story:
    killed_at: list[float] = []
    grower = threading.Thread(target=lambda: killed_at.append(_grown(host)), daemon=True)
    grower.start()
    until = time.monotonic() + 900
    while not (killed_at and any("resolved" in card.text.casefold() for card in _cards(program))):
        assert time.monotonic() < until, (killed_at, program.slack.shown("U01"), program.printed)
        time.sleep(1)
    time.sleep(10)
    notes = [shown for shown in program.slack.shown("U01") if shown.thread_ts]
    return Story(_cards(program), notes, killed_at[0])


def _cards(program: Running) -> list[Shown]:
    return [shown for shown in program.slack.shown("U01") if not shown.thread_ts]


def _grown(host: uml.VirtualMachine) -> float:
    """Let a unit grow to what leaves the machine next to nothing; return when the kernel killed it.

    Some time after that somebody tidies up: systemd forgets that it failed.
    """
    available = host.run_as_root(("awk", "/MemAvailable/ { print int($2 / 1024) }", "/proc/meminfo"))
    limit = f"--property=MemoryMax={int(available.stdout) - LEFT_MIB}M"
    start = ("systemd-run", "--wait", "--unit=hog", limit, "--property=MemorySwapMax=0")
    host.run_as_root((*start, "python3", "-c", GROW), timeout_s=900)
    killed_at = time.time()
    time.sleep(SEEN_S)
    host.run_as_root(("systemctl", "reset-failed", "hog"))
    return killed_at


def test_people_are_told_before_the_kernel_kills(story: Story) -> None:
    sys.stdout.write(f"told {story.told_before_s:.0f} s before the kill\n")

    assert story.told_before_s > 30


def test_the_kill_is_named(story: Story) -> None:
    assert any("hog" in note.plain and "OOM" in note.plain for note in story.notes)


def test_it_is_one_card_and_at_most_four_notes(story: Story) -> None:
    for shown in (*story.cards, *story.notes):
        sys.stdout.write(f"--- {'note' if shown.thread_ts else 'card'}\n{shown.plain}\n")

    assert len(story.cards) == 1
    assert 1 <= len(story.notes) <= 4


def test_it_is_over_when_the_memory_is_back(story: Story) -> None:
    (card,) = story.cards

    assert "resolved" in card.text.casefold()
