"""States, incidents, silences, events, approvals and what is done periodically, into tables and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, or_, select, update

from adapters.store.tables import (
    approval,
    button,
    card,
    counter,
    event,
    given_up,
    host_state,
    incident,
    periodic,
    silence,
)
from adapters.store.values import dump, load
from bot.domain.approval import KEPT_FOR, Approval
from bot.domain.event import Event
from bot.domain.host_state import HostState
from bot.domain.incident import Incident
from bot.domain.silence import Silence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Column, Connection, Table

    from bot.domain.history import Retention

_STATE = select(host_state.c.kept).where(host_state.c.host == bindparam("name"))
_INCIDENT = select(incident.c.kept).where(incident.c.id == bindparam("number"))
_OPEN = select(incident.c.kept).where(incident.c.resolved_at.is_(None)).order_by(incident.c.id)
_OPEN_OF_HOST = _OPEN.where(incident.c.host == bindparam("name"))
_OPEN_SINCE = (
    select(incident.c.kept)
    .where(or_(incident.c.resolved_at.is_(None), incident.c.resolved_at >= bindparam("at")))
    .order_by(incident.c.id)
)
_OPEN_SINCE_OF_HOST = _OPEN_SINCE.where(incident.c.host == bindparam("name"))
_SILENCES = select(silence.c.kept).where(silence.c.ends_at > bindparam("at")).order_by(silence.c.id)
_EVENTS = (
    select(event.c.kept)
    .where(event.c.at >= bindparam("since"), event.c.at < bindparam("until"))
    .order_by(event.c.at, event.c.id)
)
_EVENTS_OF_HOST = _EVENTS.where(event.c.host == bindparam("name"))
_APPROVAL = select(approval.c.kept).where(approval.c.id == bindparam("number"))
_OPEN_APPROVALS = select(approval.c.kept).where(approval.c.over_at.is_(None)).order_by(approval.c.id)
_APPROVALS = (
    select(approval.c.kept)
    .where(or_(approval.c.over_at.is_(None), approval.c.over_at >= bindparam("since")))
    .order_by(approval.c.id)
)
_DONE_AT = select(periodic.c.done_at).where(periodic.c.name == bindparam("name"))
_LARGEST = 2**63 - 1
_AT_A_TIME = 500
"""So many rows are forgotten in one transaction."""

_AGES: tuple[tuple[Table, Column[datetime]], ...] = (
    (event, event.c.at),
    (incident, incident.c.resolved_at),
    (silence, silence.c.ends_at),
    (given_up, given_up.c.at),
    (host_state, host_state.c.checked_at),
    (card, card.c.said_at),
)


def state(connection: Connection, host: str) -> HostState | None:
    """Read what was kept of a host. This and all below raise ValueError where a value is damaged."""
    kept = connection.execute(_STATE, {"name": host}).scalar()
    return None if kept is None else load(HostState, kept)


def states(connection: Connection) -> tuple[HostState, ...]:
    """Read what was kept of all hosts, by name."""
    found = [load(HostState, kept) for kept in connection.scalars(select(host_state.c.kept))]
    return tuple(sorted(found, key=lambda each: each.host))


def save_state(connection: Connection, new: HostState) -> None:
    """Write what is known of a host."""
    row = {"checked_at": new.checked_at, "kept": dump(new)}
    _save(connection, host_state, host_state.c.host, new.host, row)


def incident_of(connection: Connection, number: int) -> Incident | None:
    """Read an incident."""
    kept = None if number > _LARGEST else connection.execute(_INCIDENT, {"number": number}).scalar()
    return None if kept is None else load(Incident, kept)


def open_incidents(connection: Connection, host: str | None) -> tuple[Incident, ...]:
    """Read the open incidents of a host or (None) all, by number."""
    find = _OPEN if host is None else _OPEN_OF_HOST
    rows = connection.scalars(find, {} if host is None else {"name": host})
    return tuple(load(Incident, kept) for kept in rows)


def incidents_since(connection: Connection, at: datetime, host: str | None = None) -> tuple[Incident, ...]:
    """Read the incidents of a host or (None) of all that were open at some time since then, by number."""
    find = _OPEN_SINCE if host is None else _OPEN_SINCE_OF_HOST
    rows = connection.scalars(find, {"at": at} if host is None else {"at": at, "name": host})
    return tuple(load(Incident, kept) for kept in rows)


def save_incident(connection: Connection, new: Incident) -> None:
    """Write an incident."""
    ended_at = None if new.is_open else new.resolved_at or new.changed_at
    row = {"host": new.host, "resolved_at": ended_at, "kept": dump(new)}
    _save(connection, incident, incident.c.id, new.id, row)


def silences(connection: Connection, at: datetime) -> tuple[Silence, ...]:
    """Read the silences in force."""
    found = (load(Silence, kept) for kept in connection.scalars(_SILENCES, {"at": at}))
    return tuple(each for each in found if each.holds(at))


def save_silence(connection: Connection, new: Silence) -> None:
    """Write a silence."""
    _save(connection, silence, silence.c.id, new.id, {"ends_at": new.ends_at, "kept": dump(new)})


def events(connection: Connection, host: str | None, since: datetime, until: datetime) -> tuple[Event, ...]:
    """Read the events of a host or (None) of all in a time, oldest first."""
    find = _EVENTS if host is None else _EVENTS_OF_HOST
    names = {} if host is None else {"name": host}
    rows = connection.scalars(find, {"since": since, "until": until, **names})
    return tuple(load(Event, kept) for kept in rows)


def add_event(connection: Connection, new: Event) -> None:
    """Write an event."""
    connection.execute(insert(event), {"host": new.host, "at": new.at, "kept": dump(new)})


def approval_of(connection: Connection, number: int) -> Approval | None:
    """Read an approval."""
    kept = None if number > _LARGEST else connection.execute(_APPROVAL, {"number": number}).scalar()
    return None if kept is None else load(Approval, kept)


def open_approvals(connection: Connection) -> tuple[Approval, ...]:
    """Read the approvals that are not over, by number."""
    return tuple(load(Approval, kept) for kept in connection.scalars(_OPEN_APPROVALS))


def approvals(connection: Connection, since: datetime) -> tuple[Approval, ...]:
    """Read the approvals that are not over, or are so only since then, by number."""
    return tuple(load(Approval, kept) for kept in connection.scalars(_APPROVALS, {"since": since}))


def save_approval(connection: Connection, new: Approval) -> None:
    """Write an approval."""
    row = {"over_at": None if new.is_open else new.changed_at, "kept": dump(new)}
    _save(connection, approval, approval.c.id, new.number, row)


def done_at(connection: Connection, name: str) -> datetime | None:
    """Read up to when something periodic was done."""
    return connection.execute(_DONE_AT, {"name": name}).scalar()


def save_done(connection: Connection, name: str, at: datetime) -> None:
    """Write up to when something periodic was done."""
    _save(connection, periodic, periodic.c.name, name, {"done_at": at})


def next_number(connection: Connection, of: str) -> int:
    """Count one further."""
    last = connection.execute(select(counter.c.last).where(counter.c.name == of)).scalar() or 0
    _save(connection, counter, counter.c.name, of, {"last": last + 1})
    return last + 1


def words(connection: Connection, key: str) -> str | None:
    """Read what a button says."""
    return connection.execute(select(button.c.words).where(button.c.key == key)).scalar()


def save_words(connection: Connection, key: str, said: str) -> None:
    """Write what a button says."""
    _save(connection, button, button.c.key, key, {"words": said})


def forget(connection: Connection, now: datetime, keep: Retention) -> bool:
    """Delete some of what is over since longer; tell whether that may not have been all."""
    more = _forget(connection, approval, approval.c.over_at, now - KEPT_FOR)
    for table, age in _AGES:
        more |= _forget(connection, table, age, now - keep.hourly)
    return more


def _forget(connection: Connection, table: Table, age: Column[datetime], before: datetime) -> bool:
    *_, key = table.primary_key.columns
    old = select(key).where(age < before).limit(_AT_A_TIME)
    return connection.execute(delete(table).where(key.in_(old), age < before)).rowcount >= _AT_A_TIME


def _save(
    connection: Connection,
    table: Table,
    key: Column[str] | Column[int],
    value: str | int,
    row: Mapping[str, object],
) -> None:
    if not connection.execute(update(table).where(key == value), dict(row)).rowcount:
        connection.execute(insert(table), {key.name: value, **row})
