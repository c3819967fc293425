"""The probe: one command that reads all facts of a host in one round trip.

Nothing is installed on the host: a POSIX shell and any awk (gawk, mawk, busybox, the one true awk) do.
The command is a constant; its only variable part is the budget of a deep read, a number of ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.memory import CpuTimes, Gap, Snapshot, VmStat
from bot.domain.remediation import HELPER
from bot.domain.units import GIB, KIB
from bot.errors import CommandFailed, CutShort, Unreadable
from bot.facts import Section, cpu, groups, identity, meminfo, pressure, processes, pss, vmstat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.memory import Identity, Limit, ProcessMemory
    from bot.facts.groups import Groups
    from bot.facts.identity import Observer
    from bot.facts.pss import Shares
    from bot.ports import Completed

_FACTS = (meminfo.FACT, vmstat.FACT, pressure.FACT, cpu.FACT, identity.FACT, processes.FACT, groups.FACT)

_HIDDEN = Gap("processes of other users", "/proc is mounted with hidepid and we are not root")

# busybox awk writes each line by itself, so lines are gathered to a few KiB before they are printed.
# mawk prints a number of 2**31 or more as 2.14748e+09, so numbers are passed on as the text they were, and
# sums and differences are written with "%.0f".
_FUNCTIONS = r"""
function out(line) { B = B line "\n"; if (length(B) > 4096) flush_out() }
function flush_out() { ORS = ""; print B; B = "" }
function section(name) { out("@" name) }
function copy(file,   l, r) {
  RS = "\n"
  while ((r = (getline l < file)) > 0) out(" " l)
  if (r < 0) out("!" file)
  close(file)
}
function first(tag, file,   l) { if ((getline l < file) > 0) out(tag l); close(file) }
function slurp(file,   s, t) {
  s = ""
  if ((getline s < file) <= 0) { close(file); return "" }
  while ((getline t < file) > 0) s = s "\001" t
  close(file)
  return s
}
function value(key,   i, W) {
  if ((i = index(S, "\n" key ":")) == 0) return -1
  split(substr(S, i + length(key) + 2, 24), W, " ")
  return W[1]
}
function guarded(text) { if (index(text, "\n")) gsub(/\n/, "\n+", text); return text }
"""

_PROGRAM = "".join(
    (
        _FUNCTIONS,
        *(fact.functions for fact in _FACTS),
        "BEGIN {\ngroup_trees()\n",
        *(f"{fact.awk}\n" for fact in _FACTS),
        'section("end"); flush_out()\n}\n',
    )
)

PSS_AS_ROOT = (HELPER, "smaps")
"""What reads PSS as root where `memwarden host-setup` was: with no word of the caller's."""

# $1 is the program; what follows, if anything, is the command that reads PSS, perhaps under sudo: it does so
# where the host's own program cannot.
# The subshell lists the processes and then becomes awk, so that awk finds itself among them.
_SCRIPT = (
    "LC_ALL=C; export LC_ALL; cd /proc || exit; "
    '(exec awk "$1" [0-9]* 2>/dev/null) || exit; shift; [ $# = 0 ] || '
    f'{{ [ -x {HELPER} ] && sudo -n {" ".join(PSS_AS_ROOT)} 2>/dev/null; }} || "$@"'
)


def command(*, deep: bool = False, sudo: bool = False, budget_gib: float = 16) -> tuple[str, ...]:
    """Return the argument vector of a probe.

    `deep` reads PSS too, within `budget_gib` GiB of resident memory walked; `sudo` reads it as root.
    """
    plain = ("sh", "-c", _SCRIPT, "memwarden", _PROGRAM)
    return (*plain, *pss_command(sudo=sudo, budget_gib=budget_gib)) if deep else plain


def pss_command(*, sudo: bool, budget_gib: float) -> tuple[str, ...]:
    """Return the argument vector that reads PSS: what a sudo rule has to allow."""
    read = ("awk", "-v", f"budget={int(budget_gib * GIB / KIB)}", pss.FACT.awk)
    return ("sudo", "-n", *read) if sudo else read


def read(host: str, taken_at: datetime, answer: Completed, *, deep: bool = False) -> Snapshot:
    """Turn a probe's answer into a snapshot. Raises CommandFailed, Unreadable."""
    sections = _sections(answer)
    identity_, observer = identity.parse(_of(sections, "identity"))
    found = processes.parse(_of(sections, "processes"))
    grouped = groups.parse(_of(sections, "groups"))
    shares = pss.parse(sections["pss"]) if "pss" in sections else None
    if deep and shares is None and answer.status == 0:
        raise CutShort("The host's answer ends before its PSS.")
    counters = vmstat.parse(_of(sections, "vmstat"))
    meminfo_ = meminfo.parse(_of(sections, "meminfo"))
    pressure_ = pressure.parse(_of(sections, "pressure"))
    # Answers that were kept from before it was asked for have no such part.
    ticks = cpu.parse(sections["cpu"]) if "cpu" in sections else None
    members = tuple(_member(seen, grouped, shares) for seen in found.seen)
    hidden = observer.hidepid and all(member.uid == observer.uid for member in members)
    return Snapshot(
        host=host,
        taken_at=taken_at,
        meminfo=meminfo_,
        identity=replace(identity_, container=_container(identity_, found.kernel_threads, hidden=hidden)),
        processes=members,
        vmstat=None if counters is None else _vmstat(counters, identity_.page_bytes),
        pressure=pressure_,
        cpu=None if ticks is None else _cpu(ticks, identity_.ticks_per_s),
        groups=grouped.memory,
        kernel_bytes=grouped.kernel_bytes,
        limit=_binding(grouped, meminfo_.total_bytes),
        probe_pid=observer.pid,
        gaps=(
            *((_HIDDEN,) if hidden else ()),
            *(_pss_gaps(identity_, observer, members, shares, answer) if deep else ()),
        ),
    )


def _container(claimed: Identity, kernel_threads: int, *, hidden: bool) -> str | None:
    """Return the kind of container this is: who sees kernel threads shares the machine's processes.

    Some engines leave no mark of their own; there the missing kernel threads are the only sign.
    """
    if kernel_threads:
        return None
    return claimed.container or (None if hidden else "of an unknown kind")


def _sections(answer: Completed) -> dict[str, Section]:
    """Split an answer into its sections.

    Raises CommandFailed where there is none, Unreadable where it is cut.
    """
    text = answer.stdout.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    if "@meminfo" in lines[1:]:
        raise Unreadable(
            f"The host says {_last_line(lines[0].encode())!r} before its answer; a shell's start-up files "
            "must print nothing when nobody is at a terminal."
        )
    if lines[0] != "@meminfo":
        said = _last_line(answer.stderr) or _last_line(answer.stdout) or "nothing"
        raise CommandFailed(
            f"The probe did not run (status {answer.status}); the host said: {said}. "
            "It needs /proc, sh and awk (gawk, mawk or busybox)."
        )
    if lines[-2:] != ["@end", ""]:
        raise CutShort("The host's answer ends in the middle.")
    starts = [i for i, line in enumerate(lines) if line.startswith("@")]
    return {
        lines[start][1:]: _section(lines[start][1:], [line for line in lines[start + 1 : end] if line])
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    }


def _section(name: str, lines: list[str]) -> Section:
    return Section(
        name,
        tuple(line for line in lines if line[0] != "!"),
        tuple(line[1:] for line in lines if line[0] == "!"),
    )


def _of(sections: dict[str, Section], name: str) -> Section:
    if name not in sections:
        raise Unreadable(f"The host's answer lacks its part {name!r}.")
    return sections[name]


def _member(seen: processes.Seen, grouped: Groups, shares: Shares | None) -> ProcessMemory:
    membership = grouped.members.get(seen.group)
    return replace(
        seen.process,
        unit=membership.unit if membership else "",
        memory_group=membership.memory_group if membership else None,
        pss=shares.of(seen.process) if shares else None,
    )


def _vmstat(counters: vmstat.Counters, page_bytes: int) -> VmStat:
    def size(pages: int | None) -> int | None:
        return None if pages is None else pages * page_bytes

    return VmStat(
        oom_kills=counters.oom_kills,
        swapped_in_bytes=size(counters.swapped_in_pages),
        swapped_out_bytes=size(counters.swapped_out_pages),
        major_faults=counters.major_faults,
        zspages_bytes=size(counters.zspages_pages),
    )


def _cpu(ticks: cpu.Ticks, per_s: int) -> CpuTimes:
    return CpuTimes(
        user_s=(ticks.user + ticks.nice) / per_s,
        system_s=(ticks.system + ticks.irq + ticks.softirq) / per_s,
        idle_s=ticks.idle / per_s,
        iowait_s=ticks.iowait / per_s,
        steal_s=ticks.steal / per_s,
    )


def _binding(grouped: Groups, total_bytes: int) -> Limit | None:
    """Return the host's own cgroup limit where it is lower than the memory it sees."""
    return grouped.limit if grouped.limit and grouped.limit.limit_bytes < total_bytes else None


def _pss_gaps(
    identity_: Identity,
    observer: Observer,
    members: tuple[ProcessMemory, ...],
    shares: Shares | None,
    answer: Completed,
) -> Iterator[Gap]:
    """Say whose PSS could not be read, and why. What looked is left out of the count: it ended meanwhile."""
    if shares is None:
        said = _last_line(answer.stderr) or f"status {answer.status}"
        yield Gap("PSS", f"the host refused: {said}")
        return
    pids = [member.pid for member in members if observer.pid not in (member.pid, member.ppid)]
    refused = sum(pid in shares.unreadable for pid in pids)
    skipped = sum(pid in shares.skipped for pid in pids)
    if refused:
        reader = observer.uid if shares.uid is None else shares.uid
        yield Gap(f"PSS of {refused} of {len(pids)} processes", _refusal(identity_, shares, reader))
    if skipped:
        yield Gap(f"PSS of {skipped} of {len(pids)} processes", "the budget of a deep read was spent")


def _refusal(identity_: Identity, shares: Shares, reader_uid: int) -> str:
    if not shares.by_pid and identity_.older_than(*pss.SINCE):
        return "the kernel is older than Linux 4.14, which brought it"
    return "only root may read them" if reader_uid else "they ended meanwhile, or the kernel refused"


def _last_line(output: bytes) -> str:
    """Return the last line that says something, harmless and short."""
    lines = [line for line in output.decode("utf-8", "replace").split("\n") if line.strip()]
    said = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in lines[-1]) if lines else ""
    return said.strip()[:200]
