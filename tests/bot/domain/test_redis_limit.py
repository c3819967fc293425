"""What a redis says of itself, and how it is started with a limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import redis_limit
from bot.domain.drop_in import own
from bot.domain.redis_limit import POLICIES, READS, get, info, put_limit, put_policy, read, written
from bot.domain.remediation import Answer
from bot.domain.units import MIB
from bot.errors import Refused
from tests.bot.remediations.redis_answers import NOAUTH, REDIS_PID, all_say, told
from tests.bot.remediations.situations import one_process, situation
from tests.fakes.units import overriding, starting, unit

NAME = "redis-server.service"
LINE = "/usr/bin/redis-server /etc/redis/redis.conf --supervised systemd --daemonize no"
REFUSED_CONNECTION = "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n"


def started(line: str) -> str:
    """Return the command line with a limit of 64 MiB."""
    return written(unit(starting(line), name=NAME), 64, "allkeys-lru").content.splitlines()[-1]


def test_its_limit_its_keys_and_its_policy_are_read() -> None:
    redis = read(told(used=43 * MIB, limit=64 * MIB, policy="volatile-ttl", expires=7))

    assert (redis.pid, redis.used_bytes, redis.limit_bytes) == (REDIS_PID, 43 * MIB, 64 * MIB)
    assert (redis.policy, redis.expiring, redis.is_replica) == ("volatile-ttl", 7, False)
    assert read(told(role="slave")).is_replica


@pytest.mark.parametrize(
    ("answers", "kept", "said"),
    [
        (told(), True, "it saves them when it stops"),
        (told(save="", appends=True), True, "it appends every change to a file"),
        (told(last_save="err"), False, "a restart may lose keys: its last save failed"),
        (told(save=""), False, "a restart loses every key"),
    ],
)
def test_whether_its_keys_survive_a_restart_is_told(
    *, answers: dict[tuple[str, ...], Answer], kept: bool, said: str
) -> None:
    redis = read(answers)

    assert redis.keeps_keys is kept
    assert said in redis.survival


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({}, "there is no /usr/bin/redis-cli"),
        (all_say("", status=127), "there is no /usr/bin/redis-cli"),
        (all_say(REFUSED_CONNECTION, status=1), "does not answer at port 6379"),
        (all_say(NOAUTH), "asks for a password, which memwarden neither has nor wants"),
        (all_say("NOPERM this user has no permissions\n\n"), "does not let its default user ask"),
        (all_say("DENIED Redis is running in protected mode\n\n"), "protected mode"),
        (all_say("LOADING Redis is loading the dataset in memory\n\n"), "still loading its keys"),
        (told() | {get("maxmemory"): Answer(0, "ERR unknown command 'CONFIG'\n\n")}, "unknown command"),
        (told() | {get("maxmemory"): Answer(0, "\n")}, "did not tell its maxmemory"),
        (told() | {get("maxmemory"): Answer(0, "maxmemory\n1gb\n")}, "did not tell its maxmemory"),
        (told() | {get("save"): Answer(0, "")}, "did not tell its save"),
        (told() | {info("memory"): Answer(0, "used_memory:-1\r\n")}, "did not tell its used_memory"),
        (told() | {info("memory"): Answer(0, "used_memory:" + "9" * 99)}, "did not tell its used_memory"),
        (all_say("\x00\x1b[2J" * 50), "did not tell its process_id"),
    ],
)
def test_a_redis_that_cannot_be_understood_is_refused_with_the_reason(
    answers: dict[tuple[str, ...], Answer], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        read(answers)


def test_what_it_complains_of_reaches_nobody_raw() -> None:
    with pytest.raises(Refused) as refused:
        read(all_say("ERR \x1b[2J" + "x" * 5000))

    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.text(max_size=60), st.integers(0, 255))
def test_nothing_it_says_does_harm(text: str, status: int) -> None:
    with pytest.raises(Refused):
        read(all_say(text, status))


def test_what_is_said_after_a_change_is_what_redis_cli_prints() -> None:
    said = redis_limit.answers(64 * MIB, "noeviction")

    assert said == (
        (get("maxmemory"), "maxmemory\n67108864\n"),
        (get("maxmemory-policy"), "maxmemory-policy\nnoeviction\n"),
    )


@pytest.mark.parametrize("argv", [put_limit(0), put_limit(64 * MIB), *map(put_policy, POLICIES)])
def test_a_change_is_known_as_one(argv: tuple[str, ...]) -> None:
    assert redis_limit.is_change(argv)


@pytest.mark.parametrize(
    "argv",
    [
        (),
        *READS,
        (*put_limit(1)[:-1], "1 # "),
        (*put_limit(1)[:-1], "01"),
        put_policy("x"),
        ("/usr/bin/redis-cli", "CONFIG", "SET", "dir", "1"),
        ("/usr/bin/redis-cli", "-h", "other", *put_limit(1)[1:]),
    ],
)
def test_nothing_else_is_a_change(argv: tuple[str, ...]) -> None:
    assert not redis_limit.is_change(argv)


def test_a_restart_gives_back_no_more_than_what_holds_no_keys() -> None:
    found = situation(
        unit(starting(LINE), name=NAME), one_process(NAME, "/usr/bin/redis-server", pid=REDIS_PID, mib=56)
    )
    assert found.service is not None

    assert redis_limit.spare_bytes(read(told(used=43 * MIB)), found.service, 32 * MIB) == 24 * MIB
    assert redis_limit.spare_bytes(read(told(used=43 * MIB)), found.service, 64 * MIB) == 13 * MIB
    assert redis_limit.spare_bytes(read(told(used=90 * MIB)), found.service, 64 * MIB) == 0


@pytest.mark.parametrize(
    "options", ["", " --maxmemory 1gb", " --maxmemory=1gb --maxmemory-policy noeviction"]
)
def test_the_options_go_last_and_those_of_before_go(options: str) -> None:
    assert started(LINE + options) == f"ExecStart={LINE} --maxmemory 64mb --maxmemory-policy allkeys-lru"


@pytest.mark.parametrize(
    "line",
    [
        "/usr/local/bin/start-redis",
        "/bin/sh -c 'redis-server'",
        "/usr/bin/redis-server --maxmemory",
        "/usr/bin/redis-server --maxmemory '1 gb'",
        "/usr/bin/redis-server --maxmemory $LIMIT",
        '/usr/bin/redis-server --max"memory" 1gb',
        "/usr/bin/redis-server ; /usr/bin/true",
        "/usr/bin/redis-server 'a",
    ],
)
def test_a_line_that_is_not_understood_is_refused(line: str) -> None:
    with pytest.raises(Refused, match=r"^redis-server\.service (is started|starts|does not|has)"):
        started(line)


def test_what_it_wrote_is_read_back() -> None:
    limited = written(unit(starting(LINE), name=NAME), 64, "allkeys-lru")
    found = unit(starting(LINE), ("50-memwarden.conf", limited.content), name=NAME)

    assert own(found) == limited
    assert redis_limit.before(found) == (64, "allkeys-lru")
    assert redis_limit.before(unit(starting(LINE), name=NAME)) is None


@pytest.mark.parametrize("added", [" --maxmemory 64mb --maxmemory-policy odd", " --port 1", ""])
def test_a_file_of_its_own_that_others_edited_is_refused(added: str) -> None:
    found = unit(starting(LINE), ("50-memwarden.conf", overriding(LINE + added)), name=NAME)

    with pytest.raises(Refused, match=r"50-memwarden\.conf is not as memwarden wrote it: delete it"):
        redis_limit.before(found)
