"""Memory of the cgroups in which the processes live, from cgroup v2 or v1; readable without root.

Sources: `Documentation/admin-guide/cgroup-v2.rst` (memory.stat), `cgroup-v1/memory.rst`. A group's numbers
count pages where they were first touched, each once, so they add up over groups without counting twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.memory import Limit, MemoryGroup
from bot.errors import Unreadable
from bot.facts import Fact, Section, whole

# `group` numbers each distinct text of /proc/PID/cgroup. A path that the mounted tree does not hold is
# looked for without the path of pid 1 (a container without a cgroup namespace), then in its parents:
# where a group has no memory controller of its own, its parent is charged.
_FUNCTIONS = r"""
function after(text, mark,   i, rest) {
  i = index(text, mark)
  if (i == 0) return ""
  rest = substr(text, i + length(mark))
  i = index(rest, "\n")
  return i ? substr(rest, 1, i - 1) : rest
}
function group(text,   path) {
  if (text in GROUP) return GROUP[text]
  GROUP[text] = ++groups
  text = "\n" text
  path = after(text, ":memory:")
  UNIT[groups] = after(text, ":name=systemd:")
  if (path == "") path = after(text, "\n0::")
  if (UNIT[groups] == "" || UNIT[groups] == "/") UNIT[groups] = after(text, "\n0::")
  if (UNIT[groups] == "" || UNIT[groups] == "/") UNIT[groups] = path
  MEMORY[groups] = charged(path)
  return groups
}
function charged(path,   l) {
  if (BASE != "" && substr(path, 1, length(BASE) + 1) == BASE "/") path = substr(path, length(BASE) + 1)
  while (length(path) > 1) {
    if (path in CHARGED) return path
    if ((getline l < (ROOT path CURRENT)) > 0) { close(ROOT path CURRENT); CHARGED[path] = 1; return path }
    sub(/\/[^\/]*$/, "", path)
  }
  return ""
}
function group_memory(dir,   f, l, F) {
  if ((getline l < (dir CURRENT)) > 0) out("scurrent " l)
  close(dir CURRENT)
  f = dir "/memory.stat"
  while ((getline l < f) > 0) if (l ~ STAT) out("s" l)
  close(f)
  if ((getline l < (dir MAX)) > 0) out("slimit " l)
  close(dir MAX)
  f = dir (V2 ? "/memory.events" : "/memory.oom_control")
  while ((getline l < f) > 0) if (l ~ /^oom_kill /) out("s" l)
  close(f)
  f = dir "/memory.swap.current"
  if (V2 && (getline l < f) > 0) out("sswap " l)
  close(f)
}
function group_trees(   l) {
  V2 = (getline l < "/sys/fs/cgroup/cgroup.controllers") > 0 && l ~ /memory/
  close("/sys/fs/cgroup/cgroup.controllers")
  ROOT = V2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
  CURRENT = V2 ? "/memory.current" : "/memory.usage_in_bytes"
  MAX = V2 ? "/memory.max" : "/memory.limit_in_bytes"
  STAT = V2 ? "^(anon|file_mapped|shmem|kernel|kernel_stack|pagetables|sec_pagetables|percpu|vmalloc|slab|inactive_file) " : \
    "^(rss|mapped_file|shmem|swap|total_inactive_file) "
  RS = "\001"; BASE = "\n" slurp("/proc/1/cgroup"); RS = "\n"
  BASE = V2 ? after(BASE, "\n0::") : after(BASE, ":memory:")
  sub(/\/init\.scope$/, "", BASE)
  if (BASE == "/") BASE = ""
}
"""

_AWK = r"""
section("groups"); RS = "\n"
out("v" (V2 ? 2 : 1))
for (i = 1; i <= groups; i++) { out("g" i); out("u" UNIT[i]); out("m" MEMORY[i]) }
for (path in CHARGED) { out("d" path); group_memory(ROOT path) }
out("l"); group_memory(ROOT)
"""

# v1 says "no limit" as a number near 2**63, rounded to pages.
_NO_LIMIT = 1 << 60


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a process belongs: the systemd path of its cgroup and the memory group it is charged to."""

    unit: str
    memory_group: str | None


@dataclass(frozen=True, slots=True)
class Groups:
    """The cgroups by the number that the processes carry, their memory, and the host's own limit, if any."""

    members: dict[int, Membership]
    memory: tuple[MemoryGroup, ...]
    limit: Limit | None


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
            if value != "max":
                stats.setdefault(current, {})[key] = whole(value, section)
        else:
            raise Unreadable("The host's list of cgroups is garbled.")
    own = stats.pop("", {})
    read = _group_v2 if version == 2 else _group_v1  # noqa: PLR2004 - cgroup v2
    groups = tuple(read(path, stat) for path, stat in sorted(stats.items()) if "current" in stat)
    return Groups(members, _without_children(groups) if version == 2 else groups, _limit(own))  # noqa: PLR2004


def _group_v2(path: str, stat: dict[str, int]) -> MemoryGroup:
    listed = ("kernel_stack", "pagetables", "sec_pagetables", "percpu", "vmalloc", "slab")
    kernel = stat.get("kernel")
    return MemoryGroup(
        path=path,
        current_bytes=stat["current"],
        anon_bytes=stat.get("anon", 0),
        mapped_bytes=stat.get("file_mapped", 0),
        shmem_bytes=stat.get("shmem", 0),
        kernel_bytes=None if kernel is None else max(0, kernel - sum(stat.get(key, 0) for key in listed)),
        swap_bytes=stat.get("swap"),
        limit_bytes=stat.get("limit"),
        oom_kills=stat.get("oom_kill"),
    )


def _group_v1(path: str, stat: dict[str, int]) -> MemoryGroup:
    limit = stat.get("limit", _NO_LIMIT)
    return MemoryGroup(
        path=path,
        current_bytes=stat["current"],
        anon_bytes=stat.get("rss", 0),
        mapped_bytes=stat.get("mapped_file", 0),
        shmem_bytes=stat.get("shmem", 0),
        swap_bytes=stat.get("swap"),
        limit_bytes=limit if limit < _NO_LIMIT else None,
        oom_kills=stat.get("oom_kill"),
    )


def _without_children(groups: tuple[MemoryGroup, ...]) -> tuple[MemoryGroup, ...]:
    """Take from each v2 group what groups below it are charged: v2 counts a whole subtree."""
    result = []
    for group in groups:
        below = [other for other in groups if other.path.startswith(group.path + "/")]
        direct = [o for o in below if not any(o.path.startswith(p.path + "/") for p in below)]
        result.append(
            replace(
                group,
                anon_bytes=max(0, group.anon_bytes - sum(o.anon_bytes for o in direct)),
                mapped_bytes=max(0, group.mapped_bytes - sum(o.mapped_bytes for o in direct)),
                shmem_bytes=max(0, group.shmem_bytes - sum(o.shmem_bytes for o in direct)),
            )
        )
    return tuple(result)


def _limit(own: dict[str, int]) -> Limit | None:
    """Read the limit of the tree's root: a real machine's root has none, a container's may."""
    if own.get("limit", _NO_LIMIT) >= _NO_LIMIT or "current" not in own:
        return None
    reclaimable = own.get("inactive_file", own.get("total_inactive_file", 0))
    return Limit(limit_bytes=own["limit"], used_bytes=max(0, own["current"] - reclaimable))


FACT = Fact("groups", _AWK, parse, functions=_FUNCTIONS)
