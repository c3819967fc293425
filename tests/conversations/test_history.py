"""Somebody asks how a host did, whether memory is the problem, and how all of them did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.units import MIB
from bot.errors import CommandTimedOut, StoreError
from bot.message import Chart, Message, Tone
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops, text_of
from tests.fakes.past import day, incident_of, kill, sample_at


@pytest.fixture
def ops() -> Ops:
    """Two hosts; the first has a bad day behind it, the second was never looked at."""
    ops = Ops('[bot]\ntime_zone = "Europe/Berlin"\n[[host]]\nname = "web-1"\n[[host]]\nname = "db-2"\n')
    for host in ops.hosts.shells.values():
        host.says("sh", captured(SEED_AS_ROOT))
    for sample in day(ops.clock()):
        ops.store.remember(sample)
    with ops.store.changing() as ledger:
        ledger.save_incident(incident_of(ops.clock()))
        ledger.mark(kill(ops.clock()))
    return ops


def chart_of(answer: Message) -> Chart:
    (chart,) = (block for block in answer.blocks if isinstance(block, Chart))
    return chart


def test_the_worst_moment_comes_first_then_how_it_is_now(ops: Ops) -> None:
    answer = ops.say("alice", "/mem history web-1")

    assert answer.headline == "web-1: least 1 % available yesterday 20:57, now 26 %"
    assert answer.tone is Tone.ACCEPTABLE
    assert "median  266 of 961 MiB  27 %" in text_of(answer)
    assert "gunicorn  318 MiB  562 MiB  +18 MiB" in text_of(answer)
    assert "Marked: incident 12, OOM kill yesterday 21:02." in text_of(answer)


def test_the_picture_has_the_levels_the_services_the_incident_and_the_kill(ops: Ops) -> None:
    chart = chart_of(ops.say("alice", "history web-1"))

    assert [line.label for line in chart.lines] == [
        "good from 30 %",
        "warning below 20 %",
        "critical below 10 %",
    ]
    assert [layer.label for layer in chart.layers] == ["gunicorn", "daphne", "system", "redis", "nginx"]
    assert [span.label for span in chart.spans] == ["incident 12"]
    assert [mark.label for mark in chart.marks] == ["OOM kill gunicorn"]
    assert None in chart.main.values
    assert len(chart.moments) <= 600
    assert chart.text.startswith("web-1: memory available over the last 24 h: least 14 MiB yesterday 20:57")


def test_one_service_is_shown_alone(ops: Ops) -> None:
    answer = ops.say("alice", "history web-1 7d GUNICORN")

    assert answer.headline == "gunicorn on web-1: most 562 MiB yesterday 20:57, now 318 MiB"
    chart = chart_of(answer)
    assert (chart.main.label, chart.layers, chart.lines) == ("gunicorn", (), ())
    assert chart.whole > 562 * MIB


def test_a_service_that_was_never_seen_leads_to_the_right_one(ops: Ops) -> None:
    answer = ops.say("alice", "history web-1 24h gunicron")

    assert answer.headline.startswith(
        "No service `gunicron` was seen on web-1 in that time. Did you mean `gunicorn`?"
    )


def test_the_buttons_look_further_back_in_the_same_message(ops: Ops) -> None:
    ops.say("alice", "history web-1 24h gunicorn")

    answer = ops.click("alice", "30d")

    assert chart_of(answer).title == "gunicorn on web-1, last 30 d"


def test_a_host_that_is_down_still_has_its_history(ops: Ops) -> None:
    ops.hosts["web-1"].fails(CommandTimedOut("web-1 did not answer within 20 s."))
    ops.time_passes(hours=3)

    assert ops.say("alice", "history web-1").headline == (
        "web-1: least 1 % available yesterday 20:57, last 26 % at 15:02"
    )


def test_what_was_never_looked_at_has_no_history(ops: Ops) -> None:
    answer = ops.say("alice", "history db-2")

    assert answer.headline == "db-2: nothing was recorded in the last 24 h"
    assert "memwarden run" in text_of(answer)


def test_a_host_that_does_not_tell_what_is_available_is_not_shown_as_empty(ops: Ops) -> None:
    ops.store.remember(sample_at(ops.clock() - timedelta(minutes=1), None, host="db-2"))

    assert ops.say("alice", "history db-2").headline == "db-2: nothing was recorded in the last 24 h"


def test_without_a_database_there_is_no_history_but_a_clear_answer(ops: Ops) -> None:
    ops.store.fails(StoreError("The database is locked."))

    assert ops.say("alice", "history web-1").headline == "The database is locked."
    assert ops.say("alice", "digest").headline == "The database is locked."


def test_why_says_yes_and_what_would_help(ops: Ops) -> None:
    answer = ops.say("alice", "why web-1")

    assert answer.headline == "Yes: memory is the problem on web-1: only 8 % available"
    text = text_of(answer)
    assert "[yes] memory available: 82 of 961 MiB (8 %): critical" in text
    assert "[no] swap: none" in text
    assert "The largest process is daphne: 115 MiB (12 %)." in text
    assert "What would help: gunicorn 4 -> 2 workers" in text


def test_why_needs_no_database(ops: Ops) -> None:
    ops.store.fails(StoreError("The database is locked."))

    assert ops.say("alice", "why web-1").headline.startswith("Yes: ")


def test_why_of_a_host_that_is_down_says_that(ops: Ops) -> None:
    ops.hosts["web-1"].fails(CommandTimedOut("'sh' was not done within 20 s on web-1."))

    assert ops.say("alice", "why web-1").headline == "web-1 did not answer within 20 s."


def test_the_digest_can_be_asked_for(ops: Ops) -> None:
    answer = ops.say("alice", "digest")

    assert answer.headline == (
        "Last 24 h: 1 incident on web-1; 1 OOM kill; 2 hosts now: 1 unknown, 1 acceptable;"
        " least 1 % on web-1 yesterday 20:57"
    )
    assert answer.private
    assert chart_of(answer).title == "web-1: memory available, last 24 h"
    assert ops.click("alice", "Refresh").headline == answer.headline
    assert ops.say("alice", "digest 7d").headline.startswith("Last 7 d: ")


def test_a_busy_week_is_marked_with_the_grave_things_first(ops: Ops) -> None:
    with ops.store.changing() as ledger:
        for minute in range(200):
            at = ops.clock() - timedelta(minutes=minute)
            ledger.mark(replace(kill(ops.clock()), at=at, subject=f"unit-{minute}"))

    assert len(chart_of(ops.say("alice", "history web-1")).marks) == 60
