"""A check writes all that it found, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from bot.domain.event import EventKind
from bot.domain.people import Person
from bot.errors import HostUnreachable, StoreError
from bot.flows.triage import acknowledge
from bot.flows.watch import unrecorded, watch
from tests.conversations.night_watch import NightWatch, hosts
from tests.conversations.ops import text_of

if TYPE_CHECKING:
    from bot.domain.event import Event
    from bot.ports import Completed


def events(ops: NightWatch) -> list[Event]:
    now = ops.clock()
    return list(ops.store.events("web-1", now - timedelta(days=1), now + timedelta(days=1)))


def test_a_check_keeps_a_sample_and_what_the_next_one_has_to_know() -> None:
    ops = NightWatch()
    ops.check("web-1")

    state = ops.store.state("web-1")
    assert state is not None
    assert state.answered_at == ops.clock()
    assert {start.unit for start in state.starts} == {
        "gunicorn.service",
        "daphne.service",
        "redis-server.service",
    }
    assert state.good is not None
    assert state.largest == "gunicorn"
    assert ops.store.latest("web-1") is not None


def test_the_next_look_is_due_after_the_interval_and_sooner_when_something_is_about_to_be() -> None:
    ops = NightWatch()
    ops.check("web-1")
    well = watch(ops.ports, "web-1")

    ops.machine.available_mib = 70
    ops.hosts["web-1"].says("sh", ops.machine.answer(ops.clock()))
    pending = watch(ops.ports, "web-1")

    assert (well.answered, well.next_in_s) == (True, ops.ports.config.check.every_s)
    assert pending.next_in_s == ops.ports.config.check.closely_s


def test_a_host_that_does_not_answer_is_a_finding_not_an_error() -> None:
    ops = NightWatch()
    ops.check("web-1")
    ops.hosts["web-1"].fails(HostUnreachable("web-1 cannot be reached."))

    watched = watch(ops.ports, "web-1")

    assert not watched.answered
    state = ops.store.state("web-1")
    assert state is not None
    assert state.error == "web-1 cannot be reached."
    assert state.starts


def test_what_was_wrong_at_the_last_check_is_no_good_time_to_compare_with() -> None:
    ops = NightWatch()
    ops.check("web-1")
    good_at = ops.clock()
    ops.machine.available_mib = 70
    ops.minutes_pass(5)

    state = ops.store.state("web-1")
    assert state is not None
    assert state.good is not None
    assert state.good.taken_at == good_at


def test_a_restart_of_memwarden_forgets_nothing() -> None:
    ops = NightWatch()
    ops.machine.available_mib = 70
    ops.minutes_pass(5)

    ops.store = ops.store.restarted()
    ops.ports = replace(ops.ports, store=ops.store)
    ops.minutes_pass(5)

    assert len(ops.incidents) == 1
    assert ops.channel.notifications == 1


class Overtaken:
    """`Hosts` and `Shell`: while the first answer is awaited, another check of the same host is made."""

    def __init__(self, ops: NightWatch) -> None:
        self._ops = ops
        self._waits = True

    def shell(self, host: str) -> Overtaken:
        assert host == "web-1"
        return self

    def run(self, argv: tuple[str, ...], *, timeout_s: float, apart: bool = False) -> Completed:
        if self._waits:
            self._waits = False
            self._ops.clock.passes(seconds=5)
            self._ops.check("web-1")
        return self._ops.hosts["web-1"].run(argv, timeout_s=timeout_s, apart=apart)

    def close(self) -> None:
        """Nothing is open."""


def test_a_check_that_another_one_overtook_writes_nothing() -> None:
    ops = NightWatch()
    ops.check("web-1")

    def samples() -> int:
        now, day = ops.clock(), timedelta(days=1)
        return len(ops.store.samples("web-1", now - day, now + day))

    before = samples()
    watch(replace(ops.ports, hosts=Overtaken(ops)), "web-1")

    assert samples() == before + 1


def test_checks_and_clicks_at_the_same_time_lose_nothing() -> None:
    ops = NightWatch(hosts(8))
    for machine in ops.machines.values():
        machine.available_mib = 70
    ops.minutes_pass(4)
    numbers = [incident.id for incident in ops.incidents if incident.host]
    alice = Person("slack", "U01", "Alice")
    clicks = [Thread(target=acknowledge, args=(ops.ports, number, alice)) for number in numbers]
    checks = [Thread(target=watch, args=(ops.ports, name)) for name in ops.machines]

    for thread in (*clicks, *checks):
        thread.start()
    for thread in (*clicks, *checks):
        thread.join()

    assert [i.acknowledged_by for i in ops.incidents if i.host] == ["Alice"] * 8


def test_where_nothing_can_be_written_nothing_is_half_written() -> None:
    ops = NightWatch()
    ops.check("web-1")
    ops.store.fails(StoreError("The disk is full."))

    with pytest.raises(StoreError):
        watch(ops.ports, "web-1")


def test_what_is_critical_can_be_said_without_a_database() -> None:
    ops = NightWatch()
    ops.check("web-1")
    ops.store.fails(StoreError("The disk is full."))
    assert unrecorded(ops.ports, "web-1") == ()

    ops.machine.available_mib = 70
    ops.hosts["web-1"].says("sh", ops.machine.answer(ops.clock()))
    (message,) = unrecorded(ops.ports, "web-1")

    assert message.headline == "web-1 is critical: 70 of 961 MiB available (7 %), below 10 %"
    assert "The database cannot be used" in text_of(message)
    ops.hosts["web-1"].fails(HostUnreachable("gone"))
    assert unrecorded(ops.ports, "web-1") == ()


def test_what_happened_is_marked_in_the_history() -> None:
    ops = NightWatch()
    ops.minutes_pass(15)
    ops.machine.restarts("daphne", ops.clock())
    ops.minutes_pass(2)
    del ops.machine.services["redis-server"]
    ops.minutes_pass(2)
    ops.machine.oom_kills += 1
    ops.minutes_pass(2)
    ops.machine.reboots(ops.clock())
    ops.minutes_pass(2)

    assert [(event.kind, event.subject) for event in events(ops)] == [
        (EventKind.SERVICE_STARTED, "daphne"),
        (EventKind.SERVICE_GONE, "redis"),
        (EventKind.OOM_KILL, "a process"),
        (EventKind.REBOOT, ""),
    ]


def test_systemd_is_asked_about_a_unit_whose_processes_changed_and_only_then() -> None:
    ops = NightWatch()
    ops.minutes_pass(3)
    asked = [ran.argv for ran in ops.hosts["web-1"].ran if ran.argv[0] == "systemctl"]
    assert not asked

    del ops.machine.services["redis-server"]
    ops.minutes_pass(2)

    asked = [ran.argv for ran in ops.hosts["web-1"].ran if ran.argv[0] == "systemctl"]
    assert [argv[-1] for argv in asked] == ["redis-server.service"]


def test_a_service_that_died_has_an_incident_of_its_own() -> None:
    ops = NightWatch()
    ops.hosts["web-1"].says(
        "systemctl", b"ActiveState=failed\nSubState=failed\nResult=exit-code\nNRestarts=0\n"
    )
    ops.minutes_pass(3)
    del ops.machine.services["redis-server"]
    ops.minutes_pass(3)

    (incident,) = ops.incidents
    assert incident.cause == "service redis"
    ops.machine.restarts("redis-server", ops.clock())
    ops.minutes_pass(5)
    assert not ops.incidents[0].is_open


def test_a_service_that_died_and_was_stopped_for_good_is_no_longer_broken() -> None:
    ops = NightWatch()
    ops.hosts["web-1"].says(
        "systemctl", b"ActiveState=failed\nSubState=failed\nResult=exit-code\nNRestarts=0\n"
    )
    ops.minutes_pass(3)
    del ops.machine.services["redis-server"]
    ops.minutes_pass(3)

    ops.hosts["web-1"].says(
        "systemctl", b"ActiveState=inactive\nSubState=dead\nResult=success\nNRestarts=0\n"
    )
    ops.minutes_pass(5)

    (incident,) = ops.incidents
    assert not incident.is_open


def test_a_clock_that_is_set_back_holds_up_nothing() -> None:
    ops = NightWatch()
    ops.clock.passes(hours=48)
    ops.machine.available_mib = 70
    ops.check("web-1")
    ops.clock.passes(hours=-24)
    for _ in range(10):
        ops.clock.passes(seconds=15)
        ops.check("web-1")

    assert len(ops.incidents) == 1


def test_a_host_that_is_not_configured_is_not_watched() -> None:
    with pytest.raises(LookupError):
        watch(NightWatch().ports, "db-1")
