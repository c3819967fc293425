"""People of other organisations (Slack Connect) see what is shared with them, and get nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.people import Colleagues
from adapters.chat.slack.web import Web
from bot.message import Button, Form, Message
from tests.adapters.chat.slack.served import REPORT, Answers, serving

if TYPE_CHECKING:
    from tests.servers.fake_slack import FakeSlack

CARD = Message("card", buttons=(Button("Go", "gone"),), private=False)


@pytest.fixture
def shared(slack: FakeSlack) -> FakeSlack:
    """A channel in which `U09` of another organisation is."""
    slack.add_user("U09", "eve", team="T09")
    slack.add_channel("C01", "with-others", members=("U01", "U09"))
    return slack


def refusals(slack: FakeSlack) -> list[str]:
    return [each.plain for each in slack.shown("U09") if each.ephemeral]


def test_what_strangers_ask_is_refused_to_them_alone(shared: FakeSlack) -> None:
    answer = Answers({"card": lambda _: CARD})
    with serving(shared, answer):
        shared.mention("U01", "card")
        (card,) = shared.wait_shown("U01", 1)
        shared.command("U09", "hosts")
        shared.mention("U09", "share hosts")
        shared.click("U09", card, "Go")
        shared.wait_shown("U09", 4)

        said = refusals(shared)
        assert len(said) == 3
        assert all("answers only people of the organisation" in each for each in said)
        assert len(shared.shown("U01")) == 1

    assert [request.text for request in answer.requests] == ["card"]


def test_strangers_get_no_form(shared: FakeSlack) -> None:
    answer = Answers({"form": lambda _: Message("which?", form=Form(REPORT), private=False)})
    with serving(shared, answer):
        shared.mention("U01", "form")
        (offer,) = shared.wait_shown("U01", 1)
        (fill_in,) = offer.buttons
        shared.click("U09", offer, fill_in)
        shared.wait_shown("U09", 2)

        assert shared.views("U09") == []
        assert len(refusals(shared)) == 1


def test_colleagues_of_the_same_organisation_have_other_workspaces(slack: FakeSlack) -> None:
    slack.add_user("U08", "bob", team="T08", enterprise="E01")
    slack.add_user("U09", "eve", team="T09", enterprise="E09")
    web = Web(slack.bot_token, slack.api_url, on_final=lambda _: None)
    colleagues = Colleagues(web, "T01", "E01")

    assert [colleagues.has("U08", "T08") for _ in range(2)] == [True, True]
    assert not colleagues.has("U09", "T09")
    assert not colleagues.has("U07", "T08")
    assert colleagues.has("U01", "T01")
    assert len(slack.called("users.info")) == 3
