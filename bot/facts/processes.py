"""Every process with memory of its own, from /proc/PID/{stat,status,cgroup,cmdline}.

Read without root for all users (unless /proc is mounted with hidepid). A process that vanishes while it is
read is left out. The cgroups met on the way are numbered for `bot.facts.groups`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.memory import ProcessMemory
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import LARGEST, Fact, Section, whole

CMDLINE_LIMIT_BYTES = 400

# `status` escapes a process's name, `stat` does not: there the name ends at the last parenthesis.
# Kernel threads (PF_KTHREAD, 0x200000, in the flags) and zombies have no memory: no VmRSS in `status`.
# The words of `cmdline` are parted by NUL, which busybox awk reads as the end of a record, and the one true
# awk as the end of all; our own command line shows which it is. The last asks `ps`. Some of those show a
# newline in a name as it is, with which a process can write lines of others: a pid that has two lines is
# left with the first word of its `cmdline`.
# Pid and start are printed as the difference to the process before: that halves them when compressed.
# The probe runs in /proc and is given the pids as operands: short paths, and nothing needs to list them.
# Fields of $0 are split when they are asked for, and gawk splits no more of them than that.
_AWK = r"""
section("processes"); RS = "\001"
own = slurp("/proc/self/cmdline")
kind = length("\000") && index(own, "\000") ? "c" : index(own, "\001") ? "b" : "a"
if (kind == "a") {
  RS = "\n"
  while (("ps -e -o pid,args 2>/dev/null" | getline l) > 0)
    if (match(l, /^ *[0-9]+ /)) {
      j = substr(l, 1, RLENGTH) + 0
      ARGS[j] = j in ARGS ? "" : substr(l, RLENGTH + 1)
    }
  close("ps -e -o pid,args 2>/dev/null")
  RS = "\001"
}
kernel_threads = 0
for (i = 1; i < ARGC; i++) {
  p = ARGV[i]
  st = slurp(p "/stat"); if (st == "") continue
  tail = st
  while ((j = index(tail, ")")) > 0) tail = substr(tail, j + 1)
  $0 = tail
  if (int($7 / 2097152) % 2) { kernel_threads++; continue }
  started = $20
  line = "p" (p - last_p) " " $2 " " sprintf("%.0f", started - last_started)
  S = slurp(p "/status")
  if (index(S, "\nVmRSS:") == 0) continue
  line = line " " value("Uid") " " value("RssAnon") " " value("RssFile") " " value("RssShmem") " " \
    (index(S, "\nRssAnon:") ? 0 : value("VmRSS")) " " value("VmSwap") " " group(slurp(p "/cgroup"))
  c = kind == "a" ? ARGS[p] : ""
  if (c == "") c = slurp(p "/cmdline")
  j = index(st, "(")
  name = substr(st, j + 1, length(st) - length(tail) - j - 1)
  out(line "\nn" guarded(name) "\n" kind guarded(substr(c, 1, LIMIT)))
  last_p = p; last_started = started
}
out("k" kernel_threads)
""".replace("LIMIT", str(CMDLINE_LIMIT_BYTES))


_SEPARATORS = {"a": " ", "b": "\x01", "c": "\0"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A process and the number of its cgroup in the groups section."""

    process: ProcessMemory
    group: int


@dataclass(frozen=True, slots=True)
class Processes:
    """All processes that were seen, and how many kernel threads were passed over."""

    seen: tuple[Seen, ...]
    kernel_threads: int


def parse(section: Section) -> Processes:
    """Read the processes. Raises Unreadable."""
    seen: list[Seen] = []
    record: list[str] = []
    kernel_threads = 0
    for line in section.lines:
        if line[0] in "pk" and record:
            seen.append(_process(record, section, seen[-1].process if seen else None))
            record = []
        if line[0] == "k":
            kernel_threads = whole(line[1:], section)
        elif line[0] == "+" and record:
            record[-1] += "\n" + line[1:]
        else:
            record.append(line)
    if record or len({one.process.pid for one in seen}) != len(seen):
        raise Unreadable("The host's list of processes is garbled.")
    if not seen:
        raise Unreadable("The host shows no processes, not even the probe.")
    return Processes(tuple(seen), kernel_threads)


def _process(record: list[str], section: Section, before: ProcessMemory | None) -> Seen:
    kinds = "".join(line[:1] for line in record)
    if kinds not in {f"pn{kind}" for kind in _SEPARATORS}:
        raise Unreadable("The host's list of processes is garbled.")
    numbers = [whole(word, section, least=-LARGEST) for word in record[0][1:].split()]
    if len(numbers) != 10:  # noqa: PLR2004 - the fields that the awk above prints
        raise Unreadable("The host's list of processes is garbled.")
    pid, ppid, started, uid, anon, file, shmem, rss, swap, group = numbers
    if before is not None:
        pid += before.pid
        started += before.started_ticks
    if min(pid, ppid, started, uid, rss, group) < 0 or min(anon, file, shmem, swap) < -1:
        raise Unreadable("The host's list of processes is garbled.")
    if anon < 0:
        # RssAnon and its like came with Linux 4.5; before it all of RSS counts as the process's own.
        anon, file, shmem = rss, 0, 0
    comm = record[1][1:]
    return Seen(
        ProcessMemory(
            pid=pid,
            ppid=ppid,
            started_ticks=started,
            uid=uid,
            comm=comm,
            cmdline=_cmdline(record[2], comm),
            rss_anon_bytes=anon * KIB,
            rss_file_bytes=max(0, file) * KIB,
            rss_shmem_bytes=max(0, shmem) * KIB,
            swap_bytes=max(0, swap) * KIB,
        ),
        group,
    )


def _cmdline(line: str, comm: str) -> tuple[str, ...]:
    """Split a command line into its words; a title that a process gave itself is one word, its padding cut.

    `ps` shows a process without any as `[comm]`, and busybox puts `{comm}` before what does not show it.
    """
    separator = _SEPARATORS[line[0]]
    text = line[1:].rstrip(f"{separator} ")
    if line[0] == "a":
        text = "" if text == f"[{comm}]" else text.removeprefix(f"{{{comm}}} ")
    words = text.split(separator)
    return tuple(words) if words != [""] else ()


FACT = Fact("processes", _AWK, parse)
