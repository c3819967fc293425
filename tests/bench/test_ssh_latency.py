"""What a check over SSH takes: time and round trips, CPU time here, bytes on the wire."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import pytest

from bot import probe
from tests.bench.processes import compiled, crowd
from tests.bench.relay import relay
from tests.bench.rounds import in_turns, ratio, run, show
from tests.bench.ssh_clients import KINDS
from tests.servers.sshd import make_keys, running_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bot.domain.host import HostAddress
    from tests.bench.ssh_clients import Client, Kind
    from tests.servers.sshd import Sshd

pytestmark = pytest.mark.bench

_ONE_WAY_MS = 20.0
_RTT_MS = 2 * _ONE_WAY_MS
_CHECK = probe.command()
_IN_A_ROW = 4
_COMMANDS = {"true": ("true",), "check": _CHECK}
_INSTALLED = tuple(kind for kind in KINDS if kind.installed)
_NOT_INSTALLED = tuple(kind for kind in KINDS if not kind.installed)


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took on the clock, and the CPU time that the client needed."""

    wall_ms: float
    cpu_ms: float


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    folder = tmp_path_factory.mktemp("sshd")
    with running_sshd(folder, make_keys(folder), host_keys=("ed25519",)) as server:
        yield server


@pytest.fixture
def host(sshd: Sshd) -> HostAddress:
    return sshd.host()


@pytest.fixture
def far_host(sshd: Sshd, tmp_path: Path) -> Iterator[HostAddress]:
    with relay(sshd.port, _ONE_WAY_MS) as way:
        yield replace(sshd, port=way.port, folder=tmp_path).host()


def test_latency_on_loopback(host: HostAddress) -> None:
    cold = in_turns({kind.name: partial(_cold, kind, host) for kind in _INSTALLED}, 9)
    warm = {name: _warm(host, argv, 11) for name, argv in _COMMANDS.items()}

    alone = [run(_CHECK) for _ in range(11)]

    show(
        "SSH on loopback: wall ms / client CPU ms (median), CPU beside asyncssh's",
        ("", "cold `true`", "warm `true`", "warm check", "x CPU cold", "x CPU true", "x CPU check"),
        [
            [
                name,
                *(_both(took[name]) for took in (cold, *warm.values())),
                *(_beside_asyncssh(took, name) for took in (cold, *warm.values())),
            ]
            for name in cold
        ]
        + [[kind.name, "not installed", *[""] * 5] for kind in _NOT_INSTALLED],
        f"the probe without SSH takes {median(one.wall_ms for one in alone):.1f} ms here",
        "goals: warm about 1 ms beside what the host itself needs, CPU 0.6x asyncssh's",
    )


def test_round_trips_at_40_ms(far_host: HostAddress) -> None:
    cold = in_turns({kind.name: partial(_cold, kind, far_host) for kind in _INSTALLED}, 3)
    warm = {name: _warm(far_host, argv, 3) for name, argv in _COMMANDS.items()}

    show(
        f"SSH at {_RTT_MS:.0f} ms: wall time in round trips (median)",
        ("", "cold `true`", "warm `true`", "warm check"),
        [[name, *(_round_trips(took[name]) for took in (cold, *warm.values()))] for name in cold]
        + [[kind.name, "not installed", "", ""] for kind in _NOT_INSTALLED],
        "goal: warm 1.1",
    )


def test_bytes_on_the_wire_for_a_thousand_processes(sshd: Sshd, tmp_path: Path) -> None:
    rows = []
    with crowd(compiled("crowd", tmp_path), 1000), relay(sshd.port) as way:
        host = replace(sshd, port=way.port, folder=tmp_path).host()
        for kind in _INSTALLED:
            with closing(kind.connect(host)) as client:
                client.run(("true",))
                before = way.carried_bytes()
                assert _is_answer(client.run(_CHECK))
                first = way.carried_bytes()
                answer = client.run(_CHECK)
                second = way.carried_bytes()
            assert len(answer) > 1000
            rows.append(
                [kind.name, *(f"{n / 1e3:.1f}" for n in (len(answer), first - before, second - first))]
            )

    show(
        "A check with 1,000 processes, both ways together",
        ("", "answer KB", "first check KB", "later checks KB"),
        rows,
        "goal: 11 KB",
    )


def _cold(kind: Kind, host: HostAddress) -> Took:
    """Connect, log in, run `true`."""
    used_before_s = time.process_time() if kind.in_this_process else 0
    started = time.perf_counter()
    client: Client = kind.connect(host)
    with closing(client):
        assert client.run(("true",)) == b""
        wall_s = time.perf_counter() - started
        return Took(wall_s * 1e3, (client.cpu_s() - used_before_s) * 1e3)


def _warm(host: HostAddress, argv: tuple[str, ...], rounds: int) -> dict[str, list[Took]]:
    """Run a command again and again on connections that are open."""
    clients: dict[str, Client] = {kind.name: kind.connect(host) for kind in _INSTALLED}
    try:
        return in_turns({name: partial(_again, client, argv) for name, client in clients.items()}, rounds)
    finally:
        for client in clients.values():
            client.close()


def _again(client: Client, argv: tuple[str, ...]) -> Took:
    """Run it several times in a row, and once before to wake everything up."""
    _right(client.run(argv), argv)
    used_before_s, started = client.cpu_s(), time.perf_counter()
    answers = [client.run(argv) for _ in range(_IN_A_ROW)]
    wall_s = time.perf_counter() - started
    used_s = client.cpu_s() - used_before_s
    for answer in answers:
        _right(answer, argv)
    return Took(wall_s / _IN_A_ROW * 1e3, used_s / _IN_A_ROW * 1e3)


def _right(answer: bytes, argv: tuple[str, ...]) -> None:
    assert _is_answer(answer) if argv == _CHECK else answer == b""


def _is_answer(printed: bytes) -> bool:
    return printed.startswith(b"@meminfo\n") and printed.endswith(b"\n@end\n")


def _both(took: Sequence[Took]) -> str:
    return f"{median(t.wall_ms for t in took):.1f} / {median(t.cpu_ms for t in took):.2f}"


def _round_trips(took: Sequence[Took]) -> str:
    return f"{median(t.wall_ms for t in took) / _RTT_MS:.2f}"


def _beside_asyncssh(took: Mapping[str, Sequence[Took]], name: str) -> str:
    if "asyncssh" not in took:
        return ""
    return f"{ratio([t.cpu_ms for t in took[name]], [t.cpu_ms for t in took['asyncssh']]):.2f}"
