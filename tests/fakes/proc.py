"""A made-up machine: the files that the probe reads, below a directory, read by the probe's own awk program.

For what the machine at hand is not: an old kernel, cgroup v2, a container, a hostile name of a cgroup.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from bot import probe
from bot.ports import Completed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MEMINFO = {
    "MemTotal": 4_000_000,
    "MemFree": 300_000,
    "MemAvailable": 1_500_000,
    "Buffers": 40_000,
    "Cached": 1_200_000,
    "SwapTotal": 1_000_000,
    "SwapFree": 900_000,
    "AnonPages": 1_800_000,
    "Mapped": 200_000,
    "Shmem": 90_000,
    "KReclaimable": 150_000,
    "SReclaimable": 150_000,
    "SUnreclaim": 80_000,
    "KernelStack": 6_000,
    "PageTables": 12_000,
    "Percpu": 4_000,
    "VmallocUsed": 30_000,
    "Hugetlb": 0,
}
PF_KTHREAD = 0x00200000
_READ_FROM = re.compile(r"/proc|/sys/fs/cgroup|/run/systemd/container|/run/\.containerenv|/\.dockerenv")


class FakeProc:
    """The files of a machine that runs nothing yet but, unless it is a container, a kernel thread."""

    def __init__(self, root: Path, *, container: bool = False) -> None:
        self.root = root
        if not container:
            self.process(2, b"kthreadd", b"", ppid=0, flags=PF_KTHREAD | 0x8040, kib={})
        self.write("/proc/uptime", "86400.25 1234.00\n")
        self.write("/proc/sys/kernel/random/boot_id", "7deb53e0-174c-4787-b8da-b47ddf140bdd\n")
        self.write("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")
        self.write("/proc/mounts", "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n")
        self.write("/proc/vmstat", "nr_free_pages 75000\npswpin 10\npswpout 20\npgmajfault 30\noom_kill 1\n")
        self.write("/proc/self/cmdline", b"awk\0program\0")
        self.write("/proc/self/smaps", "55d0-55d1 r--p 0 00:00 0\nSize: 4 kB\nKernelPageSize: 4 kB\n")
        self.write("/proc/self/status", "Name:\tawk\nPid:\t900\nPPid:\t899\nUid:\t1000\t1000\t1000\t1000\n")
        self.meminfo(MEMINFO)

    def write(self, path: str, content: str | bytes) -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def meminfo(self, kib: Mapping[str, int]) -> None:
        self.write("/proc/meminfo", "".join(f"{key}: {value:8} kB\n" for key, value in kib.items()))

    def mounts(self, *lines: str) -> None:
        """Write mounts as `device path type options`; paths are below this machine's directory."""
        text = "".join(f"{line} 0 0\n" for line in lines)
        self.write("/proc/mounts", self._below_root(text))

    def process(
        self,
        pid: int,
        comm: bytes = b"app",
        cmdline: bytes = b"app\0",
        *,
        ppid: int = 1,
        uid: int = 0,
        started_ticks: int = 500,
        flags: int = 0x00400000,
        cgroup: str = "0::/\n",
        kib: Mapping[str, int] | None = None,
    ) -> None:
        """Add a process; `kib` are the memory lines of its status, none for a zombie or kernel thread."""
        lines = {"RssAnon": 1000, "RssFile": 500, "RssShmem": 0, "VmSwap": 0} if kib is None else dict(kib)
        if lines and "VmRSS" not in lines:
            lines["VmRSS"] = sum(lines.get(key, 0) for key in ("RssAnon", "RssFile", "RssShmem"))
        escaped = comm.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
        memory = "".join(f"{key}:\t{value:8} kB\n" for key, value in lines.items()).encode()
        tail = f" S {ppid} 1 1 0 -1 {flags} 0 0 0 0 0 0 0 0 20 0 1 0 {started_ticks} 9999 77\n".encode()
        self.write(f"/proc/{pid}/stat", b"%d (" % pid + comm + b")" + tail)
        self.write(
            f"/proc/{pid}/status",
            b"Name:\t" + escaped + b"\nPid:\t%d\nUid:\t%d\t%d\t%d\t%d\n" % (pid, *[uid] * 4) + memory,
        )
        self.write(f"/proc/{pid}/cmdline", cmdline)
        self.write(f"/proc/{pid}/cgroup", cgroup)
        self.write(f"/proc/{pid}/statm", f"9999 {lines.get('VmRSS', 0) // 4} 0 0 0 0 0\n")

    def smaps_rollup(self, pid: int, kib: Mapping[str, int]) -> None:
        lines = "".join(f"{key}:{value:15} kB\n" for key, value in kib.items())
        self.write(f"/proc/{pid}/smaps_rollup", f"5581-7ffc ---p 00000000 00:00 0    [rollup]\n{lines}")

    def group(self, path: str, files: Mapping[str, str]) -> None:
        """Add a cgroup's files, by path below /sys/fs/cgroup."""
        for name, content in files.items():
            self.write(f"/sys/fs/cgroup{path}/{name}", content)

    def answer(self, awk: Path, *, deep: bool = False, budget_gib: float = 16) -> Completed:
        """Read this machine with an awk, given by the directory in which it is called `awk`."""
        argv = [self._below_root(word) for word in probe.command(deep=deep, budget_gib=budget_gib)]
        done = subprocess.run(
            argv, env={"PATH": f"{awk}:/usr/bin:/bin"}, capture_output=True, check=False, timeout=20
        )
        return Completed(done.returncode, done.stdout, done.stderr)

    def _below_root(self, text: str) -> str:
        return _READ_FROM.sub(lambda found: f"{self.root}{found[0]}", text)
