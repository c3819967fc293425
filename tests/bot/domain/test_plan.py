"""A plan's fingerprint: whether what was approved is what would be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bot.views import plan_samples as samples

PLAN = samples.asked().plan


def test_figures_that_change_all_the_time_make_no_other_plan() -> None:
    one = replace(PLAN, side_effects=("about 21 MiB of its 43 MiB are evicted",))
    other = replace(PLAN, side_effects=("about 21.5 MiB of its 44 MiB are evicted",))

    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, side_effects=("systemd stops shop.service as well",)),
        replace(PLAN, lasting=not PLAN.lasting),
        replace(PLAN, lasts="until it restarts"),
        replace(PLAN, at_once="it is restarted"),
        replace(PLAN, undone="it cannot be"),
        replace(PLAN, goal=replace(PLAN.goal, workers=7)),
        replace(PLAN, steps=PLAN.steps[:1]),
        replace(PLAN, basis=(*PLAN.basis, "another")),
    ],
)
def test_what_is_done_and_what_people_notice_is_the_plan(other: object) -> None:
    assert getattr(other, "fingerprint") != PLAN.fingerprint  # noqa: B009 - typed as what it is compared with
