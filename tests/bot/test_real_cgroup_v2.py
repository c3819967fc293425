"""Two answers of a real host with cgroup v2 and a kernel of its own, beside what ps_mem said there.

Taken by `tests.hosts.uml`: Debian 12, Linux 6.1, systemd 252, no container. 64 MiB of swap are full, because
the kernel ran out of memory half a minute before and killed a child of `reports.service`. The user's answer
was taken ten seconds before root's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot import catalogue, known_services, probe
from bot.domain.attribution import Kind, attribute
from bot.domain.breakdown import Breakdown, break_down
from bot.domain.estimate import Method
from bot.domain.memory import Gap
from bot.domain.policy import Level, Thresholds, assess
from bot.domain.service import KnownService
from bot.domain.units import KIB, MIB
from bot.ports import Completed
from tests.cases import captured
from tests.fakes.snapshots import NOON

if TYPE_CHECKING:
    from bot.domain.attribution import Service
    from bot.domain.memory import MemoryGroup, Snapshot

# Bytes that `ps_mem -t -p PIDS` said as root just before root's answer (ps_mem 3.14, the pids of each unit).
PS_MEM = {
    "gunicorn": 347_773_440,
    "daphne": 107_941_376,
    "redis": 47_152_640,
    "platform-agent": 108_192_256,
    "backup-agent": 76_538_368,
    "nginx": 1_311_232,
    "reports": 4_060_672,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer, read to the end."""

    snapshot: Snapshot
    services: dict[str, Service]
    breakdown: Breakdown

    def unit(self, name: str) -> MemoryGroup:
        return next(group for group in self.snapshot.groups if group.path.endswith(f"/{name}.service"))


def seen(who: str) -> Seen:
    answer = Completed(0, captured(f"systemd-252-cgroup-v2-uml-{who}.txt"), b"")
    snapshot = probe.read("web-1", NOON, answer, deep=True)
    services = attribute(snapshot, catalogue.entries(known_services, "SERVICE", KnownService))
    return Seen(snapshot, {service.name: service for service in services}, break_down(snapshot, services))


@pytest.fixture(scope="module")
def root() -> Seen:
    return seen("root")


@pytest.fixture(scope="module")
def user() -> Seen:
    return seen("user")


@pytest.fixture(scope="module", params=["root", "user"])
def either(request: pytest.FixtureRequest) -> Seen:
    return seen(str(request.param))


def test_the_lines_add_up_to_the_machine_and_little_is_left_over(either: Seen) -> None:
    lines, total = either.breakdown.lines, either.snapshot.meminfo.total_bytes

    (unaccounted,) = either.breakdown.of(Kind.UNACCOUNTED)
    assert sum(line.bytes for line in lines) == total
    assert 0 <= unaccounted.bytes < 0.01 * total


@pytest.mark.parametrize("name", PS_MEM)
def test_as_root_each_service_holds_what_ps_mem_says(root: Seen, name: str) -> None:
    service = root.services[name]

    assert service.method is Method.PSS
    assert service.memory_bytes == pytest.approx(PS_MEM[name], rel=0.03)


@pytest.mark.parametrize("name", ["gunicorn", "daphne", "redis", "platform-agent", "backup-agent"])
def test_without_root_the_cgroups_say_the_same(user: Seen, name: str) -> None:
    service = user.services[name]

    assert service.method is Method.CGROUP
    assert service.memory_bytes == pytest.approx(PS_MEM[name], rel=0.03)


@pytest.mark.parametrize("name", ["nginx", "reports"])
def test_without_root_small_services_differ_by_a_mib_at_most(user: Seen, name: str) -> None:
    # Whoever touches a page of a shared library first is charged all of it.
    assert user.services[name].memory_bytes == pytest.approx(PS_MEM[name], abs=MIB)


def test_resident_memory_would_have_counted_shared_pages_again(root: Seen) -> None:
    gunicorn = root.services["gunicorn"]

    assert sum(process.rss_bytes for process in gunicorn.processes) > 1.03 * PS_MEM["gunicorn"]


def test_each_unit_has_its_numbers_from_memory_stat(either: Seen) -> None:
    gunicorn = either.unit("gunicorn")

    assert gunicorn.anon_bytes == pytest.approx(330 * MIB, rel=0.01)
    assert gunicorn.current_bytes > gunicorn.anon_bytes + gunicorn.mapped_bytes
    assert gunicorn.kernel_bytes == pytest.approx(1.5 * MIB, rel=0.1)
    assert gunicorn.kernel_buffers_bytes == pytest.approx(0, abs=4 * KIB)
    assert gunicorn.limit_bytes is None
    assert either.snapshot.limit is None


def test_full_pipes_are_found_in_the_kernels_line_and_with_the_unit_that_filled_them(either: Seen) -> None:
    (kernel,) = either.breakdown.of(Kind.KERNEL)

    assert either.unit("platform-agent").kernel_buffers_bytes == pytest.approx(160 * MIB, rel=0.001)
    assert kernel.parts[0].name == "buffers of platform-agent"
    assert 170 * MIB < kernel.bytes < 190 * MIB
    assert kernel.method is Method.MEMINFO


def test_swap_is_told_of_the_machine_the_units_and_the_processes(root: Seen) -> None:
    meminfo, daphne = root.snapshot.meminfo, root.services["daphne"]

    assert meminfo.swap_total_bytes == pytest.approx(64 * MIB, rel=0.001)
    assert meminfo.swap_used_bytes > 0.95 * meminfo.swap_total_bytes
    assert root.unit("gunicorn").swap_bytes == pytest.approx(24 * MIB, rel=0.02)
    assert root.services["gunicorn"].swap_bytes == pytest.approx(24 * MIB, rel=0.02)
    assert daphne.swap_bytes == root.unit("daphne").swap_bytes


def test_swap_that_workers_share_counts_once_though_each_counts_it_in_full(user: Seen) -> None:
    gunicorn = user.services["gunicorn"]

    assert sum(process.swap_bytes for process in gunicorn.processes) > 86 * MIB
    assert gunicorn.swap_bytes == user.unit("gunicorn").swap_bytes


def test_the_oom_kill_is_counted_by_the_machine_and_by_its_unit_alone(either: Seen) -> None:
    vmstat = either.snapshot.vmstat

    assert vmstat is not None
    assert vmstat.oom_kills == 1
    assert [group.path for group in either.snapshot.groups if group.oom_kills] == [
        "/system.slice/reports.service"
    ]


def test_workers_are_counted(either: Seen) -> None:
    gunicorn, nginx = either.services["gunicorn"], either.services["nginx"]

    assert len(gunicorn.workers) == 4
    assert len(gunicorn.processes) == 5
    assert gunicorn.worker_bytes == pytest.approx(82.5 * MIB, rel=0.02)
    assert len(nginx.workers) == 2


def test_a_systemd_of_a_user_holds_what_it_took_before_it_moved_to_its_own_group(user: Seen) -> None:
    (moved,) = (group for group in user.snapshot.groups if group.path.endswith("/user@0.service"))

    assert moved.anon_bytes > MIB
    assert not any(group.path.endswith("@0.service/init.scope") for group in user.snapshot.groups)


def test_what_only_root_may_read_is_said(root: Seen, user: Seen) -> None:
    assert root.snapshot.gaps == ()
    assert user.snapshot.gaps == (Gap("PSS of 26 of 28 processes", "only root may read them"),)


def test_a_machine_is_no_container_and_its_kernel_may_lack_pressure(either: Seen) -> None:
    identity = either.snapshot.identity

    assert (identity.container, identity.virtual_meminfo) == (None, False)
    assert identity.kernel.startswith("6.1.")
    assert either.snapshot.pressure is None


def test_the_level_is_critical(either: Seen) -> None:
    assert assess(either.snapshot, Thresholds()).level is Level.CRITICAL
