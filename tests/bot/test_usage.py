"""How typed words become arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadArgument, UnknownHost
from bot.message import Kind, Parameter, Usage
from bot.usage import (
    Arguments,
    Fleet,
    did_you_mean,
    enumerated,
    expected,
    listed,
    match,
    quoted,
    said,
    short,
    words,
)

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
ONE = Fleet(("web-1",))
FLEET = Fleet(
    ("web-1", "web-2", "db-1"),
    {"web": ("web-1", "web-2"), "production": ("web-2", "db-1"), "DB-1": ("web-1",)},
)


@pytest.mark.parametrize("text", ["status", "/mem status", "mem status", "Mem   status ", "\t/MEM\nstatus"])
def test_mem_before_the_command_may_be_left_out(text: str) -> None:
    assert words(text) == ("status",)


@pytest.mark.parametrize(
    "text", ["share /mem wide status", "/mem Share mem wide status", "mem /mem share wide status"]
)
def test_mem_after_a_modifier_is_left_out_too(text: str) -> None:
    assert [word.casefold() for word in words(text)] == ["share", "wide", "status"]


def test_mem_after_the_command_is_a_word() -> None:
    assert words("report mem") == ("report", "mem")


@pytest.mark.parametrize("text", ["", "  ", "/mem", "mem", '""', "\n"])
def test_nothing_said_is_no_word(text: str) -> None:
    assert words(text) == ()


@pytest.mark.parametrize(
    "text", ['say "a b" c', "say 'a b' c", "say “a b” c", "say `a b` c", "say \u2018a b\u2019 c"]
)
def test_quotes_of_any_kind_keep_words_together(text: str) -> None:
    assert words(text) == ("say", "a b", "c")


def test_an_apostrophe_is_not_a_quote() -> None:
    assert words("why isn't web-1's 'it's fine' ok") == ("why", "isn't", "web-1's", "it's fine", "ok")


def test_letters_are_composed_as_they_are_in_names_of_hosts() -> None:
    assert words("top m\u0075\u0308nchen") == ("top", "m\u00fcnchen")


def test_nothing_that_means_something_to_a_shell_means_anything_here() -> None:
    assert words(r"a\ b $HOME #c ;rm * -rf | & ~ a=1") == (
        "a\\", "b", "$HOME", "#c", ";rm", "*", "-rf", "|", "&", "~", "a=1",
    )  # fmt: skip


def test_a_quote_without_an_end_is_said_and_shown() -> None:
    with pytest.raises(BadArgument, match=r'^The quote at `"web-1 20` has no end: close it.$'):
        words('top "web-1 20')


def test_a_long_text_is_split_and_a_far_too_long_one_refused() -> None:
    assert words("x" * 4000) == ("x" * 4000,)
    with pytest.raises(
        BadArgument, match=r"^That is 1,000,000 characters long; a command has at most 10,000"
    ):
        words("x" * 1_000_000)


def test_what_cannot_be_printed_never_gets_through() -> None:
    assert words("top web-1\x1b[31m\0\u200b\udcff") == ("top", "web-1�[31m���")


@given(st.text())
def test_any_text_is_split_into_printable_words_or_refused(text: str) -> None:
    try:
        found = words(text)
    except BadArgument as error:
        assert "has no end" in str(error)  # noqa: PT017 - the error is one of two right outcomes
    else:
        assert all(word and word.isprintable() for word in found)


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


@pytest.mark.parametrize(
    ("spoken", "line"),
    [
        (("report", "web-1"), "report web-1"),
        (("service", "my app"), 'service "my app"'),
        (("service", 'a "b" c'), "service 'a \"b\" c'"),
        (("service", "'tis"), 'service "\'tis"'),
        (("service", "isn't"), "service isn't"),
        ((), ""),
    ],
)
def test_words_are_written_so_that_they_can_be_said_again(spoken: tuple[str, ...], line: str) -> None:
    assert said(spoken) == line
    assert words(line) == spoken


@given(st.text(alphabet=st.sampled_from("ab \"'`“mé/\u00a0")) | st.text())
def test_whatever_was_understood_can_be_said_again(text: str) -> None:
    try:
        spoken = words(text)
    except BadArgument:
        return
    assert words(f"share {said(spoken)}") == ("share", *spoken)


@given(st.text(alphabet=st.sampled_from("ab \"'`“mé/\u00a0\u1fef\n")) | st.text())
def test_whatever_fills_an_input_stays_one_word(text: str) -> None:
    assert len(words(f"share {said((text,))} end")) <= 3
    assert words(f"share {said((f'{text}x',))} end")[::2] == ("share", "end")


def test_what_somebody_wrote_is_repeated_short_and_printable() -> None:
    assert short("on call\u202e") == "on call�"
    assert quoted("x" * 4000) == f"`{'x' * 59}…`"
    assert quoted("a`b") == "“a`b”"
    assert quoted("a\x1b[31m\nb") == "`a�[31m b`"


def test_names_are_listed_as_a_sentence_does() -> None:
    assert listed(()) == "none"
    assert listed(("a",)) == "`a`"
    assert listed(("a", "b"), "or") == "`a` or `b`"
    assert enumerated(("@oncall", "`slack-group:S02`")) == "@oncall and `slack-group:S02`"


def test_only_what_is_alike_is_suggested() -> None:
    assert did_you_mean("statsu", ("status", "service", "top")) == " Did you mean `status`?"
    assert did_you_mean("web-3", FLEET.hosts) == " Did you mean `web-1` or `web-2`?"
    assert did_you_mean("nonsense", FLEET.hosts) == ""
    assert did_you_mean("web", ()) == ""
    assert did_you_mean("w" * 4000, FLEET.hosts) == ""


@given(
    st.sampled_from((TOP, SERVICE, SCALE, HELP, REBOOT, STATUS)),
    st.lists(st.text(min_size=1)),
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
