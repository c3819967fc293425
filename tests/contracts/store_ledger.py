"""What every Ledger does: all or nothing. A subclass provides the fixture `store`, empty."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditEntry
from bot.domain.event import Event, EventKind
from bot.domain.host_state import GroupKills, HostState, Start
from bot.domain.incident import Breach, Change, Incident, State, Suspect, Turn
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.domain.signal import Signal
from bot.domain.silence import Silence
from tests.contracts.store import SAMPLE

if TYPE_CHECKING:
    from bot.ports import Ledger, Store

NOW = datetime(2026, 3, 2, 14, 2, 31, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

STATE = HostState(
    host="web-1",
    checked_at=NOW,
    answered_at=NOW - MINUTE,
    error="not utf-8: \udcff\0",
    boot_id="4d6f",
    oom_kills=2**70,
    group_kills=(GroupKills("/system.slice/nul\0.service", 3),),
    starts=(Start("gunicorn", "gunicorn.service", 2**65, NOW),),
    largest="grün 🐘",
    largest_bytes=0,
    good=SAMPLE,
    signals=(Signal("memory", "", "memory", Severity.WARNING, NOW, "low", None, None, (NOW, NOW + MINUTE)),),
)

INCIDENT = Incident(
    id=12,
    host="web-1",
    cause="memory",
    state=State.TRIGGERED,
    severity=Severity.WARNING,
    worst=Severity.CRITICAL,
    opened_at=NOW,
    changed_at=NOW,
    seen_at=NOW,
    breaches=(Breach("memory", "", Severity.WARNING, "10 % \ud800", NOW),),
    story=(Change(Turn.OPENED, NOW, "opened"), Change(Turn.ACKNOWLEDGED, NOW, "seen", "alice")),
    picture=("gunicorn 404 MiB",),
    suspects=(Suspect("gunicorn", 2**64, -1, "fewer workers"),),
    destinations=(Destination("slack"), Destination("discord", "1")),
    told_at=NOW,
    parent=3,
)

SILENCE = Silence(1, "web-1", "", "memory", "deploy", "alice", NOW, NOW + MINUTE)
EVENT = Event("web-1", NOW, EventKind.OOM_KILL, "gunicorn", "the kernel killed gunicorn")
AUDIT = AuditEntry(NOW, "slack:U01", "ack 12", "acknowledged")


def keep_one_of_each(ledger: Ledger) -> None:
    ledger.remember(SAMPLE)
    ledger.save_state(STATE)
    ledger.save_incident(INCIDENT)
    ledger.save_silence(SILENCE)
    ledger.mark(EVENT)
    ledger.done("digest", NOW)
    ledger.audit(AUDIT)


class LedgerContract:
    def test_of_nothing_is_anything_known_at_first(self, store: Store) -> None:
        with store.changing() as ledger:
            assert ledger.state("web-1") is None
            assert ledger.states() == ()
            assert ledger.incident(12) is None
            assert ledger.incident(2**70) is None
            assert ledger.open_incidents() == ()
            assert ledger.incidents_since(NOW) == ()
            assert ledger.silences(NOW) == ()
            assert ledger.done_at("digest") is None

    def test_what_was_kept_is_read_back_within_the_transaction_and_after_it(self, store: Store) -> None:
        with store.changing() as ledger:
            keep_one_of_each(ledger)
            within = (
                ledger.state("web-1"),
                ledger.incident(12),
                ledger.silences(NOW),
                ledger.done_at("digest"),
            )

        assert within == (STATE, INCIDENT, (SILENCE,), NOW)
        assert store.latest("web-1") == SAMPLE
        assert store.state("web-1") == STATE
        assert store.incident(12) == INCIDENT
        assert store.incidents() == (INCIDENT,)
        assert store.silences(NOW) == (SILENCE,)
        assert store.events(None, NOW, NOW + MINUTE) == (EVENT,)
        assert store.done_at("digest") == NOW
        assert [link.entry for link in store.audited(5)] == [AUDIT]

    def test_what_raises_undoes_everything(self, store: Store) -> None:
        with suppress(ZeroDivisionError), store.changing() as ledger:
            keep_one_of_each(ledger)
            ledger.next_number("incident")
            raise ZeroDivisionError

        with store.changing() as ledger:
            assert ledger.next_number("incident") == 1
            assert ledger.states() == ()
        assert store.latest("web-1") is None
        assert store.incidents() == ()
        assert store.silences(NOW) == ()
        assert store.events(None, NOW, NOW + MINUTE) == ()
        assert store.done_at("digest") is None
        assert store.audited(5) == ()

    def test_names_that_were_numbered_in_vain_are_numbered_again(self, store: Store) -> None:
        with suppress(ZeroDivisionError), store.changing() as ledger:
            ledger.remember(SAMPLE)
            raise ZeroDivisionError
        store.remember(SAMPLE)

        assert store.latest("web-1") == SAMPLE

    def test_others_see_nothing_before_the_end(self, store: Store) -> None:
        with store.changing() as ledger:
            ledger.save_incident(INCIDENT)
            assert store.incident(12) is None

    def test_a_transaction_within_a_transaction_is_a_mistake(self, store: Store) -> None:
        with store.changing(), pytest.raises(RuntimeError, match="transaction within"), store.changing():
            pass
        with store.changing(), pytest.raises(RuntimeError, match="transaction within"):
            store.remember(SAMPLE)

        store.remember(SAMPLE)
        assert store.latest("web-1") == SAMPLE

    def test_transactions_take_turns(self, store: Store) -> None:
        def count(_: int) -> int:
            with store.changing() as ledger:
                return ledger.next_number("incident")

        with ThreadPoolExecutor(8) as threads:
            assert sorted(threads.map(count, range(40))) == list(range(1, 41))

    def test_numbers_of_different_kinds_are_counted_apart(self, store: Store) -> None:
        with store.changing() as ledger:
            assert [ledger.next_number(of) for of in ("incident", "incident", "silence")] == [1, 2, 1]

    def test_states_are_replaced_and_come_by_name(self, store: Store) -> None:
        newer = replace(STATE, error="", good=None)
        with store.changing() as ledger:
            for state in (STATE, replace(STATE, host="db"), newer):
                ledger.save_state(state)

            assert ledger.states() == (replace(STATE, host="db"), newer)

    def test_open_incidents_are_those_of_a_host_or_all(self, store: Store) -> None:
        fleet = replace(INCIDENT, id=3, host="", cause="storm unreachable")
        over = replace(INCIDENT, id=4, state=State.RESOLVED, resolved_at=NOW + MINUTE)
        acknowledged = replace(INCIDENT, id=20, state=State.ACKNOWLEDGED)
        with store.changing() as ledger:
            for incident in (acknowledged, INCIDENT, fleet, over):
                ledger.save_incident(incident)

            assert ledger.open_incidents() == (fleet, INCIDENT, acknowledged)
            assert ledger.open_incidents("web-1") == (INCIDENT, acknowledged)
            assert ledger.open_incidents("web-2") == ()
            assert ledger.incidents_since(NOW + MINUTE) == (fleet, over, INCIDENT, acknowledged)
            assert ledger.incidents_since(NOW + 2 * MINUTE) == (fleet, INCIDENT, acknowledged)
            assert ledger.incidents_since(NOW + MINUTE, "web-1") == (over, INCIDENT, acknowledged)
            assert ledger.incidents_since(NOW + MINUTE, "") == (fleet,)
        assert store.incidents(NOW + MINUTE) == (fleet, over, INCIDENT, acknowledged)

    def test_an_incident_may_end_and_be_opened_again(self, store: Store) -> None:
        over = replace(INCIDENT, state=State.RESOLVED, resolved_at=NOW)
        for incident, is_open in ((INCIDENT, True), (over, False), (INCIDENT, True)):
            with store.changing() as ledger:
                ledger.save_incident(incident)

            assert store.incidents() == ((INCIDENT,) if is_open else ())

    def test_a_silence_is_in_force_from_its_begin_to_its_end_or_until_it_is_lifted(
        self, store: Store
    ) -> None:
        with store.changing() as ledger:
            ledger.save_silence(SILENCE)

        moments = (NOW - MINUTE, NOW, NOW + MINUTE)
        assert [store.silences(at) for at in moments] == [(), (SILENCE,), ()]

        with store.changing() as ledger:
            ledger.save_silence(replace(SILENCE, lifted_at=NOW))
        assert store.silences(NOW) == ()

    def test_events_come_oldest_first_of_a_host_or_all(self, store: Store) -> None:
        later = replace(EVENT, at=NOW + MINUTE, host="web-2", subject="\udcff")
        with store.changing() as ledger:
            ledger.mark(later)
            ledger.mark(EVENT)

        assert store.events(None, NOW, NOW + 2 * MINUTE) == (EVENT, later)
        assert store.events(None, NOW, NOW + MINUTE) == (EVENT,)
        assert store.events("web-2", NOW, NOW + 2 * MINUTE) == (later,)

    def test_what_is_done_periodically_is_noted_anew(self, store: Store) -> None:
        for at in (NOW, NOW + MINUTE):
            with store.changing() as ledger:
                ledger.done("digest", at)

            assert store.done_at("digest") == at
