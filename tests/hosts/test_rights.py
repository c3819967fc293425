"""What somebody can do who has stolen the bot's key, on a real host set up by `memwarden host-setup`.

In both modes: a login with exact sudo rules, and the hardened one, where the key runs what the host allows
and nothing else. And that the whole product works in the hardened one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.bot.both import running

from .attempts import ATTEMPTS, EVIL, HARDENED, HELPER, PLAIN, Attempt
from .commands import run
from .keys import new_key
from .remedying import APPROVER, OPERATOR, card, changed, number_of, set_up, waiting
from .services import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.bot.both import Running

    from .lab import Lab
    from .machine import Machine

pytestmark = pytest.mark.host

LOGIN = "memwarden"
CONFIGURATION = """
[check]
every = "10s"
closely = "5s"

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
"""
NEVER_CHANGED = ("/etc", "/usr/local", "/root", "/run/systemd/system", "/var/spool/cron")
CONTROL = "/run/systemd/system.control"
FALSE_PROGRAMS = ("awk", "cat", "id", "ls", "mv", "sh", "sha256sum", "systemctl", "memwarden-host", "env")
HELPER_ASKED = (
    ("workers", "ssh.service", "2"),
    ("workers", "gunicorn.service", "0"),
    ("workers", "gunicorn.service", "100000"),
    ("workers", "gunicorn.service", "2 --config=/tmp/x"),
    ("workers", "gunicorn.service\nssh.service", "2"),
    ("workers", "../../../tmp/x.service", "2"),
    ("workers", "*.service", "2"),
    ("workers", "--help", "2"),
    ("maxmemory", "redis-server.service", "17", "noeviction"),
    ("maxmemory", "redis-server.service", "16", "noeviction --dir /root"),
    ("forget", "ssh.service"),
    ("forget", "/etc"),
    ("smaps", "1"),
    (),
)
OPENER = re.compile(r"exec /bin/sh -c 'echo \S+;echo \S+ >&2;exec /bin/sh'")
"""What asks for a shell that stays open: every connection begins with it, and goes on without one."""


@dataclass(frozen=True, slots=True)
class Thief:
    """Whoever has the bot's key, and OpenSSH's own client."""

    host: Machine
    folder: Path
    key: Path

    def tries(self, attempt: Attempt) -> bool:
        """Tell whether it worked."""
        done = run(
            *self._words(attempt),
            stdin=attempt.stdin,
            env={**os.environ, "SSH_AUTH_SOCK": str(self.folder / "agent"), **dict(attempt.environment)},
        )
        return done.returncode == 0

    def _words(self, attempt: Attempt) -> tuple[str, ...]:
        address = f"{LOGIN}@{self.host.address}"
        settings = {
            "BatchMode": "yes",
            "IdentitiesOnly": "yes",
            "IdentityFile": str(self.key),
            "UserKnownHostsFile": str(self.folder / "known_hosts"),
            "LogLevel": "ERROR",
        }
        if attempt.program == "ssh" and not attempt.options:
            shared = {"ControlMaster": "auto", "ControlPersist": "30"}
            settings |= {**shared, "ControlPath": str(self.folder / "shared")}
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        words: Sequence[str] = (address, attempt.command) if attempt.command else (address,)
        if attempt.program == "sftp":
            words = ("-b", "-", address)
        if attempt.program == "scp":
            words = (f"{address}:{attempt.command}", os.devnull)
        return (attempt.program, "-F", "none", *options, *attempt.options, *words)

    def leaves(self) -> None:
        """End the connection that the attempts share."""
        words = ("-o", f"ControlPath={self.folder / 'shared'}", "-O", "exit", self.host.address)
        run("ssh", "-F", "none", *words)


@pytest.fixture(scope="module")
def host(hosts: Lab) -> Iterator[Machine]:
    with hosts.boot("web-1", services=SEED) as machine:
        yield machine


@pytest.fixture(scope="module")
def thief(host: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Thief]:
    folder = tmp_path_factory.mktemp("rights")
    (folder / "known_hosts").write_text(f"{host.host_key_line}\n")
    key = folder / "memwarden"
    new_key(key)
    configuration = CONFIGURATION.format(host=host, user="root", key=host.key_file)
    (folder / "root.toml").write_text(configuration)
    with agent(folder / "agent"):
        yield Thief(host, folder, key)


@contextmanager
def agent(socket: Path) -> Iterator[None]:
    """Run an ssh-agent, for a client that offers it."""
    process = subprocess.Popen(("ssh-agent", "-D", "-a", str(socket)), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def install(thief: Thief, mode: str) -> str:
    """Set the host up as the documentation says, and put a thief's own files there."""
    hardened = ("--hardened",) if mode == HARDENED else ()
    said = set_up(thief.folder, "--user", LOGIN, "--key", f"{thief.key}.pub", *hardened, "--do")
    script = "rm -rf $0; mkdir -p $0; for name in $@; do"
    script += ' printf \'#!/bin/sh\\ntouch %s/ran\\n\' "$0" >"$0/$name"; chmod 755 "$0/$name"; done;'
    script += " printf '[Service]\\nExecStart=/bin/true\\n' >$0/evil.service; chown -R memwarden $0"
    thief.host.run_as_root(("sh", "-c", script, EVIL, *FALSE_PROGRAMS))
    return said


def memwarden(folder: Path, *words: str) -> str:
    looked = subprocess.run(
        (sys.executable, "-m", "bot", *words),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "looked")},
    )
    return looked.stdout + looked.stderr


def refused_since(host: Machine, began: str) -> set[str]:
    """Return what the gate let nobody do, as the host's log has it."""
    told = as_root(host, f"journalctl --no-pager --output=cat --identifier=memwarden-host --since=@{began}")
    return {line.removeprefix("refused: ") for line in told.splitlines()}


def as_root(host: Machine, script: str) -> str:
    done = host.run_as_root(("sh", "-c", script))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fingerprint(host: Machine) -> str:
    """Every file in the places that only root may change, and what they hold."""
    places = " ".join(NEVER_CHANGED)
    return as_root(
        host,
        f"for d in {places} {CONTROL}; do [ -e $d ] || continue;"
        " find $d -printf '%p %y %m %u %g %l\\n' | sort; find $d -type f -exec sha256sum {} + | sort; done",
    )


def essentials(host: Machine) -> str:
    """Which services run that a host needs, and since when."""
    units = "ssh.service dbus.service systemd-journald.service nginx.service"
    return as_root(host, f"systemctl show --property=Id,ActiveState,ExecMainStartTimestampMonotonic {units}")


@pytest.mark.parametrize("mode", [PLAIN, HARDENED])
def test_a_stolen_key_can_do_this_and_nothing_else(thief: Thief, mode: str) -> None:
    install(thief, mode)
    before, ran = fingerprint(thief.host), essentials(thief.host)

    worked = [(attempt, thief.tries(attempt)) for attempt in ATTEMPTS]

    thief.leaves()
    sys.stdout.write(f"\n{lists(mode, worked)}")
    surprises = [(each, did) for each, did in worked if did != (mode in each.works)]
    assert surprises == []
    assert fingerprint(thief.host) == before
    assert essentials(thief.host) == ran
    assert as_root(thief.host, f"find {EVIL} -user root") == ""


def lists(mode: str, worked: Sequence[tuple[Attempt, bool]]) -> str:
    """Say what they could do, and what they could not, and in how many ways it was tried."""
    text = ""
    for head, wanted in (("could", True), ("could not", False)):
        tried = Counter(attempt.what for attempt, did in worked if did == wanted)
        text += f"{mode}: who has the key {head} ({sum(tried.values())} tried)\n"
        text += "".join(f"- {what} ({count})\n" for what, count in tried.items())
    return text


def test_the_rules_are_exact_and_visudo_finds_nothing_wrong(thief: Thief) -> None:
    install(thief, PLAIN)

    checked = thief.host.run_as_root(("visudo", "-cf", "/etc/sudoers.d/memwarden"))
    rules = as_root(thief.host, "grep -v '^#' /etc/sudoers.d/memwarden").splitlines()

    assert checked.returncode == 0, checked.stderr
    assert f"memwarden ALL=(root) NOPASSWD: {HELPER} smaps" in rules
    assert all(rule.startswith("memwarden ALL=(root) NOPASSWD: /usr/") for rule in rules)
    assert not re.search(r"[*?\[\]!]|/sh\b|bash|awk|tee|ALL$", "\n".join(rules))
    assert not re.search(r"ssh|dbus|systemd|nginx", "\n".join(rules))


@pytest.mark.parametrize("mode", [PLAIN, HARDENED])
def test_setting_up_again_changes_nothing(thief: Thief, mode: str) -> None:
    said = install(thief, mode)
    keys = "cat ~memwarden/.ssh/authorized_keys"
    before = fingerprint(thief.host), as_root(thief.host, keys)

    install(thief, mode)

    assert (fingerprint(thief.host), as_root(thief.host, keys)) == before
    steps = ["login memwarden", "program", "asked for", "sudo rules", "the key"]
    assert all(re.search(rf"done: .*{step}", said) for step in steps)
    assert said.index("# the key") < said.index("done: ")


@pytest.mark.parametrize("attempt", HELPER_ASKED, ids=" ".join)
def test_the_program_itself_refuses_what_sudo_would_not_let_through(
    thief: Thief, attempt: tuple[str, ...]
) -> None:
    before = fingerprint(thief.host)

    asked = thief.host.run_as_root((HELPER, *attempt))

    assert asked.returncode in (1, 64)
    assert fingerprint(thief.host) == before


def test_the_whole_product_works_through_the_gate(thief: Thief, host: Machine) -> None:
    install(thief, HARDENED)
    before, began = fingerprint(host), as_root(host, "date +%s").strip()
    configuration = CONFIGURATION.format(host=host, user=LOGIN, key=thief.key)

    with running(thief.folder, configuration) as program:
        for user, name in (("U02", "bob"), ("U03", "eve")):
            program.slack.add_user(user, name)
        program.slack.add_channel("C01", "ops", members=("U01", "U02", "U03"))
        program.start()
        for ask in ("status web-1", "report web-1", "why web-1", "service web-1 gunicorn", "doctor"):
            program.slack.command(OPERATOR, ask)
        less = changed(program, host, "workers web-1 gunicorn 2")
        done(program, f"undo {number_of(less)}")
        for ask in ("stop web-1 daphne", "start web-1 daphne"):
            done(program, ask)
        limited = done(program, "maxmemory web-1 redis 128mb allkeys-lru")
        done(program, f"undo {limited}")
        done(program, "restart web-1 daphne")
        examined = memwarden(thief.folder, "doctor", "web-1")
        sys.stdout.write(examined)

    assert "USS could not be read" not in less.card.plain
    assert less.failed == 0
    assert "everything: PSS of all" in examined
    assert fingerprint(host) == before
    assert [said for said in refused_since(host, began) if not OPENER.fullmatch(said)] == []


def done(program: Running, ask: str) -> str:
    """Ask for a change, approve it, wait until it is done, and return the plan's number."""
    shown = {one.ts for one in program.slack.shown(APPROVER)}
    program.slack.command(APPROVER if ask.startswith("undo") else OPERATOR, ask)
    plan = waiting(program, shown)
    program.slack.click(APPROVER, plan, "Approve")
    number = re.search(r"[Pp]lan (\d+)", plan.plain)
    assert number, plan.plain
    card(program, rf"[Pp]lan {number[1]}\b(?s:.*)done in")
    return number[1]
