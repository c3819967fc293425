"""The card of an incident in each of its states, and the notes in its thread.

`GOLDEN=write make test` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.terminal import Screen, render
from bot.domain.incident import Breach, Change, Incident, State, Suspect, Turn, opened, resolved, told
from bot.domain.policy import Severity
from bot.domain.units import MIB
from bot.message import Tone
from bot.views.alert import card, note
from tests.bot.views import incident_samples as samples
from tests.bot.views.incident_samples import NOW, ROME
from tests.bot.views.test_golden_chats import GOLDEN, assert_golden
from tests.conversations.ops import text_of

STORM, MEMBERS = samples.storm()
PARTLY_OVER, RECOVERING = samples.storm(37, 6)

CARDS = {
    "triggered": card(samples.short_of_memory(), ROME),
    "acknowledged": card(samples.acknowledged(samples.short_of_memory()), ROME),
    "oom-kill": card(samples.with_a_kill(), ROME),
    "resolved": card(samples.recovered(), ROME),
    "unreachable": card(samples.unreachable(), ROME),
    "key-changed": card(samples.another_key(), ROME),
    "died": card(samples.died(), ROME),
    "leak": card(samples.leak(), ROME),
    "rebooted": card(samples.rebooted(), ROME),
    "storm": card(STORM, ROME, MEMBERS, hosts=500),
    "blind": card(samples.blind(), ROME),
}


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_shown_as_agreed(name: str) -> None:
    assert_golden(f"alert-{name}", CARDS[name], "")


@pytest.mark.parametrize("width", [100, 36])
@pytest.mark.parametrize("name", CARDS)
def test_cards_are_shown_in_the_terminal_as_agreed(name: str, width: int) -> None:
    golden = GOLDEN / "terminal" / f"alert-{name}-{width}.txt"

    shown = render(CARDS[name], Screen(width))

    if os.environ.get("GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("triggered", "web-1 is critical: 96 of 961 MiB available (10 %), below 10 % for 2 min"),
        ("resolved", "Resolved after 11 min: web-1 was critical"),
        ("unreachable", "db-2 cannot be reached for 3 min (warning)"),
        ("key-changed", "web-1 shows a host key that is not the pinned one (critical)"),
        ("died", "web-1, critical: gunicorn died: systemd says failed with the result oom-kill"),
        ("rebooted", "web-1 was rebooted (notice)"),
        ("storm", "37 of 500 hosts cannot be reached (warning)"),
        (
            "blind",
            "memwarden is blind: none of 500 hosts can be reached since 13:59: this machine has no network",
        ),
    ],
)
def test_a_notification_tells_what_and_how_bad(name: str, headline: str) -> None:
    assert CARDS[name].headline == headline


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("triggered", ["ack 12", "silence web-1 1h", "report web-1", "top web-1"]),
        ("acknowledged", ["silence web-1 1h", "report web-1", "top web-1"]),
        ("resolved", []),
        ("rebooted", []),
        ("unreachable", ["ack 13", "silence db-2 1h", "status db-2"]),
        ("leak", ["ack 16", "silence web-1 1h", "report web-1", 'service web-1 "celery (root)"']),
        ("storm", ["ack 18", "silence unreachable 1h", "status"]),
        ("blind", ["ack 19", "status"]),
    ],
)
def test_only_steps_that_make_sense_are_offered(name: str, words: list[str]) -> None:
    assert [button.words for button in CARDS[name].buttons] == words


def with_remedies(incident: Incident) -> Incident:
    gunicorn, daphne, redis = incident.suspects
    return replace(
        incident,
        suspects=(
            replace(gunicorn, remedy_label="Fix: 4 -> 2 workers", remedy_words="workers web-1 gunicorn 2"),
            replace(daphne, remedy_label="Stop daphne", remedy_words="stop web-1 daphne"),
            replace(redis, remedy_label="Stop redis", remedy_words="stop web-1 redis"),
        ),
    )


def test_where_somebody_may_approve_it_the_card_offers_what_helps_two_things_at_most() -> None:
    shown = card(with_remedies(samples.short_of_memory()), ROME)

    assert [(button.label, button.words) for button in shown.buttons[:3]] == [
        ("Fix: 4 -> 2 workers", "workers web-1 gunicorn 2"),
        ("Stop daphne", "stop web-1 daphne"),
        ("Acknowledge", "ack 12"),
    ]


def test_what_is_over_or_is_no_shortage_offers_no_fix() -> None:
    over = card(with_remedies(samples.recovered()), ROME)
    died = card(replace(with_remedies(samples.short_of_memory()), cause="service gunicorn"), ROME)

    assert not over.buttons
    assert not [button for button in died.buttons if button.words.startswith(("workers", "stop"))]


def test_everybody_sees_a_card_and_its_notes() -> None:
    assert not any(shown.private for shown in CARDS.values())
    assert not note(samples.with_a_kill(), samples.KILL, ROME).private


def test_what_is_over_looks_so() -> None:
    shown = CARDS["resolved"]

    assert shown.tone is Tone.GOOD
    assert "acknowledged by Alice 14:01" in text_of(shown)
    assert "14:09 297 of 961 MiB available (30 %)" in text_of(shown)


def test_a_kill_is_told_once_on_the_card() -> None:
    assert text_of(CARDS["oom-kill"]).count("the OOM killer killed gunicorn (101 MiB)") == 1


def test_how_long_is_said_only_of_a_value_that_is_beyond_its_limit() -> None:
    incident = samples.short_of_memory()
    between = replace(incident.breaches[0], sentence="105 of 961 MiB available (10 %)")

    shown = card(replace(incident, breaches=(between,)), ROME)

    assert shown.headline == "web-1 is critical: 105 of 961 MiB available (10 %)"


def test_a_storm_shows_ten_hosts_those_in_trouble_first_and_counts_the_others() -> None:
    shown = text_of(card(PARTLY_OVER, ROME, RECOVERING))

    assert shown.startswith("31 hosts cannot be reached (warning)")
    assert "web-06" not in shown
    assert "hosts: web-07, web-08" in shown
    assert "web-16 and 21 more" in shown
    assert "31 still so, 6 recovered" in shown


def test_a_storm_that_is_over_says_so_first() -> None:
    over = resolved(STORM, "all 37 hosts have recovered", NOW)

    shown = card(over, ROME, samples.storm(37, 37)[1], hosts=500)

    assert shown.headline == "Resolved after 3 min: 37 of 500 hosts could not be reached"
    assert "hosts: web-01, web-02" in text_of(shown)
    assert "14:02 all 37 hosts have recovered" in text_of(shown)


def test_a_storm_of_reboots_ends_without_a_word_of_trouble() -> None:
    members = tuple(replace(samples.rebooted(), id=n, host=f"web-{n}", parent=20) for n in range(1, 13))
    breaches = (Breach("reboot", "", Severity.NOTICE, "reboot on 12 hosts: web-1", NOW),)
    over = replace(opened(20, "", "storm reboot", breaches, NOW), state=State.RESOLVED, resolved_at=NOW)

    assert text_of(card(over, ROME, members, hosts=40)).splitlines() == [
        "12 of 40 hosts were rebooted (notice)",
        "incident 20 · at 14:02",
        "hosts: web-1, web-2, web-3, web-4, web-5, web-6, web-7, web-8, web-9, web-10 and 2 more",
    ]


def test_the_worst_of_a_storm_are_named_first() -> None:
    critical = replace(MEMBERS[20], severity=Severity.CRITICAL)

    shown = text_of(card(STORM, ROME, (*MEMBERS[:3], critical))).splitlines()

    assert shown[2:4] == ["critical: web-21", "warning: web-01, web-02, web-03"]


def test_when_it_will_be_full_is_said_once() -> None:
    incident = samples.short_of_memory()
    forecast = Breach("exhaustion", "", Severity.CRITICAL, "at this rate memory is full in 10 min", NOW)

    shown = text_of(card(replace(incident, breaches=(forecast, *incident.breaches)), ROME))

    assert shown.count("at this rate") == 1


def test_growth_too_small_to_matter_is_not_told() -> None:
    suspect = Suspect("redis", 50 * MIB, 82 * 1024, "can be stopped if unused")

    shown = text_of(card(replace(samples.short_of_memory(), suspects=(suspect,)), ROME))

    assert "1. redis 50 MiB · can be stopped if unused" in shown


def test_a_card_from_before_a_storm_says_where_it_belongs_now() -> None:
    shown = text_of(card(replace(samples.unreachable(), parent=18), ROME))

    assert "since 13:59 · not acknowledged · part of incident 18" in shown


def test_a_key_that_was_not_explained_comes_with_its_remedy() -> None:
    incident = samples.another_key()
    terse = replace(incident.breaches[0], sentence="web-1 shows a revoked key")

    assert "If you reinstalled it: memwarden trust web-1" in text_of(
        card(replace(incident, breaches=(terse,)), ROME)
    )


def test_a_silence_is_told_on_the_card_with_its_end() -> None:
    silenced = told(
        samples.short_of_memory(), Change(Turn.NEWS, NOW, "silenced by Bob until 16:02: deploy", "Bob")
    )

    assert "14:02 silenced by Bob until 16:02: deploy" in text_of(card(silenced, ROME))


@pytest.mark.parametrize(
    ("turn", "line"),
    [
        (Turn.WORSE, "Worse, critical now · web-1: 9 of 961 MiB"),
        (Turn.BETTER, "Better, critical now · web-1: 9 of 961 MiB"),
        (Turn.REOPENED, "Again, critical now · web-1: 9 of 961 MiB"),
        (Turn.REPEATED, "Still critical, not acknowledged · web-1: 9 of 961 MiB"),
        (Turn.NEWS, "web-1: 9 of 961 MiB"),
    ],
)
def test_a_note_is_one_line_that_tells_what_happened_where(turn: Turn, line: str) -> None:
    shown = note(samples.short_of_memory(), Change(turn, NOW, "9 of 961 MiB"), ROME)

    assert (shown.headline, shown.blocks) == (line, ())


def test_the_note_of_a_kill_has_its_evidence_on_a_line_of_its_own() -> None:
    shown = note(samples.with_a_kill(), samples.KILL, ROME)

    assert text_of(shown).splitlines() == [
        "web-1: the OOM killer killed gunicorn (101 MiB) in gunicorn.service",
        "the largest process at the check before was gunicorn with 101 MiB",
    ]


def test_the_note_of_an_escalation_tells_those_who_hear_of_it_first_what_is_wrong() -> None:
    change = Change(Turn.ESCALATED, NOW, "nobody acknowledged it within 30 min")

    assert text_of(note(samples.short_of_memory(), change, ROME)).splitlines() == [
        "Escalated · web-1: nobody acknowledged it within 30 min",
        "web-1 is critical: 96 of 961 MiB available (10 %), below 10 % for 2 min",
    ]


def test_the_note_of_the_end_says_after_how_long() -> None:
    incident = samples.recovered()

    shown = note(incident, incident.story[-1], ROME)

    assert shown.headline == "Resolved after 11 min · web-1: 297 of 961 MiB available (30 %)"
    assert shown.tone is Tone.GOOD


def test_a_sentence_that_names_its_host_does_not_say_it_twice() -> None:
    incident = samples.unreachable()

    assert note(incident, incident.story[0], ROME).headline.count("db-2") == 1


@pytest.mark.parametrize(
    ("incident", "turn", "sentence", "line"),
    [
        (STORM, Turn.NEWS, "unreachable on 80 hosts", "unreachable on 80 hosts"),
        (STORM, Turn.ACKNOWLEDGED, "acknowledged by Al", "many hosts: acknowledged by Al"),
        (samples.blind(), Turn.ACKNOWLEDGED, "acknowledged by Al", "memwarden: acknowledged by Al"),
    ],
)
def test_notes_of_the_fleet_name_no_host(incident: Incident, turn: Turn, sentence: str, line: str) -> None:
    assert note(incident, Change(turn, NOW, sentence), ROME).headline == line


def test_times_of_another_day_have_their_date() -> None:
    old = replace(samples.short_of_memory(), opened_at=samples.ago(minutes=60 * 20))

    assert "since 2026-03-01 18:02" in text_of(card(old, ROME))


TEN_LINES_OF_A_PHONE = 10 * 36
HOSTILE = st.text(max_size=2000) | st.sampled_from(["<!channel>", "*x*", "`", "\x1b[31m", "; ; ", "\u202e"])


@given(name=HOSTILE, sentence=HOSTILE, severity=st.sampled_from(Severity), over=st.booleans())
def test_whatever_a_host_calls_things_a_card_is_bounded_and_printable(
    name: str, sentence: str, severity: Severity, *, over: bool
) -> None:
    incident = _hostile(name, sentence, severity)
    shown = card(resolved(incident, sentence, NOW) if over else incident, ROME)
    lines = text_of(shown).splitlines()

    assert all(line.isprintable() and len(line) <= TEN_LINES_OF_A_PHONE for line in lines)
    assert len(lines) < 30
    assert all(button.label.isprintable() for button in shown.buttons)


def _hostile(name: str, sentence: str, severity: Severity) -> Incident:
    incident = samples.died()
    breach = replace(incident.breaches[0], sentence=sentence, severity=severity)
    return told(
        replace(
            incident,
            cause=f"service {name}",
            severity=severity,
            breaches=(breach,) * 6,
            suspects=(Suspect(name, 1, 1, sentence),) * 5,
            picture=(name,),
            since_good=(sentence,),
        ),
        Change(Turn.NEWS, NOW, sentence, name),
    )
