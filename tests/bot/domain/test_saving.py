"""What the end of a service frees."""

from __future__ import annotations

from bot.domain.attribution import Service, attribute
from bot.domain.saving import of_stopping
from bot.domain.service import forked_workers
from bot.domain.units import MIB
from tests.fakes.snapshots import known, memory_group, process, pss, snapshot

KNOWN = (known("gunicorn", workers=forked_workers), known("daphne"))


def service(*, anon: int, uss: int | None, shared: int = 0, group: str | None = None) -> Service:
    """Make a gunicorn of three processes, each with a third of what they share."""
    exact = None if uss is None else pss(anon=(uss + shared // 3) * MIB, uss=uss * MIB)
    processes = [
        process(pid, "gunicorn", ppid=1 if pid == 10 else 10, anon=anon * MIB, pss=exact, group=group)
        for pid in (10, 11, 12)
    ]
    groups = (memory_group(group, anon=90 * MIB),) if group else ()
    return attribute(snapshot(*processes, groups=groups), KNOWN)[0]


def test_what_only_its_processes_hold_is_free_then() -> None:
    saving = of_stopping(service(anon=40, uss=30))

    assert (saving.expected_bytes, saving.exact) == (90 * MIB, True)
    assert saving.basis == "what its 3 processes hold alone or with one another (USS, anonymous PSS)"


def test_what_forked_processes_share_with_one_another_goes_too() -> None:
    assert of_stopping(service(anon=40, uss=10, shared=60)).expected_bytes == 90 * MIB


def test_mapped_files_stay_in_the_cache_and_are_not_counted() -> None:
    mapping = process(20, "daphne", anon=40 * MIB, file=50 * MIB, pss=pss(anon=40 * MIB, file=50 * MIB))

    assert of_stopping(attribute(snapshot(mapping), KNOWN)[0]).expected_bytes == 40 * MIB


def test_without_uss_the_groups_anonymous_memory_is_exact_for_a_whole_service() -> None:
    saving = of_stopping(service(anon=40, uss=None, group="/system.slice/gunicorn.service"))

    assert (saving.expected_bytes, saving.exact) == (90 * MIB, True)
    assert saving.basis == "the anonymous memory of its 3 processes; USS could not be read"


def test_without_uss_and_groups_it_is_at_most_that() -> None:
    saving = of_stopping(service(anon=40, uss=None))

    assert (saving.expected_bytes, saving.exact) == (120 * MIB, False)
