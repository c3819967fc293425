"""The real program with a login of its own on a real host: asking, approving, and what comes of it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bot.both import running

from .keys import new_key
from .load import visited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bot.both import Running
    from tests.servers.fake_slack import Shown

    from .machine import Machine

OPERATOR, APPROVER = "U01", "U02"
CONFIGURATION = """
[check]
every = "10s"
closely = "5s"

[alerts.rules.memory]
critical_hold = "5s"

[people]
operators = ["slack:U01"]
approvers = ["slack:U02", "slack:U03"]

[remediation]
watch = "30s"

[[host]]
name = "web-1"
address = "{host.address}"
user = "{user}"
key_file = "{key}"
known_hosts = "known_hosts"
sudo = true
services.gunicorn = {{ health = "http://{host.address}/" }}
"""
WATCHED = ("/etc/systemd", "/etc/default", "/etc/gunicorn", "/srv", "/etc/redis")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A change from the click that asked for it to its end, and what visitors had of it."""

    card: Shown
    asked_to_done_s: float
    visitors: str
    failed: int
    available_mib: tuple[int, int]


@contextmanager
def serving(host: Machine, folder: Path) -> Iterator[Running]:
    """Make memwarden's own login on the host by `host-setup`, and run the program that uses it."""
    (folder / "known_hosts").write_text(f"{host.host_key_line}\n")
    key = folder / "memwarden"
    new_key(key)
    (folder / "root.toml").write_text(CONFIGURATION.format(host=host, user="root", key=host.key_file))
    set_up(folder, "--user", "memwarden", "--key", f"{key}.pub", "--do")
    with running(folder, CONFIGURATION.format(host=host, user="memwarden", key=key)) as program:
        for user, name in (("U02", "bob"), ("U03", "eve")):
            program.slack.add_user(user, name)
        program.slack.add_channel("C01", "ops", members=("U01", "U02", "U03"))
        program.start()
        yield program


def set_up(folder: Path, *options: str) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "bot", "--config", str(folder / "root.toml"), "host-setup", "web-1", *options),
        input="y\n",
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def card(program: Running, wanted: str, *, within_s: float = 60.0) -> Shown:
    """Wait for a card with these words, the newest of them."""
    until = time.monotonic() + within_s
    while True:
        found = [one for one in program.slack.shown(APPROVER) if re.search(wanted, one.plain)]
        if found:
            return found[-1]
        assert time.monotonic() < until, (wanted, program.slack.shown(APPROVER), program.printed)
        time.sleep(0.05)


def tree(host: Machine) -> str:
    """Every file of the host that a change could touch, with its mode, owner and content."""
    script = 'for d in "$@"; do [ -e "$d" ] && find "$d" -printf "%p %m %u %g %l\\n" | sort; done; '
    script += 'for d in "$@"; do [ -e "$d" ] && find "$d" -type f -exec sha256sum {} + | sort; done; true'
    return host.run_as_root(("sh", "-c", script, "tree", *WATCHED)).stdout


def available_mib(host: Machine) -> int:
    return int(host.run_as_root(("awk", "/MemAvailable/ {print int($2/1024)}", "/proc/meminfo")).stdout)


def changed(program: Running, host: Machine, ask: str, *, per_s: float = 10.0) -> Fixed:
    """Ask for a change by words, approve it by a click, and wait until it was verified."""
    before_mib = available_mib(host)
    shown = {one.ts for one in program.slack.shown(APPROVER)}
    with visited(host.address, per_s) as visitors:
        time.sleep(1)
        asked_at = time.monotonic()
        program.slack.command(OPERATOR if not ask.startswith("undo") else APPROVER, ask)
        plan = waiting(program, shown)
        program.slack.click(APPROVER, plan, "Approve")
        name = rf"[Pp]lan {number_of_plan(plan)}\b(?s:.*)"
        card(program, rf"{name}done in")
        took_s = time.monotonic() - asked_at
        after_mib = available_mib(host)
        time.sleep(2)
    done = card(program, rf"{name}(Verified|Not helped)", within_s=90)
    fixed = Fixed(done, took_s, str(visitors), visitors.failed, (before_mib, after_mib))
    sys.stdout.write(
        f"\n{ask}: {took_s:.1f} s from the question to done, {before_mib} -> {after_mib} MiB available;"
        f" {visitors} at {per_s:g} a second\n{done.plain}\n"
    )
    return fixed


def waiting(program: Running, before: set[str]) -> Shown:
    until = time.monotonic() + 60
    while True:
        for one in program.slack.shown(APPROVER):
            if one.ts not in before and "Approve" in one.buttons and not one.ephemeral:
                return one
        assert time.monotonic() < until, (program.slack.shown(APPROVER), program.printed)
        time.sleep(0.02)


def number_of(fixed: Fixed) -> str:
    return number_of_plan(fixed.card)


def number_of_plan(shown: Shown) -> str:
    found = re.search(r"[Pp]lan (\d+)", shown.plain)
    assert found, shown.plain
    return found[1]
