"""Asking for a plan: one transaction, with its card and its line in the audit, or nothing at all."""

from __future__ import annotations

import pytest

from bot.domain.approval import Needs, Phase
from bot.domain.plan import Order
from bot.domain.policy import Severity
from bot.domain.route import Destination
from bot.errors import Refused, StoreError, UnknownService
from bot.flows.ask import ask
from tests.bot.views import incident_samples as samples
from tests.conversations.approvals import ALICE, DAVE, HERE, HOST, Approvals

FEWER = Order("set_workers", "web-1", "gunicorn", count=2)


@pytest.fixture
def ops() -> Approvals:
    return Approvals()


def test_what_is_asked_for_is_kept_with_all_that_it_takes(ops: Approvals) -> None:
    asked = ask(ops.ports, FEWER, DAVE)

    assert ops.approval(asked.number) == asked
    assert (asked.phase, asked.needs) == (Phase.ASKED, Needs())
    assert (asked.asked_by.entry, asked.asked_by.name) == ("slack:U04", "Dave")
    assert (asked.expires_at - asked.asked_at).total_seconds() == 900


def test_its_card_is_said_at_once_and_before_what_is_less_than_critical(ops: Approvals) -> None:
    ask(ops.ports, FEWER, DAVE)

    (card,) = ops.said()
    assert (card.card, card.severity, card.not_before) == ("plan 1", Severity.CRITICAL, ops.clock())


def test_quiet_hours_do_not_hold_it_back() -> None:
    ops = Approvals(more='[quiet]\nfrom = "13:00"\nto = "15:00"')
    ask(ops.ports, FEWER, DAVE)

    assert len(ops.said()) == 1


def test_what_cannot_be_kept_is_not_asked_for(ops: Approvals) -> None:
    ops.store.fails(StoreError("The disk is full."))
    with pytest.raises(StoreError):
        ask(ops.ports, FEWER, DAVE)

    ops.store.fails(None)
    assert ops.store.approvals(ops.clock()) == ()
    assert ops.audit() == []
    assert ops.said() == []


def test_what_cannot_be_planned_leaves_no_trace(ops: Approvals) -> None:
    with pytest.raises(UnknownService):
        ask(ops.ports, Order("stop_service", "web-1", "nobody"), DAVE)
    with pytest.raises(Refused):
        ask(ops.ports, Order("set_workers", "web-1", "gunicorn", count=4), DAVE)

    assert ops.store.approvals(ops.clock()) == ()
    assert ops.said() == []


def test_it_is_shown_where_the_routes_of_the_host_lead_and_where_its_incident_was_told() -> None:
    routes = (
        '[[route]]\nhosts = ["web-1"]\nto = ["slack:C01"]\n[[route]]\nhosts = ["db-2"]\nto = ["slack:C02"]'
    )
    ops = Approvals(more=routes, host=f'{HOST}[[host]]\nname = "db-2"\n')
    with ops.store.changing() as ledger:
        ledger.save_incident(samples.short_of_memory(7, "web-1"))
    told = samples.short_of_memory(7, "web-1").destinations

    asked = ask(ops.ports, FEWER, DAVE, "C09")

    places = (Destination("slack", "C01"), *told, Destination("slack", "C09"))
    assert asked.destinations == tuple(dict.fromkeys(places))


def test_where_no_route_leads_it_is_shown_where_the_asker_is_at_home() -> None:
    ops = Approvals(
        more='[[route]]\nhosts = ["db-2"]\nto = ["slack:C02"]', host=f'{HOST}[[host]]\nname = "db-2"\n'
    )

    assert ask(ops.ports, FEWER, DAVE).destinations == (Destination("slack"),)


def test_what_has_expired_is_asked_for_anew(ops: Approvals) -> None:
    first = ask(ops.ports, FEWER, DAVE)
    ops.time_passes(minutes=16)

    assert ask(ops.ports, FEWER, DAVE).number != first.number


def test_another_order_is_another_plan(ops: Approvals) -> None:
    first = ask(ops.ports, FEWER, DAVE)

    assert ask(ops.ports, Order("set_workers", "web-1", "gunicorn", count=3), ALICE).number != first.number


def test_what_is_out_of_date_is_said_to_be(ops: Approvals) -> None:
    ask(ops.ports, FEWER, DAVE)
    ops.said()
    ops.machine.has_helper = False
    ask(ops.ports, FEWER, DAVE)

    headlines = [outgoing.message.headline for outgoing in ops.said(HERE)]
    assert any("Plan 1 on web-1 is out of date" in headline for headline in headlines)
    assert any("Plan 2 on web-1 needs approval" in headline for headline in headlines)
