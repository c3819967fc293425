"""A limit for redis on a real systemd host: what it brings, that it lasts, and that it is undone whole."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bot.domain.units import MIB

from .remedying import APPROVER, OPERATOR, changed, number_of, serving, tree
from .services import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.both import Running

    from .lab import Lab
    from .machine import Machine

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def host(hosts: Lab) -> Iterator[Machine]:
    with hosts.boot("web-1", services=SEED) as machine:
        yield machine


@pytest.fixture(scope="module")
def program(host: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(host, tmp_path_factory.mktemp("redis")) as program:
        yield program


def cli(host: Machine, *words: str) -> str:
    return host.run_as_root(("redis-cli", *words)).stdout


def limits(host: Machine) -> tuple[int, str]:
    """Return the limit in bytes and the policy that the running redis has."""
    limit, policy = (cli(host, "CONFIG", "GET", name) for name in ("maxmemory", "maxmemory-policy"))
    return int(limit.split()[1]), policy.split()[1]


def used_bytes(host: Machine) -> int:
    found = re.search(r"used_memory:(\d+)", cli(host, "INFO", "memory"))
    assert found
    return int(found[1])


def restart(host: Machine) -> None:
    """Restart it as an administrator would, and wait until it has its data again."""
    done = host.run_as_root(("systemctl", "restart", "redis-server", "redis-data"), timeout_s=120)
    assert done.returncode == 0, done.stderr


def answer(program: Running, ask: str) -> str:
    """Ask, and return what is answered to the one who asked alone."""
    shown = {one.ts for one in program.slack.shown(OPERATOR)}
    program.slack.command(OPERATOR, ask)
    until = time.monotonic() + 60
    while True:
        for one in program.slack.shown(OPERATOR):
            if one.ts not in shown and one.ephemeral and "redis" in one.plain:
                sys.stdout.write(f"\n{ask}:\n{one.plain}\n")
                return one.plain
        assert time.monotonic() < until, (program.slack.shown(OPERATOR), program.printed)
        time.sleep(0.05)


def plan_card(program: Running, number: str) -> str:
    program.slack.command(APPROVER, f"plan {number}")
    until = time.monotonic() + 60
    while True:
        for one in program.slack.shown(APPROVER):
            if one.ephemeral and re.search(rf"[Pp]lan {number}\b(?s:.*)runs exactly", one.plain):
                sys.stdout.write(f"\n{one.plain}\n")
                return one.plain
        assert time.monotonic() < until, (program.slack.shown(APPROVER), program.printed)
        time.sleep(0.05)


def test_a_limit_below_what_it_holds_is_refused_and_nothing_is_changed(
    program: Running, host: Machine
) -> None:
    before = tree(host), limits(host)

    said = answer(program, "maxmemory web-1 redis 16mb")

    assert "more than 16 MiB: with noeviction every write would fail" in said
    assert "Name a policy that evicts keys" in said
    assert (tree(host), limits(host)) == before


def test_a_limit_lasts_over_a_restart_and_is_undone_byte_for_byte(program: Running, host: Machine) -> None:
    before = tree(host), limits(host)

    limited = changed(program, host, "maxmemory web-1 redis 64mb")

    assert limited.failed == 0
    assert limits(host) == (64 * MIB, "noeviction")
    plan = plan_card(program, number_of(limited))
    assert "redis keeps what it has of the system until it is restarted" in plan
    assert "when it holds 64 MiB every write fails" in plan
    restart(host)
    assert limits(host) == (64 * MIB, "noeviction")

    changed(program, host, f"undo {number_of(limited)}")

    assert (tree(host), limits(host)) == before
    restart(host)
    assert limits(host) == before[1]


def test_with_a_policy_that_evicts_it_is_held_below_what_it_held(program: Running, host: Machine) -> None:
    before = tree(host), limits(host)
    held = used_bytes(host)
    assert held > 32 * MIB

    limited = changed(program, host, "maxmemory web-1 redis 32mb allkeys-lru")

    assert limits(host) == (32 * MIB, "allkeys-lru")
    assert used_bytes(host) <= 32 * MIB
    assert cli(host, "SET", "session:new", "x").strip() == "OK"
    # What was evicted is redis's own until it restarts, as the plan foretold.
    assert abs(limited.available_mib[1] - limited.available_mib[0]) < 16

    changed(program, host, f"undo {number_of(limited)}")

    assert (tree(host), limits(host)) == before
