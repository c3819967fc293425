"""One story from the question to the undo, as the audit tells it: who, what, when, where, what came of it."""

from __future__ import annotations

from bot.domain.audit import check, head_of
from bot.flows.audit import verify
from tests.conversations.ops import text_of
from tests.conversations.test_remedies import Shop

HELPER = "/usr/bin/sudo -n /usr/local/sbin/memwarden-host"
SYSTEMCTL = "/usr/bin/sudo -n /usr/bin/systemctl"
CAT = "/usr/bin/cat /etc/systemd/system/gunicorn.service.d/50-memwarden.conf"
FEWER = f"{SYSTEMCTL} kill --kill-who=main -s TTOU gunicorn.service"
MORE = f"{SYSTEMCTL} kill --kill-who=main -s TTIN gunicorn.service"
CHANGE = (f"{HELPER} workers gunicorn.service 2", CAT, f"{SYSTEMCTL} daemon-reload", FEWER, FEWER)
OWN = "You asked for plan 1 yourself: another approver has to approve it."
REPLAYED = "Plan 1 was carried out already. `plan 1` tells what came of it."
LOOKED_AT = "it is being checked whether all is still as it was"
BACK = (f"{HELPER} forget gunicorn.service", f"{SYSTEMCTL} daemon-reload", MORE, MORE)


def told(shop: Shop) -> Shop:
    """Alice asks and clicks herself, Bob approves; it is done, watched, and taken back by Bob."""
    card = shop.asked("workers web-1 gunicorn 2")
    shop.pressed(card, "Approve", by="alice")
    shop.pressed(card, "Approve")
    shop.executes()
    shop.pressed(card, "Approve")
    shop.watches(6)
    shop.pressed(shop.cards[-1], "Undo")
    shop.pressed(shop.cards[-1], "Approve")
    shop.executes()
    return shop


def steps(plan: int, *commands: str) -> list[tuple[str, str, str, int]]:
    """Each step's begin and end."""
    return [
        ("memwarden", f"{begins}step {place} of {len(commands)}: {command}", result, plan)
        for place, command in enumerate(commands, 1)
        for begins, result in (("begin ", "begun"), ("", "done"))
    ]


def test_every_request_refusal_click_start_step_end_and_undo_is_a_line() -> None:
    shop = told(Shop())

    entries = [link.entry for link in reversed(shop.store.audited(99))]
    assert [(entry.who, entry.what, entry.result.partition(",")[0], entry.plan) for entry in entries] == [
        ("terminal:alice", "asked for plan 1: gunicorn 4 -> 2 workers", "waits for approval", 1),
        ("terminal:alice", "approve 1 k001", f"refused: {OWN}", 1),
        ("memwarden", "terminal:bob approves plan 1", LOOKED_AT, 1),
        ("terminal:bob", "approved plan 1", "approved", 1),
        ("memwarden", "start: gunicorn 4 -> 2 workers", "running", 1),
        *steps(1, *CHANGE),
        ("memwarden", "done", "done in 2.0 s: 2 workers", 1),
        ("terminal:bob", "approve 1 k001", f"refused: {REPLAYED}", 1),
        ("memwarden", "verified", "Verified: 2 workers", 1),
        ("terminal:bob", "undo plan 1", "asked as plan 2", 2),
        ("memwarden", "terminal:bob approves plan 2", LOOKED_AT, 2),
        ("terminal:bob", "approved plan 2", "approved", 2),
        ("memwarden", "start: undo plan 1 (gunicorn 4 -> 2 workers)", "running", 2),
        *steps(2, *BACK),
        ("memwarden", "done", "done in 2.0 s: 4 workers", 2),
        ("memwarden", "undone", "undone by plan 2", 1),
    ]
    assert {entry.host for entry in entries} == {"web-1"}
    times = [entry.at for entry in entries]
    assert times == sorted(times)
    assert times[0] < times[-1] <= shop.clock()
    assert check(reversed(shop.store.audited(99))) == ()


def test_each_card_names_the_newest_line_about_its_plan_so_that_a_cut_end_is_noticed() -> None:
    shop = told(Shop())

    newest = {
        plan: next(link for link in shop.store.audited(99) if link.entry.plan == plan) for plan in (1, 2)
    }
    for plan, card in enumerate(shop.cards, 1):
        assert card.message.footnote.endswith(f"audit {newest[plan].head}")
        assert verify(shop.store, head_of(newest[plan].head)).broken is None
        assert f"audit {newest[plan].head}" in text_of(shop.say("bob", f"plan {plan}"))


def test_what_was_temporary_and_is_taken_back_is_not_called_temporary_again() -> None:
    shop = Shop()
    shop.machine.has_helper = False

    told(shop)

    undo = shop.store.approval(2)
    assert undo is not None
    assert "Temporary" not in shop.cards[-1].text
    assert "temporary" not in shop.cards[-1].text
    assert undo.plan.lasts == "all is as if plan 1 had never been, also after a restart"
