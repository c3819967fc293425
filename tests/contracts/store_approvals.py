"""What every Store does with approvals. A subclass provides the fixture `store`, empty."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.approval import KEPT_FOR, Approval, Done, Measured, Needs, Phase, Vote, Who
from bot.domain.history import Retention
from bot.domain.plan import Goal, Order, Plan, Saving, Step
from bot.domain.route import Destination

if TYPE_CHECKING:
    from bot.ports import Store

NOW = datetime(2026, 3, 2, 14, 2, 31, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DROP_IN = "/etc/systemd/system/gunicorn.service.d/50-memwarden.conf"

PLAN = Plan(
    order=Order("set_workers", "web-1", "gunicorn", count=2),
    unit="gunicorn.service",
    title="gunicorn 4 -> 2 workers",
    words="workers web-1 gunicorn 2",
    steps=(
        Step(("/usr/bin/cat", DROP_IN), "reads it back", prints="[Service]\n"),
        Step(("/usr/bin/systemctl", "kill", "\udcff\0"), "ends a worker", workers=3),
    ),
    undo=(Step(("/usr/bin/systemctl", "daemon-reload"), "reads the units again"),),
    goal=Goal(workers=2, active=True, files=((DROP_IN, "[Service]\n"), ("/none", None))),
    origin=Goal(workers=4, files=((DROP_IN, None),)),
    saving=Saving(196 * 1024**2, "USS of the two oldest workers"),
    lasting=True,
    lasts="until it is undone",
    at_once="TTOU x 2 to the master",
    undone="removes that file, TTIN x 2",
    basis=("ExecStart=gunicorn --workers 4", ""),
    made_at=NOW,
    available_bytes=None,
    total_bytes=2**30,
    files=((DROP_IN, "[Service]\n"),),
    side_effects=("a request may take longer",),
)

APPROVAL = Approval(
    number=42,
    code="k7f3",
    plan=PLAN,
    needs=Needs(quorum=2, delay_s=30.0),
    asked_by=Who("slack:U01", "Alice"),
    asked_at=NOW,
    expires_at=NOW + 15 * MINUTE,
    phase=Phase.WATCHED,
    changed_at=NOW,
    destinations=(Destination("slack", "C01"), Destination("discord")),
    verdict="grün \ud800",
    incident=12,
    votes=(Vote(Who("discord:4", "Bob"), NOW + MINUTE),),
    approved_at=NOW + MINUTE,
    steps=(Done(NOW, NOW + MINUTE, 0), Done(NOW, note="the connection broke")),
    measured=Measured(2**27, 2**28, None, -1),
    watch_until=NOW + 5 * MINUTE,
)

OPEN = (Phase.ASKED, Phase.APPROVED, Phase.RUNNING, Phase.WATCHED)


def keep(store: Store, *approvals: Approval) -> None:
    with store.changing() as ledger:
        for approval in approvals:
            ledger.save_approval(approval)


class ApprovalContract:
    def test_nothing_was_asked_for_at_first(self, store: Store) -> None:
        with store.changing() as ledger:
            assert ledger.approval(42) is None
            assert ledger.approval(2**70) is None
            assert ledger.open_approvals() == ()
        assert store.approval(42) is None
        assert store.approvals(NOW) == ()

    def test_an_approval_comes_back_exactly(self, store: Store) -> None:
        with store.changing() as ledger:
            ledger.save_approval(APPROVAL)
            within = (ledger.approval(42), ledger.open_approvals())

        assert within == (APPROVAL, (APPROVAL,))
        assert store.approval(42) == APPROVAL
        assert repr(store.approval(42)) == repr(APPROVAL)
        kept = store.approval(42)
        assert kept is not None
        assert kept.plan.fingerprint == PLAN.fingerprint

    def test_what_raises_undoes_it(self, store: Store) -> None:
        with suppress(ZeroDivisionError), store.changing() as ledger:
            ledger.save_approval(APPROVAL)
            raise ZeroDivisionError

        assert store.approval(42) is None

    def test_an_approval_takes_its_own_place(self, store: Store) -> None:
        undone = replace(APPROVAL, phase=Phase.UNDONE, undone_by=43, changed_at=NOW + MINUTE)
        keep(store, APPROVAL, undone)

        assert store.approval(42) == undone
        with store.changing() as ledger:
            assert ledger.open_approvals() == ()

    @pytest.mark.parametrize("phase", Phase)
    def test_open_are_those_of_which_something_may_still_be_done(self, store: Store, phase: Phase) -> None:
        approval = replace(APPROVAL, phase=phase)
        keep(store, approval)

        with store.changing() as ledger:
            assert ledger.open_approvals() == ((approval,) if phase in OPEN else ())

    def test_those_of_a_time_are_the_open_ones_and_those_that_ended_since(self, store: Store) -> None:
        denied = replace(APPROVAL, number=7, phase=Phase.DENIED, changed_at=NOW - MINUTE)
        expired = replace(APPROVAL, number=9, phase=Phase.EXPIRED, changed_at=NOW + MINUTE)
        keep(store, APPROVAL, expired, denied)

        assert store.approvals(NOW - MINUTE) == (denied, expired, APPROVAL)
        assert store.approvals(NOW) == (expired, APPROVAL)
        assert store.approvals(NOW + 2 * MINUTE) == (APPROVAL,)

    def test_what_ended_two_years_ago_is_forgotten_however_short_history_is_kept(self, store: Store) -> None:
        denied = replace(APPROVAL, number=7, phase=Phase.DENIED)
        keep(store, APPROVAL, denied)
        short = Retention(DAY, DAY, DAY)

        store.thin(NOW + KEPT_FOR - DAY, short, most_hosts=1)
        before = store.approvals(NOW)
        store.thin(NOW + KEPT_FOR + DAY, short, most_hosts=1)

        assert before == (denied, APPROVAL)
        assert store.approvals(NOW) == (APPROVAL,)
