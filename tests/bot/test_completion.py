"""What may be typed next, in a line and in a form."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.completion import completions, offers
from bot.domain.people import Person, Roster
from bot.message import Kind, Parameter, Usage

HOST = Parameter("host", Kind.HOST, "the host")
HOSTS = Parameter("hosts", Kind.HOSTS, "a host or a tag")
NAME = Parameter("name", Kind.SERVICE, "the service", required=True)
COUNT = Parameter("n", Kind.COUNT, "how many")
TARGET = Parameter("target", Kind.TARGET, "what", required=True)
DURATION = Parameter("duration", Kind.DURATION, "how long", required=True)

USAGES = (
    Usage("help", "Help.", (Parameter("command", Kind.COMMAND, "the command"),)),
    Usage("status", "The fleet.", (HOSTS,)),
    Usage("top", "Processes.", (HOST, COUNT)),
    Usage("service", "A service.", (HOST, NAME)),
    Usage("stop", "Stops.", (HOST, NAME)),
    Usage("mute", "Silences.", (TARGET, DURATION, Parameter("reason", Kind.TEXT, "why"))),
    Usage("past", "History.", (HOST, Parameter("period", Kind.CHOICE, "when", choices=("24h", "7d")))),
    Usage("ack", "Acknowledges.", (Parameter("incident", Kind.INCIDENT, "its number", required=True),)),
)
NAMES = ["help", "status", "top", "service", "stop", "mute", "past", "ack"]
HOST_NAMES = ("web-1", "db-1")
TAGS = ("production", "web")
SERVICES = ("gunicorn", "redis")
RULES = ("memory", "reboot")
DURATIONS = ["30m", "1h", "2h", "8h", "1d"]

COMPLETE = completions(USAGES, HOST_NAMES, TAGS, SERVICES, rules=RULES)
PEOPLE = Roster(("slack:U01", "slack-group:S01"), (), ("slack:U02",))
ALICE = Person("slack", "U01", "Alice")
OFFER = partial(offers(USAGES, HOST_NAMES, TAGS, SERVICES, PEOPLE, rules=RULES), ALICE)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", [*NAMES, "share", "wide"]),
        ("/", ["/mem"]),
        ("/m", ["/mem"]),
        ("/mem ", [*NAMES, "share", "wide"]),
        ("/mem st", ["status", "stop"]),
        ("ST", ["status", "stop"]),
        ("top ", ["web-1", "db-1"]),
        ("top W", ["web-1"]),
        ("top web-1 ", []),
        ("status ", ["web-1", "db-1", "production", "web"]),
        ("status we", ["web-1", "web"]),
        ("status web ", []),
        ("service ", ["web-1", "db-1", "gunicorn", "redis"]),
        ("service web-1 ", ["gunicorn", "redis"]),
        ("service web-1 g", ["gunicorn"]),
        ("service redis ", []),
        ("mute ", ["web-1", "db-1", "production", "web", "memory", "reboot"]),
        ("mute m", ["memory"]),
        ("mute web-1 ", DURATIONS),
        ("mute web-1 for ", DURATIONS),
        ("mute web-1 for 2", ["2h"]),
        ("mute web-1 2h ", []),
        ("past ", ["web-1", "db-1", "24h", "7d"]),
        ("past web-1 7", ["7d"]),
        ("ack ", []),
        ("help se", ["service"]),
        ("help ", [*NAMES, "share", "wide"]),
        ("help W", ["wide"]),
        ("share /mem to", ["top"]),
        ("nonsense ", []),
        ("top /", []),
        ('top "web', []),
        ('top "web-1 ', []),
    ],
)
def test_a_partly_typed_line_is_completed(line: str, words: list[str]) -> None:
    assert COMPLETE(line) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sh", ["share"]),
        ("W", ["wide"]),
        ("share ", [*NAMES, "wide"]),
        ("share wide ", NAMES),
        ("share st", ["status", "stop"]),
        ("/mem wide SHARE top w", ["web-1"]),
        ("top sh", []),
    ],
)
def test_after_a_modifier_the_rest_is_completed_as_if_it_were_not_there(line: str, words: list[str]) -> None:
    assert COMPLETE(line) == words


def test_a_tag_that_is_called_like_a_host_is_offered_once() -> None:
    assert completions(USAGES, ("web",), ("web",), (), rules=())("status ") == ["web"]
    assert offers(USAGES, ("web",), ("web",), (), PEOPLE, rules=())(ALICE, Kind.HOSTS, "") == ["web"]


LINES = st.lists(
    st.sampled_from(["/mem", "share", "wide", "status", "top", "service", "web-1", "20", '"', "'", "`"])
    | st.text(max_size=20)
).map(" ".join)


@given(line=LINES | st.text())
def test_any_partly_typed_line_can_be_completed(line: str) -> None:
    assert all(isinstance(word, str) for word in COMPLETE(line))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.HOST, ["web-1", "db-1"]),
        (Kind.HOSTS, ["web-1", "db-1", "production", "web"]),
        (Kind.SERVICE, ["gunicorn", "redis"]),
        (Kind.COMMAND, [*NAMES, "share", "wide"]),
        (Kind.COUNT, []),
        (Kind.TARGET, ["web-1", "db-1", "production", "web", "memory", "reboot"]),
        (Kind.DURATION, DURATIONS),
        (Kind.SIZE, ["64mb", "128mb", "256mb", "512mb", "1gb"]),
        (Kind.INCIDENT, []),
        (Kind.PLAN, []),
        (Kind.CODE, []),
        (Kind.TEXT, []),
    ],
)
def test_where_nothing_is_typed_every_word_of_a_kind_is_offered(kind: Kind, words: list[str]) -> None:
    assert OFFER(kind, "") == words


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        (Kind.SERVICE, "RE", ["redis"]),
        (Kind.SERVICE, " unicorn ", ["gunicorn"]),
        (Kind.HOST, "1", ["web-1", "db-1"]),
        (Kind.HOSTS, "web", ["web-1", "web"]),
        (Kind.HOSTS, "b", ["web-1", "db-1", "web"]),
        (Kind.HOSTS, "d", ["db-1", "production"]),
        (Kind.COMMAND, "to", ["top", "stop"]),
        (Kind.HOST, "nonsense", []),
        (Kind.COUNT, "5", []),
    ],
)
def test_what_begins_as_typed_comes_before_what_contains_it(kind: Kind, typed: str, words: list[str]) -> None:
    assert OFFER(kind, typed) == words


def test_letters_are_compared_composed() -> None:
    offer = offers((), ("m\u00fcnchen",), (), (), PEOPLE, rules=())
    assert offer(ALICE, Kind.HOST, "mu\u0308n") == ["m\u00fcnchen"]


@given(typed=st.text())
def test_whatever_is_typed_something_or_nothing_is_offered(typed: str) -> None:
    for kind in Kind:
        assert set(OFFER(kind, typed)) <= set(OFFER(kind, ""))


WITHOUT_WORDS = (Kind.COUNT, Kind.INCIDENT, Kind.PLAN, Kind.CODE, Kind.CHOICE, Kind.TEXT)


@pytest.mark.parametrize(
    ("person", "may_look"),
    [
        (ALICE, True),
        (Person("slack", "U02", "Uma"), True),
        (Person("slack", "U03", "Ulf", ("slack-group:S01",)), True),
        (Person("slack", "U03", "Ulf"), False),
        (Person("discord", "U01", "Alice"), False),
    ],
)
def test_names_are_offered_only_to_who_may_look(person: Person, may_look: bool) -> None:  # noqa: FBT001 - a column of the table
    offer = offers(USAGES, HOST_NAMES, TAGS, SERVICES, PEOPLE, rules=RULES)

    assert all(bool(offer(person, kind, "")) is may_look for kind in Kind if kind not in WITHOUT_WORDS)
