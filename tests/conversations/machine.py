"""A made-up server whose memory changes as a story goes: what the probe would print of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_TOTAL_MIB = 961
_TICKS_PER_S = 100


@dataclass
class Runs:
    """A service of one process: its pid, when it began (seconds since boot), its memory."""

    pid: int
    began_s: float
    mib: int


@dataclass
class Machine:
    """961 MiB, and the services of the seed's server. What a story needs to change is changed directly."""

    booted_at: datetime
    available_mib: int = 480
    boot: int = 1
    oom_kills: int = 0
    services: dict[str, Runs] = field(
        default_factory=lambda: {
            "gunicorn": Runs(612, 40, 280),
            "daphne": Runs(615, 41, 115),
            "redis-server": Runs(620, 42, 50),
        }
    )

    def reboots(self, at: datetime) -> None:
        self.boot += 1
        self.booted_at = at
        self.oom_kills = 0

    def restarts(self, service: str, at: datetime) -> None:
        began_s = (at - self.booted_at).total_seconds()
        self.services[service] = Runs(max(r.pid for r in self.services.values()) + 1, began_s, 60)

    def answer(self, at: datetime) -> bytes:
        """Return what the probe prints now."""
        up_s = (at - self.booted_at) / timedelta(seconds=1)
        lines = (
            "@meminfo",
            *(f" {key}: {mib * 1024} kB" for key, mib in self._meminfo().items()),
            "@vmstat",
            *(f" {key} {value}" for key, value in self._vmstat().items()),
            "@pressure",
            " some avg10=0.00 avg60=0.00 avg300=0.00 total=0",
            " full avg10=0.00 avg60=0.00 avg300=0.00 total=0",
            "@identity",
            f"b7deb53e0-174c-4787-b8da-{self.boot:012}",
            f"u{up_s:.2f} 1.00",
            "k6.1.0-18-amd64",
            "s4",
            "p900",
            "i0",
            *self._processes(),
            "@end",
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def _meminfo(self) -> dict[str, int]:
        anon = sum(runs.mib for runs in self.services.values())
        return {
            "MemTotal": _TOTAL_MIB,
            "MemFree": min(31, self.available_mib),
            "MemAvailable": self.available_mib,
            "Buffers": 0,
            "Cached": max(0, self.available_mib - 31),
            "SwapTotal": 0,
            "SwapFree": 0,
            "AnonPages": anon,
        }

    def _vmstat(self) -> dict[str, int]:
        return {"pswpin": 0, "pswpout": 0, "pgmajfault": 100, "oom_kill": self.oom_kills}

    def _processes(self) -> tuple[str, ...]:
        processes, groups = ["@processes"], ["@groups", "v2"]
        last_pid = last_ticks = 0
        for number, (name, runs) in enumerate(self.services.items(), 1):
            ticks = int(runs.began_s * _TICKS_PER_S)
            kib = runs.mib * 1024
            processes += [
                f"p{runs.pid - last_pid} 1 {ticks - last_ticks} 33 {kib} 0 0 0 0 {number}",
                f"n{name}",
                f"c/usr/bin/{name}\0",
            ]
            groups += [f"g{number}", *(f"{mark}/system.slice/{name}.service" for mark in "um")]
            last_pid, last_ticks = runs.pid, ticks
        return (*processes, "k2", *groups)
