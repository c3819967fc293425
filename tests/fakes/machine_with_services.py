"""A made-up server that does what it is told: units that start, stop and fork, files, systemctl, the helper.

For whoever writes conversations about remedies: give `MachineHosts(machine)` to the ports as `hosts`. It runs
the seed's services (gunicorn with 4 workers, daphne, redis) and understands the words of the plans:
`/usr/bin/systemctl show|cat|start|stop|restart|enable|disable|kill|daemon-reload` and the helper's
`workers|maxmemory|forget` (what changes something after `/usr/bin/sudo -n`), `/usr/bin/cat PATH`,
`/usr/bin/test -e PATH`, `/usr/bin/test -x HELPER`, `/usr/bin/id -u`, and the probe. `ran` are the words of
all commands that changed something, in order. `before` and `after` are called with the words of every command
around its effect: what they raise is what the bot sees, so that a test can lose the connection, or die, on
either side of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import probe
from bot.domain.remediation import DROP_IN, HELPER
from bot.ports import Completed
from tests.fakes.clock import START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Argv = tuple[str, ...]
Hook = Callable[[Argv], None]

SUDO = ("/usr/bin/sudo", "-n")
COMMENT = (
    "# Written by memwarden. `memwarden` undoes it;"
    " deleting this file does too (then: systemctl daemon-reload).\n"
)
TOTAL_MIB = 961
_OTHERS_MIB = 262
_MASTER_MIB = 16
_TICKS_PER_S = 100
_WORKERS = re.compile(r" --workers[ =](\d+)")


def _nothing(_argv: Argv) -> None:
    """Let it be done."""


@dataclass
class Unit:
    """A service: how it is started, what one process of it holds, and how it runs now.

    `forks` tells that it is a master with workers; `loaded` is how many systemd would start it with.
    `changing` is systemd's word for it while it is just being started or stopped.
    """

    program: str
    exec_start: str
    mib: int
    forks: bool = False
    active: bool = True
    changing: str = ""
    enabled: bool = True
    workers: int = 0
    loaded: int = 0
    needs_reload: bool = False
    pid: int = 0
    began_at: datetime = START
    renewed_at: datetime | None = None
    ages: list[int] = field(default_factory=list)


class MachineWithServices:
    """`ports.Shell` of a server of 961 MiB."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.booted_at = now() - timedelta(days=41)
        self.boot = 1
        self.ran: list[Argv] = []
        self.files: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.before: Hook = _nothing
        self.after: Hook = _nothing
        self.other_mib = _OTHERS_MIB
        self.is_deaf_to_signals = False
        self.hidden: set[str] = set()
        self.has_helper = True
        self.frees_nothing = False
        self._kept_mib = 0
        self._next_pid = 600
        gunicorn = "/srv/venv/bin/gunicorn --workers 4 --bind unix:/run/gunicorn.sock shop.wsgi"
        daphne = "/srv/venv/bin/daphne -u /run/daphne.sock shop.asgi:application"
        redis = "/usr/bin/redis-server /etc/redis/redis.conf"
        self.units = {
            "gunicorn.service": Unit("gunicorn", gunicorn, 85, forks=True),
            "daphne.service": Unit("daphne", daphne, 115),
            "redis-server.service": Unit("redis-server", redis, 54),
        }
        for name, unit in self.units.items():
            self.files[f"/etc/systemd/system/{name}"] = (
                f"[Service]\nExecStart={unit.exec_start}\n\n[Install]\nWantedBy=multi-user.target\n"
            )
            self._load(name)
            self._start(unit, self.booted_at)

    @property
    def gunicorn(self) -> Unit:
        """The web application."""
        return self.units["gunicorn.service"]

    @property
    def available_mib(self) -> int:
        """MemAvailable."""
        used = self.other_mib + self._kept_mib + sum(sum(_sizes(unit)) for unit in self.units.values())
        return max(1, TOTAL_MIB - used)

    def run(self, argv: Argv, *, timeout_s: float, apart: bool = False) -> Completed:  # noqa: ARG002 - a Shell
        self.before(argv)
        answer = self._done(argv)
        self.after(argv)
        return answer

    def reboots(self) -> None:
        """Lose all that is not on the disk."""
        self.boot += 1
        self.booted_at = self.now()
        for name, unit in self.units.items():
            self._load(name)
            if unit.enabled:
                self._start(unit, self.now())
            else:
                self._stop(unit)

    def _done(self, argv: Argv) -> Completed:
        if argv[0] == "sh":
            return Completed(0, self._probed(deep=len(argv) > len(probe.command())), b"")
        answer = self._read(argv)
        if answer is not None:
            return answer
        if argv[: len(SUDO)] != SUDO:
            return Completed(1, b"", b"Interactive authentication required.\n")
        words = argv[len(SUDO) :]
        self.ran.append(words)
        return self._changed(words)

    def _read(self, argv: Argv) -> Completed | None:
        match argv:
            case ("/usr/bin/cat", path):
                return self._shown(path)
            case ("/usr/bin/test", flag, path):
                found = path in self.files if flag == "-e" else self.has_helper
                return Completed(0 if found else 1, b"", b"")
            case ("/usr/bin/id", "-u"):
                return Completed(0, b"1000\n", b"")
            case (program, "show", *rest) if program.endswith("systemctl"):
                return self._show(self.aliases.get(rest[-1], rest[-1]))
            case ("/usr/bin/systemctl", "cat", *rest):
                return self._cat(self.aliases.get(rest[-1], rest[-1]))
        return None

    def _changed(self, words: Argv) -> Completed:
        match words:
            case ("/usr/bin/systemctl", "daemon-reload"):
                for name in self.units:
                    self._load(name)
            case ("/usr/bin/systemctl", "kill", "--kill-who=main", "-s", signal, name):
                self._signalled(self.units[name], signal)
            case ("/usr/bin/systemctl", verb, name) if name in self.units:
                self._controlled(verb, self.units[name])
            case (helper, *rest) if helper == HELPER:
                self._helped(*rest)
            case _:
                return Completed(127, b"", f"{words[0]}: not found\n".encode())
        return Completed(0, b"", b"")

    def _controlled(self, verb: str, unit: Unit) -> None:
        match verb:
            case "start" if not unit.active:
                self._start(unit, self.now())
            case "stop":
                self._stop(unit)
            case "restart":
                self._start(unit, self.now())
            case "enable" | "disable":
                unit.enabled = verb == "enable"

    def _signalled(self, unit: Unit, signal: str) -> None:
        if self.is_deaf_to_signals:
            return
        if signal == "TTOU" and unit.workers > 1:
            unit.workers -= 1
            unit.ages.pop(0)
            self._kept_mib += unit.mib if self.frees_nothing else 0
        elif signal == "TTIN":
            unit.workers += 1
            unit.ages.append(self._new_pid())
        elif signal == "HUP":
            unit.ages = [self._new_pid() for _ in unit.ages]
            unit.renewed_at = self.now()

    def _helped(self, verb: str, name: str, *rest: str) -> None:
        path = drop_in(name)
        if verb == "forget":
            self.files.pop(path, None)
        else:
            self.files[path] = drop_in_text(self.units[name].exec_start, int(rest[0]))
        self.units[name].needs_reload = True

    def _load(self, name: str) -> None:
        unit = self.units[name]
        text = self.files.get(drop_in(name)) or self.files[f"/etc/systemd/system/{name}"]
        found = _WORKERS.search(text)
        unit.loaded = int(found[1]) if found and unit.forks else 0
        unit.needs_reload = False

    def _start(self, unit: Unit, at: datetime) -> None:
        unit.active, unit.began_at, unit.renewed_at, unit.workers = True, at, None, unit.loaded
        unit.pid = self._new_pid()
        unit.ages = [self._new_pid() for _ in range(unit.workers)]

    def _stop(self, unit: Unit) -> None:
        unit.active, unit.workers, unit.ages = False, 0, []

    def _new_pid(self) -> int:
        self._next_pid += 1
        return self._next_pid

    def _shown(self, path: str) -> Completed:
        if path in self.hidden:
            return Completed(1, b"", f"cat: {path}: Permission denied\n".encode())
        if path in self.files:
            return Completed(0, self.files[path].encode(), b"")
        return Completed(1, b"", f"cat: {path}: No such file or directory\n".encode())

    def _show(self, name: str) -> Completed:
        unit = self.units.get(name)
        told = {
            "Id": name,
            "LoadState": "loaded" if unit else "not-found",
            "ActiveState": unit.changing or ("active" if unit.active else "inactive") if unit else "inactive",
            "SubState": "start" if unit and unit.changing else "running" if unit and unit.active else "dead",
            "Result": "success",
            "NRestarts": "0",
            "UnitFileState": "" if unit is None else "enabled" if unit.enabled else "disabled",
            "MainPID": str(unit.pid if unit and unit.active else 0),
            "NeedDaemonReload": "yes" if unit and unit.needs_reload else "no",
            "CanReload": "no",
            "FragmentPath": f"/etc/systemd/system/{name}" if unit else "",
            "DropInPaths": drop_in(name) if drop_in(name) in self.files else "",
            "OOMPolicy": "stop",
            "TriggeredBy": "",
            "Type": "simple",
        }
        return Completed(0, "".join(f"{key}={value}\n" for key, value in told.items()).encode(), b"")

    def _cat(self, name: str) -> Completed:
        paths = [f"/etc/systemd/system/{name}", drop_in(name)]
        found = [f"# {path}\n{self.files[path]}" for path in paths if path in self.files]
        if not found:
            return Completed(1, b"", f"No files found for {name}.\n".encode())
        return Completed(0, "\n".join(found).encode(), b"")

    def _probed(self, *, deep: bool) -> bytes:
        processes = sorted(self._processes())
        lines = [
            "@meminfo",
            *(f" {key}: {mib * 1024} kB" for key, mib in self._meminfo().items()),
            "@vmstat",
            " pswpin 0",
            " pswpout 0",
            " pgmajfault 100",
            " oom_kill 0",
            "@pressure",
            "@identity",
            f"b7deb53e0-174c-4787-b8da-{self.boot:012}",
            f"u{(self.now() - self.booted_at).total_seconds():.2f} 1.00",
            "k6.1.0-18-amd64",
            "s4",
            "p900",
            "i0",
            *_told(processes, list(self.units), self.booted_at),
            "@end",
        ]
        if deep:
            lines += ["@pss", "u0"]
            lines += [f"s{p.pid} {kib} {kib} 0 0 {kib} {kib} 0" for p in processes for kib in [p.mib * 1024]]
            lines += ["@end"]
        return "".join(f"{line}\n" for line in lines).encode()

    def _meminfo(self) -> dict[str, int]:
        available = self.available_mib
        return {
            "MemTotal": TOTAL_MIB,
            "MemFree": min(31, available),
            "MemAvailable": available,
            "Buffers": 0,
            "Cached": max(0, available - 31),
            "SwapTotal": 0,
            "SwapFree": 0,
            "AnonPages": TOTAL_MIB - available,
        }

    def _processes(self) -> Iterator[_Process]:
        for number, unit in enumerate(self.units.values(), 1):
            if not unit.active:
                continue
            master = (
                f"gunicorn: master [{unit.program}]" if unit.forks else unit.exec_start.replace(" ", "\0")
            )
            pids = [unit.pid, *unit.ages]
            titles = [master, *["gunicorn: worker [shop]"] * unit.workers]
            for pid, title, mib in zip(pids, titles, _sizes(unit), strict=True):
                parent = 1 if pid == unit.pid else unit.pid
                began_at = unit.began_at if pid == unit.pid else unit.renewed_at or unit.began_at
                yield _Process(pid, parent, unit.program, title, mib, number, began_at)


class MachineHosts:
    """`ports.Hosts`: the same machine under every name, or each its own."""

    def __init__(self, machine: MachineWithServices, **others: MachineWithServices) -> None:
        self._machine = machine
        self._others = {name.replace("_", "-"): other for name, other in others.items()}

    def shell(self, host: str) -> MachineWithServices:
        return self._others.get(host, self._machine)

    def close(self) -> None:
        """Nothing is connected."""


@dataclass(frozen=True, order=True)
class _Process:
    pid: int
    ppid: int
    comm: str
    title: str
    mib: int
    group: int
    began_at: datetime


def drop_in(unit: str) -> str:
    """Return where the helper writes."""
    return f"/etc/systemd/system/{unit}.d/{DROP_IN}"


def drop_in_text(exec_start: str, workers: int) -> str:
    """Return what the helper writes for so many workers."""
    program, _, rest = _WORKERS.sub("", exec_start).partition(" ")
    return f"{COMMENT}[Service]\nExecStart=\nExecStart={program} --workers {workers} {rest}\n"


def _sizes(unit: Unit) -> list[int]:
    if not unit.active:
        return []
    return [_MASTER_MIB, *[unit.mib] * unit.workers] if unit.forks else [unit.mib]


def _told(processes: list[_Process], units: list[str], booted_at: datetime) -> Iterator[str]:
    yield "@processes"
    last_pid = last_ticks = 0
    for process in processes:
        ticks = int((process.began_at - booted_at).total_seconds() * _TICKS_PER_S)
        numbers = f"{process.ppid} {ticks - last_ticks} 33 {process.mib * 1024} 0 0 0 0 {process.group}"
        yield f"p{process.pid - last_pid} {numbers}"
        yield f"n{process.comm[:15]}"
        yield f"c{process.title}\0"
        last_pid, last_ticks = process.pid, ticks
    yield "k2"
    yield "@groups"
    yield "v2"
    for number, unit in enumerate(units, 1):
        yield f"g{number}"
        yield from (f"{mark}/system.slice/{unit}" for mark in "um")
