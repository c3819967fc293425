"""Words that are missing are asked for in a form that completes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.forms import Offered, filled, form, options
from bot.domain.people import Person
from bot.message import Form, Kind, Message
from tests.adapters.chat.slack.served import REPORT, TOP, Answers, serving, world_of

if TYPE_CHECKING:
    from bot.message import Request
    from tests.servers.fake_slack import FakeSlack


def incomplete(request: Request) -> Message:
    *before, name = request.text.split(" ")
    if name not in {"report", "top"}:
        return Message(f"you said: {request.text}", private="share" not in before)
    form = Form(REPORT if name == "report" else TOP, tuple(before))
    return Message("A word is missing.", form=form, refusal=True)


def answers() -> Answers:
    return Answers({"report": incomplete, "top": incomplete, "wide": incomplete})


def test_a_filled_in_form_says_the_command(slack: FakeSlack) -> None:
    answer = answers()
    with serving(slack, answer):
        slack.command("U01", "report")
        (asked,) = slack.wait_shown("U01", 1)
        slack.click("U01", asked, "Fill in…")
        view = slack.wait_view("U01")

        assert slack.suggest("U01", view, "host", "web") == ["web-1", "web-2"]
        slack.fill_in("U01", view, {"host": "web-2"})
        (shown,) = slack.wait_until("U01", lambda seen: "report web-2" in seen[0].plain)

    assert shown.ephemeral
    assert [request.text for request in answer.requests] == ["report", "report web-2"]


def test_a_form_keeps_what_stood_before_the_command(slack: FakeSlack) -> None:
    answer = answers()
    with serving(slack, answer):
        slack.command("U01", "share wide report")
        (asked,) = slack.wait_shown("U01", 1)
        slack.click("U01", asked, "Fill in…")
        view = slack.wait_view("U01")
        slack.fill_in("U01", view, {"host": "web-2"})
        (shared,) = slack.wait_shown("U02", 1)

    assert asked.ephemeral
    assert answer.requests[-1].text == "share wide report web-2"
    assert "share wide report web-2" in shared.plain


def test_what_a_form_offers_depends_on_who_types(slack: FakeSlack) -> None:
    slack.add_group("S01", "oncall", ("U01",))
    slack.add_user("U02", "bob")
    slack.add_channel("C01", "ops", ("U01", "U02"))
    world = world_of(slack, groups=("slack-group:S01",))
    with serving(slack, answers(), world=world):
        for user in ("U01", "U02"):
            slack.command(user, "report")
            slack.click(user, slack.wait_shown(user, 1)[-1], "Fill in…")
            slack.suggest(user, slack.wait_view(user), "host", "web")

    assert [(person.platform, person.id, person.groups) for person in world.typists] == [
        ("slack", "U01", ("slack-group:S01",)),
        ("slack", "U02", ()),
    ]


def test_a_form_is_sent_off_after_a_restart(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.command("U01", "report")
        (asked,) = slack.wait_shown("U01", 1)
        slack.click("U01", asked, "Fill in…")
        view = slack.wait_view("U01")

    with serving(slack, answers()):
        slack.fill_in("U01", view, {"host": "web-2"})

        slack.wait_until("U01", lambda seen: "report web-2" in seen[0].plain)


def test_a_word_with_blanks_is_quoted_and_what_is_left_empty_is_left_out(slack: FakeSlack) -> None:
    answer = answers()
    with serving(slack, answer):
        slack.command("U01", "top")
        (asked,) = slack.wait_shown("U01", 1)
        slack.click("U01", asked, "Fill in…")
        view = slack.wait_view("U01")
        slack.fill_in("U01", view, {"service": "my service"})
        slack.wait_until("U01", lambda seen: "you said" in seen[0].plain)

    assert answer.requests[-1].text == 'top "my service"'


def test_a_form_in_direct_messages_is_answered_there(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.direct_message("U01", "top")
        (asked,) = slack.wait_direct_messages("U01", 1)
        slack.click("U01", asked, "Fill in…")
        slack.fill_in("U01", slack.wait_view("U01"), {"service": "nginx", "count": "5"})

        slack.wait_until("U01", lambda seen: any("top nginx 5" in each.plain for each in seen), asked.channel)


def test_a_form_that_cannot_be_opened_in_time_is_said_to_be_late(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.command("U01", "report")
        (asked,) = slack.wait_shown("U01", 1)
        slack.fail("views.open", "expired_trigger_id")
        slack.click("U01", asked, "Fill in…")

        _, late = slack.wait_shown("U01", 2)
        assert "press the button again" in late.plain


@pytest.mark.parametrize("view", [{}, None, [], {"private_metadata": "{}"}, {"private_metadata": '"x"'}])
def test_a_form_of_another_version_says_nothing(view: object) -> None:
    assert filled(view) is None


def test_a_very_long_address_does_not_keep_a_form_from_opening() -> None:
    offered = Offered("report", "C01", "", response_url="https://example.org/" + "x" * 3000, on_private=True)

    assert len(str(form(Form(REPORT), offered)["private_metadata"])) < 3000


@pytest.mark.parametrize(
    ("action", "typed", "offered"),
    [
        ("memwarden-offers.0.host", "web", ["web-1", "web-2"]),
        ("memwarden-offers.0.service", "my own", ["my own"]),
        ("memwarden-offers.0.nonsense", "web", []),
        ("something else", "web", []),
        ("", "", []),
    ],
)
def test_a_select_offers_what_fits(slack: FakeSlack, action: str, typed: str, offered: list[str]) -> None:
    offers = partial(world_of(slack).offers, Person("slack", "U01", "Ann"))
    assert [option["value"] for option in options(action, typed, offers)] == offered


def test_a_select_offers_at_most_what_slack_takes() -> None:
    names = ["x" * 76, *(f"host-{number}" for number in range(300))]

    found = options(f"memwarden-offers.0.{Kind.HOST}", "", lambda _kind, _typed: names)

    assert len(found) == 100
    assert found[0]["value"] == "host-0"
