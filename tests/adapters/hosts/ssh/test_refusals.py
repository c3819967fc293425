"""The pause after refused logins."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.hosts.deadline import Deadline
from adapters.hosts.ssh.refusals import Refusals
from adapters.hosts.ssh.route import Hop
from bot.errors import HostUnreachable, LoginRefused


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def refusals(clock: Clock) -> Refusals:
    return Refusals(clock)


def hop(user: str = "deploy", address: str = "10.0.0.1") -> Hop:
    return Hop("web-1", "web-1", address, 22, user, Path("known_hosts"), address)


def paused(refusals: Refusals, hop: Hop) -> bool:
    try:
        refusals.check(hop)
    except LoginRefused:
        return True
    return False


def test_two_refusals_are_no_reason_to_wait(refusals: Refusals) -> None:
    for _ in range(2):
        refusals.refused(hop())

    assert not paused(refusals, hop())


def test_three_refusals_bring_a_pause_of_a_minute(refusals: Refusals, clock: Clock) -> None:
    for _ in range(3):
        refusals.refused(hop())

    assert paused(refusals, hop())
    clock.now_s += 59
    assert paused(refusals, hop())
    clock.now_s += 2
    assert not paused(refusals, hop())


def test_the_pause_says_until_when(refusals: Refusals) -> None:
    for _ in range(3):
        refusals.refused(hop())

    with pytest.raises(
        LoginRefused,
        match=r"^web-1 \(10\.0\.0\.1 port 22\) refused the login of deploy 3 times in a row; "
        r"the next try is at \d\d:\d\d:\d\d, so that nobody gets locked out\.$",
    ):
        refusals.check(hop())


@pytest.mark.parametrize(("times", "pause_s"), [(4, 120), (5, 240), (9, 3600), (2000, 3600)])
def test_every_further_refusal_doubles_the_pause_up_to_an_hour(
    refusals: Refusals, clock: Clock, times: int, pause_s: float
) -> None:
    for _ in range(times):
        refusals.refused(hop())

    clock.now_s += pause_s - 1
    assert paused(refusals, hop())
    clock.now_s += 2
    assert not paused(refusals, hop())


def test_a_login_that_succeeds_starts_over(refusals: Refusals) -> None:
    for _ in range(2):
        refusals.refused(hop())
    refusals.accepted(hop())
    refusals.refused(hop())

    assert not paused(refusals, hop())


def test_others_do_not_wait(refusals: Refusals) -> None:
    for _ in range(3):
        refusals.refused(hop())

    assert not paused(refusals, hop(user="admin"))
    assert not paused(refusals, hop(address="10.0.0.2"))


def test_until_somebody_was_let_in_logins_take_turns(refusals: Refusals) -> None:
    with (
        refusals.turn(hop(), Deadline.after(1)),
        pytest.raises(HostUnreachable, match="did not finish an earlier login of deploy"),
        refusals.turn(hop(), Deadline.after(0)),
    ):
        pytest.fail("two logins at the same time")


def test_a_turn_is_over_when_its_login_has_ended(refusals: Refusals) -> None:
    for _ in range(2):
        with refusals.turn(hop(), Deadline.after(0)):
            refusals.refused(hop())

    assert not paused(refusals, hop())


def test_who_waited_for_a_turn_does_not_try_what_was_refused_meanwhile(refusals: Refusals) -> None:
    for _ in range(3):
        refusals.refused(hop())

    with pytest.raises(LoginRefused), refusals.turn(hop(), Deadline.after(1)):
        pytest.fail("a fourth login in a row")


def test_an_account_that_was_let_in_need_not_take_turns(refusals: Refusals) -> None:
    refusals.accepted(hop())

    with refusals.turn(hop(), Deadline.after(1)), refusals.turn(hop(), Deadline.after(0)):
        assert not paused(refusals, hop())
