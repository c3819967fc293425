"""Socket Mode through every kind of trouble."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.chat import SlackChat
from tests.adapters.chat.slack.served import QUICK, WATCHFUL, Answers, options_of, serving, started, world_of

if TYPE_CHECKING:
    from tests.adapters.chat.slack.served import World
    from tests.servers.fake_slack import FakeSlack

CALM = replace(QUICK, watch=replace(QUICK.watch, renewal_s=2.0))
"""For tests in which no connection is ever in doubt, however busy the machine is."""

DOUBTFUL = replace(WATCHFUL, watch=replace(WATCHFUL.watch, deaf_s=30))
"""For tests in which one is, and nobody is told of it."""


def ask(slack: FakeSlack, words: str) -> None:
    """Ask, again where the connection was given up meanwhile: on a busy machine any may seem deaf."""
    until = time.monotonic() + 30
    while slack.command("U01", words).acknowledged_after_s is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    slack.wait_until("U01", lambda seen: any(words in each.plain for each in seen))


def wait_outages(world: World, count: int, timeout_s: float = 15) -> None:
    until = time.monotonic() + timeout_s
    while len(world.outages) < count:
        assert time.monotonic() < until, world.outages
        time.sleep(0.01)


def wait_connections(slack: FakeSlack, count: int, timeout_s: float = 15) -> None:
    until = time.monotonic() + timeout_s
    while slack.connections != count:
        assert time.monotonic() < until, slack.connections
        time.sleep(0.01)


def test_a_refreshed_connection_is_replaced_without_a_word(slack: FakeSlack) -> None:
    world = world_of(slack)
    with serving(slack, world=world, timing=CALM):
        slack.disconnect("refresh_requested")
        slack.wait_opened(2)
        slack.wait_connected()
        ask(slack, "hosts")

    assert world.outages == []


def test_what_is_asked_before_a_disconnect_is_answered_after_it(slack: FakeSlack) -> None:
    with serving(slack, timing=CALM):
        slack.command("U01", "one")
        slack.disconnect("refresh_requested", close_after_s=0.2)
        slack.wait_opened(2)
        slack.wait_connected()
        slack.command("U01", "two")

        assert len(slack.wait_shown("U01", 2)) == 2


def test_the_next_connection_is_open_before_the_last_one_is_closed(slack: FakeSlack) -> None:
    with serving(slack, timing=CALM):
        slack.disconnect("warning")
        slack.wait_connected(count=2)
        asked = [slack.command("U01", f"number {number}") for number in range(10)]
        slack.wait_shown("U01", 10)
        wait_connections(slack, 1)

        assert slack.opened == 2
        assert all(each.acknowledged_after_s is not None for each in asked)


def test_while_slack_opens_no_other_connection_nothing_is_lost_on_the_last_one(slack: FakeSlack) -> None:
    with serving(slack, timing=CALM):
        slack.rate_limit("apps.connections.open", 0.5, retry_after=1)
        slack.disconnect("warning")
        asked = [slack.command("U01", f"number {number}") for number in range(5)]
        slack.wait_shown("U01", 5)
        slack.wait_opened(2)

    assert all(each.acknowledged_after_s is not None for each in asked)


def test_after_slack_asked_to_wait_only_one_connection_is_open(slack: FakeSlack) -> None:
    with serving(slack, timing=CALM):
        slack.rate_limit("apps.connections.open", 0.8, retry_after=1)
        slack.disconnect("refresh_requested")
        slack.wait_opened(2)
        # As long as slack_sdk, which sleeps through Retry-After too, would take to open one more.
        time.sleep(1.2)
        asked = [slack.command("U01", f"number {number}") for number in range(10)]
        slack.wait_shown("U01", 10)

        assert (slack.connections, slack.opened) == (1, 2)
        assert all(each.acknowledged_after_s is not None for each in asked)


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
def test_who_asks_to_wait_at_the_start_is_waited_for(slack: FakeSlack, method: str) -> None:
    slack.rate_limit(method, 60, retry_after=1)
    served = started(SlackChat(options_of(slack), world_of(slack).surroundings, CALM), Answers())
    slack.wait_called(method)
    slack.lift_rate_limit(method)
    slack.wait_connected()
    served.stop()

    *refused, taken = slack.called(method)
    assert {each.error for each in refused} == {"ratelimited"}
    assert taken.at - refused[-1].at >= 1


def test_a_cut_connection_is_replaced_at_once(slack: FakeSlack) -> None:
    world = world_of(slack)
    with serving(slack, world=world, timing=CALM):
        began = time.monotonic()
        slack.cut()
        slack.wait_opened(2)
        took_s = time.monotonic() - began
        slack.wait_connected()
        ask(slack, "hosts")

    # It is not silence that tells.
    assert took_s < CALM.watch.silent_s
    assert world.outages == []


def test_a_deaf_connection_is_replaced_before_anybody_is_told(slack: FakeSlack) -> None:
    world = world_of(slack)
    with serving(slack, world=world, timing=DOUBTFUL):
        slack.deafen()
        slack.wait_opened(2)
        slack.wait_connected()
        ask(slack, "hosts")

    assert world.outages == []


def test_while_it_stays_deaf_the_others_are_told_and_when_it_hears_again(slack: FakeSlack) -> None:
    world = world_of(slack)
    with serving(slack, world=world, timing=WATCHFUL):
        slack.deafen(new_ones_too=True)
        wait_outages(world, 1)
        slack.undeafen()
        slack.deafen(new_ones_too=False)
        wait_outages(world, 2)
        slack.wait_connected()
        ask(slack, "hosts")

    deaf, heard = world.outages[:2]
    assert (deaf.platform, deaf.until) == ("slack", None)
    assert heard.since == deaf.since
    assert heard.until is not None
    assert heard.until > deaf.since


def test_while_slack_is_away_the_others_are_told_and_when_it_is_back(slack: FakeSlack) -> None:
    world = world_of(slack)
    with serving(slack, world=world, timing=WATCHFUL):
        slack.stop_listening()
        wait_outages(world, 1)
        slack.listen_again()
        wait_outages(world, 2)
        slack.wait_connected()
        ask(slack, "hosts")

    assert world.outages[0].reason
    assert world.outages[1].until is not None


def test_garbage_on_the_connection_changes_nothing(slack: FakeSlack) -> None:
    with serving(slack, timing=CALM):
        for garbage in (
            "no JSON",
            "{",
            '{"type": 7}',
            "[]",
            "[" * 10_000,
            '{"envelope_id": "x", "type": "slash_commands"}',
            '{"envelope_id": "x", "type": "slash_commands", "payload": []}',
        ):
            slack.send_garbage(garbage)
        ask(slack, "hosts")


def test_a_revoked_app_token_ends_it(slack: FakeSlack) -> None:
    with serving(slack, Answers(), timing=CALM) as served:
        slack.revoke(slack.app_token)
        error = served.wait_ended()

    assert error.permanent
    assert "The app token was revoked" in str(error)


def test_it_starts_while_slack_is_away_and_answers_when_it_is_back(slack: FakeSlack) -> None:
    world = world_of(slack)
    options = options_of(slack)
    slack.stop_listening()
    served = started(SlackChat(options, world.surroundings, WATCHFUL), Answers())
    wait_outages(world, 1, timeout_s=15)
    slack.listen_again()
    slack.wait_connected(timeout_s=15)
    ask(slack, "hosts")
    served.stop()

    assert world.outages[0].until is None
