"""What the kernel's log says of OOM kills.

`journalctl` shows the kernel's log to members of adm, systemd-journal or root only, and says nothing to
others. Its JSON is asked for, because a process may have a line break in its name, which other formats would
show as a line of the kernel's own; `dmesg` escapes it.
Sources: `mm/oom_kill.c` of Linux 3.10 to 6.12, `mm/memcontrol.c` for the groups of kernels before 5.0.
"""

from __future__ import annotations

import json
import re
from math import ceil
from typing import TYPE_CHECKING

from bot.domain.memory import Gap
from bot.domain.oom import Kill
from bot.domain.recognition import place
from bot.domain.units import KIB
from bot.facts import LARGEST, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.ports import Completed

SOURCE = "the kernel's log"
_WHAT = "who the OOM killer killed"
_SILENT = "the login needs the group adm or systemd-journal, or the kernel wrote nothing"
# How far back it looks, so that a sudo rule can name the whole command: 15 minutes, 1 hour, 1 day.
_WINDOWS_S = (900, 3600, 86_400)

# `<4>[  123.456789] `, or `[Sun Mar  1 12:00:00 2026] ` with dmesg -T.
_STAMP = re.compile(r"(?:<[0-9]{1,3}>)?(?:\[[^\]]{1,40}\] )?")
# A name has 15 bytes, each of which dmesg may write as `\x0a`.
_KILLED = re.compile(
    r"(?:Memory cgroup out of memory|Out of memory(?: \([a-z_]{1,40}\))?)?(?:: )?"
    r"Killed process (?P<pid>[0-9]{1,10}) \((?P<name>.{0,64})\),?(?: UID [0-9]{1,10},)? "
    r"total-vm:[0-9]{1,20}kB, anon-rss:(?P<anon>[0-9]{1,20})kB, file-rss:(?P<file>[0-9]{1,20})kB"
    r"(?:, shmem-rss:(?P<shmem>[0-9]{1,20})kB)?(?:$|[, ])",
    re.DOTALL,
)
# Since 5.0. Unit names hold no comma; what is below a unit may be named anything but with a line break.
_CHOSEN = re.compile(
    r"oom-kill:constraint=.*?,task_memcg=(?P<group>/.*?),task=.*,pid=(?P<pid>[0-9]{1,10}),uid=[0-9]{1,10}",
    re.DOTALL,
)
# Until 4.20 where a group's limit was the reason, and since 4.19 where a group is killed as a whole.
_TASKS_IN = re.compile(
    r"Tasks? in (?P<group>/.*?) "
    r"(?:killed as a result of limit of /.*|are going to be killed due to memory\.oom\.group set)",
    re.DOTALL,
)
_NEXT = " invoked oom-killer: "


def command(*, sudo: bool, since_s: float) -> tuple[str, ...]:
    """Return the argument vector that asks for the kernel's log of at least the last `since_s` seconds.

    It reaches back further than that: of the kills found, the newest are those that the counter has grown by.
    """
    window_s = next((window for window in _WINDOWS_S if since_s <= window), _WINDOWS_S[-1])
    read = (
        *("journalctl", "--dmesg", "--no-pager", "--quiet", "--output=json", "--output-fields=MESSAGE"),
        f"--since=-{ceil(window_s / 60)}min",
    )
    return ("sudo", "-n", *read) if sudo else read


def ring_command(*, sudo: bool) -> tuple[str, ...]:
    """Return the argument vector that asks for the kernel's own buffer, where there is no journal."""
    return ("sudo", "-n", "dmesg") if sudo else ("dmesg",)


def parse(answer: Completed) -> tuple[Kill, ...] | Gap:
    """Read the kills, oldest first, from either command's answer; a Gap where the log is not ours to see."""
    if answer.status != 0:
        return Gap(_WHAT, "the host does not show the kernel's log")
    messages = tuple(_messages(answer.stdout))
    return tuple(_kills(messages)) if messages else Gap(_WHAT, _SILENT)


def _messages(output: bytes) -> Iterator[str]:
    """Yield what the kernel said, a message at a time."""
    for line in output.split(b"\n"):
        if line.startswith(b"{"):
            message = _message(line)
            if message is not None:
                yield message
        elif line.strip() and line.strip() != b"-- No entries --":
            text = line.decode("utf-8", "backslashreplace")
            yield _STAMP.sub("", text, count=1)


def _message(line: bytes) -> str | None:
    """Read a journal entry's message: text, or its bytes as numbers where it is not printable."""
    try:
        entry: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    message = entry.get("MESSAGE") if isinstance(entry, dict) else None
    if isinstance(message, list):
        try:
            return bytes(message).decode("utf-8", "backslashreplace")
        except (ValueError, TypeError):
            return None
    return message if isinstance(message, str) else None


def _kills(messages: Iterable[str]) -> Iterator[Kill]:
    """Yield the kills; the kernel names the first victim of a group that is killed as a whole twice."""
    group_by_pid = dict[str, str]()
    group, last = "", None
    for message in messages:
        if _NEXT in message:
            group = ""
        elif chosen := _CHOSEN.fullmatch(message):
            group_by_pid[chosen["pid"]] = chosen["group"]
            group = ""
        elif tasks_in := _TASKS_IN.fullmatch(message):
            group = tasks_in["group"]
        elif killed := _KILLED.match(message):
            kill = _kill(killed, group_by_pid.get(killed["pid"], group))
            if (kill.pid, kill.victim) != last:
                yield kill
            last = (kill.pid, kill.victim)


def _kill(killed: re.Match[str], group: str) -> Kill:
    return Kill(
        victim=killed["name"],
        pid=number(killed["pid"]),
        victim_bytes=_bytes(killed["anon"], killed["file"], killed["shmem"] or "0"),
        unit=place(group) or "",
        source=SOURCE,
    )


def _bytes(*kib: str) -> int | None:
    """Add up resident memory; None where no machine has as much."""
    found = sum(int(amount) for amount in kib)
    return found * KIB if found <= LARGEST else None
