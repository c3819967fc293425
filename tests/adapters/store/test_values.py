"""Values as bytes and back: nothing is lost, whatever a host or a person wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.store.values import dump, load
from bot.domain.approval import Approval, Done, Measured, Needs, Phase, Vote, Who
from bot.domain.host_state import HostState
from bot.domain.incident import Breach, Change, Incident, State, Suspect, Turn
from bot.domain.plan import Goal, Order, Plan, Saving, Step
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.message import (
    Align,
    Bar,
    Button,
    Chart,
    Code,
    Column,
    Emphasis,
    Form,
    Kind,
    Line,
    Mark,
    Message,
    Parameter,
    Row,
    Segment,
    Series,
    Shade,
    Span,
    Table,
    Text,
    Tone,
    Usage,
)
from bot.outbox import Outgoing, Part
from tests.contracts.store_ledger import INCIDENT, STATE
from tests.contracts.store_outbox import CARD

Item = TypeVar("Item")

TEXT = st.text(st.characters(), max_size=12)
NUMBER = st.integers(-(2**70), 2**70)
FLOAT = st.floats(allow_nan=False)
ZONE = st.sampled_from(
    [UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), timezone(timedelta(hours=5, minutes=30), "IST")]
)
DAYS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC))  # noqa: DTZ001 - UTC
MOMENT = st.builds(lambda moment, zone: moment.replace(fold=0).astimezone(zone), DAYS, ZONE)
TONE = st.sampled_from(Tone)


def some(items: st.SearchStrategy[Item]) -> st.SearchStrategy[tuple[Item, ...]]:
    return st.lists(items, max_size=3).map(tuple)


ROW = st.builds(Row, some(TEXT), TONE)
SERIES = st.builds(Series, TEXT, some(st.none() | FLOAT))
BLOCK = st.one_of(
    st.builds(Text, TEXT, TONE),
    st.builds(Code, some(TEXT)),
    st.builds(
        Table,
        some(st.builds(Column, TEXT, st.sampled_from(Align), NUMBER, st.booleans())),
        some(ROW),
        st.none() | ROW,
    ),
    st.builds(Bar, some(st.builds(Segment, TEXT, NUMBER, st.sampled_from(Shade)))),
    st.builds(
        Chart,
        TEXT,
        some(MOMENT),
        SERIES,
        some(SERIES),
        FLOAT,
        some(st.builds(Line, TEXT, FLOAT, TONE)),
        some(st.builds(Span, MOMENT, MOMENT, TONE, TEXT)),
        some(st.builds(Mark, MOMENT, TEXT)),
        TEXT,
    ),
)
PARAMETER = st.builds(Parameter, TEXT, st.sampled_from(Kind), TEXT, st.booleans(), some(TEXT))
MESSAGE = st.builds(
    Message,
    TEXT,
    some(BLOCK),
    some(st.builds(Button, TEXT, TEXT, st.sampled_from(Emphasis), TEXT, st.booleans())),
    TEXT,
    TONE,
    st.booleans(),
    st.none() | MOMENT,
    st.booleans(),
    st.booleans(),
    st.none() | st.builds(Form, st.builds(Usage, TEXT, TEXT, some(PARAMETER), some(TEXT)), some(TEXT)),
)
DESTINATION = st.builds(Destination, TEXT, TEXT)
SEVERITY = st.sampled_from(Severity)
OUTGOING = st.builds(
    Outgoing, DESTINATION, TEXT, st.sampled_from(Part), MESSAGE, SEVERITY, MOMENT, MOMENT, some(TEXT)
)
INCIDENTS = st.builds(
    Incident,
    NUMBER,
    TEXT,
    TEXT,
    st.sampled_from(State),
    SEVERITY,
    SEVERITY,
    MOMENT,
    MOMENT,
    MOMENT,
    some(st.builds(Breach, TEXT, TEXT, SEVERITY, TEXT, MOMENT)),
    some(st.builds(Change, st.sampled_from(Turn), MOMENT, TEXT, TEXT)),
    some(TEXT),
    some(TEXT),
    some(st.builds(Suspect, TEXT, NUMBER, st.none() | NUMBER, TEXT)),
    some(DESTINATION),
    st.none() | MOMENT,
    st.none() | MOMENT,
    st.none() | MOMENT,
    TEXT,
    st.none() | MOMENT,
    st.none() | NUMBER,
    st.booleans(),
)


STEP = st.builds(Step, some(TEXT), TEXT, st.none() | TEXT, st.none() | NUMBER, FLOAT, FLOAT)
FILES = some(st.tuples(TEXT, TEXT))
GOAL = st.builds(
    Goal,
    st.none() | NUMBER,
    st.none() | st.booleans(),
    st.none() | st.booleans(),
    some(st.tuples(TEXT, st.none() | TEXT)),
)
PLANS = st.builds(
    Plan,
    order=st.builds(Order, TEXT, TEXT, TEXT, st.none() | NUMBER, st.none() | NUMBER, TEXT),
    unit=TEXT,
    title=TEXT,
    words=TEXT,
    steps=some(STEP),
    undo=some(STEP),
    goal=GOAL,
    origin=GOAL,
    saving=st.builds(Saving, st.none() | NUMBER, TEXT, st.booleans()),
    lasting=st.booleans(),
    lasts=TEXT,
    at_once=TEXT,
    undone=TEXT,
    basis=some(TEXT),
    made_at=MOMENT,
    available_bytes=st.none() | NUMBER,
    total_bytes=NUMBER,
    files=FILES,
    side_effects=some(TEXT),
)
WHO = st.builds(Who, TEXT, TEXT, some(TEXT))
APPROVALS = st.builds(
    Approval,
    number=NUMBER,
    code=TEXT,
    plan=PLANS,
    needs=st.builds(Needs, NUMBER, st.booleans(), st.booleans(), FLOAT),
    asked_by=WHO,
    asked_at=MOMENT,
    expires_at=MOMENT,
    phase=st.sampled_from(Phase),
    changed_at=MOMENT,
    destinations=some(DESTINATION),
    incident=st.none() | NUMBER,
    undoes=st.none() | NUMBER,
    undone_by=st.none() | NUMBER,
    votes=some(st.builds(Vote, WHO, MOMENT)),
    denied_by=st.none() | WHO,
    approved_at=st.none() | MOMENT,
    began_at=st.none() | MOMENT,
    ended_at=st.none() | MOMENT,
    steps=some(st.builds(Done, MOMENT, st.none() | MOMENT, st.none() | NUMBER, TEXT)),
    measured=st.none() | st.builds(Measured, *[st.none() | NUMBER] * 4),
    watch_until=st.none() | MOMENT,
    verdict=TEXT,
)


@settings(max_examples=60, deadline=None)
@given(OUTGOING)
def test_nothing_of_what_is_to_be_said_is_lost(outgoing: Outgoing) -> None:
    found = load(Outgoing, dump(outgoing))

    assert found == outgoing
    assert repr(found) == repr(outgoing)


@settings(max_examples=60, deadline=None)
@given(INCIDENTS)
def test_nothing_of_an_incident_is_lost(incident: Incident) -> None:
    found = load(Incident, dump(incident))

    assert found == incident
    assert repr(found) == repr(incident)


@settings(max_examples=60, deadline=None)
@given(APPROVALS)
def test_nothing_of_an_approval_is_lost(approval: Approval) -> None:
    found = load(Approval, dump(approval))

    assert found == approval
    assert repr(found) == repr(approval)
    assert found.plan.fingerprint == approval.plan.fingerprint


def test_a_moment_keeps_the_name_of_its_time_zone() -> None:
    berlin = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    message = load(Message, dump(Message("low", measured_at=berlin + timedelta(0))))

    assert message.measured_at
    assert f"{message.measured_at:%H:%M} {message.measured_at.tzname()}" == "02:30 CEST"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        dump(replace(CARD, not_before=datetime(2026, 3, 2)))  # noqa: DTZ001 - the point of it


def test_a_field_that_was_added_later_has_its_default() -> None:
    old = dump(Destination("slack")).replace(b'"platform"', b'"removed":1,"platform"')

    assert load(Destination, old) == Destination("slack")


def test_what_is_as_always_takes_no_room() -> None:
    assert b"private" not in dump(Message("low"))
    assert len(dump(HostState("web-1", STATE.checked_at))) < 60


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\1abc", b"\0[]", b"\0{}", b"\0\xff", b'\0{"id":1}', b"\0null", b"\0[[[", b"\0" + b"[" * 9],
)
def test_damage_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        load(Incident, data)


@pytest.mark.parametrize("files", ['[["/a"]]', '[["/a","b","c"]]', '["/a"]', "7", "[7]"])
def test_a_pair_that_is_none_is_damage(files: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        load(Goal, f'\0{{"files":{files}}}'.encode())


def test_an_incident_of_the_contract_is_small() -> None:
    assert len(dump(INCIDENT)) < 600
