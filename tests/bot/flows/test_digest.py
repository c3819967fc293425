"""What a digest says at each place: what concerns it, the worst first, and short."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.event import EventKind
from bot.domain.host_state import HostState
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.domain.units import MIB
from bot.flows import digest
from bot.message import Chart, Message
from bot.outbox import Outgoing, Part
from bot.views import digest as view
from tests.bot.flows.digests import ALONE, DAY, EIGHT, HOUR, MINUTE, said, watched
from tests.conversations.ops import Ops, text_of
from tests.fakes.past import HERE, TOTAL, day, incident_of, kill, sample_at

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def ops() -> Ops:
    return watched()


def test_a_quiet_day_is_one_line(ops: Ops) -> None:
    assert digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT) == 1

    (outgoing,) = said(ops)
    assert outgoing.message.headline == "Daily digest: 1 host, good; least 52 % on web-1; nothing happened"
    assert outgoing.message.blocks == ()
    assert (outgoing.destination, outgoing.part, outgoing.severity) == (HERE, Part.CARD, Severity.NOTICE)
    assert outgoing.card == "digest daily 2026-03-02T08:00+01:00"
    assert not outgoing.message.private


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


def test_a_channel_for_what_is_critical_hears_of_no_warning_that_was_said_nowhere() -> None:
    ops = Ops(
        '[chat.slack]\nbot_token = "env:A"\n[[host]]\nname = "web-1"\n'
        '[[route]]\nto = ["slack:ALL"]\n[[route]]\nto = ["slack:NIGHT"]\nleast = "critical"\n'
    )
    ops.store.remember(sample_at(EIGHT - MINUTE, 500))
    silenced = replace(incident_of(EIGHT, told=False), worst=Severity.WARNING, destinations=(), silenced=True)
    with ops.store.changing() as ledger:
        ledger.save_incident(silenced)

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    texts = {outgoing.destination.channel: text_of(outgoing.message) for outgoing in said(ops)}
    assert "Silenced: incident 12." in texts["ALL"]
    assert "incident" not in texts["NIGHT"]


def test_of_many_incidents_the_gravest_are_named() -> None:
    ops = Ops(ALONE)
    with ops.store.changing() as ledger:
        ledger.save_incident(incident_of(EIGHT, 1))
        for number in range(2, 300):
            ledger.save_incident(
                replace(incident_of(EIGHT, number), worst=Severity.WARNING, destinations=(), silenced=True)
            )

    found, worst = digest.summary(replace(ops.ports, now=lambda: EIGHT), DAY)
    lines = text_of(view.asked(found, worst, again="digest")).splitlines()

    assert [line.split(",")[0] for line in lines if line.startswith("incident ")] == [
        "incident 1",
        *(f"incident {number}" for number in range(299, 294, -1)),
    ]
    assert "and 293 more incidents" in lines
    assert max(map(len, lines)) < 200


def test_a_note_is_no_incident_to_count(ops: Ops) -> None:
    with ops.store.changing() as ledger:
        ledger.save_incident(replace(incident_of(EIGHT), cause="reboot", worst=Severity.NOTICE))
        ledger.mark(replace(kill(EIGHT), kind=EventKind.REBOOT, subject=""))

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    text = text_of(said(ops)[0].message)
    assert "1 reboot" in text
    assert "1 incident" not in text


def test_a_host_that_is_acceptable_as_ever_needs_no_line() -> None:
    ops = Ops('[[host]]\nname = "web-1"\n[[host]]\nname = "db-2"\n[[host]]\nname = "lab"\n')
    for host, available in (("web-1", 240), ("db-2", 600), ("lab", 150)):
        ops.store.remember(sample_at(EIGHT - MINUTE, available, host=host))

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    lines = text_of(said(ops)[0].message).splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["lab", "2"]
    assert lines[3] == "2 others good or acceptable: least 24 % on web-1"


@pytest.mark.parametrize(
    ("share", "trend"),
    [
        (lambda hour: 50 - hour, "falling, -24 %"),
        (lambda hour: 50 - 10 * math.sin(hour / 24 * 2 * math.pi), ""),
        (lambda hour: 60 if hour < 12 else 40, ""),
        (lambda hour: 50 - hour / 12, ""),
    ],
)
def test_only_what_goes_one_way_all_the_time_is_a_trend(share: Callable[[float], float], trend: str) -> None:
    ops = Ops(ALONE)
    for minute in range(0, 24 * 60, 5):
        at = EIGHT - DAY + minute * MINUTE
        ops.store.remember(sample_at(at, share(minute / 60) / 100 * TOTAL / MIB))

    found, worst = digest.summary(replace(ops.ports, now=lambda: EIGHT), DAY)

    assert (trend or "falling") in text_of(view.asked(found, worst, again="digest")) or not trend
    assert (found.hosts[0].trend_percent is not None) is bool(trend)


def test_what_nobody_was_told_because_of_quiet_hours_is_told_now(ops: Ops) -> None:
    with ops.store.changing() as ledger:
        ledger.save_incident(incident_of(EIGHT, told=False))
        ledger.save_incident(replace(incident_of(EIGHT, 13, told=False), silenced=True))

    digest.send(ops.ports, "daily", due=EIGHT, at=EIGHT)

    text = text_of(said(ops)[0].message)
    assert "Not said, because over before that: incident 12." in text
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
