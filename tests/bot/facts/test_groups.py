"""Memory of cgroups, v1 and v2, and who belongs to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.memory import Limit, MemoryGroup
from bot.domain.units import GIB, KIB, MIB
from bot.errors import Unreadable
from bot.facts import Section, groups
from tests.fakes.proc import MEMINFO
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.memory import ProcessMemory, Snapshot
    from tests.fakes.proc import FakeProc

NO_LIMIT = "9223372036854771712\n"
STAT_V2 = """anon 378511360
file 20480000
kernel 12582912
kernel_stack 655360
pagetables 2621440
sec_pagetables 0
percpu 1024
sock 4096
vmalloc 8192
shmem 1048576
zswap 500000
file_mapped 15728640
file_dirty 0
inactive_anon 378000000
inactive_file 9437184
slab_reclaimable 1048576
slab_unreclaimable 2097152
slab 3145728
pgfault 991
"""
GUNICORN_V2 = {
    "memory.current": "411041792\n",
    "memory.stat": STAT_V2,
    "memory.max": "max\n",
    "memory.swap.current": "4096\n",
    "memory.events": "low 0\nhigh 0\nmax 0\noom 1\noom_kill 1\noom_group_kill 0\n",
}
GUNICORN_V1 = {
    "memory.usage_in_bytes": "372375552\n",
    "memory.stat": "cache 20480\nrss 370589696\nshmem 4096\nmapped_file 8192\nswap 12288\ntotal_rss 999\n",
    "memory.limit_in_bytes": NO_LIMIT,
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "memory.kmem.usage_in_bytes": "7340032\n",
}
GUNICORN = "/system.slice/gunicorn.service"
SSH = "/system.slice/ssh.service"


def v2(machine: FakeProc) -> None:
    machine.group("", {"cgroup.controllers": "cpuset cpu io memory pids\n", "memory.stat": STAT_V2})
    machine.process(1, b"systemd", cgroup="0::/init.scope\n")


def v1(machine: FakeProc, path: str = "/init.scope", **top: str) -> None:
    files = {
        "memory.usage_in_bytes": "900000000\n",
        "memory.limit_in_bytes": NO_LIMIT,
        "memory.stat": "rss 5\n",
    }
    machine.group("/memory", files | {key.replace("__", "."): value for key, value in top.items()})
    machine.process(1, b"systemd", cgroup=lines_v1(path))


def lines_v1(path: str, memory: str | None = None) -> str:
    return f"9:name=systemd:{path}\n4:memory:{path if memory is None else memory}\n1:cpu,cpuacct:/\n0::/\n"


def seen(machine: FakeProc, awk: Path) -> Snapshot:
    return probe.read("web-1", NOON, machine.answer(awk))


def by_pid(snapshot: Snapshot) -> dict[int, ProcessMemory]:
    return {process.pid: process for process in snapshot.processes}


def by_path(snapshot: Snapshot) -> dict[str, MemoryGroup]:
    return {group.path: group for group in snapshot.groups}


# --- cgroup v2


def test_a_unit_of_cgroup_v2_tells_its_memory(machine: FakeProc, awk: Path) -> None:
    v2(machine)
    machine.group(GUNICORN, GUNICORN_V2)
    machine.process(57, b"gunicorn", cgroup=f"0::{GUNICORN}\n")

    found = seen(machine, awk)

    assert found.groups == (
        MemoryGroup(
            path=GUNICORN,
            current_bytes=411041792,
            anon_bytes=378511360,
            mapped_bytes=15728640,
            kernel_bytes=12582912,
            kernel_buffers_bytes=12582912 - 655360 - 2621440 - 1024 - 8192 - 3145728 - 500000,
            swap_bytes=4096,
            limit_bytes=None,
            oom_kills=1,
        ),
    )
    assert (by_pid(found)[57].unit, by_pid(found)[57].memory_group) == (GUNICORN, GUNICORN)
    assert (by_pid(found)[1].unit, by_pid(found)[1].memory_group) == ("/init.scope", None)
    assert found.limit is None


def test_a_kernel_that_does_not_add_up_its_memory_leaves_it_none(machine: FakeProc, awk: Path) -> None:
    v2(machine)
    machine.group(GUNICORN, GUNICORN_V2 | {"memory.stat": STAT_V2.replace("kernel 12582912\n", "")})
    machine.process(57, b"gunicorn", cgroup=f"0::{GUNICORN}\n")

    found = by_path(seen(machine, awk))[GUNICORN]

    assert (found.kernel_bytes, found.kernel_buffers_bytes) == (None, None)


def test_who_is_in_a_group_without_a_memory_controller_is_charged_to_its_parent(
    machine: FakeProc, awk: Path
) -> None:
    v2(machine)
    machine.group(GUNICORN, GUNICORN_V2)
    machine.process(57, b"gunicorn", cgroup=f"0::{GUNICORN}/deep/deeper\n")

    found = by_pid(seen(machine, awk))[57]

    assert (found.unit, found.memory_group) == (f"{GUNICORN}/deep/deeper", GUNICORN)


def test_what_a_nested_systemd_took_before_it_moved_to_its_init_scope_is_its_own(
    machine: FakeProc, awk: Path
) -> None:
    manager = "/user.slice/user-1000.slice/user@1000.service"
    v2(machine)
    machine.group(manager, GUNICORN_V2)
    machine.group(f"{manager}/init.scope", {"memory.current": "7\n", "memory.stat": "anon 7\n"})
    machine.group("/init.scope", GUNICORN_V2)
    machine.process(880, b"systemd", cgroup=f"0::{manager}/init.scope\n")

    found = seen(machine, awk)

    assert by_pid(found)[880].memory_group == manager
    assert by_pid(found)[1].memory_group == "/init.scope"
    assert by_path(found)[manager].anon_bytes == 378511360


def test_a_group_above_another_holds_what_is_its_own_alone(machine: FakeProc, awk: Path) -> None:
    v2(machine)
    below = f"{GUNICORN}/worker"
    stat = "anon 100000000\nfile_mapped 5000000\nshmem 48576\nkernel 1000000\nslab 0\n"
    machine.group(GUNICORN, GUNICORN_V2)
    machine.group(
        below, {"memory.current": "111041792\n", "memory.stat": stat, "memory.swap.current": "4000\n"}
    )
    machine.group(f"{below}/one", {"memory.current": "7\n", "memory.stat": "anon 7\n"})
    for pid, path in ((57, GUNICORN), (58, below), (59, f"{below}/one")):
        machine.process(pid, cgroup=f"0::{path}\n")

    found = by_path(seen(machine, awk))

    top = found[GUNICORN]
    assert (top.anon_bytes, top.mapped_bytes) == (278511360, 10728640)
    assert (top.current_bytes, top.kernel_bytes, top.swap_bytes) == (300000000, 11582912, 96)
    assert top.kernel_buffers_bytes == 12582912 - 655360 - 2621440 - 1024 - 8192 - 3145728 - 500000 - 1000000
    assert (found[below].anon_bytes, found[f"{below}/one"].anon_bytes) == (99999993, 7)


def test_a_group_that_vanishes_while_it_is_read_is_left_out(machine: FakeProc, awk: Path) -> None:
    v2(machine)
    machine.group(GUNICORN, {"memory.current": "411041792\n"})
    machine.process(57, cgroup=f"0::{GUNICORN}\n")

    found = seen(machine, awk)

    assert found.groups == ()
    assert by_pid(found)[57].unit == GUNICORN


def test_a_container_that_sees_only_itself_has_its_processes_in_the_top_group(
    machine: FakeProc, awk: Path
) -> None:
    limited = GUNICORN_V2 | {"memory.max": f"{512 * MIB}\n"}
    machine.group("", {"cgroup.controllers": "memory\n", **limited})
    machine.process(1, b"gunicorn", ppid=0)
    machine.process(2, b"gunicorn")

    found = seen(machine, awk)

    assert found.limit == Limit(limit_bytes=512 * MIB, used_bytes=411041792 - 9437184)
    assert by_path(found)["/"].anon_bytes == 378511360
    assert {process.memory_group for process in found.processes} == {"/"}


def test_a_limit_above_the_machines_memory_binds_nobody(machine: FakeProc, awk: Path) -> None:
    machine.group("", {"cgroup.controllers": "memory\n", **GUNICORN_V2, "memory.max": f"{64 * GIB}\n"})
    machine.process(1)

    assert seen(machine, awk).limit is None


def test_a_limit_of_nothing_is_none(machine: FakeProc, awk: Path) -> None:
    machine.group("", {"cgroup.controllers": "memory\n", **GUNICORN_V2, "memory.max": "0\n"})
    machine.process(1)

    assert seen(machine, awk).limit is None


# --- cgroup v1


def test_a_unit_of_cgroup_v1_tells_its_memory(machine: FakeProc, awk: Path) -> None:
    v1(machine)
    machine.group(f"/memory{GUNICORN}", GUNICORN_V1)
    machine.process(57, cgroup=lines_v1(GUNICORN))

    found = seen(machine, awk)

    assert by_path(found)[GUNICORN] == MemoryGroup(
        path=GUNICORN,
        current_bytes=372375552,
        anon_bytes=370589696,
        mapped_bytes=8192,
        kernel_bytes=7340032,
        swap_bytes=12288,
        limit_bytes=None,
        oom_kills=2,
    )
    assert (by_pid(found)[57].unit, by_pid(found)[57].memory_group) == (GUNICORN, GUNICORN)
    assert found.limit is None


def test_kernel_memory_of_a_nested_v1_group_is_not_counted_with_the_group_above(
    machine: FakeProc, awk: Path
) -> None:
    v1(machine)
    below = f"{GUNICORN}/worker"
    nested = GUNICORN_V1 | {"memory.usage_in_bytes": "2375552\n", "memory.kmem.usage_in_bytes": "340032\n"}
    machine.group(f"/memory{GUNICORN}", GUNICORN_V1)
    machine.group(f"/memory{below}", nested)
    machine.process(57, cgroup=lines_v1(GUNICORN))
    machine.process(58, cgroup=lines_v1(below))

    found = by_path(seen(machine, awk))

    assert (found[GUNICORN].kernel_bytes, found[below].kernel_bytes) == (7_000_000, 340_032)
    assert (found[GUNICORN].current_bytes, found[GUNICORN].anon_bytes) == (370_000_000, 370_589_696)


def test_without_memory_accounting_for_units_who_is_charged_is_told_from_the_unit(
    machine: FakeProc, awk: Path
) -> None:
    v1(machine)
    machine.group("/memory/system.slice", GUNICORN_V1)
    machine.process(57, cgroup=lines_v1(GUNICORN, memory="/system.slice"))

    found = by_pid(seen(machine, awk))[57]

    assert (found.unit, found.memory_group) == (GUNICORN, "/system.slice")


def test_a_limit_on_the_whole_container_leaves_out_what_can_be_reclaimed(
    machine: FakeProc, awk: Path
) -> None:
    v1(
        machine,
        memory__limit_in_bytes=f"{961 * MIB}\n",
        memory__stat="rss 5\ntotal_inactive_file 25247744\n",
    )

    assert seen(machine, awk).limit == Limit(limit_bytes=961 * MIB, used_bytes=900000000 - 25247744)


def test_a_container_without_a_cgroup_namespace_sees_its_own_paths_shortened(
    machine: FakeProc, awk: Path
) -> None:
    v1(machine, "/lxc/web/init.scope")
    machine.group(f"/memory{GUNICORN}", GUNICORN_V1)
    machine.process(57, cgroup=lines_v1(f"/lxc/web{GUNICORN}"))
    machine.process(58, cgroup=lines_v1("/lxc/webmail"))
    machine.process(59, cgroup=lines_v1("/lxc/web"))

    found = by_pid(seen(machine, awk))

    assert (found[57].unit, found[57].memory_group) == (GUNICORN, GUNICORN)
    assert found[58].unit == "/lxc/webmail"
    assert found[59].unit == "/"


def test_hybrid_hierarchies_and_shared_controllers_are_told_apart(machine: FakeProc, awk: Path) -> None:
    v1(machine)
    machine.group(f"/memory{GUNICORN}", GUNICORN_V1)
    machine.process(
        57, cgroup=f"8:cpuset,memory,cpu:{GUNICORN}\n2:memory2:/x\n1:name=systemd:/\n0::/unit.slice/x\n"
    )

    found = by_pid(seen(machine, awk))[57]

    assert (found.unit, found.memory_group) == ("/unit.slice/x", GUNICORN)


# --- hostile names: who may make a cgroup chooses its name


def test_the_name_of_a_group_never_passes_for_another_hierarchy(machine: FakeProc, awk: Path) -> None:
    own = "/user.slice/user-1000.slice/user@1000.service"
    names = (f":name=systemd:{SSH}", f":memory:{SSH}", f"x{SSH}", ":", "0::/x", "\x01", "  ", "a,memory,b")
    v2(machine)
    machine.group(SSH, GUNICORN_V2)
    machine.group(own, GUNICORN_V2 | {"memory.current": "7\n"})
    for number, name in enumerate(names):
        machine.process(66 + number, uid=1000, cgroup=f"0::{own}/{name}\n")

    found = by_pid(seen(machine, awk))

    assert [found[66 + number].unit for number in range(len(names))] == [f"{own}/{name}" for name in names]
    assert {found[66 + number].memory_group for number in range(len(names))} == {own}


def test_the_name_of_a_v1_group_never_passes_for_another_controller(machine: FakeProc, awk: Path) -> None:
    v1(machine)
    machine.group(f"/memory{GUNICORN}", GUNICORN_V1)
    machine.group("/memory/user.slice", GUNICORN_V1)
    machine.process(66, cgroup=lines_v1(f"/user.slice/:memory:{GUNICORN}", memory="/user.slice"))

    found = by_pid(seen(machine, awk))[66]

    assert (found.unit, found.memory_group) == (f"/user.slice/:memory:{GUNICORN}", "/user.slice")


# --- odd numbers


@pytest.mark.parametrize("glitch", ["18446744073709547520", "9223372036854775807", str(1 << 50)])
def test_a_counter_that_fell_below_zero_is_left_out_not_shown(glitch: str) -> None:
    lines = (
        "v2",
        "g1",
        "u/a",
        "m/a",
        "d/a",
        "scurrent 7",
        "sanon 5",
        f"sfile_mapped {glitch}",
        f"sswap {glitch}",
        "l",
    )

    (found,) = groups.parse(Section("groups", lines)).memory

    assert (found.anon_bytes, found.mapped_bytes, found.swap_bytes) == (5, 0, None)


@pytest.mark.parametrize("missing", ["scurrent 7", "sanon 5"])
def test_a_group_that_does_not_tell_what_it_holds_is_left_out(missing: str) -> None:
    lines = tuple(line for line in ("v2", "d/a", "scurrent 7", "sanon 5", "l") if line != missing)

    assert groups.parse(Section("groups", lines)).memory == ()


@pytest.mark.parametrize(
    "line", ["vx", "v", "g", "gx", "g-1", "sanon", "sanon x", "sanon -5", "sanon 1 2", "s", "q", "anon 5"]
)
def test_what_the_probe_cannot_have_printed_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        groups.parse(Section("groups", ("v2", "d/a", line)))


def test_a_machine_without_cgroups_is_read_all_the_same(machine: FakeProc, awk: Path) -> None:
    machine.process(1)
    (machine.root / "proc/1/cgroup").unlink()

    found = seen(machine, awk)

    assert (found.groups, found.limit) == ((), None)
    assert found.meminfo.total_bytes == MEMINFO["MemTotal"] * KIB
