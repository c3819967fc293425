"""A plan on a real host that is cut off at a moment of its execution, and what is true of it in the end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.store.store import open_store
from bot.domain.approval import Phase
from bot.errors import StoreError
from tests.bot.both import running

from .keys import new_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.approval import Approval
    from bot.domain.plan import Plan
    from tests.bot.both import Running
    from tests.servers.fake_slack import Shown

    from .machine import Machine

OPERATOR, APPROVER = "U01", "U02"
WORKERS, STOP = "workers web-1 gunicorn 2", "stop web-1 daphne"
_CONFIGURATION = """
[people]
operators = ["slack:U01"]
approvers = ["slack:U02", "slack:U03"]

[check]
timeout = "10s"

[[host]]
name = "web-1"
address = "{host.address}"
user = "{user}"
key_file = "{key}"
known_hosts = "{folder}/known_hosts"
sudo = true
"""
_FATE = Path(__file__).parent / "fate"
_SUDO = ("/usr/bin/sudo", "-n")
_DROP_IN = "/etc/systemd/system/gunicorn.service.d/50-memwarden.conf"
_LONGEST_S = 240.0
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_RESET = """
if [ -e {drop_in} ]; then rm {drop_in}; rmdir --ignore-fail-on-non-empty {folder}; fi
systemctl daemon-reload
pgrep -P $(systemctl show -p MainPID --value gunicorn) >/tmp/now; [ $(wc -l </tmp/now) = 4 ] ||
    systemctl restart gunicorn
systemctl start daphne
until [ $(ls /run/gunicorn | grep -c loaded) = 4 ] && [ $(ls /run/daphne | grep -c loaded) = 1 ]; do
    sleep 0.1
done
"""


@dataclass(frozen=True, slots=True)
class State:
    """How the host really is, of what the plans change."""

    workers: int
    drop_in: bool
    daphne: bool

    def __str__(self) -> str:
        return (
            f"{self.workers} workers{', file' if self.drop_in else ''}{'' if self.daphne else ', no daphne'}"
        )


ORIGIN = State(4, drop_in=False, daphne=True)
GOALS = {WORKERS: State(2, drop_in=True, daphne=True), STOP: State(4, drop_in=False, daphne=False)}


@dataclass(frozen=True, slots=True)
class Ended:
    """What was true in the end, and what was said of it."""

    moment: str
    approval: Approval
    card: str
    state: State
    ran: tuple[str, ...]
    audit: str

    @property
    def wrong(self) -> tuple[str, ...]:
        """Say what must not be; nothing if all is as it should be."""
        due = privileged(self.approval.plan)
        goal = GOALS[self.approval.plan.words]
        words = _expected(self.state, goal)
        phase = Phase.WATCHED if self.state == goal else Phase.INTERRUPTED
        found = []
        if self.ran != due[: len(self.ran)]:
            found.append(f"ran {self.ran}, not the beginning of {due}")
        if self.approval.phase is not phase:
            found.append(f"it is {self.approval.phase}, not {phase}")
        if not re.search(words, self.approval.verdict) or self.approval.verdict[:60] not in self.card:
            found.append(f"neither the verdict nor the card say {words!r}")
        if ("Undo" in self.card) is (self.state == ORIGIN):
            found.append("Undo is offered for nothing, or not offered")
        if "The audit holds" not in self.audit:
            found.append(f"the audit: {self.audit}")
        return tuple(found)

    def __str__(self) -> str:
        ran = f"{len(self.ran)}/{len(privileged(self.approval.plan))} ran"
        return (
            f"{self.moment[:60]:60} | {ran} | {self.state} |"
            f" {self.approval.phase} | {self.approval.verdict[:110]} | {'; '.join(self.wrong) or 'right'}"
        )


def _expected(state: State, goal: State) -> str:
    if state == goal:
        return r"[Dd]one in"
    return r"nothing was (done|changed)|nothing of it is left" if state == ORIGIN else "half done"


def privileged(plan: Plan) -> tuple[str, ...]:
    """Return what a plan runs as root, as sudo writes it down."""
    return tuple(" ".join(step.argv[2:]) for step in plan.steps if step.argv[:2] == _SUDO)


class Bench:
    """A host with the seed's stack, and memwarden's own login there."""

    def __init__(self, host: Machine, folder: Path) -> None:
        self.host = host
        self.folder = folder
        self._runs = 0
        (folder / "known_hosts").write_text(f"{host.host_key_line}\n")
        new_key(folder / "memwarden")
        (folder / "root.toml").write_text(self._configuration("root", host.key_file))
        options = ("--user", "memwarden", "--key", f"{folder / 'memwarden'}.pub", "--do")
        self._memwarden("root.toml", "host-setup", "web-1", *options)

    @contextmanager
    def program(self, fatal: str) -> Iterator[Interrupted]:
        """Have a program of its own that halts at a moment; the host as before, now and at the end."""
        self._runs += 1
        folder = self.folder / str(self._runs)
        folder.mkdir()
        self.reset()
        (folder / "at").write_text(fatal)
        environment = {
            "FATE": str(folder),
            "PYTHONPATH": os.pathsep.join((str(_FATE), *filter(None, sys.path))),
        }
        configuration = self._configuration("memwarden", self.folder / "memwarden")
        with running(folder, configuration, **environment) as program:
            program.slack.add_user("U02", "bob")
            program.slack.add_channel("C01", "ops", members=("U01", "U02"))
            try:
                yield Interrupted(self, program, folder)
            finally:
                self.link("up")
        shutil.rmtree(folder)

    def reset(self) -> None:
        """Have the host as it was at first."""
        folder = Path(_DROP_IN).parent
        script = _RESET.format(drop_in=_DROP_IN, folder=folder)
        done = self.host.run_as_root(("sh", "-ec", script), timeout_s=_LONGEST_S)
        assert done.returncode == 0, done.stderr
        assert self.state() == ORIGIN

    def state(self) -> State:
        """Look how the host is."""
        script = (
            f"pgrep -cP $(systemctl show -p MainPID --value gunicorn); [ -e {_DROP_IN} ]; echo $?;"
            " systemctl is-active -q daphne; echo $?"
        )
        workers, file, daphne = map(int, self.host.run_as_root(("sh", "-c", script)).stdout.split())
        return State(workers, drop_in=file == 0, daphne=daphne == 0)

    def ran(self, cursor: str) -> tuple[str, ...]:
        """Return what sudo let memwarden run since, as sudo told the host's journal; looks left out."""
        self.host.run_as_root(("journalctl", "--sync"))
        argv = ("journalctl", "-t", "sudo", "-o", "cat", "--no-pager", f"--after-cursor={cursor}")
        found = re.findall(r"memwarden : .*COMMAND=(.*)", self.host.run_as_root(argv).stdout)
        changes = r"/usr/bin/systemctl |/usr/local/sbin/memwarden-host (workers|maxmemory|forget)"
        return tuple(command.strip() for command in found if re.match(changes, command))

    def cursor(self) -> str:
        """Return where the host's journal is now."""
        said = self.host.run_as_root(("journalctl", "-n0", "--show-cursor", "--no-pager")).stdout
        return said.partition("cursor: ")[2].strip()

    def restarted(self) -> None:
        """Have the host begin anew at once."""
        self.host = self.host.reset()

    def link(self, state: str) -> None:
        """Take the host's network `down`, or `up` again."""
        self.host.run_as_root(("ip", "link", "set", "eth0", state))

    def cut_off(self) -> None:
        """End what sshd has for memwarden, as if the network had; what they run is not told."""
        self.host.run_as_root(("pkill", "-KILL", "-u", "memwarden", "-x", "sshd"))

    def verified(self, folder: Path) -> str:
        """Return what `memwarden audit verify` says."""
        return self._memwarden("config.toml", "audit", "verify", cwd=folder)

    def _configuration(self, user: str, key: Path) -> str:
        return _CONFIGURATION.format(host=self.host, user=user, key=key, folder=self.folder)

    def _memwarden(self, configuration: str, *words: str, cwd: Path | None = None) -> str:
        folder = cwd or self.folder
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-0",
            "SLACK_APP_TOKEN": "xapp-0",
            "DISCORD_TOKEN": "a.b.c",
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        done = subprocess.run(
            (sys.executable, "-m", "bot", "--config", str(folder / configuration), *words),
            input="y\n",
            capture_output=True,
            check=False,
            text=True,
            timeout=_LONGEST_S,
            cwd=folder,
            env=os.environ | environment,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@dataclass(slots=True)
class Interrupted:
    """The real program, asked for one change, which halts at a moment of its execution."""

    bench: Bench
    program: Running
    folder: Path
    cursor: str = ""

    def ask(self, words: str) -> None:
        """Ask for a change and approve it."""
        self.cursor = self.bench.cursor()
        self.program.start()
        self.program.slack.command(OPERATOR, words)
        until = time.monotonic() + _LONGEST_S
        while not (plans := [one for one in self._shown() if "Approve" in one.buttons]):
            assert time.monotonic() < until, (self._shown(), self.program.printed)
            time.sleep(0.02)
        self.program.slack.click(APPROVER, plans[-1], "Approve")

    def halted(self) -> str:
        """Wait for the moment; return what it is, or nothing if all was over before."""
        until = time.monotonic() + _LONGEST_S
        file = self.folder / "halted"
        while not file.exists():
            # One that halts within a transaction keeps everybody else out.
            with suppress(StoreError):
                if self.approval.ended_at:
                    return ""
            assert time.monotonic() < until, self.program.printed
            time.sleep(0.2)
        return file.read_text()

    def go_on(self) -> None:
        """Let it go on from where it halted."""
        (self.folder / "halted").unlink()

    def kill(self) -> None:
        """Kill the program, -9, and start another that halts nowhere."""
        self.program.kill()
        (self.folder / "at").unlink()
        self.program.start()

    def says(self, words: str) -> None:
        """Wait for words on the card."""
        until = time.monotonic() + _LONGEST_S
        while words not in self.card:
            assert time.monotonic() < until, (self.card, self.program.printed)
            time.sleep(0.2)

    @property
    def approval(self) -> Approval:
        """The plan as it is kept."""
        store = open_store(str(self.folder / "state/memwarden/memwarden.sqlite3"), busy_timeout_s=1)
        try:
            return store.approvals(_EVER)[0]
        finally:
            store.close()

    @property
    def card(self) -> str:
        """The plan's card as people see it, with its buttons."""
        cards = [one for one in self._shown() if "lan 1 " in one.plain and not one.thread_ts]
        return f"{cards[-1].plain} {' '.join(cards[-1].buttons)}" if cards else ""

    def ended(self, moment: str) -> Ended:
        """Wait until it came to an end by itself, and said so; look what is true then."""
        until = time.monotonic() + _LONGEST_S
        while (approval := self.approval).ended_at is None or approval.verdict[:60] not in self.card:
            assert time.monotonic() < until, (moment, approval, self.card, self.program.printed)
            time.sleep(0.1)
        state, ran = self.bench.state(), self.bench.ran(self.cursor)
        return Ended(moment, replace(approval), self.card, state, ran, self.bench.verified(self.folder))

    def _shown(self) -> tuple[Shown, ...]:
        return tuple(one for one in self.program.slack.shown(APPROVER) if not one.ephemeral)
