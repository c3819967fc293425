"""Making a service new: gently where its server can, else by systemd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.plan import Order, Plan
from bot.domain.redis_limit import READS
from bot.domain.units import MIB
from bot.errors import Refused
from bot.remediations.restart_service import REMEDIATION
from tests.bot.remediations.redis_answers import REDIS_PID, told
from tests.bot.remediations.situations import (
    KNOWN,
    commands,
    forked,
    one_process,
    situation,
    undoing,
    ungranted,
)
from tests.fakes.units import overriding, starting, unit

if TYPE_CHECKING:
    from bot.domain.remediation import Answer
    from bot.domain.service import KnownService

REDIS = "redis-server.service"
TEXT = starting("/srv/venv/bin/gunicorn --workers 4 shop.wsgi")
GENTLY = ["/usr/bin/systemctl kill --kill-who=main -s HUP gunicorn.service"]
HARD = ["/usr/bin/systemctl restart gunicorn.service"]
ORDER = Order("restart_service", "web-1", "gunicorn")


def restart(
    text: str = TEXT,
    *drop_ins: tuple[str, str],
    available: int | None = 400 * MIB,
    uss_mib: int = 85,
    **properties: str,
) -> Plan:
    found = situation(unit(text, *drop_ins, **properties), *forked(uss_mib=uss_mib), available=available)
    return REMEDIATION.plan(ORDER, found)


def restart_redis(answers: dict[tuple[str, ...], Answer]) -> Plan:
    redis = one_process(REDIS, "/usr/bin/redis-server 127.0.0.1:6379", pid=REDIS_PID, mib=57)
    found = situation(unit(starting("/usr/bin/redis-server"), name=REDIS), redis, answers=answers)
    return REMEDIATION.plan(Order("restart_service", "web-1", "redis"), found)


def test_a_server_that_can_renews_its_workers_without_dropping_a_request() -> None:
    plan = restart()

    assert commands(plan) == GENTLY
    assert plan.title == "renew the workers of gunicorn"
    assert plan.side_effects[:2] == (
        "no request is dropped; some take longer",
        "for a moment about 86 MiB more are used",
    )


def test_it_cannot_be_undone_and_whether_it_was_done_is_told_by_the_age_of_its_processes() -> None:
    plan = restart()

    assert undoing(plan) == []
    assert plan.goal == plan.origin
    assert plan.undone == "it cannot be, and nothing needs to be: the same service runs"


@pytest.mark.parametrize("available", [100 * MIB, None])
def test_with_too_little_memory_for_old_and_new_workers_it_is_restarted(available: int | None) -> None:
    plan = restart(available=available)

    assert commands(plan) == HARD
    assert "requests fail while it restarts (seen: 6 to 53 of 210 at 10 a second)" in plan.side_effects


def test_a_preloaded_application_is_restarted_because_it_would_be_there_twice() -> None:
    assert commands(restart(starting("/usr/bin/gunicorn --preload shop.wsgi"))) == HARD
    assert commands(restart(uss_mib=8)) == HARD


def test_after_a_change_of_ours_it_is_restarted_because_the_master_still_has_the_old_number() -> None:
    ours = ("50-memwarden.conf", overriding("/srv/venv/bin/gunicorn --workers 2 shop.wsgi"))

    assert commands(restart(TEXT, ours)) == HARD


def test_behind_a_socket_no_request_fails() -> None:
    plan = restart(available=0, TriggeredBy="gunicorn.socket")

    assert plan.side_effects[0] == "no request fails: its socket keeps them waiting meanwhile"


def test_what_systemd_restarts_with_it_is_said() -> None:
    assert (
        "systemd restarts chat.service as well" in restart(available=0, BoundBy="chat.service").side_effects
    )


def test_what_an_essential_service_needs_is_not_restarted() -> None:
    with pytest.raises(Refused, match="is essential"):
        restart(available=0, BoundBy="ssh.service")


def test_what_does_not_run_is_not_restarted() -> None:
    with pytest.raises(Refused, match="`start` starts it"):
        restart(ActiveState="failed")


def test_systemd_has_the_time_it_takes() -> None:
    assert restart(available=0).steps[0].timeout_s >= 180


def test_only_redis_is_asked_anything() -> None:
    assert REMEDIATION.reads(ORDER) == ()
    assert REMEDIATION.reads(Order("restart_service", "web-1", "redis")) == READS


def test_redis_gives_back_what_it_holds_no_keys_in() -> None:
    plan = restart_redis(told(used=31 * MIB))

    assert commands(plan) == ["/usr/bin/systemctl restart redis-server.service"]
    assert (plan.saving.expected_bytes, plan.saving.exact) == (26 * MIB, False)
    assert "its keys survive a restart: it saves them when it stops" in plan.side_effects


def test_redis_that_saves_nothing_loses_every_key_and_that_is_said() -> None:
    plan = restart_redis(told(save=""))

    assert plan.saving.expected_bytes is None
    lost = "a restart loses every key: it saves none (no save points, no append-only file)"
    assert lost in plan.side_effects
    assert plan.fingerprint != restart_redis(told()).fingerprint


@pytest.mark.parametrize("answers", [{}, told(pid=4)])
def test_of_a_redis_that_does_not_answer_it_is_not_known(answers: dict[tuple[str, ...], Answer]) -> None:
    plan = restart_redis(answers)

    assert "whether its keys survive is not known: redis could not be asked" in plan.side_effects


@pytest.mark.parametrize("known", KNOWN)
def test_hup_is_what_renews_workers_wherever_a_signal_does(known: KnownService) -> None:
    assert known.scaling is None or known.scaling.renewing in ("", "HUP")


@given(available=st.integers(0, 900), uss=st.integers(1, 99), socket=st.booleans())
def test_every_command_of_every_plan_is_granted(available: int, uss: int, *, socket: bool) -> None:
    plan = restart(available=available * MIB, uss_mib=uss, TriggeredBy="gunicorn.socket" if socket else "")

    assert ungranted(plan, REMEDIATION) == []
