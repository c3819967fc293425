"""Which boot of which system this is, and whether it is a container."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.memory import Identity
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import LARGEST, Fact, Section, whole

# USER_HZ, in which /proc counts ticks, is 100 on every architecture that a server runs on
# (include/uapi/asm-generic/param.h); alpha and ia64 differ.
_TICKS_PER_S = 100
_LARGEST_PAGE_KIB = 64

_AWK = r"""
section("identity"); RS = "\n"
first("b", "/proc/sys/kernel/random/boot_id")
first("u", "/proc/uptime")
first("k", "/proc/sys/kernel/osrelease")
while ((getline l < "/proc/self/smaps") > 0)
  if (l ~ /^KernelPageSize:/) { split(l, F, " "); out("s" F[2]); break }
close("/proc/self/smaps")
if ((getline l < "/run/systemd/container") > 0) out("c" l)
else if ((getline l < "/.dockerenv") >= 0) out("cdocker")
else if ((getline l < "/run/.containerenv") >= 0) out("cpodman")
while ((getline l < "/proc/mounts") > 0) {
  split(l, F, " ")
  if (F[2] == "/proc/meminfo") out("l")
  if (F[2] == "/proc" && l ~ /hidepid=[^0o]/) out("h")
}
close("/proc/mounts")
while ((getline l < "/proc/self/status") > 0) {
  split(l, F, " ")
  if (F[1] == "Pid:") out("p" F[2])
  if (F[1] == "Uid:") { out("i" F[3]); break }
}
close("/proc/self/status")
"""


@dataclass(frozen=True, slots=True)
class Observer:
    """Whose eyes saw: the probe's own process, its user, and whether others' processes are hidden from it."""

    pid: int
    uid: int
    hidepid: bool


def parse(section: Section) -> tuple[Identity, Observer]:
    """Read identity and observer. Raises Unreadable where the kernel's own files are missing."""
    found = {line[0]: line[1:] for line in section.lines}
    try:
        identity = Identity(
            boot_id=found["b"],
            uptime_s=_uptime_s(found["u"].split()[0]),
            kernel=found["k"],
            page_bytes=whole(found.get("s", "4"), section, least=1, most=_LARGEST_PAGE_KIB) * KIB,
            ticks_per_s=_TICKS_PER_S,
            container=found.get("c"),
            virtual_meminfo="l" in found,
        )
        pid, uid = whole(found["p"], section), whole(found["i"], section)
    except (KeyError, ValueError, IndexError):
        raise Unreadable("The host did not tell its boot id, uptime or user: is /proc mounted?") from None
    return identity, Observer(pid=pid, uid=uid, hidepid="h" in found and uid != 0)


def _uptime_s(word: str) -> float:
    """Read seconds. Raises ValueError for what is no time: `nan`, `inf`, a negative number."""
    seconds = float(word)
    if not 0 <= seconds <= LARGEST:
        raise ValueError
    return seconds


FACT = Fact("identity", _AWK, parse)
