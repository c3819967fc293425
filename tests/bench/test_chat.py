"""Slack and Discord at once, in one real process: how soon it listens, how fast it answers, what it holds."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import pytest

from tests.bench.rounds import show
from tests.bot.both import running
from tests.bot.places import OnDiscord, OnSlack, answers
from tests.servers.sshd import make_keys, running_sshd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.bot.both import Running
    from tests.servers.fake_discord import FakeDiscord
    from tests.servers.fake_slack import FakeSlack
    from tests.servers.sshd import Sshd

pytestmark = pytest.mark.bench

_ROUNDS = 5
_AT_ONCE = 50
_ANSWERED_S = 60.0
_IDLE_S = 10.0
_GOAL_MB = 100
_COMMANDS = (("status", ("local",)), ("report", ("local",)), ("top", ("local",)), ("help", ()))
_NOTE = "Looking…"
# What each platform, the store and SSH are made of, imported one after the other by an empty interpreter.
_IMPORTS = {
    "python, doing nothing": "sys",
    "the front door": "bot.__main__, adapters.wiring",
    "Slack": "adapters.chat.slack.chat",
    "Discord": "adapters.chat.discord.chat",
    "both": "adapters.chat.slack.chat, adapters.chat.discord.chat",
    "the store": "adapters.store.store",
    "the store with its migrations": "adapters.store.store, adapters.store.migrations.upgrade",
    "SSH": "adapters.hosts.ssh.shell",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds from a command to its acknowledgement, and to its answer, as the platform sees them."""

    acknowledged_s: float
    answered_s: float


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds, in MB (10^6): resident, its fair part of it (PSS), what its end would free."""

    resident_mb: float
    pss_mb: float
    own_mb: float
    threads: int


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The program with this machine as its only host, not yet started."""
    with running(tmp_path_factory.mktemp("both")) as program:
        yield program


def test_time_from_start_to_both_connected(program: Running) -> None:
    started, ended = [], []
    for _ in range(_ROUNDS):
        before = time.monotonic()
        program.start()
        started.append(time.monotonic() - before)
        ended.append(program.stop().after_s)

    show(
        f"From start to both connected and the commands registered: {_ROUNDS} rounds",
        ("", "median ms", "longest ms"),
        [
            [name, _ms(median(taken)), _ms(max(taken))]
            for name, taken in (("start to connected", started), ("SIGTERM to the end", ended))
        ],
        "the longest start makes the database",
    )
    assert program.printed == ""


def test_fifty_commands_at_once_on_each(program: Running) -> None:
    rows = []
    program.start()
    for words in ("help", "report local"):
        for name, taken in zip(("Slack", "Discord"), _bursts(program, words), strict=True):
            assert len(taken) == _AT_ONCE
            acknowledged = [one.acknowledged_s for one in taken]
            answered = [one.answered_s for one in taken]
            rows.append([f"{words}, {name}", *map(_ms, (*_p(acknowledged), *_p(answered)))])
    program.stop()

    show(
        f"{_AT_ONCE} commands at once on each platform, both at the same time: ms",
        ("", "ack p50", "ack p99", "answer p50", "answer p99"),
        rows,
        "`report` looks at this machine, so the answers wait for 100 looks at it; goal: ack p99 100 ms",
        "both fake platforms are one other process on the same machine",
    )
    assert program.printed == ""


def test_what_it_holds(tmp_path: Path) -> None:
    keys = make_keys(tmp_path)
    with (
        running_sshd(tmp_path / "sshd", keys, host_keys=("ed25519",)) as server,
        running(tmp_path, _host(server)) as program,
    ):
        held: dict[str, Held] = {}
        program.start()
        time.sleep(_IDLE_S)
        held["idle, having made the database"] = _held(program.pid)
        program.stop()
        program.start()
        time.sleep(_IDLE_S)
        held["started again, idle"] = _held(program.pid)
        _ask(program, _COMMANDS)
        held[f"after {len(_COMMANDS)} commands on each"] = _held(program.pid)
        _bursts(program, "report local")
        held[f"after {_AT_ONCE} at once on each"] = _held(program.pid)
        _ask(program, (("report", ("web-1",)),))
        held["after a host over SSH"] = _held(program.pid)
        program.stop()

    show(
        "What the program holds with both connected: MB",
        ("", "resident", "PSS", "own", "threads"),
        [[name, *_cells(one)] for name, one in held.items()],
        f"idle is {_IDLE_S:.0f} s after the start; goal: {_GOAL_MB} MB, idle",
    )
    show(
        "What importing holds, each by an interpreter of its own: MB",
        ("", "resident"),
        [[name, f"{_imported(modules):.1f}"] for name, modules in _IMPORTS.items()],
    )
    assert program.printed == ""


def _host(server: Sshd) -> str:
    return (
        f'[[host]]\nname = "local"\n[[host]]\nname = "web-1"\naddress = "{server.address}"\n'
        f'port = {server.port}\nuser = "{server.user}"\nkey_file = "{server.keys.client("ed25519")}"\n'
        f'known_hosts = "{server.known_hosts("ed25519")}"\n'
    )


def _ask(program: Running, commands: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    for place in (OnSlack(program.slack, 500), OnDiscord(program.discord, 500)):
        for command, values in commands:
            answers(place, partial(place.ask, command, *values))


def _bursts(program: Running, words: str) -> tuple[list[Taken], list[Taken]]:
    with ThreadPoolExecutor(2) as both:
        slack = both.submit(_burst_on_slack, program.slack, words)
        discord = both.submit(_burst_on_discord, program.discord, words)
    return slack.result(), discord.result()


def _burst_on_slack(slack: FakeSlack, words: str) -> list[Taken]:
    """Ask in a channel for each command: the order of their messages is that of the calls that said them."""
    channels = [f"C9{number:04d}" for number in range(_AT_ONCE)]
    for channel in channels:
        slack.add_channel(channel, channel.lower(), members=("U01",))
    seen = {shown.ts for channel in channels for shown in slack.shown("U01", channel)}
    calls = len(_said_on_slack(slack))

    asked = [slack.command("U01", words, channel=channel) for channel in channels]

    _wait(lambda: len(_said_on_slack(slack)) >= calls + _AT_ONCE)
    said_at = _said_on_slack(slack)[calls:]
    new = [
        shown
        for channel in channels
        for shown in slack.shown("U01", channel)
        if shown.ts not in seen and not shown.plain.startswith(_NOTE)
    ]
    new.sort(key=lambda shown: int(shown.ts.partition(".")[2]))
    at = {shown.channel: at for shown, at in zip(new, said_at, strict=True)}
    return [
        Taken(one.acknowledged_after_s or float("nan"), at[channel] - one.sent_at)
        for one, channel in zip(asked, channels, strict=True)
    ]


def _said_on_slack(slack: FakeSlack) -> list[float]:
    return [
        call.at
        for call in slack.called("response_url")
        if not call.error and not str(call.arguments["text"]).startswith(_NOTE)
    ]


def _burst_on_discord(discord: FakeDiscord, words: str) -> list[Taken]:
    discord.add_member("1", "ann")
    command, *hosts = words.split()
    options = dict(zip(("host",), hosts, strict=False))
    asked = []
    for _ in range(_AT_ONCE):
        before = time.monotonic()
        asked.append((before, discord.command("1", command, options, group="mem")))
    tokens = {one.token for _, one in asked}

    _wait(lambda: len(_said_on_discord(discord, tokens)) == _AT_ONCE)
    said = _said_on_discord(discord, tokens)
    return [
        Taken(one.acknowledged_after_s or float("nan"), said[one.token] - before) for before, one in asked
    ]


def _said_on_discord(discord: FakeDiscord, tokens: set[str]) -> dict[str, float]:
    found = (
        (re.search(r"^/webhooks/[^/]+/([^/]+)/messages/@original$", call.path), call)
        for call in discord.calls
        if call.method == "PATCH" and call.status < 300
    )
    return {match[1]: call.at for match, call in found if match and match[1] in tokens}


def _wait(fulfilled: Callable[[], bool]) -> None:
    until = time.monotonic() + _ANSWERED_S
    while not fulfilled():
        assert time.monotonic() < until, "answers are missing"
        time.sleep(0.05)


def _held(pid: int) -> Held:
    """Read what the kernel tells; it says kB and means KiB."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text() + Path(f"/proc/{pid}/status").read_text()
    number = {name: int(value) for name, value in re.findall(r"^(\w+):\s+(\d+)", told, re.MULTILINE)}
    mb = {name: kib * 1024 / 1e6 for name, kib in number.items()}
    own = mb["Private_Clean"] + mb["Private_Dirty"]
    return Held(mb["VmRSS"], mb["Pss"], own, number["Threads"])


def _imported(modules: str) -> float:
    code = f"import {modules}; print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
    ended = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    return int(ended.stdout) * 1024 / 1e6


def _p(seconds: Sequence[float]) -> tuple[float, float]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[98]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.0f}"


def _cells(held: Held) -> list[str]:
    return [*(f"{mb:.1f}" for mb in (held.resident_mb, held.pss_mb, held.own_mb)), str(held.threads)]
