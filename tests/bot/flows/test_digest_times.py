"""A digest is made once, at the right time, late rather than never, whatever clocks do."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.config import cron
from bot.errors import StoreError
from bot.flows import digest
from tests.bot.flows.digests import ALONE, BERLIN, DAY, EIGHT, HOUR, MINUTE, said, watched
from tests.conversations.ops import Ops
from tests.fakes.past import sample_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.ports import Ledger


@pytest.fixture
def ops() -> Ops:
    return watched()


def test_it_is_said_once_however_often_it_is_asked_for(ops: Ops) -> None:
    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT + HOUR) == 0
    assert (
        digest.send(replace(ops.ports, store=ops.store.restarted()), "daily", due=EIGHT, at=EIGHT + HOUR) == 0
    )
    assert len(said(ops)) == 1


def test_two_that_read_at_the_same_time_say_it_once(ops: Ops) -> None:
    class Slow:
        """Has another digest made while it is asked for samples."""

        def __getattr__(self, name: str) -> object:
            if name == "samples":
                digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)
            return getattr(ops.store, name)

    assert digest.send(replace(ops.ports, store=Slow()), "daily", due=EIGHT, at=EIGHT) == 0  # type: ignore[arg-type] # it does all a store does
    assert len(said(ops)) == 1


def test_a_crash_before_the_end_leaves_nothing_and_it_is_said_later(ops: Ops) -> None:
    class Crashing:
        """Ends before the transaction does: what was enqueued is undone with it."""

        def __getattr__(self, name: str) -> object:
            return getattr(ops.store, name)

        @contextmanager
        def changing(self) -> Iterator[Ledger]:
            with ops.store.changing() as ledger:
                yield ledger
                raise StoreError("the disk is full")

    with pytest.raises(StoreError):
        digest.send(replace(ops.ports, store=Crashing()), "daily", due=EIGHT, at=EIGHT)  # type: ignore[arg-type] # it does all a store does
    assert said(ops) == []

    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT + HOUR) == 1
    assert len(said(ops)) == 1


def test_a_store_that_cannot_be_read_is_tried_again(ops: Ops) -> None:
    ops.store.fails(StoreError("the database is locked"))
    with pytest.raises(StoreError):
        digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)
    ops.store.fails(None)

    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT + HOUR) == 1


def test_a_missed_one_is_said_late_once_with_its_real_period(ops: Ops) -> None:
    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)
    said(ops)
    back = EIGHT + 2 * DAY + 3 * HOUR

    assert digest.send(ops.ports, "daily", due=EIGHT + 2 * DAY, at=back) == 1
    assert digest.send(ops.ports, "daily", due=EIGHT + 2 * DAY, at=back + HOUR) == 0

    (outgoing,) = said(ops)
    assert outgoing.message.footnote == "Mon 08:00 to Wed 11:00 CET · late: it was due at 08:00"


def test_one_that_came_late_just_before_the_next_was_due_is_both(ops: Ops) -> None:
    digest.send(ops.ports, "daily", due=EIGHT - DAY, at=EIGHT - 5 * MINUTE)

    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT) == 0


def test_the_first_start_says_nothing_of_a_time_in_which_nothing_was_watched() -> None:
    ops = Ops(ALONE)

    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT + HOUR) == 0
    ops.store.remember(sample_at(EIGHT + 2 * HOUR, 500))
    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT + 3 * HOUR) == 0
    assert said(ops) == []


def test_the_first_weekly_one_looks_back_a_week_and_is_apart_from_the_daily(ops: Ops) -> None:
    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)
    digest.send(ops.ports, "weekly", due=EIGHT, at=EIGHT)

    assert [outgoing.message.footnote for outgoing in said(ops)] == [
        "yesterday 08:00 to Mon 08:00 CET",
        "23 Feb 08:00 to Mon 08:00 CET",
    ]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", (2026, 3, 27)),
        ("Europe/Berlin", (2026, 10, 23)),
        ("America/Sao_Paulo", (2018, 11, 2)),
        ("America/Sao_Paulo", (2019, 2, 15)),
        ("Asia/Kolkata", (2028, 2, 27)),
        ("Australia/Lord_Howe", (2026, 4, 3)),
        ("Australia/Lord_Howe", (2026, 10, 2)),
        ("Europe/Berlin", (2026, 12, 30)),
    ],
)
@pytest.mark.parametrize("expression", ["0 8 * * *", "0 0 * * *", "30 2 * * *", "45 1 * * *"])
def test_every_day_has_one_digest_whatever_clocks_do(
    zone: str, first: tuple[int, int, int], expression: str
) -> None:
    ops = Ops(ALONE.replace("Europe/Berlin", zone))
    there = ZoneInfo(zone)
    at = datetime(*first, 12, tzinfo=there).astimezone(UTC)
    ops.store.remember(sample_at(at, 500))
    times = []
    for _ in range(4):
        due = cron.next_after(cron.parse(expression), at, there)
        assert due is not None
        at = due
        assert digest.send(ops.ports, "daily", due=due, at=at) == 1
        assert digest.send(ops.ports, "daily", due=due, at=at + MINUTE) == 0
        times.append(at.astimezone(there))

    assert len({outgoing.card for outgoing in said(ops)}) == 4
    assert len({time.date() for time in times}) == 4


@pytest.mark.parametrize("ahead", [timedelta(days=2), timedelta(days=1500)])
def test_a_clock_that_was_far_ahead_once_does_not_end_all_digests(ops: Ops, ahead: timedelta) -> None:
    digest.send(ops.ports, "daily", due=EIGHT + ahead, at=EIGHT + ahead)
    said(ops)

    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT) == 1
    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT + HOUR) == 0
    assert said(ops)[0].message.footnote == "yesterday 08:00 to Mon 08:00 CET"


def test_a_clock_that_was_set_back_over_the_hour_makes_no_second_digest(ops: Ops) -> None:
    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT + 5 * MINUTE)

    assert digest.send(ops.ports, "daily", due=EIGHT - DAY, at=EIGHT - HOUR) == 0
    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT) == 0
    assert digest.send(ops.ports, "daily", due=EIGHT + DAY, at=EIGHT + DAY) == 1


def test_a_late_one_does_not_wake_anybody_in_quiet_hours() -> None:
    ops = Ops(f'{ALONE}[quiet]\nfrom = "22:00"\nto = "07:00"\n')
    ops.store.remember(sample_at(EIGHT - HOUR, 500))
    night = datetime(2026, 3, 3, 1, tzinfo=BERLIN)

    digest.send(ops.ports, "daily", due=EIGHT, at=night)

    (outgoing,) = said(ops)
    assert outgoing.not_before == datetime(2026, 3, 3, 7, tzinfo=BERLIN)
