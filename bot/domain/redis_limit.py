"""How much a redis may hold: what it answers about that, and how it is started with a limit.

`redis-cli` ends with status 0 whatever redis says, and prints an answer of two parts on two lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain import drop_in
from bot.domain.command_line import Unbalanced, words
from bot.domain.rule import plain
from bot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.attribution import Service
    from bot.domain.command_line import Word
    from bot.domain.drop_in import DropIn
    from bot.domain.remediation import Answer, Argv
    from bot.domain.unit_file import Unit

NOEVICTION = "noeviction"
EVICTS = {
    "allkeys-lru": "those not used for longest",
    "allkeys-lfu": "those used least often",
    "allkeys-random": "any of them",
    "volatile-lru": "of those with a time to live, the ones not used for longest",
    "volatile-lfu": "of those with a time to live, the ones used least often",
    "volatile-random": "any of those with a time to live",
    "volatile-ttl": "those whose time to live ends first",
}
"""What redis evicts, by its policy."""
POLICIES = (NOEVICTION, *EVICTS)
VOLATILE = "volatile-"

_CLI = "/usr/bin/redis-cli"
_LIMIT, _POLICY = "maxmemory", "maxmemory-policy"
_PROGRAM = re.compile(r"[-:+!|]*(?:\S*/)?(?:redis|valkey)-server")
_OPTIONS = ("--maxmemory", "--maxmemory-policy")
_VALUE = re.compile(r"[A-Za-z0-9-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ODD = re.compile(r"[\"'\\]")
_OURS = re.compile(r" --maxmemory ([1-9][0-9]{0,6})mb --maxmemory-policy ([a-z-]+)\n\Z")
_EXPIRES = re.compile(r"\bexpires=([0-9]{1,15})\b")
_NUMBER = re.compile(r"[0-9]{1,15}")
_LONGEST_SAID = 100
_NOT_FOUND = (126, 127)
# What redis says instead of an answer, by its first word.
_DENIED = {
    "NOAUTH": "it asks for a password, which memwarden neither has nor wants",
    "NOPERM": "it does not let its default user ask that",
    "DENIED": "it is in protected mode",
    "LOADING": "it is still loading its keys",
}


def info(section: str) -> Argv:
    """Return the words that ask redis how it is."""
    return (_CLI, "INFO", section)


def get(setting: str) -> Argv:
    """Return the words that ask redis for a setting."""
    return (_CLI, "CONFIG", "GET", setting)


def put_limit(bytes_: int) -> Argv:
    """Return the words that set the limit, 0 for none, until redis is restarted."""
    return (_CLI, "CONFIG", "SET", _LIMIT, str(bytes_))


def put_policy(policy: str) -> Argv:
    """Return the words that say what happens at the limit, until redis is restarted."""
    return (_CLI, "CONFIG", "SET", _POLICY, policy)


def is_change(argv: Argv) -> bool:
    """Tell whether these are the words that set a limit or a policy, and no others."""
    value = argv[-1] if argv else ""
    if _NUMBER.fullmatch(value):
        return argv == put_limit(int(value))
    return value in POLICIES and argv == put_policy(value)


READS: tuple[Argv, ...] = (
    *map(info, ("server", "memory", "persistence", "replication", "keyspace")),
    *map(get, (_LIMIT, _POLICY, "save")),
)
"""All that is asked before a redis is touched."""


@dataclass(frozen=True, slots=True)
class Redis:
    """A redis as it says it is.

    `used_bytes` are its keys and what it needs for them. A limit of 0 is none. `saves` tells whether it saves
    all keys when it stops, `appends` whether it writes down every change, `failed` whether its last save did.
    `expiring` is how many keys have a time to live.
    """

    pid: int
    used_bytes: int
    limit_bytes: int
    policy: str
    saves: bool
    appends: bool
    failed: bool
    is_replica: bool
    expiring: int

    @property
    def keeps_keys(self) -> bool:
        """Whether its keys are certain to be there after a restart."""
        return self.appends or (self.saves and not self.failed)

    @property
    def survival(self) -> str:
        """Say whether its keys are there after a restart."""
        if self.appends:
            return "its keys survive a restart: it appends every change to a file"
        if self.saves and self.failed:
            return "a restart may lose keys: its last save failed"
        if self.saves:
            return "its keys survive a restart: it saves them when it stops"
        return "a restart loses every key: it saves none (no save points, no append-only file)"


def answers(limit_bytes: int, policy: str) -> tuple[tuple[Argv, str], ...]:
    """Return what it says of itself while it has this limit and this policy."""
    return ((get(_LIMIT), f"{_LIMIT}\n{limit_bytes}\n"), (get(_POLICY), f"{_POLICY}\n{policy}\n"))


def read(told: Mapping[Argv, Answer]) -> Redis:
    """Read the answers to `READS`. Raises Refused, with the reason."""
    server, memory, persistence, replication, keyspace = (
        _fields(told, section) for section in ("server", "memory", "persistence", "replication", "keyspace")
    )
    return Redis(
        pid=_number(server, "process_id"),
        used_bytes=_number(memory, "used_memory"),
        limit_bytes=_number({_LIMIT: _setting(told, _LIMIT)}, _LIMIT),
        policy=_setting(told, _POLICY),
        saves=_setting(told, "save") != "",
        appends=persistence.get("aof_enabled") == "1",
        failed=persistence.get("rdb_last_bgsave_status") != "ok",
        is_replica=replication.get("role") == "slave",
        expiring=sum(int(count) for line in keyspace.values() for count in _EXPIRES.findall(line)),
    )


def _number(fields: Mapping[str, str], name: str) -> int:
    value = fields.get(name, "")
    if not _NUMBER.fullmatch(value):
        raise Refused(f"redis did not tell its {name}.")
    return int(value)


def _fields(told: Mapping[Argv, Answer], section: str) -> dict[str, str]:
    lines = _text(told, info(section)).split("\n")
    pairs = (line.rstrip("\r").partition(":") for line in lines if not line.startswith("#"))
    return {name: value for name, colon, value in pairs if colon}


def _setting(told: Mapping[Argv, Answer], name: str) -> str:
    text = _text(told, get(name))
    if not text.startswith(f"{name}\n"):
        raise Refused(f"redis did not tell its {name}.")
    return text.removeprefix(f"{name}\n").removesuffix("\n")


def _text(told: Mapping[Argv, Answer], argv: Argv) -> str:
    answer = told.get(argv)
    if answer is None or answer.status in _NOT_FOUND:
        raise Refused(f"redis cannot be asked: there is no {_CLI}.")
    if answer.status != 0:
        raise Refused("redis cannot be asked: it does not answer at port 6379 of its host.")
    first, _, _ = answer.text.partition(" ")
    if first in _DENIED:
        raise Refused(f"redis cannot be asked: {_DENIED[first]}.")
    if first == "ERR":
        raise Refused(f"redis cannot be asked: {plain(answer.text.strip(), _LONGEST_SAID)}.")
    return answer.text


def spare_bytes(redis: Redis, service: Service, limit_bytes: int) -> int:
    """Return what a redis that is held to a limit has of the system and holds no keys in.

    At most that is given back by a restart: the anonymous memory of its process, less its keys.
    """
    anon_bytes = sum(p.rss_anon_bytes for p in service.processes if p.pid == redis.pid)
    return max(0, anon_bytes - min(redis.used_bytes, limit_bytes))


def written(unit: Unit, mib: int, policy: str) -> DropIn:
    """Return the drop-in that has a unit start redis with a limit. Raises Refused, with the reason."""
    try:
        return drop_in.starting(unit, lambda line: _with_limit(line, mib, policy))
    except _NotUnderstoodError as error:
        raise Refused(f"{unit.name} {error}.") from None


def before(unit: Unit) -> tuple[int, str] | None:
    """Return the limit in MiB and the policy that a drop-in of ours sets; None where there is none.

    Raises Refused where it is not as the helper would write it again.
    """
    ours = drop_in.own(unit)
    if ours is None:
        return None
    found = _OURS.search(ours.content)
    if found is None or found[2] not in POLICIES or written(unit, int(found[1]), found[2]) != ours:
        raise Refused(
            f"{ours.path} is not as memwarden wrote it: delete it (then: systemctl daemon-reload), and ask"
            " again."
        )
    return int(found[1]), found[2]


class _NotUnderstoodError(ValueError):
    """An ExecStart= line is not one whose option can be set; the text says why, after the unit's name."""


def _with_limit(line: str, mib: int, policy: str) -> str:
    """Set the options in a command line: those that it has go, with the blanks before them."""
    if _CONTROL.search(line):
        raise _NotUnderstoodError("is started by a line with a control character")
    try:
        found = words(line)
    except Unbalanced:
        raise _NotUnderstoodError("is started by a line with a quote that has no end") from None
    if any(word.raw == ";" for word in found):
        raise _NotUnderstoodError("starts several commands")
    if not found or not _PROGRAM.fullmatch(found[0].raw):
        raise _NotUnderstoodError("does not start redis-server itself")
    kept = "".join(_kept(line, found))
    return f"{kept} --maxmemory {mib}mb --maxmemory-policy {policy}"


def _kept(line: str, found: tuple[Word, ...]) -> Iterator[str]:
    """Yield the words that stay, each with the blanks before it."""
    end, is_value = 0, False
    for word in found:
        name, equals, value = _ODD.sub("", word.raw).partition("=")
        if is_value or name in _OPTIONS:
            given = word.raw if is_value else value if equals else None
            if _ODD.search(word.raw) or (given is not None and not _VALUE.fullmatch(given)):
                raise _NotUnderstoodError("has an option for its memory that is not plainly written")
            is_value = not is_value and not equals
        else:
            yield line[end : word.end]
        end = word.end
    if is_value:
        raise _NotUnderstoodError("has an option for its memory without a value")
