"""A limit for redis: what it will really do, what it refuses, and that it is undone whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import redis_limit
from bot.domain.plan import Order, Plan
from bot.domain.redis_limit import POLICIES, READS, get
from bot.domain.remediation import HELPER, Answer
from bot.domain.units import MIB
from bot.errors import Refused
from bot.remediations.redis_maxmemory import REMEDIATION
from tests.bot.remediations.redis_answers import NOAUTH, REDIS_PID, all_say, told
from tests.bot.remediations.situations import (
    SIZES_MIB,
    SUDO,
    commands,
    one_process,
    situation,
    target,
    undoing,
    ungranted,
)
from tests.fakes.units import starting, unit

if TYPE_CHECKING:
    from bot.domain.remediation import Argv
    from bot.domain.unit_file import Unit

NAME = "redis-server.service"
DROP_IN = f"/etc/systemd/system/{NAME}.d/50-memwarden.conf"
LINE = "/usr/bin/redis-server /etc/redis/redis.conf"
CONFIG_SET = "/usr/bin/redis-cli CONFIG SET"
RELOAD = "/usr/bin/systemctl daemon-reload"


def limit(
    answers: dict[Argv, Answer] | None = None,
    *,
    mib: int = 64,
    policy: str = "",
    of: Unit | None = None,
    has_helper: bool = True,
) -> Plan:
    """Plan a limit for a redis of 56 MiB that holds keys of 43 MiB, as the seed's does."""
    found = situation(
        of or unit(starting(LINE), name=NAME),
        one_process(NAME, "/usr/bin/redis-server", pid=REDIS_PID, mib=56),
        answers=told() if answers is None else answers,
        has_helper=has_helper,
    )
    order = Order("redis_maxmemory", "web-1", "redis", size_bytes=mib * MIB, option=policy)
    return REMEDIATION.plan(order, found)


def limited(mib: int = 64, policy: str = "noeviction") -> Unit:
    """Return the unit with a drop-in of ours that sets this."""
    content = redis_limit.written(unit(starting(LINE), name=NAME), mib, policy).content
    return unit(starting(LINE), ("50-memwarden.conf", content), name=NAME)


def test_it_is_written_read_back_and_redis_is_told_the_policy_first() -> None:
    plan = limit()

    assert commands(plan) == [
        f"{HELPER} maxmemory {NAME} 64 noeviction",
        f"/usr/bin/cat {DROP_IN}",
        RELOAD,
        f"{CONFIG_SET} maxmemory-policy noeviction",
        f"{CONFIG_SET} maxmemory {64 * MIB}",
    ]
    assert plan.steps[1].prints == plan.files[0][1]
    assert plan.files[0][1].endswith(f"ExecStart={LINE} --maxmemory 64mb --maxmemory-policy noeviction\n")
    assert [step.prints for step in plan.steps[3:]] == ["OK\n", "OK\n"]
    assert (plan.title, plan.words) == ("redis at most 64 MiB, noeviction", "maxmemory web-1 redis 64mb")


def test_it_frees_nothing_by_itself_and_writes_fail_at_the_limit() -> None:
    plan = limit()

    assert plan.saving.expected_bytes == 0
    assert plan.saving.basis == "redis keeps what it has of the system until it is restarted"
    assert "when it holds 64 MiB every write fails (it holds 43 MiB now)" in plan.side_effects


def test_the_restart_that_gives_memory_back_is_offered_with_what_becomes_of_the_keys() -> None:
    assert (
        "`restart web-1 redis` afterwards gives back at most 13 MiB; its keys survive a restart:"
        " it saves them when it stops"
    ) in limit().side_effects
    assert (
        "`restart web-1 redis` afterwards gives memory back, but a restart loses every key: it saves none"
        " (no save points, no append-only file)"
    ) in limit(told(save="")).side_effects


@pytest.mark.parametrize("policy", ["", "noeviction"])
def test_a_limit_below_what_it_holds_is_refused_where_nothing_is_evicted(policy: str) -> None:
    with pytest.raises(Refused, match="43 MiB, more than 32 MiB: with noeviction every write would fail"):
        limit(mib=32, policy=policy)


def test_with_a_policy_that_evicts_it_says_how_much_goes() -> None:
    plan = limit(mib=32, policy="allkeys-lru")

    gone = "about 11 MiB of its 43 MiB are evicted at once: those not used for longest"
    assert plan.side_effects[0] == gone
    assert plan.undone.endswith("keys that were evicted do not come back")
    assert plan.words == "maxmemory web-1 redis 32mb allkeys-lru"


def test_keys_with_a_time_to_live_are_evicted_only_where_there_are_any() -> None:
    with pytest.raises(Refused, match="no key has a time to live"):
        limit(mib=32, policy="volatile-lru")
    plan = limit(told(expires=5), mib=32, policy="volatile-lru")

    assert (
        "where those do not suffice every write fails (5 keys with a time to live now)" in plan.side_effects
    )


def test_undo_removes_the_file_and_sets_what_was() -> None:
    plan = limit(told(limit=100 * MIB, policy="allkeys-lfu"), policy="noeviction")

    assert undoing(plan) == [
        f"{HELPER} forget {NAME}",
        RELOAD,
        f"{CONFIG_SET} maxmemory {100 * MIB}",
        f"{CONFIG_SET} maxmemory-policy allkeys-lfu",
    ]
    assert plan.origin.files == ((DROP_IN, None),)
    assert plan.origin.answers == redis_limit.answers(100 * MIB, "allkeys-lfu")


def test_undo_of_a_second_change_writes_the_first_again_byte_for_byte() -> None:
    before = limited(64)
    plan = limit(told(limit=64 * MIB), mib=128, of=before)

    assert undoing(plan)[:3] == [
        f"{HELPER} maxmemory {NAME} 64 noeviction",
        f"/usr/bin/cat {DROP_IN}",
        RELOAD,
    ]
    assert plan.undo[1].prints == dict(before.files)[DROP_IN]
    assert plan.origin.files == ((DROP_IN, dict(before.files)[DROP_IN]),)


def test_what_was_set_by_hand_since_only_redis_is_told() -> None:
    plan = limit(told(limit=0), of=limited(64))

    assert [step.argv[:3] for step in plan.steps] == [("/usr/bin/redis-cli", "CONFIG", "SET")] * 2
    assert len(plan.undo) == len(plan.steps)


def test_without_the_helper_it_is_temporary_and_says_what_lets_it_last() -> None:
    plan = limit(has_helper=False)

    assert commands(plan) == [
        f"{CONFIG_SET} maxmemory-policy noeviction",
        f"{CONFIG_SET} maxmemory {64 * MIB}",
    ]
    assert (plan.lasting, plan.files) == (False, ())
    assert "`memwarden host-setup web-1` lets it last" in plan.lasts
    assert any("and forgets this limit" in effect for effect in plan.side_effects)


def test_what_is_so_already_is_refused() -> None:
    with pytest.raises(Refused, match="exactly that limit and that policy already"):
        limit(told(limit=64 * MIB), of=limited(64))


def test_what_is_so_only_until_the_next_restart_is_made_to_last() -> None:
    assert limit(told(limit=64 * MIB)).lasting


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (all_say(NOAUTH), "asks for a password"),
        (all_say("Could not connect to Redis\n", status=1), "does not answer at port 6379"),
        (told() | {get("maxmemory"): Answer(0, "ERR unknown command 'CONFIG'\n")}, "unknown command"),
        (all_say("\x1b[2J"), "did not tell its process_id"),
        (told(pid=4), f"is not that of {NAME}"),
        (told(policy="x; reboot"), "a policy that memwarden does not know"),
    ],
)
def test_a_redis_that_cannot_be_limited_is_refused_with_what_a_person_can_do(
    answers: dict[Argv, Answer], reason: str
) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        limit(answers, policy="allkeys-lru")

    assert str(refused.value).splitlines()[1:] == [
        "By hand it would be, on the right redis:",
        "redis-cli CONFIG SET maxmemory-policy allkeys-lru",
        "redis-cli CONFIG SET maxmemory 64mb",
        "and in its configuration file: maxmemory 64mb, maxmemory-policy allkeys-lru",
    ]


@pytest.mark.parametrize(
    ("answers", "policy", "reason"),
    [
        (told(role="slave"), "allkeys-lru", "This redis is a replica"),
        (told(used=65 * MIB), "noeviction", "every write would fail"),
        (told(used=65 * MIB), "volatile-lru", "no key has a time to live"),
    ],
)
def test_what_nobody_should_do_is_refused_without_saying_how(
    answers: dict[Argv, Answer], policy: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        limit(answers, policy=policy)

    assert "By hand" not in str(refused.value)
    assert "CONFIG SET" not in str(refused.value)


@pytest.mark.parametrize("policy", ["lru", "allkeys-lru --dir /", "noeviction\nx", "$(id)", "--help"])
def test_a_policy_that_redis_does_not_have_is_refused(policy: str) -> None:
    with pytest.raises(Refused, match="redis has no such policy: it knows noeviction, allkeys-lru"):
        limit(policy=policy)


@pytest.mark.parametrize("size_bytes", [None, 0, 1, -MIB, MIB + 1])
def test_a_limit_that_is_no_whole_number_of_mib_is_refused(size_bytes: int | None) -> None:
    found = situation(unit(starting(LINE), name=NAME), answers=told())

    with pytest.raises(Refused, match="whole number of MiB"):
        REMEDIATION.plan(Order("redis_maxmemory", "web-1", "redis", size_bytes=size_bytes), found)


def test_what_does_not_run_is_not_limited() -> None:
    with pytest.raises(Refused, match="redis does not run on web-1: `start` starts it"):
        limit(of=unit(starting(LINE), name=NAME, ActiveState="inactive"))


def test_a_wrapper_script_is_refused_with_the_manual_steps() -> None:
    with pytest.raises(Refused, match=r"(?s)does not start redis-server itself.*By hand"):
        limit(of=unit(starting("/srv/start-redis"), name=NAME))


@pytest.mark.parametrize("other", [told(limit=MIB), told(policy="allkeys-lru"), told(save="")])
def test_the_plan_is_another_when_redis_is(other: dict[Argv, Answer]) -> None:
    assert limit().fingerprint == limit(told(used=44 * MIB)).fingerprint
    assert limit(policy="noeviction").fingerprint != limit(other, policy="noeviction").fingerprint


def test_all_that_is_asked_of_redis_is_said_before() -> None:
    assert REMEDIATION.reads(Order("redis_maxmemory", "web-1", "redis")) == READS


@given(
    mib=st.sampled_from(SIZES_MIB),
    policy=st.sampled_from(("", *POLICIES)),
    was=st.sampled_from((0, *SIZES_MIB)),
    expires=st.integers(0, 2),
    ours=st.booleans(),
)
def test_every_command_of_every_plan_is_granted(
    *, mib: int, policy: str, was: int, expires: int, ours: bool
) -> None:
    try:
        plan = limit(
            told(limit=was * MIB, expires=expires), mib=mib, policy=policy, of=limited() if ours else None
        )
    except Refused:
        return

    granted = REMEDIATION.unprivileged(target(NAME))
    asked = [step.argv for step in (*plan.steps, *plan.undo) if step.argv[:2] != SUDO]
    assert ungranted(plan, REMEDIATION) == []
    assert [argv for argv in asked if argv[0] != "/usr/bin/cat" and argv not in granted] == []
