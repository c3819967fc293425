"""Incidents in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.incident import Change, Incident, State, Turn, resolved
from bot.domain.policy import Severity
from bot.message import Tone
from bot.views.story import happened, headline, standing, tone
from tests.bot.views import incident_samples as samples
from tests.bot.views.incident_samples import NOW, ROME

STORM, MEMBERS = samples.storm(6)


@pytest.mark.parametrize(
    ("turn", "line"),
    [
        (Turn.WORSE, "worse: 9 MiB available"),
        (Turn.BETTER, "better: 9 MiB available"),
        (Turn.REOPENED, "again: 9 MiB available"),
        (Turn.NEWS, "9 MiB available"),
    ],
)
def test_a_change_is_a_line_of_a_story(turn: Turn, line: str) -> None:
    assert happened(Change(turn, NOW, "9 MiB available; and more")) == line


@pytest.mark.parametrize(
    ("incident", "line"),
    [
        (samples.blind(), "memwarden was blind"),
        (samples.another_key(), "web-1 showed a host key that is not the pinned one"),
        (samples.unreachable(), "db-2 could not be reached"),
        (samples.died(), "web-1: gunicorn died: systemd says failed with the result oom-kill"),
        (samples.short_of_memory(), "web-1 was critical"),
        (STORM, "unreachable on 6 hosts: web-01, web-02, web-03 and 3 more"),
    ],
)
def test_what_is_over_is_told_as_past(incident: Incident, line: str) -> None:
    over = resolved(incident, "well again", NOW)

    assert headline(over).endswith(f": {line}")
    assert headline(over).startswith("Resolved after ")
    assert tone(over) is Tone.GOOD


def test_hosts_that_were_rebooted_together_had_nothing_to_recover_from() -> None:
    over = replace(
        STORM, cause="storm reboot", state=State.RESOLVED, resolved_at=NOW, severity=Severity.NOTICE
    )

    assert headline(over, MEMBERS, 10) == "6 of 10 hosts were rebooted (notice)"
    assert tone(over) is Tone.ACCEPTABLE


def test_a_storm_of_a_rule_that_has_no_words_of_its_own_names_the_rule() -> None:
    storm = replace(STORM, cause="storm own_rule")

    assert headline(storm, MEMBERS) == "6 hosts have the same trouble: own_rule (warning)"
    assert headline(STORM) == "unreachable on 6 hosts: web-01, web-02, web-03 and 3 more (warning)"


def test_an_incident_without_details_still_has_a_headline() -> None:
    bare = replace(samples.died(), breaches=(), story=())

    assert headline(bare) == "web-1, critical: no details are known"


def test_a_notice_about_memory_is_not_called_a_level() -> None:
    incident = replace(samples.short_of_memory(), severity=Severity.NOTICE)

    assert headline(incident).startswith("web-1, notice: 96 of 961 MiB")


def test_how_it_stands_tells_times_people_and_what_is_special() -> None:
    incident = replace(samples.acknowledged(samples.short_of_memory()), silenced=True, parent=18)

    assert standing(incident, ROME) == (
        "since 13:58 · acknowledged by Alice 14:02 · silenced · part of incident 18"
    )
