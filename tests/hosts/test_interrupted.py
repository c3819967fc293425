"""Executions cut off on a real host: nothing is done twice, and what is true is found out and said."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from bot.domain.approval import Phase

from .interrupted import STOP, WORKERS, Bench
from .services import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .interrupted import Ended
    from .lab import Lab

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def bench(hosts: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with hosts.boot("web-1", services=SEED) as host:
        yield Bench(host, tmp_path_factory.mktemp("interrupted"))


@pytest.mark.parametrize(
    ("words", "fatal", "said", "ran"),
    [
        (WORKERS, "1 after a commit", "before the first step: nothing was done", 0),
        (WORKERS, "1 sent .*memwarden-host workers", "half done", 1),
        (WORKERS, "1 after .*daemon-reload", "half done", 2),
        (WORKERS, "2 after .*TTOU", "done all the same", 4),
        (STOP, "1 before .*systemctl stop", "nothing was changed", 0),
        (STOP, "1 sent .*systemctl stop", "done all the same", 1),
    ],
)
def test_killed_and_started_again_it_finds_out_what_is_true(
    bench: Bench, words: str, fatal: str, said: str, ran: int
) -> None:
    with bench.program(fatal) as program:
        program.ask(words)
        moment = program.halted()
        program.kill()

        ended = program.ended(moment)

    assert_right(ended)
    assert said in ended.approval.verdict
    assert len(ended.ran) == ran


def test_a_connection_that_is_lost_for_a_while_is_found_out_when_it_is_back(bench: Bench) -> None:
    with bench.program("1 sent .*systemctl stop") as program:
        program.ask(STOP)
        moment = program.halted()
        bench.cut_off()
        bench.link("down")
        program.go_on()

        program.says("web-1 does not answer: as soon as it does, it is looked at")
        assert program.approval.phase is Phase.RUNNING
        time.sleep(10)
        assert program.approval.phase is Phase.RUNNING
        bench.link("up")
        ended = program.ended(moment)

    assert_right(ended)
    assert len(ended.ran) == 1


def test_a_session_that_dies_during_a_step_has_it_repeated_by_nobody(bench: Bench) -> None:
    with bench.program("1 sent .*TTOU") as program:
        program.ask(WORKERS)
        moment = program.halted()
        bench.cut_off()
        program.go_on()

        ended = program.ended(moment)

    assert_right(ended)


def test_a_host_that_reboots_in_the_middle_has_what_is_lasting(bench: Bench) -> None:
    with bench.program("1 after .*TTOU") as program:
        program.ask(WORKERS)
        moment = program.halted()
        bench.restarted()
        program.go_on()

        ended = program.ended(moment)

    assert_right(ended)
    assert "web-1 rebooted meanwhile. It is done all the same" in ended.approval.verdict


def assert_right(ended: Ended) -> None:
    sys.stdout.write(f"\n{ended}\n")
    assert not ended.wrong, (ended.wrong, ended.approval, ended.card)
