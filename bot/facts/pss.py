"""PSS, USS and SwapPSS of every process, from /proc/PID/smaps_rollup (Linux 4.14).

Dear: the kernel walks every page table (9-24 ms per GiB), so it is read only when asked for and within a
budget. A program of its own, so that it alone can be allowed under sudo.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.memory import Pss
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import Fact, Section, whole

# Small processes go first, in steps of a power of ten: within a budget that is the most processes, and
# a big process that is skipped is nearly all private memory, for which RSS or its cgroup say the same.
# Lines are gathered before they are printed, as in `bot.probe`.
_AWK = r"""
BEGIN {
  "cd /proc && echo [0-9]*" | getline l
  n = split(l, P, " ")
  for (i = 1; i <= n; i++) {
    p = P[i]
    f = "/proc/" p "/statm"
    if ((getline l < f) > 0) {
      split(l, F, " ")
      if (F[2] > 0) { b = length(F[2]); L[b] = L[b] " " p; R[p] = F[2] }
    }
    close(f)
  }
  RS = "\001"
  B = "@pss\n"
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
        (v("Private_Clean") + v("Private_Dirty") + v("Private_Hugetlb")) " " v("SwapPss"))
    }
  }
  print B "@end"
}
function out(line) { B = B line "\n"; if (length(B) > 4096) { printf "%s", B; B = "" } }
function v(k,   i) { i = index(S, "\n" k ":"); return i ? substr(S, i + length(k) + 2, 24) + 0 : -1 }
"""


# A key that this kernel lacks is -1; USS is a sum of three.
_MISSING = -3


@dataclass(frozen=True, slots=True)
class Shares:
    """PSS by pid; the pids whose smaps_rollup was refused; those skipped to keep the budget."""

    by_pid: dict[int, Pss]
    unreadable: frozenset[int]
    skipped: frozenset[int]


def parse(section: Section) -> Shares:
    """Read the shares. Raises Unreadable."""
    by_pid: dict[int, Pss] = {}
    unreadable, skipped = set[int](), set[int]()
    for line in section.lines:
        pid, *kib = line[1:].split() or [""]
        if line[0] == "s":
            by_pid[whole(pid, section)] = _pss([whole(word, section, least=_MISSING) for word in kib])
        elif line[0] == "-" and not kib:
            unreadable.add(whole(pid, section))
        elif line[0] == "x" and not kib:
            skipped.add(whole(pid, section))
        else:
            raise Unreadable("The host's list of PSS is garbled.")
    return Shares(by_pid, frozenset(unreadable), frozenset(skipped))


def _pss(kib: list[int]) -> Pss:
    if len(kib) != 7 or kib[0] < 0:  # noqa: PLR2004 - the fields that the awk above prints
        raise Unreadable("The host's list of PSS is garbled.")
    total, anon, file, shmem, anonymous, uss, swap = kib
    if anon < 0:
        # Pss_Anon and its like came with Linux 5.4: before it, `Anonymous` is the nearest split.
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
