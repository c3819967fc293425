"""What is looked at on one host, to know whether memwarden can do its work there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.attribution import Kind
from bot.domain.finding import Finding, State
from bot.domain.policy import Level
from bot.domain.units import duration, percent, size
from bot.errors import (
    BotError,
    CommandTimedOut,
    ConfigError,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    LoginRefused,
)
from bot.facts import number
from bot.flows.check import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.config import Host
    from bot.domain.check import Checked
    from bot.domain.memory import Gap, Snapshot
    from bot.ports import Completed, Ports

# A host writes this, and people run commands with it: a name as useradd(8) takes it, nothing else.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}\$?")
_WHO = re.compile(rf"uid=(?P<uid>[0-9]{{1,10}})(?:\((?P<name>{_NAME.pattern})\))?")
_NOTED_REST_PERCENT = 10.0
_NOTED_SKEW_S, _WRONG_SKEW_S = 5.0, 60.0
# As systemctl(1) lists them; the others mean that systemd is not what runs this host.
_MANAGED = frozenset({"initializing", "starting", "running", "degraded", "maintenance", "stopping"})
_NOT_INSTALLED = 127
# The first Linux with MemAvailable.
_TELLS_AVAILABLE = (3, 14)
_REPORT = "Run it again; if that stays so, report it to memwarden with what `memwarden check --json` prints."


@dataclass(frozen=True, slots=True)
class Visit:
    """One host, and the ports to look at it with."""

    ports: Ports
    name: str

    @property
    def host(self) -> Host:
        """The host as it is configured."""
        return self.ports.config.host(self.name)

    def run(self, *argv: str) -> Completed:
        """Run a command there. Raises HostError, ConfigError."""
        return self.ports.hosts.shell(self.name).run(argv, timeout_s=self.ports.config.check.timeout_s)

    def found(self, subject: str, state: State, sentence: str, remedy: str = "") -> Finding:
        """Return what was found here."""
        return Finding(f"{self.name}: {subject}", state, sentence, remedy)


def login(visit: Visit) -> Iterator[Finding]:
    """Get there, and learn as whom. Raises HostError, ConfigError."""
    there = "this machine" if visit.host.is_local else "logged in; the host key is the pinned one"
    found = _id(visit)
    if found is None:
        look = "`id`" if visit.host.is_local else f"`ssh {visit.name} id`"
        sentence = f"{there}, but `id` does not tell as whom"
        yield visit.found("login", State.NOTE, sentence, f"See what {look} prints.")
        return
    who = found["name"] or f"user {found['uid']}"
    said = (
        f"{there}, as {who}" if visit.host.is_local else f"logged in as {who}; the host key is the pinned one"
    )
    yield visit.found("login", State.RIGHT, said)


def _id(visit: Visit) -> re.Match[str] | None:
    return _WHO.match(visit.run("id").stdout.decode("utf-8", "replace"))


def _login_name(visit: Visit) -> str:
    """Return the login's name for a command that a person may run, else a word in its place."""
    found = _id(visit)
    if found and found["name"]:
        return found["name"]
    configured = visit.host.user or ""
    return configured if _NAME.fullmatch(configured) else "LOGIN"


def clock(visit: Visit) -> Iterator[Finding]:
    """Compare the host's clock with ours, to the second that `date` tells. Raises HostError."""
    before = visit.ports.now()
    answer = visit.run("date", "+%s")
    after = visit.ports.now()
    seconds = number(answer.stdout.decode("utf-8", "replace").strip())
    if answer.status != 0 or seconds is None:
        yield visit.found("clock", State.NOTE, "`date +%s` does not tell its time")
        return
    # Seconds are cut, so half of one is the best guess; the answer was made half-way between.
    middle = before + (after - before) / 2
    ahead_s = seconds + 0.5 - middle.timestamp()
    if abs(ahead_s) <= _NOTED_SKEW_S:
        yield visit.found("clock", State.RIGHT, f"agrees with ours to {_NOTED_SKEW_S:g} s")
        return
    state = State.WRONG if abs(ahead_s) > _WRONG_SKEW_S else State.NOTE
    direction = "ahead of" if ahead_s > 0 else "behind"
    yield visit.found(
        "clock",
        state,
        f"is {duration(abs(ahead_s))} {direction} ours",
        "Let both machines keep time: `sudo timedatectl set-ntp true`.",
    )


def measurement(visit: Visit) -> Iterator[Finding]:
    """Measure deeply; see what that explains of the host, and what could not be read. Raises HostError."""
    checked = check(visit.ports, visit.name, deep=True)
    yield _explained(visit, checked)
    if checked.assessment.level is Level.UNKNOWN:
        yield _unjudged(visit, checked.snapshot)
    gaps = checked.snapshot.gaps
    for gap in gaps:
        yield visit.found("what it may read", State.NOTE, f"not {gap.what}: {gap.reason}", _for(gap, visit))
    if not visit.ports.config.check.deep_budget_gib:
        yield visit.found(
            "what it may read",
            State.NOTE,
            "PSS is never read, for `deep_budget_gib` is 0",
            "Set `deep_budget_gib` under [check] above 0 to have exact figures.",
        )
    elif not gaps:
        count = len(checked.snapshot.processes)
        yield visit.found("what it may read", State.RIGHT, f"everything: PSS of all {count} processes")


def _explained(visit: Visit, checked: Checked) -> Finding:
    """Judge what is in no line: some always is, and in a container that sees the whole machine much."""
    breakdown = checked.breakdown
    share = 100 * sum(line.bytes for line in breakdown.of(Kind.UNACCOUNTED)) / breakdown.total_bytes
    told = f"answers; {percent(share)} of {size(breakdown.total_bytes)} is unaccounted"
    if abs(share) <= _NOTED_REST_PERCENT:
        return visit.found("probe", State.RIGHT, told)
    if share < 0:
        more = f"answers, but tells {percent(-share)} more than the {size(breakdown.total_bytes)} there are"
        return visit.found("probe", State.NOTE, more, _REPORT)
    identity = checked.snapshot.identity
    if identity.container and not identity.virtual_meminfo:
        return visit.found(
            "probe", State.NOTE, f"{told}: it is a container that does not see other processes"
        )
    return visit.found(
        "probe",
        State.NOTE,
        f"{told}: no process holds it, and no counter of the kernel tells of it",
        "Look at what takes memory behind the kernel's back there: ZFS, a hypervisor's balloon, the driver"
        " of a graphics or network card.",
    )


def _unjudged(visit: Visit, snapshot: Snapshot) -> Finding:
    if snapshot.identity.older_than(*_TELLS_AVAILABLE):
        remedy = "Update that host to Linux 3.14 or newer, which tells what is available."
    else:
        remedy = "See there why `grep MemAvailable /proc/meminfo` prints nothing."
    sentence = "unknown, for the host does not tell what is available: memwarden cannot warn of it"
    return visit.found("level", State.WRONG, sentence, remedy)


def _for(gap: Gap, visit: Visit) -> str:
    """Return what would fill the gap, empty where nothing does; the phrases are those of `bot.probe`."""
    if "budget" in gap.reason:
        return "Raise `deep_budget_gib` under [check]; a deep read costs that host more then."
    if "hidepid" in gap.reason:
        return "Add the login to the group that `gid=` names in the mount options of /proc there."
    if "only root" in gap.reason or "host refused" in gap.reason:
        rule = f"`{_login_name(visit)} ALL=(root) NOPASSWD: /usr/bin/awk`"
        and_set = "" if visit.host.sudo else f" and set `sudo = true` for {visit.name} here"
        return (
            f"For exact figures run `memwarden host-setup {visit.name}`: it grants that and what plans need."
            f" Or allow {rule} there with visudo{and_set}."
            " It is as good as root for whoever holds the key; without it figures are estimated."
        )
    return ""


def systemd(visit: Visit) -> Iterator[Finding]:
    """See whether systemd runs the host. Raises HostError."""
    said = visit.run("systemctl", "is-system-running").stdout.decode("utf-8", "replace").strip()
    if said in _MANAGED:
        yield visit.found("systemd", State.RIGHT, f"runs this host ({said})")
    else:
        yield visit.found(
            "systemd",
            State.NOTE,
            "does not run this host: services are told by their programs, and have no state and no log",
        )


def journal(visit: Visit) -> Iterator[Finding]:
    """See whether the system's last log line can be read. Raises HostError.

    `journalctl` ends well even where it may not look; it says so on standard error.
    """
    answer = visit.run("journalctl", "--no-pager", "--system", "--lines=1", "--output=short-iso")
    stdout, stderr = (output.decode("utf-8", "replace") for output in (answer.stdout, answer.stderr))
    if answer.status == _NOT_INSTALLED or "No journal files were found" in stderr:
        yield visit.found("journal", State.NOTE, "there is none: `service` shows no log lines")
    elif "not seeing messages" in stderr or "permission" in stderr or not _lines(stdout):
        remedy = f"Run `sudo usermod -aG systemd-journal {_login_name(visit)}` there."
        yield visit.found("journal", State.NOTE, "shows this login nothing of other users' services", remedy)
    else:
        yield visit.found("journal", State.RIGHT, "can be read")


def _lines(output: str) -> list[str]:
    return [line for line in output.split("\n") if line.strip() and not line.startswith("-- ")]


LOOKS: tuple[tuple[str, Callable[[Visit], Iterator[Finding]]], ...] = (
    ("login", login),
    ("clock", clock),
    ("probe", measurement),
    ("systemd", systemd),
    ("journal", journal),
)
"""In this order; what the first raises, all others would."""


_REMEDIES: tuple[tuple[type[BotError], str], ...] = (
    (HostKeyUnknown, "Run `memwarden trust {name}`, and compare before you say yes."),
    (HostKeyChanged, "Find out why before anything else; only then: `memwarden trust {name}`."),
    (LoginRefused, "See `user`, `key_file` and `passphrase` of {name}; `ssh {name}` tries the same by hand."),
    (CommandTimedOut, "See how busy that host is, or raise `timeout` under [check]."),
    (
        HostUnreachable,
        "See that it runs, and that `address`, `port` and `jump` of {name} lead there from here.",
    ),
    (ConfigError, "Correct what {name} is configured with."),
    (BotError, "It needs /proc, a shell and awk there, and a login that prints nothing by itself."),
)


def remedy(error: BotError, name: str) -> str:
    """Say what to do about a host that cannot be looked at."""
    return next(text for kind, text in _REMEDIES if isinstance(error, kind)).format(name=name)
