"""What is silent, as people see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.chat.terminal import Screen, render
from bot.domain.silence import Silence
from bot.views.silences import covered, lifted, silenced, silences
from tests.bot.views.incident_samples import NOW, ROME
from tests.conversations.ops import text_of

WEB = Silence(3, "web-1", "", "", "deploy of 4.2", "Alice", NOW, NOW + timedelta(hours=2))
TAG = Silence(4, "", "production", "", "", "Bob", NOW, NOW + timedelta(hours=26))
RULE = Silence(5, "", "", "leak", "known", "Bob", NOW, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (WEB, "web-1"),
        (TAG, "hosts with the tag production"),
        (RULE, "the rule leak"),
        (replace(WEB, rule="leak"), "web-1 and the rule leak"),
        (replace(WEB, host=""), "everything"),
    ],
)
def test_what_a_silence_covers_is_said_in_words(silence: Silence, words: str) -> None:
    assert covered(silence) == words


def test_silences_are_listed_the_first_to_end_first() -> None:
    shown = silences((WEB, TAG, RULE), ROME, NOW)

    assert shown.headline == "3 silences in force"
    assert "3  web-1  16:02  Alice  deploy of 4.2" in text_of(shown)
    assert "4  tag production  2026-03-03 16:02  Bob" in text_of(shown)
    assert [button.words for button in shown.buttons] == [
        "unsilence 5", "unsilence 3", "unsilence 4", "silences",
    ]  # fmt: skip


def test_a_phone_shows_what_is_silent_and_until_when() -> None:
    lines = render(silences((WEB, TAG, RULE), ROME, NOW), Screen(36)).splitlines()

    assert ["no.", "silent", "until"] in [line.split() for line in lines]
    assert max(map(len, lines)) <= 36


def test_where_nothing_is_silent_it_is_said_how_to_silence() -> None:
    shown = text_of(silences((), ROME, NOW))

    assert shown.startswith("Nothing is silenced")
    assert "`silence web-1 2h deploy`" in shown


def test_who_silences_is_told_until_when_and_how_to_undo_it() -> None:
    shown = silenced(WEB, ROME, NOW)

    assert shown.headline == "Silence 3: nothing is announced of web-1 until 16:02 (2 h)"
    assert "Reason: deploy of 4.2" in text_of(shown)
    assert shown.buttons[0].words == "unsilence 3"


def test_how_long_is_said_to_the_minute() -> None:
    odd = replace(WEB, ends_at=NOW + timedelta(minutes=90))

    assert silenced(odd, ROME, NOW).headline.endswith("until 15:32 (1 h 30 min)")


def test_who_silences_what_is_silent_for_longer_is_told_because_of_whom() -> None:
    shown = silenced(WEB, ROME, NOW + timedelta(minutes=7), new=False)

    assert shown.headline == "Silence 3: nothing is announced of web-1 until 16:02"
    assert "So it was already, because of `Alice`." in text_of(shown)


def test_who_lifts_one_is_told_whose_it_was() -> None:
    shown = lifted(replace(WEB, lifted_at=NOW, lifted_by="Bob"), ROME)

    assert shown.headline == "Silence 3 is lifted: web-1 is announced again"
    assert "It was `Alice`'s and would have ended at 16:02." in text_of(shown)
