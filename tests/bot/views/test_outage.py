"""What the other platforms say of a deaf one."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.outage import Outage
from bot.message import Tone
from bot.views.outage import outage
from tests.conversations.ops import text_of
from tests.fakes.clock import START


def test_a_platform_that_is_deaf() -> None:
    said = outage(Outage("slack", START))

    assert text_of(said) == (
        "Slack has not heard anything since 14:02:31 UTC; commands there are not answered."
        " memwarden keeps trying."
    )
    assert (said.tone, said.private) == (Tone.WARNING, False)


def test_the_reason_stands_below() -> None:
    said = outage(Outage("discord", START, reason="the gateway closed the connection"))

    assert text_of(said).splitlines()[1] == "The last that was heard of it: the gateway closed the connection"


def test_a_platform_that_hears_again() -> None:
    said = outage(Outage("slack", START, START + timedelta(seconds=190), "a reason that is over"))

    assert text_of(said) == "Slack is back after 3 min."
    assert (said.tone, said.private) == (Tone.GOOD, False)


def test_a_clock_that_was_set_back_makes_no_outage_negative() -> None:
    assert outage(Outage("slack", START, START - timedelta(hours=1))).headline == "Slack is back after 0 s."


def test_a_platform_that_was_given_up() -> None:
    reason = "The bot token was revoked (token_revoked): take a new one from the app's settings."

    said = outage(Outage("slack", START, reason=reason, ended=True))

    assert text_of(said).splitlines() == [
        f"Slack is not served any more: {reason}",
        "Commands there are not answered. Mend that, then start memwarden again.",
    ]
    assert (said.tone, said.private) == (Tone.CRITICAL, False)


def test_all_reasons_of_the_end_are_told() -> None:
    assert text_of(outage(Outage("slack", START, reason="One.\nTwo.", ended=True))).splitlines()[:2] == [
        "Slack is not served any more: One.",
        "Two.",
    ]
