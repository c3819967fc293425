"""The time behind us is summed up once, at the right time, for each channel what concerns it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.config import cron
from bot.domain.host_state import HostState
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.domain.units import MIB
from bot.errors import StoreError
from bot.flows import digest
from bot.message import Chart, Message
from bot.outbox import Entry, Outgoing, Part
from tests.conversations.ops import Ops, text_of
from tests.fakes.past import HERE, day, incident_of, kill, sample_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.ports import Ledger

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
EIGHT = datetime(2026, 3, 2, 8, tzinfo=BERLIN).astimezone(UTC)
ALONE = '[bot]\ntime_zone = "Europe/Berlin"\n[[host]]\nname = "web-1"\n'


@pytest.fixture
def ops() -> Ops:
    """One host, that was looked at for a day, until eight o'clock in Berlin."""
    ops = Ops(ALONE)
    for sample in day(EIGHT):
        ops.store.remember(replace(sample, mem_available_bytes=500 * MIB))
    return ops


def said(ops: Ops) -> list[Outgoing]:
    """Everything that waits to be said, as the platforms would claim it."""
    found: list[Outgoing] = []
    for backlog in ops.store.backlog():
        while entry := ops.store.claim(backlog.destination, EIGHT + 4000 * DAY):
            found.append(_said(ops, entry))
    return found


def _said(ops: Ops, entry: Entry) -> Outgoing:
    ops.store.said(entry, f"ref-{entry.id}", EIGHT)
    return entry.outgoing


def test_a_quiet_day_is_one_line(ops: Ops) -> None:
    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT) == 1

    (outgoing,) = said(ops)
    assert outgoing.message.headline == "Daily digest: 1 host, good; least 52 % on web-1; nothing happened"
    assert outgoing.message.blocks == ()
    assert (outgoing.destination, outgoing.part, outgoing.severity) == (HERE, Part.CARD, Severity.NOTICE)
    assert outgoing.card == "digest daily 2026-03-02T08:00+01:00"
    assert not outgoing.message.private


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
    ("first", "days"),
    [
        (datetime(2026, 3, 27, 12, tzinfo=BERLIN), 5),
        (datetime(2026, 10, 23, 12, tzinfo=BERLIN), 5),
        (datetime(2028, 2, 27, 12, tzinfo=BERLIN), 4),
        (datetime(2026, 12, 30, 12, tzinfo=BERLIN), 3),
    ],
)
@pytest.mark.parametrize("expression", ["0 8 * * *", "0 0 * * *", "30 2 * * *"])
def test_every_day_has_one_digest_whatever_clocks_do(first: datetime, days: int, expression: str) -> None:
    ops = Ops(ALONE)
    at = first.astimezone(UTC)
    ops.store.remember(sample_at(at, 500))
    times = []
    for _ in range(days):
        due = cron.next_after(cron.parse(expression), at, BERLIN)
        assert due is not None
        at = due
        assert digest.send(ops.ports, "daily", due=due, at=at) == 1
        assert digest.send(ops.ports, "daily", due=due, at=at + MINUTE) == 0
        times.append(at.astimezone(BERLIN))

    assert len({outgoing.card for outgoing in said(ops)}) == days
    assert len({time.date() for time in times}) == days


def test_a_bad_day_tells_the_worst_moment_the_incident_and_what_is_worth_doing() -> None:
    ops = Ops(ALONE)
    for sample in day(EIGHT):
        ops.store.remember(sample)
    with ops.store.changing() as ledger:
        ledger.save_incident(incident_of(EIGHT))
        ledger.mark(kill(EIGHT))

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    (outgoing,) = said(ops)
    text = text_of(outgoing.message)
    assert outgoing.message.headline == (
        "Daily digest: 1 incident on web-1; 1 OOM kill; 1 host, acceptable;"
        " least 1 % on web-1 yesterday 13:55"
    )
    assert "incident 12, web-1, memory: critical, yesterday 13:00, for 1 h, acknowledged by Alice" in text
    assert "Worth doing: web-1: gunicorn 4 -> 2 workers frees about 196 MiB." in text
    (drawn,) = (block for block in outgoing.message.blocks if isinstance(block, Chart))
    assert [span.label for span in drawn.spans] == ["incident 12"]
    assert [mark.label for mark in drawn.marks] == ["OOM kill gunicorn"]
    assert len(drawn.moments) <= 200


def test_each_channel_hears_of_its_own_hosts_only() -> None:
    ops = Ops(
        '[chat.slack]\nbot_token = "env:A"\n[chat.discord]\ntoken = "env:B"\n'
        '[[host]]\nname = "web-1"\ntags = ["shop"]\n[[host]]\nname = "db-2"\n[[host]]\nname = "lab"\n'
        '[[route]]\ntags = ["shop"]\nto = ["slack:C1"]\nleast = "critical"\n'
        '[[route]]\nhosts = ["db-2"]\nto = ["slack:C1", "discord"]\n'
    )
    for host in ("web-1", "db-2", "lab"):
        ops.store.remember(sample_at(EIGHT - MINUTE, 500, host=host))

    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT) == 2

    headlines = {outgoing.destination: outgoing.message.headline for outgoing in said(ops)}
    assert "2 hosts, all good" in headlines[Destination("slack", "C1")]
    assert "1 host, good; least 52 % on db-2" in headlines[Destination("discord")]


def test_what_nobody_was_told_because_of_quiet_hours_is_told_now(ops: Ops) -> None:
    with ops.store.changing() as ledger:
        ledger.save_incident(incident_of(EIGHT, told=False))
        ledger.save_incident(replace(incident_of(EIGHT, 13, told=False), silenced=True))

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    text = text_of(said(ops)[0].message)
    assert "Not said, because over before the quiet hours were: incident 12." in text
    assert "Silenced: incident 13." in text


def test_a_message_that_was_given_up_is_told_where_it_belonged(ops: Ops) -> None:
    lost = incident_of(EIGHT)
    with ops.store.changing() as ledger:
        ledger.enqueue(
            Outgoing(
                HERE,
                lost.card,
                Part.CARD,
                Message("web-1 is critical"),
                Severity.CRITICAL,
                EIGHT - HOUR,
                EIGHT - HOUR,
            )
        )
    entry = ops.store.claim(HERE, EIGHT - HOUR)
    assert entry is not None
    ops.store.give_up(entry, EIGHT - MINUTE, "the channel was deleted")

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    assert "1 message could not be said here, the last at 07:59: the channel was deleted" in text_of(
        said(ops)[0].message
    )


def test_five_hundred_hosts_are_counted_and_the_worst_ten_named() -> None:
    hosts = [f"web-{n}" for n in range(500)]
    ops = Ops("".join(f'[[host]]\nname = "{host}"\n' for host in hosts))
    for place, host in enumerate(hosts):
        ops.store.remember(sample_at(EIGHT - MINUTE, 50 + place if place < 30 else 600, host=host))
    with ops.store.changing() as ledger:
        ledger.save_state(HostState("web-499", EIGHT, error="web-499 does not answer."))

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    (outgoing,) = said(ops)
    assert outgoing.message.headline == (
        "Daily digest: 500 hosts now: 30 critical, 1 unknown, 469 good;"
        " least 5 % on web-0 at 06:59; no incident"
    )
    lines = text_of(outgoing.message).splitlines()
    assert len(lines) < 16
    assert "and 21 more hosts with something to say: ask for their status" in lines


def test_a_late_one_does_not_wake_anybody_in_quiet_hours() -> None:
    ops = Ops(f'{ALONE}[quiet]\nfrom = "22:00"\nto = "07:00"\n')
    ops.store.remember(sample_at(EIGHT - HOUR, 500))
    night = datetime(2026, 3, 3, 1, tzinfo=BERLIN)

    digest.send(ops.ports, "daily", due=EIGHT, at=night)

    (outgoing,) = said(ops)
    assert outgoing.not_before == datetime(2026, 3, 3, 7, tzinfo=BERLIN)
