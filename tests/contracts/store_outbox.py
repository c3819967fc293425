"""What every Store does with what is to be said. A subclass provides the fixtures `store` and `restarted`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.message import Message
from bot.outbox import Backlog, GivenUp, Outgoing, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.outbox import Entry
    from bot.ports import Store

    Restarted: TypeAlias = Callable[[], Store]

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPS = Destination("slack")
ELSEWHERE = Destination("discord", "1122")

CARD = Outgoing(OPS, "incident 1", Part.CARD, Message("low"), Severity.WARNING, NOW, NOW, ("slack:U01",))
NOTE = replace(CARD, part=Part.NOTE, message=Message("lower"), mentions=())
OTHER = replace(CARD, card="incident 2", message=Message("other"), occurred_at=NOW + MINUTE)


def enqueue(store: Store, *all_outgoing: Outgoing) -> None:
    with store.changing() as ledger:
        for outgoing in all_outgoing:
            ledger.enqueue(outgoing)


def claimed(store: Store, at: datetime = NOW) -> Entry:
    entry = store.claim(OPS, at)
    assert entry
    return entry


def withdrawn(store: Store, card: str = "incident 1") -> bool:
    with store.changing() as ledger:
        return ledger.withdraw(card)


def all_said(store: Store, at: datetime = NOW) -> list[Outgoing]:
    said = []
    while entry := store.claim(OPS, at):
        said.append(entry.outgoing)
        store.said(entry, "1.0", at)
    return said


class OutboxContract:
    def test_nothing_to_say(self, store: Store) -> None:
        assert store.claim(OPS, NOW) is None
        assert store.backlog() == ()
        assert store.given_up(NOW) == ()

    def test_a_card_is_said_then_its_note_in_its_thread(self, store: Store) -> None:
        enqueue(store, CARD, NOTE)
        first = claimed(store)
        store.said(first, "1700.1", NOW)
        second = claimed(store)
        store.said(second, "1700.2", NOW)

        assert (first.outgoing, first.ref, first.attempts, first.doubtful) == (CARD, None, 1, False)
        assert first.first_tried_at == NOW
        assert (second.outgoing, second.ref) == (NOTE, "1700.1")
        assert store.claim(OPS, NOW) is None

    def test_a_notes_own_place_is_not_the_cards(self, store: Store) -> None:
        enqueue(store, CARD, NOTE)
        store.said(claimed(store), "card", NOW)
        store.said(claimed(store), "note", NOW)
        enqueue(store, CARD)

        assert claimed(store).ref == "card"

    def test_keys_are_short_and_never_the_same(self, store: Store) -> None:
        enqueue(store, CARD, NOTE, OTHER)
        keys = []
        while entry := store.claim(OPS, NOW):
            keys.append(entry.key)
            store.said(entry, "1", NOW)

        assert len(set(keys)) == 3
        assert all(len(key) <= 25 for key in keys)

    def test_what_raises_is_not_said(self, store: Store) -> None:
        with suppress(ZeroDivisionError), store.changing() as ledger:
            ledger.enqueue(CARD)
            raise ZeroDivisionError

        assert store.claim(OPS, NOW) is None

    def test_the_most_severe_card_is_first_then_the_oldest(self, store: Store) -> None:
        critical = replace(OTHER, card="incident 3", severity=Severity.CRITICAL)
        older = replace(OTHER, card="incident 4", occurred_at=NOW - MINUTE)
        enqueue(store, OTHER, CARD, NOTE, critical, older)

        assert all_said(store) == [critical, older, CARD, NOTE, OTHER]

    def test_an_urgent_note_hurries_what_is_before_it(self, store: Store) -> None:
        calm = replace(CARD, not_before=NOW + 60 * MINUTE)
        urgent = replace(NOTE, severity=Severity.CRITICAL)
        enqueue(store, OTHER, calm, urgent)

        assert all_said(store) == [calm, urgent, OTHER]

    def test_nothing_is_said_before_its_time(self, store: Store) -> None:
        enqueue(store, replace(CARD, not_before=NOW + MINUTE))

        assert store.claim(OPS, NOW) is None
        assert claimed(store, NOW + MINUTE).attempts == 1

    def test_destinations_know_nothing_of_each_other(self, store: Store) -> None:
        there = replace(CARD, destination=ELSEWHERE)
        enqueue(store, CARD, there)
        here = claimed(store)
        store.said(here, "1", NOW)
        entry = store.claim(ELSEWHERE, NOW)

        assert entry
        assert (entry.outgoing, entry.ref) == (there, None)

    def test_one_at_a_time_is_said_at_a_destination(self, store: Store) -> None:
        enqueue(store, CARD, OTHER, replace(CARD, destination=ELSEWHERE))
        claimed(store)

        assert store.claim(OPS, NOW) is None
        assert store.claim(ELSEWHERE, NOW)

    def test_a_card_that_nobody_began_to_say_is_replaced_in_its_place(self, store: Store) -> None:
        newer = replace(
            CARD,
            message=Message("better"),
            severity=Severity.NOTICE,
            occurred_at=NOW + MINUTE,
            not_before=NOW + MINUTE,
            mentions=("slack:U02", "slack:U01"),
        )
        enqueue(store, CARD, NOTE, newer)

        as_said = replace(CARD, message=Message("better"), mentions=("slack:U01", "slack:U02"))
        assert all_said(store) == [as_said, NOTE]

    def test_a_replaced_card_is_as_severe_and_early_as_either(self, store: Store) -> None:
        late = replace(CARD, not_before=NOW + 60 * MINUTE)
        worse = replace(CARD, severity=Severity.CRITICAL)
        enqueue(store, late, worse)

        assert all_said(store) == [worse]

    def test_a_card_that_is_being_said_is_not_replaced(self, store: Store) -> None:
        newer = replace(CARD, message=Message("better"))
        enqueue(store, CARD)
        first = claimed(store)
        enqueue(store, newer)
        store.said(first, "1", NOW)
        second = claimed(store)

        assert (second.outgoing, second.ref) == (newer, "1")

    def test_a_card_tried_in_vain_is_replaced_by_what_came_meanwhile(self, store: Store) -> None:
        newer = replace(CARD, message=Message("better"))
        enqueue(store, CARD)
        first = claimed(store)
        enqueue(store, NOTE, newer)
        store.postpone(first, NOW, "busy", in_doubt=False)

        again = claimed(store)
        assert (again.outgoing, again.key, again.attempts) == (newer, first.key, 2)
        store.said(again, "1", NOW)
        assert all_said(store) == [NOTE]

    def test_a_card_that_may_have_been_said_is_not_replaced(self, store: Store) -> None:
        newer = replace(CARD, message=Message("better"))
        enqueue(store, CARD)
        store.postpone(claimed(store), NOW, "timed out", in_doubt=True)
        enqueue(store, newer)

        assert all_said(store) == [CARD, newer]

    def test_a_postponed_entry_lets_its_destination_rest(self, store: Store) -> None:
        enqueue(store, CARD, OTHER)
        store.postpone(claimed(store), NOW + MINUTE, "slow down", in_doubt=False)

        assert store.claim(OPS, NOW) is None
        assert store.backlog() == (Backlog(OPS, 2, NOW, NOW + MINUTE, "slow down"),)
        again = claimed(store, NOW + MINUTE)
        assert (again.outgoing, again.attempts, again.doubtful) == (CARD, 2, False)
        assert again.first_tried_at == NOW

    def test_doubt_does_not_pass(self, store: Store) -> None:
        enqueue(store, CARD)
        store.postpone(claimed(store), NOW, "timed out", in_doubt=True)
        store.postpone(claimed(store), NOW, "refused", in_doubt=False)

        assert claimed(store).doubtful

    def test_once_something_was_said_there_is_no_trouble(self, store: Store) -> None:
        enqueue(store, CARD, OTHER)
        store.postpone(claimed(store), NOW, "slow down", in_doubt=False)
        store.said(claimed(store), "1", NOW)

        assert store.backlog() == (Backlog(OPS, 1, NOW + MINUTE, NOW),)

    def test_the_backlog_comes_by_destination(self, store: Store) -> None:
        enqueue(store, CARD, NOTE, replace(CARD, destination=ELSEWHERE, not_before=NOW + MINUTE))

        assert store.backlog() == (Backlog(ELSEWHERE, 1, NOW, NOW + MINUTE), Backlog(OPS, 2, NOW, NOW))

    def test_after_a_restart_what_was_being_said_is_claimed_at_once_and_in_doubt(
        self, store: Store, restarted: Restarted
    ) -> None:
        enqueue(store, CARD, NOTE)
        before = claimed(store)
        after = restarted().claim(OPS, NOW + MINUTE)

        assert after
        assert after == replace(before, doubtful=True, attempts=2)

    def test_where_a_card_is_shown_outlives_a_restart(self, store: Store, restarted: Restarted) -> None:
        enqueue(store, CARD, NOTE)
        store.said(claimed(store), "1700.1", NOW)
        entry = restarted().claim(OPS, NOW)

        assert entry
        assert entry.ref == "1700.1"

    def test_a_card_that_is_gone_is_posted_anew(self, store: Store) -> None:
        enqueue(store, CARD)
        store.said(claimed(store), "1700.1", NOW)
        enqueue(store, CARD)
        store.card_is_gone(claimed(store))
        again = claimed(store)

        assert (again.outgoing, again.ref, again.attempts, again.doubtful) == (CARD, None, 1, False)

    def test_a_note_waits_for_its_card_that_is_gone(self, store: Store) -> None:
        enqueue(store, CARD)
        store.said(claimed(store), "1700.1", NOW)
        enqueue(store, NOTE, CARD)
        store.card_is_gone(claimed(store))

        assert all_said(store) == [CARD, NOTE]

    def test_what_is_given_up_is_never_said(self, store: Store) -> None:
        enqueue(store, CARD, OTHER)
        store.give_up(claimed(store), NOW + MINUTE, "no such channel")

        assert store.given_up(NOW) == (GivenUp(CARD, NOW + MINUTE, "no such channel"),)
        assert store.given_up(NOW + 2 * MINUTE) == ()
        assert all_said(store) == [OTHER]

    def test_what_nobody_began_to_say_can_be_taken_back(self, store: Store) -> None:
        enqueue(store, CARD, NOTE, replace(CARD, destination=ELSEWHERE), OTHER)
        assert withdrawn(store)
        assert all_said(store) == [OTHER]
        assert store.backlog() == ()

    def test_what_was_certainly_not_said_can_be_taken_back(self, store: Store) -> None:
        enqueue(store, CARD)
        store.postpone(claimed(store), NOW, "refused", in_doubt=False)
        assert withdrawn(store)
        assert store.backlog() == ()

    def test_what_was_said_or_may_have_been_cannot_be_taken_back(self, store: Store) -> None:
        enqueue(store, CARD, NOTE, replace(CARD, destination=ELSEWHERE))
        first = claimed(store)
        answers = [withdrawn(store)]
        store.postpone(first, NOW, "timed out", in_doubt=True)
        answers.append(withdrawn(store))
        store.said(claimed(store), "1", NOW)
        answers.append(withdrawn(store))

        assert answers == [False] * 3
        assert [waiting.count for waiting in store.backlog()] == [1, 1]

    def test_a_doubtful_entry_that_was_given_up_may_have_been_said(self, store: Store) -> None:
        enqueue(store, CARD, OTHER)
        store.give_up(claimed(store), NOW, "refused")
        store.postpone(claimed(store), NOW, "timed out", in_doubt=True)
        store.give_up(claimed(store), NOW, "too old")

        assert withdrawn(store)
        assert not withdrawn(store, "incident 2")
