"""The evidence is gathered: over what time, and from whom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.memory import Gap
from bot.errors import StoreError
from bot.flows.check import check
from bot.flows.why import why
from bot.message import Tone
from bot.ports import Completed, Ports
from bot.views import why as view
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops, text_of
from tests.fakes.past import kill, sample_at

MACHINE = "systemd-252-cgroup-v2-uml-root.txt"
DMESG = (
    b'{"MESSAGE":"Out of memory: Killed process 63 (gunicorn) total-vm:900000kB, anon-rss:262144kB,'
    b' file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:100kB oom_score_adj:0"}\n'
)


class Swapping:
    """A host that reads swap back as time passes; one without `oom_kills` is too old to count them."""

    def __init__(
        self, ops: Ops, mib_per_s: float, oom_kills: int | None = 0, *, container: bool = False
    ) -> None:
        self.ops, self.mib_per_s, self.oom_kills, self.container = ops, mib_per_s, oom_kills, container
        self.begun = ops.clock()
        self.looks = 0

    def shell(self, host: str) -> Swapping:
        assert host == "web-1"
        return self

    def run(self, argv: tuple[str, ...], *, timeout_s: float, apart: bool = False) -> Completed:
        assert timeout_s > 0
        assert not apart
        if argv[0] == "journalctl":
            return Completed(0, DMESG, b"")
        self.looks += 1
        pages = self.mib_per_s * (self.ops.clock() - self.begun).total_seconds() * 256
        answer = captured(SEED_AS_ROOT if self.container else MACHINE)
        answer = re.sub(rb"pswpin [0-9]+", b"pswpin %d" % pages, answer)
        counted = b"" if self.oom_kills is None else b" oom_kill %d\n" % self.oom_kills
        answer = re.sub(rb"(?m)^ oom_kill [0-9]+\n", counted, answer)
        answer = re.sub(rb"SwapTotal: +[0-9]+ kB", b"SwapTotal: 524288 kB", answer)
        answer = re.sub(rb"MemAvailable: +[0-9]+ kB", b"MemAvailable: 500000 kB", answer)
        return Completed(0, answer, b"")

    def close(self) -> None:
        pass


@pytest.fixture
def ops() -> Ops:
    return Ops('[[host]]\nname = "web-1"')


def ports_of(ops: Ops, host: Swapping) -> Ports:
    return replace(ops.ports, hosts=host, pause=lambda seconds: ops.time_passes(seconds=seconds))


def test_without_a_check_before_it_looks_twice_three_seconds_apart(ops: Ops) -> None:
    host = Swapping(ops, mib_per_s=5)

    found = why(ports_of(ops, host), "web-1")

    assert host.looks == 2
    assert found.rates is not None
    assert found.rates.over_s == 3
    assert found.reasons == ("5.0 MiB/s are read back from swap",)
    assert "measured over 3 s" in view.why(found).footnote


@pytest.mark.parametrize(("age_s", "looks", "over_s"), [(60, 1, 60), (1, 2, 3), (1000, 2, 3)])
def test_a_check_before_that_is_neither_too_new_nor_too_old_saves_the_second_look(
    ops: Ops, age_s: float, looks: int, over_s: float
) -> None:
    host = Swapping(ops, mib_per_s=0)
    ports = ports_of(ops, host)

    check(ports, "web-1")
    host.looks = 0
    ops.time_passes(seconds=age_s)

    found = why(ports, "web-1")

    assert (host.looks, found.rates and found.rates.over_s) == (looks, over_s)


def test_who_was_killed_is_read_from_the_kernels_log(ops: Ops) -> None:
    with ops.store.changing() as ledger:
        ledger.mark(kill(ops.clock()))

    said = view.why(why(ports_of(ops, Swapping(ops, 0, oom_kills=2)), "web-1"))

    assert said.headline == (
        "Not now, but memory was the problem on web-1: 2 OOM kills since boot, the last yesterday 20:02"
    )
    assert said.tone is Tone.WARNING
    assert "Killed: gunicorn (256 MiB)." in text_of(said)
    assert "[no] OOM kills: 2 since boot (1 min), none just now" in text_of(said)


def test_a_kernel_that_counts_no_kills_may_still_have_written_who_was_killed(ops: Ops) -> None:
    said = view.why(why(ports_of(ops, Swapping(ops, 0, oom_kills=None)), "web-1"))

    assert said.headline == "Not now, but memory was the problem on web-1: 1 OOM kill since boot"
    assert "Killed: gunicorn (256 MiB)." in text_of(said)


def test_a_container_is_not_blamed_for_what_its_machine_does(ops: Ops) -> None:
    said = view.why(why(ports_of(ops, Swapping(ops, 5, oom_kills=2, container=True)), "web-1"))

    assert said.headline == (
        "Cannot tell: not clear for web-1: 5.0 MiB/s are read back from swap on the whole machine"
    )
    assert said.tone is Tone.UNKNOWN
    assert "[no] OOM kills: 2 since boot (1 h) on the whole machine, none just now" in text_of(said)


def test_where_nobody_was_killed_nobody_is_asked(ops: Ops) -> None:
    assert why(ports_of(ops, Swapping(ops, 0)), "web-1").kills == ()


def test_a_log_that_is_not_ours_to_see_is_said(ops: Ops) -> None:
    ops.hosts["web-1"].says("sh", re.sub(rb"oom_kill [0-9]+", b"oom_kill 1", captured(SEED_AS_ROOT)))

    found = why(ops.ports, "web-1")

    assert isinstance(found.kills, Gap)
    assert "Not read: who the OOM killer killed" in text_of(view.why(found))


def test_a_host_that_is_well_is_told_to_look_elsewhere(ops: Ops) -> None:
    said = view.why(why(ports_of(ops, Swapping(ops, 0)), "web-1"))

    assert said.headline.startswith("No: web-1 has 488 of 959 MiB available (50 %); look elsewhere: CPU")
    assert said.tone is Tone.GOOD


def test_a_worst_moment_of_the_day_that_was_critical_is_remembered(ops: Ops) -> None:
    ops.store.remember(sample_at(ops.clock() - timedelta(hours=2), 40))

    said = view.why(why(ports_of(ops, Swapping(ops, 0)), "web-1"))

    assert said.headline.endswith("on web-1: least 4 % available at 12:02")


def test_a_store_that_fails_costs_no_answer(ops: Ops) -> None:
    ops.store.fails(StoreError("The database is locked."))

    assert why(ports_of(ops, Swapping(ops, 5)), "web-1").reasons == ("5.0 MiB/s are read back from swap",)
