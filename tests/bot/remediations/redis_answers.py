"""What redis-cli prints, as redis 7.0.15 has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.redis_limit import READS, get, info
from bot.domain.remediation import Answer
from bot.domain.units import MIB

if TYPE_CHECKING:
    from bot.domain.remediation import Argv

REDIS_PID = 30
NOAUTH = "NOAUTH Authentication required.\n\n"


def told(
    *,
    pid: int = REDIS_PID,
    used: int = 43 * MIB,
    limit: int = 0,
    policy: str = "noeviction",
    save: str = "3600 1 300 100 60 10000",
    appends: bool = False,
    last_save: str = "ok",
    role: str = "master",
    expires: int = 0,
) -> dict[Argv, Answer]:
    """Return the answers of a redis that can be asked."""
    keyspace = (f"db0:keys=40000,expires={expires},avg_ttl=0",)
    sections = {
        "server": ("redis_version:7.0.15", f"process_id:{pid}", "tcp_port:6379"),
        "memory": (f"used_memory:{used}", "used_memory_human:43.00M"),
        "persistence": (f"rdb_last_bgsave_status:{last_save}", f"aof_enabled:{int(appends)}"),
        "replication": (f"role:{role}",),
        "keyspace": keyspace,
    }
    return {
        **{info(name): Answer(0, _section(name, lines)) for name, lines in sections.items()},
        get("maxmemory"): Answer(0, f"maxmemory\n{limit}\n"),
        get("maxmemory-policy"): Answer(0, f"maxmemory-policy\n{policy}\n"),
        get("save"): Answer(0, f"save\n{save}\n"),
    }


def all_say(text: str, status: int = 0) -> dict[Argv, Answer]:
    """Return the answers of a redis that says the same to every question."""
    return {argv: Answer(status, text) for argv in READS}


def _section(name: str, lines: tuple[str, ...]) -> str:
    return "".join(f"{line}\r\n" for line in (f"# {name.title()}", *lines)) + "\n"
