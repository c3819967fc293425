"""How typed words become arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arguments import Arguments, expected, match
from bot.errors import BadArgument, UnknownHost
from bot.message import Kind, Parameter, Usage
from bot.names import Fleet, Target

HOST = Parameter("host", Kind.HOST, "the host")
TOP = Usage("top", "Processes.", (HOST, Parameter("n", Kind.COUNT, "how many")))
SERVICE = Usage(
    "service", "A service.", (HOST, Parameter("name", Kind.SERVICE, "the service", required=True))
)
SCALE = Usage(
    "scale",
    "Workers.",
    (
        HOST,
        Parameter("name", Kind.SERVICE, "the service", required=True),
        Parameter("n", Kind.COUNT, "how many", required=True),
    ),
)
HELP = Usage("help", "Help.", (Parameter("command", Kind.COMMAND, "the command"),))
REBOOT = Usage("reboot", "Reboots.", (Parameter("host", Kind.HOST, "the host", required=True),))
STATUS = Usage("status", "The fleet.", (Parameter("hosts", Kind.HOSTS, "a host or a tag"),))
ACK = Usage("ack", "Acknowledges.", (Parameter("incident", Kind.INCIDENT, "its number", required=True),))
FOR = Parameter("duration", Kind.DURATION, "how long", required=True)
SILENCE = Usage(
    "silence",
    "Silences.",
    (
        Parameter("target", Kind.TARGET, "what", required=True),
        FOR,
        Parameter("reason", Kind.TEXT, "why"),
    ),
)
WATCH = Usage("watch", "Watches.", (HOST, Parameter("duration", Kind.DURATION, "how long")))
HISTORY = Usage(
    "history",
    "History.",
    (
        HOST,
        Parameter("period", Kind.CHOICE, "how far back", choices=("24h", "7d", "30d")),
        Parameter("service", Kind.SERVICE, "one service"),
    ),
)
NAME = Parameter("service", Kind.SERVICE, "the service", required=True)
STOP = Usage(
    "stop", "Stops.", (HOST, NAME, Parameter("lasting", Kind.CHOICE, "for good", choices=("lasting",)))
)
MAXMEMORY = Usage(
    "maxmemory",
    "Limits.",
    (
        HOST,
        NAME,
        Parameter("size", Kind.SIZE, "how much", required=True),
        Parameter("policy", Kind.CHOICE, "what goes", choices=("noeviction", "allkeys-lru")),
    ),
)
APPROVE = Usage(
    "approve",
    "Approves.",
    (
        Parameter("plan", Kind.PLAN, "its number", required=True),
        Parameter("code", Kind.CODE, "its code", required=True),
    ),
)
ONE = Fleet(("web-1",))
FLEET = Fleet(
    ("web-1", "web-2", "db-1"),
    {"web": ("web-1", "web-2"), "production": ("web-2", "db-1"), "DB-1": ("web-1",)},
    ("memory", "oom_kills", "web"),
)


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [
        ((), Arguments(host="web-1")),
        (("20",), Arguments(host="web-1", count=20)),
        (("web-1",), Arguments(host="web-1")),
        (("web-1", "20"), Arguments(host="web-1", count=20)),
        (("WEB-1", "1000"), Arguments(host="web-1", count=1000)),
        (("007",), Arguments(host="web-1", count=7)),
    ],
)
def test_optional_words_may_be_left_out(spoken: tuple[str, ...], meant: Arguments) -> None:
    assert match(TOP, spoken, ONE) == meant


def test_a_required_word_goes_before_an_optional_one() -> None:
    assert match(SERVICE, ("gunicorn",), ONE) == Arguments(host="web-1", service="gunicorn")
    assert match(SERVICE, ("db-1", "redis"), FLEET) == Arguments(host="db-1", service="redis")
    assert match(SERVICE, ("redis",), Fleet(("redis",))) == Arguments(host="redis", service="redis")
    assert match(SCALE, ("gunicorn", "2"), ONE) == Arguments(host="web-1", service="gunicorn", count=2)
    assert match(SCALE, ("web-2", "gunicorn", "2"), FLEET) == Arguments("web-2", service="gunicorn", count=2)


def test_a_command_is_taken_as_it_was_typed() -> None:
    assert match(HELP, ("statsu",), FLEET) == Arguments(command="statsu")


def test_an_exact_host_name_goes_before_one_in_another_case() -> None:
    assert match(TOP, ("Web",), Fleet(("web", "Web"))).host == "Web"
    with pytest.raises(UnknownHost, match=r"^`WEB` can be `web` or `Web`: write it exactly.$"):
        match(TOP, ("WEB",), Fleet(("web", "Web")))


@pytest.mark.parametrize(
    ("usage", "spoken", "sentence"),
    [
        (TOP, (), "Which host? Write its name after `top`. Known hosts: `web-1`, `web-2` and `db-1`."),
        (TOP, ("20",), "Which host? Write its name after `top`. Known hosts: `web-1`, `web-2` and `db-1`."),
        (
            SERVICE,
            ("redis",),
            "Which host? Write its name after `service`. Known hosts: `web-1`, `web-2` and `db-1`.",
        ),
        (
            SERVICE,
            ("web-1",),
            "`service` needs the word <name> (the service): write `service [host] <name>`.",
        ),
        (SERVICE, (), "`service` needs the word <name> (the service): write `service [host] <name>`."),
        (REBOOT, (), "`reboot` needs the word <host> (the host): write `reboot <host>`."),
        (TOP, ("web-1", "5", "6"), "`top` has no use for `6`: write `top [host] [n]`."),
        (TOP, ("web-1", "0"), "`0` is not a number that `n` can be: write a whole number from 1 to 1000."),
        (
            TOP,
            ("web-1", "many"),
            "`many` is not a number that `n` can be: write a whole number from 1 to 1000.",
        ),
        (HELP, ("a", "b"), "`help` has no use for `b`: write `help [command]`."),
    ],
)
def test_words_that_do_not_fit_are_refused_in_one_sentence(
    usage: Usage, spoken: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(BadArgument) as refused:
        match(usage, spoken, FLEET)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("number", ["-5", "0", "1001", "5.5", "1,5", "+3", "9" * 4000])
def test_a_count_is_a_whole_number_up_to_1000(number: str) -> None:
    with pytest.raises(BadArgument, match="write a whole number from 1 to 1000"):
        match(TOP, (number,), ONE)


def test_a_mistyped_host_is_answered_with_the_nearest_and_the_known_ones() -> None:
    with pytest.raises(UnknownHost) as refused:
        match(TOP, ("bd-1",), FLEET)
    assert str(refused.value) == (
        "There is no host `bd-1`. Did you mean `db-1`? Known hosts: `web-1`, `web-2` and `db-1`."
    )


def test_a_long_list_of_hosts_is_cut() -> None:
    with pytest.raises(BadArgument, match=r"Known hosts: `web-0`, .*, `web-9` and 490 more.$"):
        match(TOP, (), Fleet(tuple(f"web-{n}" for n in range(500))))


@pytest.mark.parametrize(
    ("spoken", "hosts"),
    [
        ((), ("web-1", "web-2", "db-1")),
        (("web-2",), ("web-2",)),
        (("WEB-2",), ("web-2",)),
        (("web",), ("web-1", "web-2")),
        (("Production",), ("web-2", "db-1")),
    ],
)
def test_one_word_can_mean_a_host_or_all_with_a_tag_and_none_means_all(
    spoken: tuple[str, ...], hosts: tuple[str, ...]
) -> None:
    assert match(STATUS, spoken, FLEET) == Arguments(hosts=hosts)


def test_a_host_goes_before_a_tag_of_the_same_name_and_what_is_exact_before_both() -> None:
    assert match(STATUS, ("db-1",), FLEET).hosts == ("db-1",)
    assert match(STATUS, ("DB-1",), FLEET).hosts == ("web-1",)
    assert match(STATUS, ("Db-1",), FLEET).hosts == ("db-1",)


def test_tags_that_differ_in_case_only_are_told_apart_where_they_are_written_exactly() -> None:
    fleet = Fleet(("a", "b", "c"), {"Web": ("c", "a"), "web": ("b",)})

    assert match(STATUS, ("web",), fleet).hosts == ("b",)
    assert match(STATUS, ("WEB",), fleet).hosts == ("a", "b", "c")


def test_a_mistyped_tag_is_answered_with_near_hosts_and_tags() -> None:
    with pytest.raises(UnknownHost) as refused:
        match(STATUS, ("prodcution",), FLEET)
    assert str(refused.value) == (
        "There is no host or tag `prodcution`. Did you mean `production`?"
        " Known hosts: `web-1`, `web-2` and `db-1`. Known tags: `web`, `production` and `DB-1`."
    )


def test_where_there_are_no_tags_none_are_spoken_of() -> None:
    with pytest.raises(UnknownHost, match=r"^There is no host `x`. Known hosts: `web-1`.$"):
        match(STATUS, ("x",), ONE)


@given(
    st.sampled_from((TOP, SERVICE, SCALE, HELP, REBOOT, STATUS, ACK, SILENCE, WATCH, HISTORY)),
    st.lists(st.text(min_size=1) | st.sampled_from(("for", "2h", "7d", "12", "web", "memory"))),
    st.sampled_from((ONE, FLEET)),
)
def test_any_words_are_understood_or_refused(usage: Usage, spoken: list[str], fleet: Fleet) -> None:
    try:
        arguments = match(usage, tuple(spoken), fleet)
    except (BadArgument, UnknownHost) as error:
        assert str(error).isprintable()  # noqa: PT017 - the error is one of two right outcomes
    else:
        assert arguments.host in fleet.hosts or HOST not in usage.parameters
        assert arguments.hosts or usage is not STATUS


@pytest.mark.parametrize(
    ("usage", "spoken", "names"),
    [
        (TOP, (), ["host", "n"]),
        (TOP, ("web-1",), ["n"]),
        (TOP, ("20",), []),
        (SERVICE, (), ["host", "name"]),
        (SERVICE, ("db-1",), ["name"]),
        (SERVICE, ("redis",), []),
        (SCALE, ("redis",), ["n"]),
        (STATUS, (), ["hosts"]),
        (STATUS, ("web",), []),
    ],
)
def test_the_next_word_is_foreseen(usage: Usage, spoken: tuple[str, ...], names: list[str]) -> None:
    assert [parameter.name for parameter in expected(usage, spoken, FLEET)] == names


@pytest.mark.parametrize(
    ("word", "target"),
    [
        ("web-1", Target(host="web-1")),
        ("WEB-1", Target(host="web-1")),
        ("production", Target(tag="production")),
        ("oom_kills", Target(rule="oom_kills")),
        ("web", Target(tag="web")),
        ("db-1", Target(host="db-1")),
        ("DB-1", Target(tag="DB-1")),
        ("Memory", Target(rule="memory")),
    ],
)
def test_a_target_is_a_host_else_a_tag_else_a_rule(word: str, target: Target) -> None:
    assert match(SILENCE, (word, "2h"), FLEET).target == target


def test_a_mistyped_target_is_answered_with_near_and_known_ones() -> None:
    with pytest.raises(UnknownHost) as refused:
        match(SILENCE, ("memroy", "2h"), FLEET)
    assert str(refused.value) == (
        "There is no host, tag or rule `memroy`. Did you mean `memory`? Known hosts: `web-1`, `web-2` and"
        " `db-1`. Known tags: `web`, `production` and `DB-1`. Rules: `memory`, `oom_kills` and `web`."
    )


def test_a_target_that_only_its_case_tells_from_another_has_to_be_written_exactly() -> None:
    fleet = Fleet(("web-1",), {"Prod": ("web-1",), "prod": ()})

    assert match(SILENCE, ("prod", "2h"), fleet).target == Target(tag="prod")
    with pytest.raises(BadArgument, match=r"^`PROD` can be `Prod` or `prod`: write it exactly.$"):
        match(SILENCE, ("PROD", "2h"), fleet)


@pytest.mark.parametrize(
    ("spoken", "seconds"),
    [
        (("2h",), 7200),
        (("90m",), 5400),
        (("1d",), 86_400),
        (("30D",), 30 * 86_400),
        (("1h30m",), 5400),
        (("1.5h",), 5400),
        (("1,5h",), 5400),
        (("90min",), 5400),
        (("2hours",), 7200),
        (("60s",), 60),
        (("for", "2h"), 7200),
        (("For", "2h"), 7200),
    ],
)
def test_a_duration_is_written_as_people_do(spoken: tuple[str, ...], seconds: float) -> None:
    assert match(SILENCE, ("web-1", *spoken), FLEET).duration_s == seconds


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        (
            "soon",
            "`soon` is not a time that `duration` can be: write for instance `30m`, `2h`, `1h30m` or `1d`.",
        ),
        (
            "-2h",
            "`-2h` is not a time that `duration` can be: write for instance `30m`, `2h`, `1h30m` or `1d`.",
        ),
        (
            "for",
            "`for` is not a time that `duration` can be: write for instance `30m`, `2h`, `1h30m` or `1d`.",
        ),
        ("90", "`90` has no unit: write `90m` for minutes, `90h` for hours."),
        ("59s", "`59s` is too short: `duration` can be from 1 minute to 30 days."),
        ("0h", "`0h` is too short: `duration` can be from 1 minute to 30 days."),
        ("31d", "`31d` is too long: `duration` can be from 1 minute to 30 days."),
        ("999999d" * 1000, None),
    ],
)
def test_a_duration_that_is_none_is_refused(word: str, sentence: str | None) -> None:
    with pytest.raises(BadArgument) as refused:
        match(SILENCE, ("web-1", word), FLEET)
    assert sentence is None or str(refused.value) == sentence


def test_a_text_is_all_that_is_left() -> None:
    assert match(SILENCE, ("web-1", "for", "2h", "deploy", "of", "4.2"), FLEET).text == "deploy of 4.2"
    assert match(SILENCE, ("web-1", "2h"), FLEET).text is None


@pytest.mark.parametrize("word", ["12", "#12", "0012"])
def test_an_incident_is_a_number_as_the_card_shows_it(word: str) -> None:
    assert match(ACK, (word,), FLEET).incident == 12


@pytest.mark.parametrize("word", ["web-1", "0", "-1", "##1", "1.5", "9" * 4000])
def test_what_is_no_number_of_an_incident_is_refused(word: str) -> None:
    with pytest.raises(BadArgument, match=r"cannot be `incident`: write a number such as `12`.$"):
        match(ACK, (word,), FLEET)


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [
        ((), Arguments(host="web-1")),
        (("7d",), Arguments(host="web-1", choice="7d")),
        (("web-1", "7D"), Arguments(host="web-1", choice="7d")),
        (("gunicorn",), Arguments(host="web-1", service="gunicorn")),
        (("web-1", "gunicorn"), Arguments(host="web-1", service="gunicorn")),
        (("7d", "gunicorn"), Arguments(host="web-1", choice="7d", service="gunicorn")),
    ],
)
def test_what_is_left_out_is_seen_from_the_form_of_the_next_word(
    spoken: tuple[str, ...], meant: Arguments
) -> None:
    assert match(HISTORY, spoken, ONE) == meant


def test_where_there_are_several_hosts_a_word_in_their_place_is_one_of_them() -> None:
    assert match(HISTORY, ("db-1", "7d"), FLEET) == Arguments(host="db-1", choice="7d")
    with pytest.raises(UnknownHost, match=r"^There is no host `wbe-1`"):
        match(HISTORY, ("wbe-1",), FLEET)
    with pytest.raises(BadArgument, match=r"^Which host\? Write its name after `history`"):
        match(HISTORY, ("7d",), FLEET)


def test_a_choice_is_one_of_a_few() -> None:
    usage = Usage(
        "history", "History.", (Parameter("period", Kind.CHOICE, "when", choices=("week", "month")),)
    )

    assert match(usage, ("WEEK",), ONE).choice == "week"
    with pytest.raises(BadArgument) as refused:
        match(usage, ("weak",), ONE)
    assert str(refused.value) == "`weak` cannot be `period`. Did you mean `week`? Write `week` or `month`."


@pytest.mark.parametrize("spoken", [("5m",), ("for", "5m"), ("web-1", "5m"), ("web-1", "for", "5m")])
def test_a_host_before_a_duration_may_be_left_out(spoken: tuple[str, ...]) -> None:
    assert match(WATCH, spoken, ONE) == Arguments(host="web-1", duration_s=300)


@pytest.mark.parametrize(
    ("usage", "spoken", "names"),
    [
        (SILENCE, (), ["target"]),
        (SILENCE, ("web-1",), ["duration"]),
        (SILENCE, ("web-1", "for"), ["duration"]),
        (SILENCE, ("web-1", "for", "2h"), ["reason"]),
        (SILENCE, ("web-1", "2h", "deploy"), []),
        (HISTORY, (), ["host", "period", "service"]),
        (HISTORY, ("7d",), ["service"]),
        (WATCH, ("for",), ["duration"]),
    ],
)
def test_the_next_of_several_words_is_foreseen(
    usage: Usage, spoken: tuple[str, ...], names: list[str]
) -> None:
    assert [parameter.name for parameter in expected(usage, spoken, FLEET)] == names


MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("spoken", "size"),
    [
        ("64mb", 64 * MIB),
        ("64 MiB", 64 * MIB),
        ("64M", 64 * MIB),
        ("64 m", 64 * MIB),
        ("65536KiB", 64 * MIB),
        ("1.5g", 1536 * MIB),
        ("1,5 GB", 1536 * MIB),
        ("1TiB", 1024 * 1024 * MIB),
    ],
)
def test_a_size_is_written_as_people_do_and_binary(spoken: str, size: int) -> None:
    assert match(MAXMEMORY, ("redis", *spoken.split()), ONE).size_bytes == size
    assert match(MAXMEMORY, ("db-1", "redis", *spoken.split(), "noeviction"), FLEET) == Arguments(
        host="db-1", service="redis", size_bytes=size, choice="noeviction"
    )


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("64", "`64` has no unit: write `64mb` for MiB, `64gb` for GiB."),
        ("lots", "`lots` is not a size that `size` can be: write for instance `64mb`, `64 MiB` or `1gb`."),
        ("-64mb", "`-64mb` is not a size that `size` can be: write for instance `64mb`, `64 MiB` or `1gb`."),
        ("100kb", "`100kb` is too small: `size` can be from 1 MiB to 1 TiB."),
        ("2tb", "`2tb` is too large: `size` can be from 1 MiB to 1 TiB."),
    ],
)
def test_a_size_that_is_none_is_refused(word: str, sentence: str) -> None:
    with pytest.raises(BadArgument) as raised:
        match(MAXMEMORY, ("redis", word), ONE)

    assert str(raised.value) == sentence


@pytest.mark.parametrize("spoken", [("42", "k7f3"), ("#42", "K7F3"), ("042", "k7f3")])
def test_a_plan_is_a_number_and_its_code_letters_and_digits_in_whatever_case(spoken: tuple[str, str]) -> None:
    assert match(APPROVE, spoken, FLEET) == Arguments(plan=42, code="k7f3")


@pytest.mark.parametrize(
    ("spoken", "sentence"),
    [
        ((), "`approve` needs the word <plan> (its number): write `approve <plan> <code>`."),
        (("42",), "`approve` needs the word <code> (its code): write `approve <plan> <code>`."),
        (("k7f3", "42"), "`k7f3` cannot be `plan`: write a number such as `42`."),
        (
            ("42", "-"),
            "`-` cannot be `code`: write the letters and digits that the plan's card shows, such as `k7f3`.",
        ),
        (("42", "k7f3", "now"), "`approve` has no use for `now`: write `approve <plan> <code>`."),
    ],
)
def test_what_approves_no_plan_is_refused(spoken: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(BadArgument) as raised:
        match(APPROVE, spoken, FLEET)

    assert str(raised.value) == sentence


def test_a_host_before_a_required_word_may_be_left_out_though_another_follows_it() -> None:
    assert match(STOP, ("daphne", "lasting"), ONE) == Arguments("web-1", service="daphne", choice="lasting")
    with pytest.raises(BadArgument, match=r"^Which host"):
        match(STOP, ("daphne", "lasting"), FLEET)
    with pytest.raises(UnknownHost, match="Did you mean `web-1`"):
        match(STOP, ("wbe-1", "daphne"), FLEET)


def test_of_several_missing_words_the_first_is_asked_for() -> None:
    with pytest.raises(BadArgument, match=r"^`scale` needs the word <n>"):
        match(SCALE, ("web-1", "gunicorn"), FLEET)
