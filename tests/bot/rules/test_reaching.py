"""A host that does not answer, shows another key, or was rebooted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.host_state import HostState, Start
from bot.domain.policy import Severity
from bot.errors import (
    CommandFailed,
    CommandTimedOut,
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    LoginRefused,
    Unreadable,
)
from bot.rules import host_key, reboot, unreachable
from tests.bot.rules.observations import BOOT, after, checked, failed, observed, read, read_one, state
from tests.fakes.snapshots import identity, snapshot

if TYPE_CHECKING:
    from bot.domain.check import Checked

NOTICE, WARNING, CRITICAL = Severity.NOTICE, Severity.WARNING, Severity.CRITICAL
SILENT = (HostUnreachable, CommandTimedOut, LoginRefused, CommandFailed, Unreadable)
STRANGE = (HostKeyChanged, HostKeyUnknown)


# --- unreachable


@pytest.mark.parametrize("error", SILENT)
def test_a_host_that_does_not_answer_is_a_warning_after_a_hold(error: type[HostError]) -> None:
    kept = state(answered_s=-840)

    found = read_one(unreachable.RULE, observed(failed(error("web-1 is gone.")), kept=kept))

    assert (found.reached, found.kept, found.cause, found.at_once) == (WARNING, WARNING, "reach", False)
    assert found.sentence == "web-1 is gone. The last answer was 14 min ago."
    assert unreachable.RULE.defaults.hold_s == 120


def test_one_that_never_answered_says_only_why() -> None:
    for kept in (None, replace(state(), answered_at=None), state(answered_s=600)):
        found = read_one(unreachable.RULE, observed(failed(HostUnreachable("No route.")), kept=kept))
        assert (found.reached, found.sentence) == (WARNING, "No route.")


@pytest.mark.parametrize("error", [*STRANGE, None])
def test_one_that_answers_is_well_even_with_another_key(error: type[HostError] | None) -> None:
    outcome = failed(error("another key")) if error else checked()

    assert read_one(unreachable.RULE, observed(outcome)).kept is None


def test_it_may_be_configured_to_be_critical_after_some_minutes() -> None:
    settings = replace(unreachable.RULE.defaults, critical=15)
    gone = failed(HostUnreachable("No route."))

    levels = [
        read_one(unreachable.RULE, observed(gone, kept=state(answered_s=-60 * minutes)), settings).reached
        for minutes in (14, 15)
    ]

    assert levels == [WARNING, CRITICAL]


def test_what_a_host_says_is_plain_text_of_a_sensible_length() -> None:
    error = CommandFailed("the host said: \x1b[31m\n" + "x" * 5000)

    found = read_one(unreachable.RULE, observed(failed(error)))

    assert found.sentence.isprintable()
    assert len(found.sentence) < 350


# --- host_key


@pytest.mark.parametrize("error", STRANGE)
def test_a_key_that_is_not_pinned_is_critical_at_once(error: type[HostError]) -> None:
    found = read_one(host_key.RULE, observed(failed(error("web-1 shows another key."))))

    assert (found.reached, found.kept, found.at_once) == (CRITICAL, CRITICAL, True)
    assert (found.cause, found.sentence) == ("reach", "web-1 shows another key.")


@pytest.mark.parametrize("error", SILENT)
def test_a_host_that_shows_no_key_leaves_it_as_it_was(error: type[HostError]) -> None:
    assert read(host_key.RULE, observed(failed(error("gone")))) == ()


def test_the_pinned_key_is_well() -> None:
    assert read_one(host_key.RULE, observed(checked())).kept is None


# --- reboot


def up(seconds: float, *, boot_id: str = "new boot", container: str | None = None) -> Checked:
    booted = replace(identity(container=container), uptime_s=seconds, boot_id=boot_id)
    return checked(snapshot(identity=booted))


def test_another_boot_is_a_notice_at_once_and_says_how_long_it_was_up_before() -> None:
    began = Start("redis", "redis.service", 2000, after(-41 * 86_400))

    found = read_one(reboot.RULE, observed(up(180), kept=state(-240, starts=(began,))))

    assert (found.reached, found.kept, found.at_once, found.cause) == (NOTICE, NOTICE, True, "reboot")
    assert found.sentence == "rebooted 3 min ago; it was last seen up 4 min ago after 41 d"


def test_without_a_known_start_it_says_when_the_host_was_last_seen() -> None:
    assert read_one(reboot.RULE, observed(up(20), kept=state(-60))).sentence == (
        "rebooted 20 s ago; it was last seen up 60 s ago"
    ).replace("60 s", "1 min")


def test_the_same_boot_is_well() -> None:
    assert read_one(reboot.RULE, observed(up(9000, boot_id=BOOT), kept=state())).kept is None


@pytest.mark.parametrize(
    "kept",
    [None, state(boot_id=""), replace(state(), answered_at=None), state(answered_s=60)],
)
def test_a_boot_that_cannot_be_compared_is_no_reading(kept: HostState | None) -> None:
    assert read(reboot.RULE, observed(up(20), kept=kept)) == ()


def test_a_machine_that_was_up_all_the_time_is_another_one_and_was_not_rebooted() -> None:
    assert read(reboot.RULE, observed(up(86_400), kept=state(-60))) == ()


def test_a_container_is_believed_although_it_is_told_its_machines_uptime() -> None:
    found = read_one(reboot.RULE, observed(up(86_400, container="docker"), kept=state(-60)))

    assert found.sentence == "started anew; it was last seen up 1 min ago"


def test_it_may_be_configured_to_matter_more() -> None:
    settings = replace(reboot.RULE.defaults, warning=1)

    assert read_one(reboot.RULE, observed(up(20), kept=state(-60)), settings).reached is WARNING
