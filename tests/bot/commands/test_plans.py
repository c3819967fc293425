"""What people type to ask for plans and to decide about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.commands.approve import COMMAND as APPROVE
from bot.commands.deny import COMMAND as DENY
from bot.commands.maxmemory import COMMAND as MAXMEMORY
from bot.commands.plan import COMMAND as PLAN
from bot.commands.plans import COMMAND as PLANS
from bot.commands.restart import COMMAND as RESTART
from bot.commands.start import COMMAND as START
from bot.commands.stop import COMMAND as STOP
from bot.commands.workers import COMMAND as WORKERS
from bot.domain.people import Role
from tests.conversations.approvals import DAVE, Approvals

if TYPE_CHECKING:
    from bot.commands import Command

ASKING = (WORKERS, STOP, START, RESTART, MAXMEMORY)
DECIDING = (APPROVE, DENY)
LOOKING = (PLANS, PLAN)


@pytest.mark.parametrize(
    ("commands", "role", "audited"),
    [(ASKING, Role.OPERATOR, True), (DECIDING, Role.APPROVER, True), (LOOKING, Role.VIEWER, False)],
)
def test_who_may_and_what_is_audited(commands: tuple[Command, ...], role: Role, *, audited: bool) -> None:
    assert {(command.role, command.audited) for command in commands} == {(role, audited)}


@pytest.mark.parametrize(
    ("words", "action", "service", "count", "option"),
    [
        ("workers web-1 gunicorn 2", "set_workers", "gunicorn", 2, ""),
        ("workers gunicorn 3", "set_workers", "gunicorn", 3, ""),
        ("stop web-1 daphne", "stop_service", "daphne", None, ""),
        ("stop daphne", "stop_service", "daphne", None, ""),
        ("stop daphne lasting", "stop_service", "daphne", None, "lasting"),
        ("restart web-1 redis", "restart_service", "redis", None, ""),
        ("start web-1 daphne", "start_service", "daphne", None, ""),
    ],
)
def test_words_become_an_order(words: str, action: str, service: str, count: int | None, option: str) -> None:
    order = Approvals().ask(DAVE, words).plan.order

    assert (order.action, order.host, order.service) == (action, "web-1", service)
    assert (order.count, order.option) == (count, option)


@pytest.mark.parametrize(
    "words", ["workers web-1 gunicorn", "workers", "stop", "maxmemory redis", "approve 1", "deny"]
)
def test_what_is_missing_is_asked_for(words: str) -> None:
    ops = Approvals('[people]\nviewers = ["*"]\napprovers = ["*"]')

    assert ops.say(DAVE, words).form is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("workers gunicorn 0", "`0` is not a number that `count` can be"),
        ("workers gunicorn -1", "`-1` is not a number that `count` can be"),
        ("workers gunicorn 2; reboot", "`2;` is not a number that `count` can be"),
        ("stop daphne forever", "`forever` cannot be `lasting`"),
        ("maxmemory redis 30", "`30` has no unit"),
        ("maxmemory redis 48mb", "Only some sizes can be asked for"),
        ("workers web-9 gunicorn 2", "There is no host `web-9`"),
    ],
)
def test_what_makes_no_sense_is_said(words: str, said: str) -> None:
    ops = Approvals(host='[[host]]\nname = "web-1"\n[[host]]\nname = "web-2"\n')
    spoken = words if "web-9" in words else words.replace(" ", " web-1 ", 1)

    assert ops.say(DAVE, spoken).headline.startswith(said)
    assert ops.store.approvals(ops.clock()) == ()
