"""An announcement is said once, whatever broke in between, and rather twice than never."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.errors import ChatError
from bot.message import Announcement, Message
from tests.adapters.chat.slack.announced import BETTER, SAID, again, chat, make_trouble

if TYPE_CHECKING:
    from tests.servers.fake_slack import FakeSlack


@pytest.mark.parametrize("trouble", ["lose_answer", "lose_call", "internal_error", "500"])
def test_what_may_have_arrived_is_tried_once_and_in_doubt(slack: FakeSlack, trouble: str) -> None:
    make_trouble(slack, trouble)

    with pytest.raises(ChatError) as caught:
        chat(slack).announce(SAID)

    assert caught.value.in_doubt
    assert not caught.value.permanent
    assert len(slack.called("chat.postMessage")) == 1


@pytest.mark.parametrize("trouble", ["lose_answer", "lose_call", "internal_error", "500"])
def test_after_a_failure_it_is_said_once_whether_it_had_arrived_or_not(
    slack: FakeSlack, trouble: str
) -> None:
    make_trouble(slack, trouble)
    with pytest.raises(ChatError):
        chat(slack).announce(SAID)

    # The bot was killed meanwhile: this is another.
    ref = chat(slack).announce(again(SAID))

    (shown,) = slack.shown("U01")
    assert ref == f"C01:{shown.ts}"


def test_a_note_is_said_once_too(slack: FakeSlack) -> None:
    announcing = chat(slack)
    card = announcing.announce(SAID)
    note = Announcement(Message("acknowledged by ann"), "k2", thread=card)
    slack.lose_answer("chat.postMessage")
    with pytest.raises(ChatError):
        announcing.announce(note)

    ref = chat(slack).announce(again(note))

    _, shown = slack.shown("U01")
    assert ref == f"C01:{shown.ts}"


def test_a_card_that_was_changed_since_is_still_known(slack: FakeSlack) -> None:
    announcing = chat(slack)
    ref = announcing.announce(SAID)
    announcing.announce(Announcement(BETTER, "k2", edits=ref))

    assert announcing.announce(again(SAID)) == ref
    assert len(slack.shown("U01")) == 1


def test_other_announcements_are_not_taken_for_it(slack: FakeSlack) -> None:
    announcing = chat(slack)
    announcing.announce(replace(SAID, key="k0"))
    slack.say("a message of another version")

    announcing.announce(again(SAID))

    assert len(slack.shown("U01")) == 3


@pytest.mark.parametrize("thread", [False, True])
def test_it_is_found_below_many_others(slack: FakeSlack, *, thread: bool) -> None:
    announcing = chat(slack)
    card = announcing.announce(replace(SAID, key="k0")) if thread else ""
    ref = announcing.announce(replace(SAID, thread=card))
    for number in range(450):
        if not thread:
            slack.say(f"{number}")
    for number in range(210 if thread else 0):
        slack.mention("U01", f"{number}", thread_ts=card.partition(":")[2])

    assert announcing.announce(again(replace(SAID, thread=card))) == ref


def test_what_is_older_is_not_looked_through(slack: FakeSlack) -> None:
    announcing = chat(slack)
    announcing.announce(SAID)

    later = datetime.now(UTC) + timedelta(minutes=5)
    announcing.announce(replace(SAID, doubtful=True, since=later))

    assert len(slack.shown("U01")) == 2


def test_where_the_first_try_is_not_known_a_day_is_looked_through(slack: FakeSlack) -> None:
    announcing = chat(slack)
    ref = announcing.announce(SAID)

    assert announcing.announce(replace(SAID, doubtful=True)) == ref


def test_where_nobody_can_look_it_is_said_rather_twice_than_never(slack: FakeSlack) -> None:
    announcing = chat(slack)
    announcing.announce(SAID)
    slack.scopes.discard("channels:history")

    announcing.announce(again(SAID))

    assert len(slack.shown("U01")) == 2


@pytest.mark.parametrize("trouble", ["internal_error", "service_unavailable", "invalid_auth"])
def test_where_nobody_can_look_for_now_it_is_looked_again_later(slack: FakeSlack, trouble: str) -> None:
    announcing = chat(slack)
    announcing.announce(SAID)
    slack.fail("conversations.history", trouble, times=20)

    with pytest.raises(ChatError) as caught:
        announcing.announce(again(SAID))

    assert caught.value.in_doubt
    assert len(slack.shown("U01")) == 1


def test_a_private_channel_needs_a_scope_of_its_own(slack: FakeSlack) -> None:
    slack.add_channel("C02", "secret", ("U01",), private=True)
    announcing = chat(slack)
    ref = announcing.announce(replace(SAID, channel="C02"))

    assert announcing.announce(again(replace(SAID, channel="C02"))) == ref
    slack.scopes.discard("groups:history")
    assert announcing.announce(again(replace(SAID, channel="C02"))) != ref


def test_as_long_as_slack_does_not_let_us_look_the_doubt_remains(slack: FakeSlack) -> None:
    announcing = chat(slack)
    announcing.announce(SAID)
    slack.rate_limit("conversations.history", 60, retry_after=60)

    with pytest.raises(ChatError) as caught:
        announcing.announce(again(SAID))

    assert caught.value.in_doubt
    assert not caught.value.permanent
    assert caught.value.retry_after_s == pytest.approx(60)
    assert len(slack.shown("U01")) == 1
