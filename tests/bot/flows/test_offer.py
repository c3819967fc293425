"""What an alert's buttons offer: never what would always be refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.config import load
from bot.flows.offer import offered
from tests.conversations.night_watch import NightWatch

APPROVERS = '[people]\napprovers = ["terminal:alice", "terminal:bob"]\n'
HOST = '[[host]]\nname = "web-1"\n'
FORBIDDEN = f'{HOST}services.daphne = {{ forbid = ["stop_service"] }}\n'


def alerted(configuration: str, *, lasting: bool = True) -> list[str]:
    """Let web-1 run short of memory and return what its alert's first button says."""
    ops = NightWatch()
    ops.ports = replace(ops.ports, config=load(configuration, "config.toml"), lasting=lasting)
    ops.machine.available_mib = 82
    ops.minutes_pass(5)
    (card,) = ops.channel.cards
    return [button.label for button in card.message.buttons][:1]


def test_an_alert_offers_what_helps() -> None:
    assert alerted(HOST + APPROVERS) == ["Stop daphne"]


@pytest.mark.parametrize(
    ("configuration", "lasting"),
    [
        (HOST, True),
        (FORBIDDEN + APPROVERS, True),
        (HOST + APPROVERS + "[remediation]\nquorum = 3\n", True),
        (HOST + APPROVERS, False),
    ],
    ids=["nobody approves", "forbidden", "more approvals than people", "an audit that does not last"],
)
def test_an_alert_offers_nothing_that_would_always_be_refused(configuration: str, *, lasting: bool) -> None:
    assert alerted(configuration, lasting=lasting) == ["Acknowledge"]


@pytest.mark.parametrize(("entry", "count"), [('"slack-group:S01"', 2), ('"slack:*"', 2), ('"slack:U01"', 1)])
def test_who_is_in_a_group_is_not_known_so_that_may_be_enough(entry: str, count: int) -> None:
    quorums = "[remediation]\nquorums = { set_workers = 2 }\n"
    ops = NightWatch()
    ports = replace(ops.ports, config=load(f"[people]\napprovers = [{entry}]\n{quorums}{HOST}", "c.toml"))

    names = {each.name for each in offered(ports, "web-1").remediations} & {"set_workers", "stop_service"}

    assert len(names) == count


def test_where_nothing_is_remembered_nothing_is_offered() -> None:
    ports = replace(NightWatch(HOST).ports, store=None, config=load(HOST + APPROVERS, "config.toml"))

    assert offered(ports, "web-1").remediations == ()
