"""PSS, USS and SwapPSS of every process, from /proc/PID/smaps_rollup (Linux 4.14).

Dear: the kernel walks every page table (9-24 ms per GiB), so it is read only when asked for and within a
budget. A program of its own, so that it alone can be allowed under sudo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.memory import Pss
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import Fact, Section, whole

if TYPE_CHECKING:
    from bot.domain.memory import ProcessMemory

# Small processes go first, in steps of a power of ten: within a budget that is the most processes, and
# a big process that is skipped is nearly all private memory, for which RSS or its cgroup say the same.
# `statm` counts pages of the size that `smaps` tells; `budget` is in KiB.
# Private_Hugetlb is no part of USS: huge pages go back to their pool, which nobody else can use.
# Lines are gathered before they are printed and numbers passed on as text, as in `bot.probe`.
_AWK = r"""
BEGIN {
  page = 4
  while ((getline l < "/proc/self/smaps") > 0)
    if (l ~ /^KernelPageSize:/) { split(l, F, " "); page = F[2]; break }
  close("/proc/self/smaps")
  B = "@pss\n"
  while ((getline l < "/proc/self/status") > 0)
    if (l ~ /^Uid:/) { split(l, F, " "); out("u" F[3]); break }
  close("/proc/self/status")
  "cd /proc && echo [0-9]*" | getline l
  n = split(l, P, " ")
  for (i = 1; i <= n; i++) {
    p = P[i]
    f = "/proc/" p "/statm"
    if ((getline l < f) > 0) {
      split(l, F, " ")
      if (F[2] > 0) { b = length(F[2]); L[b] = L[b] " " p; R[p] = F[2] * page }
    }
    close(f)
  }
  RS = "\001"
  for (b = 1; b < 20; b++) {
    n = split(L[b], Q, " ")
    for (i = 1; i <= n; i++) {
      p = Q[i]
      if (walked + R[p] > budget) { out("x" p); continue }
      f = "/proc/" p "/smaps_rollup"
      S = ""
      r = getline S < f
      close(f)
      if (r < 0 || S == "") {
        f = "/proc/" p "/statm"
        if ((getline l < f) > 0) out("-" p)
        close(f)
        continue
      }
      walked += R[p]
      out("s" p " " v("Pss") " " v("Pss_Anon") " " v("Pss_File") " " v("Pss_Shmem") " " v("Anonymous") " " \
        sprintf("%.0f", v("Private_Clean") + v("Private_Dirty")) " " v("SwapPss"))
    }
  }
  print B "@end"
}
function out(line) { B = B line "\n"; if (length(B) > 4096) { printf "%s", B; B = "" } }
function v(k,   i, W) {
  if ((i = index(S, "\n" k ":")) == 0) return -1
  split(substr(S, i + length(k) + 2, 24), W, " ")
  return W[1]
}
"""


SINCE = (4, 14)
"""The first Linux that has smaps_rollup."""

# A key that this kernel lacks is -1; USS is a sum of two.
_MISSING = -2


@dataclass(frozen=True, slots=True)
class Shares:
    """PSS by pid; the pids whose smaps_rollup was refused; those skipped to keep the budget.

    The kernel did not tell files from shared memory for the pids in `unsplit`; `uid` is who read.
    """

    by_pid: dict[int, Pss]
    unreadable: frozenset[int]
    skipped: frozenset[int]
    unsplit: frozenset[int]
    uid: int | None

    def of(self, process: ProcessMemory) -> Pss | None:
        """Return the share of a process.

        Before Linux 5.4 what is not anonymous is split as the process maps files and shared memory.
        """
        found = self.by_pid.get(process.pid)
        mapped = process.rss_file_bytes + process.rss_shmem_bytes
        if found is None or process.pid not in self.unsplit or not mapped:
            return found
        shmem = found.file_bytes * process.rss_shmem_bytes // mapped
        return replace(found, file_bytes=found.file_bytes - shmem, shmem_bytes=shmem)


def parse(section: Section) -> Shares:
    """Read the shares. Raises Unreadable."""
    by_pid: dict[int, Pss] = {}
    unreadable, skipped, unsplit = set[int](), set[int](), set[int]()
    uid = None
    for line in section.lines:
        pid, *kib = line[1:].split() or [""]
        if line[0] == "s":
            numbers = [whole(word, section, least=_MISSING) for word in kib]
            by_pid[whole(pid, section)] = _pss(numbers)
            if numbers[1] < 0:
                unsplit.add(int(pid))
        elif line[0] == "u" and not kib:
            uid = whole(pid, section)
        elif line[0] == "-" and not kib:
            unreadable.add(whole(pid, section))
        elif line[0] == "x" and not kib:
            skipped.add(whole(pid, section))
        else:
            raise Unreadable("The host's list of PSS is garbled.")
    return Shares(by_pid, frozenset(unreadable), frozenset(skipped), frozenset(unsplit), uid)


def _pss(kib: list[int]) -> Pss:
    if len(kib) != 7 or kib[0] < 0:  # noqa: PLR2004 - the fields that the awk above prints
        raise Unreadable("The host's list of PSS is garbled.")
    total, anon, file, shmem, anonymous, uss, swap = kib
    if anon < 0:
        # Pss_Anon and its like came with Linux 5.4; `Anonymous` counts shared pages in full.
        anon, shmem = min(total, max(0, anonymous)), 0
        file = total - anon
    return Pss(
        anon_bytes=anon * KIB,
        file_bytes=max(0, file) * KIB,
        shmem_bytes=max(0, shmem) * KIB,
        uss_bytes=max(0, uss) * KIB,
        swap_bytes=max(0, swap) * KIB,
    )


FACT = Fact("pss", _AWK, parse)
