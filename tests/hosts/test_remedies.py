"""Two clicks on a real systemd host with the seed's stack: what it frees, what visitors notice, and back."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

import pytest

from .load import visited
from .remedying import (
    APPROVER,
    OPERATOR,
    available_mib,
    card,
    changed,
    number_of,
    serving,
    tree,
    waiting,
)
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
    with serving(host, tmp_path_factory.mktemp("remedies")) as program:
        yield program


def test_two_clicks_on_the_alert_give_the_memory_back_and_nobody_notices(
    program: Running, host: Machine
) -> None:
    before = tree(host)
    alert = card(program, r"web-1.*critical|critical.*web-1", within_s=120)
    fix = next(label for label in alert.buttons if "workers" in label)
    shown = {one.ts for one in program.slack.shown(APPROVER)}
    before_mib = available_mib(host)
    with visited(host.address, 10) as visitors:
        clicked_at = time.monotonic()
        program.slack.click(OPERATOR, alert, fix)
        plan = waiting(program, shown)
        sys.stdout.write(f"\n{plan.plain}\n")
        program.slack.click(APPROVER, plan, "Approve")
        card(program, "done in")
        took_s = time.monotonic() - clicked_at
        after_mib = available_mib(host)
        time.sleep(2)
    done = card(program, "Verified", within_s=90)
    sys.stdout.write(
        f"\nfrom the click to done {took_s:.1f} s; {before_mib} -> {after_mib} of 961 MiB available;"
        f" {visitors}\n{done.plain}\n"
    )

    assert visitors.failed == 0
    assert before_mib < 96
    assert after_mib >= 0.25 * 961
    freed, expected = map(int, re.findall(r"freed (\d+) MiB \(expected (\d+) MiB\)", done.plain)[0])
    assert abs(freed - expected) <= 0.15 * expected

    back = changed(program, host, "undo 1")

    assert back.failed == 0
    assert tree(host) == before


def test_fifty_requests_a_second_notice_nothing_either(program: Running, host: Machine) -> None:
    before = tree(host)

    less = changed(program, host, "workers web-1 gunicorn 2", per_s=50)
    more = changed(program, host, f"undo {number_of(less)}", per_s=50)

    assert (less.failed, more.failed) == (0, 0)
    assert tree(host) == before


def test_daphne_is_stopped_and_started_again(program: Running, host: Machine) -> None:
    before = tree(host)

    stopped = changed(program, host, "stop web-1 daphne")
    assert host.run_as_root(("systemctl", "is-active", "daphne")).stdout.strip() == "inactive"
    started = changed(program, host, f"undo {number_of(stopped)}")

    assert host.run_as_root(("systemctl", "is-active", "daphne")).stdout.strip() == "active"
    assert stopped.failed == started.failed == 0
    assert tree(host) == before
