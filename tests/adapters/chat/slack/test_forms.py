"""Words that are missing are asked for in a form that completes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack.forms import Offered, filled, form, options
from bot.domain.people import Person
from bot.message import Form, Kind, Message, Parameter, Usage
from tests.adapters.chat.slack.served import REPORT, TOP, Answers, serving, world_of
from tests.servers.fake_slack.limits import check_view

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


SILENCE = Usage(
    "silence",
    "be quiet for a while",
    (
        Parameter("what", Kind.TARGET, "a host, a tag or a rule", required=True),
        Parameter("time", Kind.DURATION, "how long"),
        Parameter("period", Kind.CHOICE, "of what", choices=("24h", "7d")),
        Parameter("incident", Kind.INCIDENT, "its number"),
        Parameter("plan", Kind.PLAN, "its number"),
        Parameter("code", Kind.CODE, "its code"),
        Parameter("size", Kind.SIZE, "how much"),
        Parameter("reason", Kind.TEXT, "why"),
    ),
)


def test_every_kind_of_word_can_be_filled_in(slack: FakeSlack) -> None:
    answer = Answers({"silence": lambda _request: Message("What?", form=Form(SILENCE), refusal=True)})
    world = world_of(slack)
    world.usages = (SILENCE,)
    with serving(slack, answer, world=world):
        slack.command("U01", "silence")
        (asked,) = slack.wait_shown("U01", 1)
        slack.click("U01", asked, "Fill in…")
        view = slack.wait_view("U01")
        offered = slack.suggest("U01", view, "what", "ng")
        slack.fill_in(
            "U01",
            view,
            {
                "what": "nginx",
                "time": "2h",
                "period": "7d",
                "incident": "12",
                "plan": "42",
                "code": "k7f3",
                "size": "64mb",
                "reason": "a deploy",
            },
        )
        said = answer.wait(2)[-1]

    assert offered == ["nginx"]
    assert said == 'silence nginx 2h 7d 12 42 k7f3 64mb "a deploy"'
    assert not answer.requests[-1].clicked


def test_a_choice_without_choices_is_typed() -> None:
    usage = Usage("history", "what was", (Parameter("period", Kind.CHOICE, "of what"),))
    offered = Offered("history", "C01", "", response_url="", on_private=True)

    view = form(Form(usage), offered)

    assert "plain_text_input" in str(view)
    check_view(view)


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
