"""All incidents at a glance.

`GOLDEN=write make test` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.chat.terminal import Screen, render
from bot.domain.incident import State, resolved
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.message import Text, Tone
from bot.outbox import Backlog, GivenUp, Outgoing, Part
from bot.views.alert import card
from bot.views.incidents import acknowledged, incidents
from tests.bot.views import incident_samples as samples
from tests.bot.views.incident_samples import NOW, ROME
from tests.bot.views.test_golden_chats import GOLDEN, assert_golden
from tests.conversations.ops import text_of

OPS = Destination("slack", "C01")
STORM, MEMBERS = samples.storm()
TAKEN = samples.acknowledged(samples.died())
LOST = GivenUp(
    Outgoing(OPS, "incident 9", Part.CARD, card(samples.leak(), ROME), Severity.WARNING, NOW, NOW),
    NOW,
    "the channel is archived",
)
ALL = incidents(
    (
        replace(samples.recovered(), id=8, resolved_at=NOW),
        samples.short_of_memory(),
        replace(samples.unreachable(), silenced=True),
        TAKEN,
        samples.leak(),
        samples.rebooted(),
        STORM,
        *MEMBERS,
    ),
    ROME,
    NOW,
    backlog=(Backlog(OPS, 3, samples.ago(minutes=12), NOW, "rate limited"),),
    given_up=(LOST,),
)


def test_incidents_are_listed_as_agreed() -> None:
    assert_golden("incidents", ALL, "incidents")


@pytest.mark.parametrize("width", [100, 36])
def test_incidents_are_listed_in_the_terminal_as_agreed(width: int) -> None:
    golden = GOLDEN / "terminal" / f"incidents-{width}.txt"

    shown = render(ALL, Screen(width))

    if os.environ.get("GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_open_ones_come_first_the_worst_first_and_of_those_what_nobody_has_taken() -> None:
    first_words = (line.partition("  ")[0] for line in text_of(ALL).splitlines())
    rows = [word.partition(":")[0] for word in first_words if word[:1].isdigit()]

    assert rows[:8] == [
        "5 open (2 critical, 3 warning), 3 not acknowledged",
        "12",
        "15",
        "16",
        "18",
        "13",
        "17",
        "8",
    ]


def test_the_worst_two_can_be_acknowledged_at_once() -> None:
    assert [button.words for button in ALL.buttons] == ["ack 12", "ack 16", "incidents"]


def test_members_of_a_storm_stand_with_it_in_brief() -> None:
    shown = text_of(ALL)

    assert "18: 37 hosts cannot be reached (warning) · web-01, web-02" in shown
    assert " and 27 more" in shown


def test_what_could_not_be_said_is_said_here() -> None:
    shown = text_of(ALL)

    assert "3 messages for slack:C01 could not be sent yet, since 13:50: rate limited" in shown
    assert "never said at slack:C01, given up at 14:02: web-1, warning: celery grew" in shown
    assert "(the channel is archived)" in shown


def test_what_waits_for_the_end_of_quiet_hours_is_no_trouble() -> None:
    held = Backlog(OPS, 2, samples.ago(minutes=12), NOW + timedelta(hours=3))
    new = Backlog(OPS, 1, NOW, NOW + timedelta(seconds=5))

    shown = incidents((), ROME, NOW, backlog=(held, new)).blocks

    assert shown == (Text("2 messages for slack:C01 held back until 17:02", Tone.FAINT),)


def test_where_nothing_is_wrong_that_is_all() -> None:
    shown = incidents((), ROME, NOW)

    assert shown.headline == "No incident is open and none in the last 24 h"
    assert shown.blocks == ()
    assert shown.tone is Tone.GOOD


def test_where_all_is_over_that_is_said_first() -> None:
    shown = incidents((samples.recovered(),), ROME, NOW)

    assert shown.headline == "No incident is open; 1 in the last 24 h, all over"
    assert [button.label for button in shown.buttons] == ["Refresh"]


def test_where_somebody_has_everything_nothing_is_asked() -> None:
    assert incidents((TAKEN,), ROME, NOW).headline == "1 open (1 critical), nothing to acknowledge"


def test_a_long_list_is_cut_visibly() -> None:
    many = tuple(samples.short_of_memory(n, f"web-{n}") for n in range(30))

    assert "and 20 more; `incidents web-1` shows those of one host." in text_of(incidents(many, ROME, NOW))


def test_who_acknowledges_is_told_what_that_means() -> None:
    shown = text_of(acknowledged(samples.acknowledged(samples.short_of_memory()), ROME, NOW, new=True))

    assert shown.startswith("Incident 12 (web-1) is acknowledged: it is yours\nweb-1 is critical: 96 of")
    assert "You hear of it when it gets worse and when it is over." in shown


def test_who_comes_second_is_told_who_was_first() -> None:
    first = samples.acknowledged(samples.short_of_memory(), "Bob", samples.ago(minutes=4))

    shown = acknowledged(first, ROME, NOW, new=False)

    assert shown.headline == "Incident 12 (web-1) was acknowledged already, by Bob at 13:58 (4 min ago)"


def test_who_comes_too_late_is_told_that_it_is_over() -> None:
    over = resolved(samples.short_of_memory(), "well again", NOW - timedelta(minutes=1))

    shown = acknowledged(over, ROME, NOW, new=False)

    assert over.state is State.RESOLVED
    assert (
        shown.headline
        == "Incident 12 (web-1) is over since 14:01, after 3 min: there is nothing to acknowledge"
    )
