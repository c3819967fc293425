"""Who is asking: names and user groups, known without waiting, and never longer than they are true."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.groups import Groups, Pace
from adapters.chat.slack.web import Web
from bot.message import Message
from tests.adapters.chat.slack.served import QUICK, Answers, serving, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.message import Request
    from tests.servers.fake_slack import FakeSlack

ONCALL = "slack-group:S01"


def groups_of(request: Request) -> Message:
    return Message(f"{request.person.name} is in {', '.join(request.person.groups) or 'nothing'}")


def wait(condition: Callable[[], bool], timeout_s: float = 15) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def asked_until(slack: FakeSlack, answer: Answers, fits: Callable[[Request], bool]) -> None:
    until = time.monotonic() + 15
    while not answer.requests or not fits(answer.requests[-1]):
        assert time.monotonic() < until, answer.requests[-1:]
        slack.command("U01", "who")
        time.sleep(0.05)


def test_the_first_command_already_knows_name_and_groups(slack: FakeSlack) -> None:
    slack.add_group("S01", "oncall", ("U01",))
    answer = Answers({"who": groups_of})

    with serving(slack, answer, world=world_of(slack, groups=(ONCALL, "slack-group:S02"))):
        slack.mention("U01", "who")
        (shown,) = slack.wait_shown("U01", 1)

    assert f"ann is in {ONCALL}" in shown.plain
    assert answer.requests[0].group_names == {ONCALL: "@oncall"}
    assert answer.requests[0].person.platform == "slack"


def test_without_groups_in_the_roster_slack_is_not_asked_for_any(slack: FakeSlack) -> None:
    with serving(slack):
        slack.command("U01", "who")
        slack.wait_shown("U01", 1)

        assert slack.called("usergroups.list") == []


def test_who_leaves_a_group_is_no_longer_in_it(slack: FakeSlack) -> None:
    slack.add_group("S01", "oncall", ("U01",))
    answer = Answers()
    with serving(slack, answer, world=world_of(slack, groups=(ONCALL,))):
        asked_until(slack, answer, lambda request: request.person.groups == (ONCALL,))
        slack.add_group("S01", "oncall", ())
        asked_until(slack, answer, lambda request: request.person.groups == ())


@pytest.mark.parametrize(("kept_s", "groups"), [(60.0, (ONCALL,)), (0.3, ())])
def test_while_slack_does_not_tell_what_it_told_before_holds_for_a_while(
    slack: FakeSlack, kept_s: float, groups: tuple[str, ...]
) -> None:
    slack.add_group("S01", "oncall", ("U01",))
    answer = Answers()
    timing = replace(QUICK, groups=Pace(every_s=0.1, again_s=0.1, kept_s=kept_s))
    with serving(slack, answer, world=world_of(slack, groups=(ONCALL,)), timing=timing):
        asked_until(slack, answer, lambda request: request.person.groups == (ONCALL,))
        slack.scopes.discard("usergroups:read")
        slack.wait_called("usergroups.list", len(slack.called("usergroups.list")) + 3)
        asked = len(answer.requests)

        asked_until(
            slack,
            answer,
            lambda request: len(answer.requests) > asked and request.person.groups == groups,
        )


def test_a_name_that_slack_does_not_tell_is_the_one_it_sent(slack: FakeSlack) -> None:
    slack.scopes.discard("users:read")
    answer = Answers()
    with serving(slack, answer):
        slack.command("U01", "who")
        slack.mention("U01", "who else")
        slack.wait_shown("U01", 2)

    assert sorted(request.person.name for request in answer.requests) == ["U01", "ann"]


def test_a_person_is_looked_up_once(slack: FakeSlack) -> None:
    with serving(slack):
        for number in range(10):
            slack.command("U01", f"number {number}")
        slack.wait_shown("U01", 10)

        assert len(slack.called("users.info")) == 1


def test_groups_that_nobody_reads_have_nobody_in_them(slack: FakeSlack) -> None:
    groups = Groups(Web(slack.bot_token, slack.api_url, on_final=lambda _: None), ())
    groups.start()

    assert groups.of("U01") == ()
