"""Memory read back from swap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.policy import Severity
from bot.domain.units import GIB, MIB
from bot.rules.swap_in import RULE
from tests.bot.rules.observations import checked, observed, read, read_one, sample
from tests.fakes.snapshots import identity, snapshot

if TYPE_CHECKING:
    from bot.domain.history import Sample

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
BEFORE = sample(-60, swapped_in=GIB)


@pytest.mark.parametrize(
    ("mib_per_s", "reached", "kept"),
    [
        (0, None, None),
        (1, None, None),
        (1.5, None, WARNING),
        (2, WARNING, WARNING),
        (10, WARNING, WARNING),
        (11, WARNING, CRITICAL),
        (20, CRITICAL, CRITICAL),
    ],
)
def test_a_level_begins_at_its_rate_and_ends_at_half_of_it(
    mib_per_s: float, reached: Severity | None, kept: Severity | None
) -> None:
    now = sample(0, swapped_in=GIB + int(60 * mib_per_s * MIB))

    found = read_one(RULE, observed(checked(), now=now, before=BEFORE))

    assert (found.reached, found.kept, found.cause) == (reached, kept, "memory")


def test_it_says_how_much_is_read_back() -> None:
    now = sample(0, swapped_in=GIB + 186 * MIB)

    assert (
        read_one(RULE, observed(checked(), now=now, before=BEFORE)).sentence
        == "3.1 MiB/s read back from swap, above 2 MiB/s"
    )


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, sample(0, swapped_in=2 * GIB)),
        (BEFORE, None),
        (BEFORE, sample(0, swapped_in=None)),
        (BEFORE, sample(0, swapped_in=GIB - 1)),
        (BEFORE, sample(0, swapped_in=2 * GIB, boot_id="another")),
        (BEFORE, sample(-60, swapped_in=2 * GIB)),
        (BEFORE, sample(-59.5, swapped_in=2 * GIB)),
        (BEFORE, sample(-90, swapped_in=2 * GIB)),
        (BEFORE, sample(1000, swapped_in=2 * GIB)),
        (BEFORE, sample(0, swapped_in=1 << 62)),
    ],
)
def test_counters_that_cannot_be_compared_are_no_reading(before: Sample | None, now: Sample | None) -> None:
    assert read(RULE, observed(checked(), now=now, before=before)) == ()


def test_a_container_is_not_blamed_for_the_swapping_of_its_machine() -> None:
    contained = checked(snapshot(identity=identity(container="docker")))

    assert read(RULE, observed(contained, now=sample(0, swapped_in=9 * GIB), before=BEFORE)) == ()
