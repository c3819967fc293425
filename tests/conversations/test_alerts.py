"""Servers get into trouble and out of it; what a person sees of that, and how often a phone sounds."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from bot.domain.incident import State
from tests.conversations.night_watch import NightWatch, hosts

if TYPE_CHECKING:
    from datetime import datetime

KILLED = (
    b'{"MESSAGE":"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,'
    b'task_memcg=/system.slice/gunicorn.service,task=gunicorn,pid=612,uid=33"}\n'
    b'{"MESSAGE":"Out of memory: Killed process 612 (gunicorn) total-vm:900000kB, anon-rss:600000kB, '
    b'file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:1kB oom_score_adj:0"}\n'
)
RUNNING = b"ActiveState=active\nSubState=running\nResult=success\nNRestarts=1\n"


def test_a_host_short_of_memory_is_one_card_and_its_recovery_one_note() -> None:
    ops = NightWatch()
    ops.minutes_pass(10)
    assert not ops.channel.cards

    ops.machine.available_mib = 82
    ops.minutes_pass(5)

    (card,) = ops.channel.cards
    assert card.text.startswith("web-1 is critical: 82 of 961 MiB available (8 %), below 10 %")
    assert "1. gunicorn 280 MiB" in card.text
    assert "gunicorn 280 MiB · daphne 115 · redis 50" in card.text
    assert [button.label for button in card.message.buttons] == [
        "Acknowledge",
        "Silence 1 h",
        "Report",
        "Top",
    ]
    assert not card.thread

    ops.machine.available_mib = 480
    ops.minutes_pass(15)

    (card,) = ops.channel.cards
    assert card.thread == ["Resolved after 8 min · web-1: 480 of 961 MiB available (49 %)"]
    assert card.message.headline == "Resolved after 8 min: web-1 was critical"
    assert not card.message.buttons


def test_a_server_that_runs_into_the_oom_killer_is_one_card_and_three_notes() -> None:
    ops = NightWatch()
    ops.hosts["web-1"].says("journalctl", KILLED)
    ops.hosts["web-1"].says("systemctl", RUNNING)
    ops.minutes_pass(10)
    killed_at: list[datetime] = []

    def leak(at: datetime) -> None:
        machine = ops.machine
        if not killed_at and machine.available_mib > 8:
            machine.services["gunicorn"].mib += 8
            machine.available_mib -= 8
        elif not killed_at:
            killed_at.append(at)
            machine.oom_kills += 1
            machine.restarts("gunicorn", at)
            machine.available_mib = 500

    ops.minutes_pass(90, each=leak)

    (card,) = ops.channel.cards
    (incident,) = ops.incidents
    assert (killed_at[0] - incident.opened_at).total_seconds() > 5 * 60
    worse, named, ended = card.thread
    assert worse.startswith("Worse, critical now")
    assert named == "web-1: the OOM killer killed gunicorn (586 MiB) in gunicorn"
    assert ended.endswith("500 of 961 MiB available (52 %)")
    assert incident.state is State.RESOLVED


def test_a_value_that_dances_around_the_threshold_for_an_hour_is_told_of_at_most_twice() -> None:
    ops = NightWatch()
    dance = Random(1)  # noqa: S311 - it dances, it keeps no secret
    crossings = [0]

    def step(_: datetime) -> None:
        before = ops.machine.available_mib
        ops.machine.available_mib = 96 + dance.randint(-20, 20)
        crossings[0] += (before < 96) != (ops.machine.available_mib < 96)

    ops.minutes_pass(60, each=step)

    assert crossings[0] > 40
    assert ops.channel.notifications <= 2


def test_a_passing_low_is_nobodys_business() -> None:
    ops = NightWatch()
    ops.minutes_pass(5)

    ops.machine.available_mib = 60
    ops.minutes_pass(1)
    ops.machine.available_mib = 480
    ops.minutes_pass(30)

    assert not ops.channel.cards
    assert not ops.incidents


def test_what_gets_worse_is_a_note_and_what_gets_better_only_edits_the_card() -> None:
    ops = NightWatch()
    ops.minutes_pass(5)
    ops.machine.available_mib = 160
    ops.minutes_pass(6)
    ops.machine.available_mib = 70
    ops.minutes_pass(5)
    ops.machine.available_mib = 160
    ops.minutes_pass(10)

    (card,) = ops.channel.cards
    assert [note.partition(" · ")[0] for note in card.thread] == ["Worse, critical now"]
    assert card.message.headline.startswith("web-1 is warning: 160 of 961 MiB")


def test_what_returns_soon_after_its_end_is_the_same_card() -> None:
    ops = NightWatch()
    ops.minutes_pass(5)
    for available_mib in (82, 480, 82):
        ops.machine.available_mib = available_mib
        ops.minutes_pass(12)

    (card,) = ops.channel.cards
    assert [note.partition(" ")[0] for note in card.thread] == ["Resolved", "Again,"]
    assert len(ops.incidents) == 1


def test_a_reboot_is_one_card_that_is_over_at_once() -> None:
    ops = NightWatch()
    ops.minutes_pass(5)

    ops.machine.reboots(ops.clock())
    ops.minutes_pass(60)

    (card,) = ops.channel.cards
    assert card.message.headline.startswith("web-1 was rebooted")
    assert not card.thread


def test_a_host_that_falls_silent_in_trouble_stays_in_trouble() -> None:
    ops = NightWatch(hosts(5))
    ops.minutes_pass(5)
    ops.machines["web-1"].available_mib = 82
    ops.minutes_pass(5)

    ops.lose("web-1")
    ops.minutes_pass(30)

    memory, reach = ops.channel.cards
    assert memory.message.headline.startswith("web-1 is critical")
    assert not memory.thread
    assert memory.message.measured_at is not None
    assert reach.message.measured_at is not None
    assert memory.message.measured_at < reach.message.measured_at
    assert reach.message.headline.startswith("web-1 cannot be reached")


def test_an_acknowledged_incident_is_not_repeated_and_its_end_is_said() -> None:
    ops = NightWatch()
    ops.machine.available_mib = 82
    ops.minutes_pass(5)

    ops.say("alice", "ack 1")
    ops.minutes_pass(5 * 60)
    (card,) = ops.channel.cards
    assert len(card.thread) == 1
    assert "acknowledged by Alice" in card.text

    ops.machine.available_mib = 480
    ops.minutes_pass(15)
    assert card.thread[1].startswith("Resolved after 5 h")


def test_what_nobody_acknowledges_is_repeated_at_the_configured_interval() -> None:
    ops = NightWatch(f'{hosts(1)}\n[alerts]\nrepeat_every = "1h"')
    ops.machine.available_mib = 82

    ops.minutes_pass(150)

    (card,) = ops.channel.cards
    assert [note.partition(" · ")[0] for note in card.thread] == ["Still critical, not acknowledged"] * 2


def test_a_host_that_is_not_configured_any_more_ends_its_incidents() -> None:
    ops = NightWatch(hosts(2))
    ops.machines["web-2"].available_mib = 82
    ops.minutes_pass(5)

    ops.reconfigure(hosts(1))
    ops.minutes_pass(5)

    (card,) = ops.channel.cards
    assert card.thread[0].endswith("the host is not configured any more")
