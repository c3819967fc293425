"""Memory of the cgroups in which the processes live, from cgroup v2 or v1; readable without root.

Sources: `Documentation/admin-guide/cgroup-v2.rst` (memory.stat), `cgroup-v1/memory.rst`. A group's numbers
count pages where they were first touched, each once, so they add up over groups without counting twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.memory import Limit, MemoryGroup
from bot.domain.units import KIB
from bot.errors import Unreadable
from bot.facts import LARGEST, Fact, Section, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

# `group` numbers each distinct text of /proc/PID/cgroup. It is read line by line, because whoever may make a
# cgroup chooses its name (`:name=systemd:` for one). Paths are those below pid 1's own, which is not empty in
# a container without a cgroup namespace. What the mounted tree does not hold is looked for in its parents:
# where a group has no memory controller of its own, its parent is charged.
# A systemd below the first (`user@1000.service`, a container's) moves to an `init.scope` once it has started;
# with v2 what it took until then stays with the group above, so that one is read in its place.
_FUNCTIONS = r"""
function path_in(text, hierarchy,   n, L, i, j, rest) {
  n = split(text, L, "\n")
  for (i = 1; i <= n; i++) {
    rest = substr(L[i], index(L[i], ":") + 1)
    j = index(rest, ":")
    if (j && index("," substr(rest, 1, j - 1) ",", "," hierarchy ",")) return substr(rest, j + 1)
  }
  return ""
}
function memory_path(text,   path) {
  path = path_in(text, "memory")
  return path == "" ? path_in(text, "") : path
}
function unit_path(text,   path) {
  path = path_in(text, "name=systemd")
  if (path == "" || path == "/") path = path_in(text, "")
  return path == "" || path == "/" ? memory_path(text) : path
}
function base(path) {
  sub(/\/init\.scope$/, "", path)
  return path == "/" ? "" : path
}
function below(top, path) {
  if (path == top) return "/"
  return top != "" && index(path, top "/") == 1 ? substr(path, length(top) + 1) : path
}
function group(text) {
  if (text in GROUP) return GROUP[text]
  GROUP[text] = ++groups
  UNIT[groups] = below(UNIT_BASE, unit_path(text))
  MEMORY[groups] = charged(memory_path(text))
  return groups
}
function charged(path,   l) {
  path = below(BASE, path)
  if (V2 && path ~ /.\/init\.scope$/) sub(/\/init\.scope$/, "", path)
  while (length(path) > 1) {
    if (path in CHARGED) return path
    if ((getline l < (ROOT path CURRENT)) > 0) { close(ROOT path CURRENT); CHARGED[path] = 1; return path }
    sub(/\/[^\/]*$/, "", path)
  }
  return ""
}
function group_memory(dir,   i) {
  first("scurrent ", dir CURRENT)
  first("slimit ", dir MAX)
  first(V2 ? "sswap " : "skernel ", dir (V2 ? "/memory.swap.current" : "/memory.kmem.usage_in_bytes"))
  RS = "\001"
  S = "\n" slurp(dir "/memory.stat") slurp(dir (V2 ? "/memory.events" : "/memory.oom_control")) "\n"
  RS = "\n"
  for (i = 1; i <= stats; i++) statistic(STAT[i])
}
function statistic(key,   i, l) {
  if ((i = index(S, "\n" key " ")) == 0) return
  l = substr(S, i + 1, 64)
  out("s" substr(l, 1, index(l, "\n") - 1))
}
function group_trees(   l, text) {
  V2 = (getline l < "/sys/fs/cgroup/cgroup.controllers") > 0 && l ~ /memory/
  close("/sys/fs/cgroup/cgroup.controllers")
  ROOT = V2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
  CURRENT = V2 ? "/memory.current" : "/memory.usage_in_bytes"
  MAX = V2 ? "/memory.max" : "/memory.limit_in_bytes"
  stats = split("rss mapped_file swap total_inactive_file oom_kill", STAT, " ")
  if (V2) stats = split("anon file_mapped inactive_file kernel kernel_stack pagetables " \
    "sec_pagetables percpu vmalloc slab zswap oom_kill", STAT, " ")
  RS = "\001"; text = slurp("/proc/1/cgroup"); RS = "\n"
  BASE = base(memory_path(text))
  UNIT_BASE = base(unit_path(text))
}
"""

_AWK = r"""
section("groups"); RS = "\n"
out("v" (V2 ? 2 : 1))
for (i = 1; i <= groups; i++) { out("g" i); out("u" UNIT[i]); out("m" MEMORY[i]) }
for (path in CHARGED) { out("d" path); group_memory(ROOT path) }
out("l"); group_memory(ROOT)
"""

# v1 says "no limit" as a number near 2**63; a counter of either that fell below zero is near 2**64.
_LARGEST_COUNTER = (1 << 64) - 1
_NONE = LARGEST * KIB
# The tree's own top: what is in no group below it. With v2 it has `memory.current` in a container only.
_TOP = "/"


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a process belongs: the systemd path of its cgroup and the memory group it is charged to."""

    unit: str
    memory_group: str | None


@dataclass(frozen=True, slots=True)
class Groups:
    """The cgroups by the number that the processes carry, their memory, and that of the whole tree.

    `kernel_bytes` is the kernel memory charged to anything below the tree's top, `limit` the limit of it.
    """

    members: dict[int, Membership]
    memory: tuple[MemoryGroup, ...]
    limit: Limit | None
    kernel_bytes: int | None = None


def parse(section: Section) -> Groups:
    """Read the cgroups. Raises Unreadable."""
    version, members, stats = 1, dict[int, Membership](), dict[str, dict[str, int]]()
    number, unit, current = 0, "", ""
    for line in section.lines:
        kind, rest = line[0], line[1:]
        if kind == "v":
            version = whole(rest, section)
        elif kind == "g":
            number = whole(rest, section)
        elif kind == "u":
            unit = rest
        elif kind == "m":
            members[number] = Membership(unit, rest or None)
        elif kind in "dl":
            current = rest
            stats[current] = {}
        elif kind == "s":
            key, _, value = rest.partition(" ")
            amount = _NONE if value == "max" else whole(value, section, most=_LARGEST_COUNTER)
            if amount < _NONE:
                stats.setdefault(current, {})[key] = amount
        else:
            raise Unreadable("The host's list of cgroups is garbled.")
    own = stats.pop("", {})
    read, needed = (_group_v1, {"current", "rss"}) if version == 1 else (_group_v2, {"current", "anon"})
    if needed <= own.keys():
        stats[_TOP] = own
        members = {n: replace(one, memory_group=one.memory_group or _TOP) for n, one in members.items()}
    groups = tuple(read(path, stat) for path, stat in sorted(stats.items()) if needed <= stat.keys())
    return Groups(members, _without_children(groups, version), _limit(own), own.get("kernel"))


def _group_v2(path: str, stat: dict[str, int]) -> MemoryGroup:
    # What is listed has a counter in /proc/meminfo; `kernel` holds the compressed pages of zswap too.
    listed = ("kernel_stack", "pagetables", "sec_pagetables", "percpu", "vmalloc", "slab", "zswap")
    kernel = stat.get("kernel")
    return MemoryGroup(
        path=path,
        current_bytes=stat["current"],
        anon_bytes=stat["anon"],
        mapped_bytes=stat.get("file_mapped", 0),
        kernel_bytes=kernel,
        kernel_buffers_bytes=None if kernel is None else _less(kernel, [stat.get(key) for key in listed]),
        swap_bytes=stat.get("swap"),
        limit_bytes=stat.get("limit"),
        oom_kills=stat.get("oom_kill"),
    )


def _group_v1(path: str, stat: dict[str, int]) -> MemoryGroup:
    return MemoryGroup(
        path=path,
        current_bytes=stat["current"],
        anon_bytes=stat["rss"],
        mapped_bytes=stat.get("mapped_file", 0),
        kernel_bytes=stat.get("kernel"),
        swap_bytes=stat.get("swap"),
        limit_bytes=stat.get("limit"),
        oom_kills=stat.get("oom_kill"),
    )


def _without_children(groups: tuple[MemoryGroup, ...], version: int) -> tuple[MemoryGroup, ...]:
    """Take from each group what groups below it are charged.

    All numbers of v2 count a whole subtree; of v1 those of `memory.stat` count the group alone, the others
    its subtree (`memory.use_hierarchy`, which systemd and container engines set).
    """
    result = []
    for group in groups:
        below = [other for other in groups if _holds(group, other)]
        direct = [other for other in below if not any(_holds(between, other) for between in below)]
        alone = replace(
            group,
            current_bytes=_less(group.current_bytes, [o.current_bytes for o in direct]),
            kernel_bytes=_less_if_known(group.kernel_bytes, [o.kernel_bytes for o in direct]),
        )
        result.append(alone if version == 1 else _stat_without_children(alone, direct))
    return tuple(result)


def _stat_without_children(group: MemoryGroup, direct: list[MemoryGroup]) -> MemoryGroup:
    return replace(
        group,
        anon_bytes=_less(group.anon_bytes, [o.anon_bytes for o in direct]),
        mapped_bytes=_less(group.mapped_bytes, [o.mapped_bytes for o in direct]),
        kernel_buffers_bytes=_less_if_known(
            group.kernel_buffers_bytes, [o.kernel_buffers_bytes for o in direct]
        ),
        swap_bytes=_less_if_known(group.swap_bytes, [o.swap_bytes for o in direct]),
    )


def _holds(group: MemoryGroup, other: MemoryGroup) -> bool:
    return other is not group and other.path.startswith(group.path.rstrip("/") + "/")


def _less_if_known(amount: int | None, parts: Iterable[int | None]) -> int | None:
    return None if amount is None else _less(amount, parts)


def _less(amount: int, parts: Iterable[int | None]) -> int:
    return max(0, amount - sum(part or 0 for part in parts))


def _limit(own: dict[str, int]) -> Limit | None:
    """Read the limit of the tree's root: a real machine's root has none, a container's may."""
    if own.get("limit", 0) == 0 or "current" not in own:
        return None
    reclaimable = own.get("inactive_file", own.get("total_inactive_file", 0))
    return Limit(limit_bytes=own["limit"], used_bytes=max(0, own["current"] - reclaimable))


FACT = Fact("groups", _AWK, parse, functions=_FUNCTIONS)
