"""What would help a host that is short of memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.advice import FewerWorkers, Reduce, advise
from bot.domain.attribution import attribute
from bot.domain.service import Ends, Group, Scaling, forked_workers
from bot.domain.units import MIB
from tests.fakes.snapshots import known, memory_group, process, pss, snapshot

if TYPE_CHECKING:
    from bot.domain.advice import Advice
    from bot.domain.memory import MemoryGroup, ProcessMemory

KNOWN = (
    known("gunicorn", workers=forked_workers),
    known("celery", workers=forked_workers),
    known("daphne"),
    known("nginx", essential=True, workers=forked_workers),
    known("postgresql", "postgres", essential=True),
    known("journald", group=Group.SYSTEM),
)


def advice(*processes: ProcessMemory, groups: tuple[MemoryGroup, ...] = ()) -> Advice | None:
    found = snapshot(*processes, groups=groups)
    return advise(attribute(found, KNOWN), 961 * MIB)


def fewer(found: Advice | None) -> FewerWorkers:
    assert isinstance(found, FewerWorkers)
    return found


def gunicorn(
    *, anon: int, uss: int | None = None, workers: int = 4, group: str | None = None
) -> tuple[ProcessMemory, ...]:
    """A master and its workers that all have `anon` bytes, of which each alone has `uss`."""
    exact = None if uss is None else pss(anon=max(uss, anon // (workers + 1)), uss=uss)
    return tuple(
        process(pid, "gunicorn", ppid=1 if pid == 10 else 10, anon=anon, pss=exact, group=group)
        for pid in range(10, 11 + workers)
    )


def test_half_the_workers_free_what_only_they_hold() -> None:
    found = fewer(advice(*gunicorn(anon=100 * MIB, uss=85 * MIB), process(50, "daphne", anon=120 * MIB)))

    assert (found.service.name, found.workers_now, found.workers_then) == ("gunicorn", 4, 2)
    assert found.saving_bytes == 2 * 85 * MIB
    assert found.exact


def test_preloaded_workers_free_little_and_that_is_what_is_said() -> None:
    found = fewer(advice(*gunicorn(anon=96 * MIB, uss=8 * MIB)))

    assert found.saving_bytes == 2 * 8 * MIB
    assert found.exact


@pytest.mark.parametrize(
    ("scaling", "saving_mib"),
    [
        (None, 70),
        (Scaling(fewer="TTOU", more="TTIN", ends=Ends.YOUNGEST), 70),
        (Scaling(fewer="TTOU", more="TTIN", ends=Ends.OLDEST), 90),
        # It is restarted: nobody knows which of the new ones there would have been more of.
        (Scaling(), 70),
    ],
)
def test_the_workers_that_the_server_itself_ends_are_counted(
    scaling: Scaling | None, saving_mib: int
) -> None:
    server = replace(known("server", workers=forked_workers), scaling=scaling)
    processes = (
        process(10, "server"),
        process(11, "server", ppid=10, started_ticks=50, pss=pss(anon=90 * MIB, uss=90 * MIB)),
        process(12, "server", ppid=10, started_ticks=99, pss=pss(anon=70 * MIB, uss=70 * MIB)),
    )

    found = fewer(advise(attribute(snapshot(*processes), (server,)), 961 * MIB))

    assert (found.workers_then, found.saving_bytes) == (1, saving_mib * MIB)


def test_without_uss_a_worker_frees_at_most_its_share_of_the_services_cgroup() -> None:
    preloaded = gunicorn(anon=100 * MIB, group="/app")

    found = fewer(advice(*preloaded, groups=(memory_group("/app", anon=110 * MIB),)))

    assert found.saving_bytes == 2 * 22 * MIB
    assert not found.exact


def test_an_odd_worker_stays() -> None:
    found = fewer(advice(*gunicorn(anon=30 * MIB, uss=30 * MIB, workers=3)))

    assert (found.workers_now, found.workers_then, found.saving_bytes) == (3, 2, 30 * MIB)


def test_a_single_worker_is_never_taken_away() -> None:
    found = advice(*gunicorn(anon=100 * MIB, uss=85 * MIB, workers=1))

    assert isinstance(found, Reduce)
    assert found.service.name == "gunicorn"


def test_of_several_services_with_workers_the_one_that_frees_most_is_named() -> None:
    celery = tuple(
        process(p, "celery", ppid=1 if p == 30 else 30, pss=pss(anon=60 * MIB, uss=60 * MIB))
        for p in range(30, 35)
    )

    found = fewer(advice(*gunicorn(anon=50 * MIB, uss=50 * MIB), *celery))

    assert found.service.name == "celery"


def test_the_largest_service_is_named_where_fewer_workers_would_be_a_drop_in_the_ocean() -> None:
    found = advice(*gunicorn(anon=10 * MIB, uss=5 * MIB), process(50, "daphne", anon=500 * MIB))

    assert isinstance(found, Reduce)
    assert found.service.name == "daphne"


def test_what_is_essential_unknown_or_the_systems_own_is_never_advised() -> None:
    nginx = tuple(
        process(p, "nginx", ppid=1 if p == 10 else 10, pss=pss(anon=90 * MIB, uss=90 * MIB))
        for p in (10, 11, 12)
    )

    found = advice(
        *nginx,
        process(20, "postgres", anon=400 * MIB),
        process(21, "journald", anon=300 * MIB),
        process(22, "/opt/unknown", anon=900 * MIB),
        process(23, "-bash", anon=900 * MIB, unit="/user.slice/user-1000.slice/session-3.scope"),
    )

    assert found is None
