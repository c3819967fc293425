"""Announcements as channels show them: a server that runs into the OOM killer, a storm, our own blindness."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.chat.discord.rendering import rendered as in_discord
from adapters.chat.slack.rendering import rendered as in_slack
from bot.errors import HostUnreachable
from tests.conversations.machine import Machine
from tests.conversations.night_watch import NightWatch, hosts

if TYPE_CHECKING:
    from datetime import datetime

    from bot.message import Message

_BERLIN = '[bot]\ntime_zone = "Europe/Berlin"\n'
_KILLED = (
    b'{"MESSAGE":"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,'
    b'task_memcg=/system.slice/gunicorn.service,task=gunicorn,pid=631,uid=33"}\n'
    b'{"MESSAGE":"Out of memory: Killed process 631 (gunicorn) total-vm:900000kB, anon-rss:266240kB, '
    b'file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:1kB oom_score_adj:0"}\n'
)
_RUNNING = b"ActiveState=active\nSubState=running\nResult=success\nNRestarts=1\n"


@dataclass(frozen=True)
class Shown:
    """A card as it looks at one moment, and its thread."""

    card: Message
    thread: tuple[Message, ...]


def stories() -> dict[str, Shown]:
    """Return what is drawn, each with the name of its picture."""
    return {**_memory(), **_storm(), **_blind()}


def payload(platform: str, shown: Shown) -> dict[str, object]:
    """Return a card as a platform is sent it; `thread` are its notes."""
    sent = _sent(platform, shown.card)
    return {**sent, "thread": [_sent(platform, note) for note in shown.thread], "private": False}


def _sent(platform: str, message: Message) -> dict[str, object]:
    if platform == "slack":
        sent: dict[str, object] = {"blocks": in_slack(message).blocks}
    else:
        sheet = in_discord(message, announced=True)
        buttons = [{"label": button.label, "emphasis": button.emphasis} for button in sheet.buttons]
        sent = {"content": sheet.content, "embeds": sheet.embeds, "buttons": buttons}
    read: dict[str, object] = json.loads(json.dumps(sent))
    return read


class _Seed(Machine):
    """The seed's server, whose gunicorn has a master and four workers."""

    def _meminfo(self) -> dict[str, int]:
        return {**super()._meminfo(), "Slab": 61, "PageTables": 9, "KernelStack": 4}

    def _processes(self) -> tuple[str, ...]:
        """Split gunicorn's memory among a master and its workers, which come last."""
        gunicorn, *others = self.services.values()
        workers = 4
        share = gunicorn.mib * 1024 // workers
        lines = list(super()._processes())
        lines[1] = lines[1].replace(f" {gunicorn.mib * 1024} ", " 4096 ", 1)
        end = next(place for place, line in enumerate(lines) if line.startswith("k"))
        last = others[-1]
        first = gunicorn.pid + 1000 - last.pid, round((gunicorn.began_s - last.began_s) * 100) + 1
        for pid, ticks in (first, *((1, 0),) * (workers - 1)):
            lines[end:end] = [f"p{pid} {gunicorn.pid} {ticks} 33 {share} 0 0 0 0 1", lines[2], lines[3]]
            end += 3
        return tuple(lines)


def _memory() -> dict[str, Shown]:
    ops = NightWatch(f'{_BERLIN}[[host]]\nname = "web-1"\n[[host]]\nname = "db-2"')
    machine = ops.machines["web-1"] = _Seed(ops.clock() - timedelta(days=41))
    ops.hosts["web-1"].says("journalctl", _KILLED)
    ops.hosts["web-1"].says("systemctl", _RUNNING)
    ops.minutes_pass(10)

    def grows(_: datetime) -> None:
        if machine.available_mib > 12:
            machine.services["gunicorn"].mib += 6
            machine.available_mib -= 6

    while not ops.incidents or ops.incidents[0].severity.word != "critical":
        ops.minutes_pass(1, each=grows)
    shown = {"alert": _only(ops)}
    ops.minutes_pass(2, each=grows)
    ops.say("alice", f"ack {ops.incidents[0].id}")
    ops.minutes_pass(1, each=grows)
    shown["alert-acknowledged"] = _only(ops)
    machine.oom_kills += 1
    machine.restarts("gunicorn", ops.clock())
    machine.available_mib = 500
    ops.minutes_pass(15)
    return {**shown, "alert-resolved": _only(ops)}


def _storm() -> dict[str, Shown]:
    ops = NightWatch(f"{_BERLIN}{hosts(40)}")
    ops.minutes_pass(10)
    lost = [f"web-{number}" for number in range(1, 38)]
    for name in lost:
        ops.hosts[name].fails(HostUnreachable(f"{name} cannot be reached: no route to host."))
    ops.minutes_pass(8)
    shown = {"storm": _only(ops)}
    for name in lost:
        ops.hosts[name].recovers()
    ops.minutes_pass(15)
    return {**shown, "storm-over": _only(ops)}


def _blind() -> dict[str, Shown]:
    ops = NightWatch(f"{_BERLIN}{hosts(40)}")
    ops.minutes_pass(10)
    ops.link(lambda: False)
    for number in range(1, 41):
        ops.hosts[f"web-{number}"].fails(HostUnreachable("web cannot be reached: network is down."))
    ops.minutes_pass(6)
    return {"blind": _only(ops)}


def _only(ops: NightWatch) -> Shown:
    ops.delivered()
    (card,) = ops.channel.cards
    return Shown(card.message, tuple(card.notes))
