"""What is to be said, into tables and back. All of a card at a destination is said in order.

One late entry never holds up an urgent one: all of a card is as urgent as the most severe of it, and due as
soon as any of it is.
"""

from __future__ import annotations

from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, delete, func, insert, or_, select, update

from adapters.store.tables import card, given_up, outgoing, pause
from adapters.store.values import dump, load
from bot.domain.route import Destination
from bot.outbox import Backlog, Entry, GivenUp, Outgoing, Part

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping, Table

_KEY_BYTES = 10


def enqueue(connection: Connection, new: Outgoing) -> None:
    """Write something to say; a card takes the place of one that nobody began to say."""
    waiting = _unsaid_card(connection, new) if new.part is Part.CARD else None
    if waiting is None:
        connection.execute(
            insert(outgoing), _row(new) | {"key": f"mw-{token_hex(_KEY_BYTES)}", "attempts": 0}
        )
        return
    _rewrite(connection, waiting, new)


def withdraw(connection: Connection, name: str) -> bool:
    """Delete all of a card unless some of it was said or may have been; tell whether that was so."""
    begun = select(outgoing.c.id).where(
        outgoing.c.card == name, or_(outgoing.c.in_doubt, outgoing.c.claimed_by.is_not(None))
    )
    shown = select(card.c.name).where(card.c.name == name)
    if any(connection.execute(find.limit(1)).first() for find in (begun, shown)):
        return False
    connection.execute(delete(outgoing).where(outgoing.c.card == name))
    return True


def backlog(connection: Connection) -> tuple[Backlog, ...]:
    """Read what waits, by destination."""
    rows = connection.execute(
        select(
            outgoing.c.platform,
            outgoing.c.channel,
            func.count().label("entries"),
            func.min(outgoing.c.occurred_at, type_=outgoing.c.occurred_at.type).label("oldest_at"),
            func.min(outgoing.c.not_before, type_=outgoing.c.not_before.type).label("due_at"),
            pause.c.until,
            pause.c.reason,
        )
        .outerjoin(
            pause, and_(pause.c.platform == outgoing.c.platform, pause.c.channel == outgoing.c.channel)
        )
        .group_by(outgoing.c.platform, outgoing.c.channel, pause.c.until, pause.c.reason)
    )
    found = [
        Backlog(
            Destination(row.platform, row.channel),
            row.entries,
            row.oldest_at,
            max(row.due_at, row.until or row.due_at),
            row.reason or "",
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda each: each.destination))


def next_due(connection: Connection, at: Destination, now: datetime, process: str) -> int | None:
    """Find what is to be said next at a destination; None if nothing is due or something is being said."""
    held = connection.execute(select(pause.c.until).where(_is_at(pause, at), pause.c.until > now)).first()
    busy = select(outgoing.c.id).where(_is_at(outgoing, at), outgoing.c.claimed_by == process).limit(1)
    if held or connection.execute(busy).first():
        return None
    queue = (
        select(
            func.min(outgoing.c.id).label("first"),
            func.min(case((outgoing.c.is_card, outgoing.c.id))).label("first_card"),
            func.max(outgoing.c.severity).label("severity"),
            outgoing.c.card,
        )
        .where(_is_at(outgoing, at))
        .group_by(outgoing.c.card)
        .having(func.min(outgoing.c.not_before, type_=outgoing.c.not_before.type) <= now)
        .subquery()
    )
    # A note has no thread to go to before its card is shown.
    head = case((card.c.ref.is_(None), func.coalesce(queue.c.first_card, queue.c.first)), else_=queue.c.first)
    found = (
        select(outgoing.c.id)
        .select_from(queue)
        .outerjoin(card, and_(_is_at(card, at), card.c.name == queue.c.card))
        .join(outgoing, outgoing.c.id == head)
        .order_by(queue.c.severity.desc(), outgoing.c.occurred_at, outgoing.c.id)
        .limit(1)
    )
    return connection.execute(found).scalar()


def claim(connection: Connection, number: int, now: datetime, process: str) -> Entry:
    """Note that an entry is about to be said by this process, and read it."""
    row = _waiting(connection, number)
    assert row is not None  # noqa: S101 - it was found in the same transaction
    first_tried_at = row["first_tried_at"] or now
    doubtful = row["in_doubt"] or row["claimed_by"] is not None
    attempts = row["attempts"] + 1
    claimed = {
        "claimed_by": process,
        "in_doubt": doubtful,
        "attempts": attempts,
        "first_tried_at": first_tried_at,
    }
    connection.execute(update(outgoing).where(outgoing.c.id == number), claimed)
    said = load(Outgoing, row["kept"])
    return Entry(
        id=number,
        key=row["key"],
        outgoing=said,
        ref=connection.execute(select(card.c.ref).where(_is_card_of(said))).scalar(),
        attempts=attempts,
        doubtful=doubtful,
        first_tried_at=first_tried_at,
    )


def said(connection: Connection, entry: Entry, ref: str, at: datetime) -> None:
    """Delete an entry that was said; note where its card is shown."""
    if not _delete(connection, entry):
        return
    shown: dict[str, object] = {"said_at": at}
    if entry.outgoing.part is Part.CARD:
        shown["ref"] = ref
    _show(connection, entry.outgoing, shown)
    _go_on(connection, entry.outgoing.destination)


def postpone(connection: Connection, entry: Entry, until: datetime, reason: str, *, in_doubt: bool) -> None:
    """Free an entry that was not said or may not have been; let its destination rest."""
    row = _waiting(connection, entry.id)
    if row is None:
        return
    doubtful = row["in_doubt"] or in_doubt
    connection.execute(
        update(outgoing).where(outgoing.c.id == entry.id), {"claimed_by": None, "in_doubt": doubtful}
    )
    at = entry.outgoing.destination
    _go_on(connection, at)
    connection.execute(
        insert(pause), {"platform": at.platform, "channel": at.channel, "until": until, "reason": reason}
    )
    if not doubtful and entry.outgoing.part is Part.CARD:
        _catch_up(connection, entry)


def card_is_gone(connection: Connection, entry: Entry) -> None:
    """Forget where a card is shown, and every try to say an entry."""
    connection.execute(update(card).where(_is_card_of(entry.outgoing)), {"ref": None})
    connection.execute(
        update(outgoing).where(outgoing.c.id == entry.id),
        {"claimed_by": None, "in_doubt": False, "attempts": 0, "first_tried_at": None},
    )


def give_up(connection: Connection, entry: Entry, at: datetime, reason: str) -> None:
    """Delete an entry, and write down that it was never said."""
    row = _waiting(connection, entry.id)
    if row is None:
        return
    _delete(connection, entry)
    connection.execute(insert(given_up), {"at": at, "reason": reason, "kept": row["kept"]})
    if row["in_doubt"]:
        _show(connection, entry.outgoing, {"said_at": at})
    _go_on(connection, entry.outgoing.destination)


def given_up_since(connection: Connection, since: datetime) -> tuple[GivenUp, ...]:
    """Read what was given up, oldest first."""
    rows = connection.execute(
        select(given_up).where(given_up.c.at >= since).order_by(given_up.c.at, given_up.c.id)
    )
    return tuple(GivenUp(load(Outgoing, row.kept), row.at, row.reason) for row in rows)


def _unsaid_card(connection: Connection, like: Outgoing) -> RowMapping | None:
    unsaid = (
        select(outgoing)
        .where(
            _is_at(outgoing, like.destination),
            outgoing.c.card == like.card,
            outgoing.c.is_card,
            ~outgoing.c.in_doubt,
            outgoing.c.claimed_by.is_(None),
        )
        .order_by(outgoing.c.id)
        .limit(1)
    )
    return connection.execute(unsaid).mappings().first()


def _rewrite(connection: Connection, row: RowMapping, new: Outgoing) -> None:
    old = load(Outgoing, row["kept"])
    merged = replace(
        new,
        severity=max(old.severity, new.severity),
        occurred_at=old.occurred_at,
        not_before=min(old.not_before, new.not_before),
        mentions=tuple(dict.fromkeys((*old.mentions, *new.mentions))),
    )
    connection.execute(update(outgoing).where(outgoing.c.id == row["id"]), _row(merged))


def _catch_up(connection: Connection, entry: Entry) -> None:
    # While it was tried in vain a newer look of the card was written: that is what shall be said first.
    newer = (
        select(outgoing.c.id, outgoing.c.kept)
        .where(
            _is_at(outgoing, entry.outgoing.destination),
            outgoing.c.card == entry.outgoing.card,
            outgoing.c.is_card,
            outgoing.c.id > entry.id,
        )
        .order_by(outgoing.c.id)
    )
    for row in connection.execute(newer).all():
        this = _waiting(connection, entry.id)
        if this is not None:
            connection.execute(delete(outgoing).where(outgoing.c.id == row.id))
            _rewrite(connection, this, load(Outgoing, row.kept))


def _row(new: Outgoing) -> dict[str, object]:
    return {
        "platform": new.destination.platform,
        "channel": new.destination.channel,
        "card": new.card,
        "is_card": new.part is Part.CARD,
        "severity": int(new.severity),
        "occurred_at": new.occurred_at,
        "not_before": new.not_before,
        "in_doubt": False,
        "kept": dump(new),
    }


def _waiting(connection: Connection, number: int) -> RowMapping | None:
    return connection.execute(select(outgoing).where(outgoing.c.id == number)).mappings().first()


def _delete(connection: Connection, entry: Entry) -> bool:
    return bool(connection.execute(delete(outgoing).where(outgoing.c.id == entry.id)).rowcount)


def _show(connection: Connection, of: Outgoing, shown: dict[str, object]) -> None:
    if not connection.execute(update(card).where(_is_card_of(of)), shown).rowcount:
        place = {"platform": of.destination.platform, "channel": of.destination.channel, "name": of.card}
        connection.execute(insert(card), {"ref": None, **place, **shown})


def _go_on(connection: Connection, at: Destination) -> None:
    connection.execute(delete(pause).where(_is_at(pause, at)))


def _is_at(table: Table, at: Destination) -> ColumnElement[bool]:
    return and_(table.c.platform == at.platform, table.c.channel == at.channel)


def _is_card_of(of: Outgoing) -> ColumnElement[bool]:
    return and_(_is_at(card, of.destination), card.c.name == of.card)
