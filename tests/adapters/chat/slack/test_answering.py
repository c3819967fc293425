"""What people ask in Slack, and where they see the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.message import Announcement, Button, Emphasis, Message, Tone
from tests.adapters.chat.slack.served import Answers, long, options_of, serving

if TYPE_CHECKING:
    from bot.message import Request
    from tests.servers.fake_slack import FakeSlack

OLD_BUTTON = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "from-another-version",
            "text": {"type": "plain_text", "text": "Old"},
            "value": "{}",
        }
    ],
}


def card(request: Request) -> Message:
    """A report with all kinds of buttons."""
    shared = request.text.startswith("share ")
    words = request.text.removeprefix("share ")
    prefix = "share " if shared else ""
    return Message(
        f"report: {words}",
        buttons=(
            Button("Refresh", f"{prefix}card again", in_place=True),
            Button("Top", "top"),
            Button("Share", f"share {words}"),
            Button("Refuse", "refuse", in_place=True),
            Button("Sure", "said", confirm="Really?"),
        ),
        private=not shared,
    )


def refusal(_request: Request) -> Message:
    return Message("You may not.", tone=Tone.WARNING, refusal=True)


def answers() -> Answers:
    return Answers({"card": card, "refuse": refusal})


def test_a_slash_command_is_answered_to_the_asker_alone(slack: FakeSlack) -> None:
    slack.add_user("U02", "bob")
    slack.add_channel("C01", "ops", members=("U01", "U02"))

    with serving(slack, answers()):
        asked = slack.command("U01", "hosts")
        (shown,) = slack.wait_shown("U01", 1)

        assert asked.acknowledged_after_s is not None
        assert shown.ephemeral
        assert "you said: hosts" in shown.plain
        assert slack.shown("U02") == []


def test_a_shared_answer_is_seen_by_the_channel(slack: FakeSlack) -> None:
    slack.add_user("U02", "bob")
    slack.add_channel("C01", "ops", members=("U01", "U02"))

    with serving(slack, answers()):
        slack.command("U01", "share hosts")

        (shown,) = slack.wait_shown("U02", 1)
        assert not shown.ephemeral


def test_a_command_works_in_a_channel_that_the_bot_is_not_in(slack: FakeSlack) -> None:
    slack.add_channel("C02", "elsewhere", members=("U01",), bot_is_member=False)

    with serving(slack):
        slack.command("U01", "hosts", channel="C02")

        (shown,) = slack.wait_shown("U01", 1, "C02")
        assert "you said: hosts" in shown.plain


def test_a_mention_is_answered_privately_in_its_thread(slack: FakeSlack) -> None:
    answer = Answers()
    with serving(slack, answer):
        slack.command("U01", "share status")
        (first,) = slack.wait_shown("U01", 1)
        slack.mention("U01", "hosts", thread_ts=first.ts)
        _, shown = slack.wait_shown("U01", 2)

    assert (shown.ephemeral, shown.thread_ts) == (True, first.ts)
    assert [request.text for request in answer.requests] == ["share status", "hosts"]
    assert answer.requests[1].in_channel


def test_a_shared_answer_to_a_mention_is_a_message_of_the_channel(slack: FakeSlack) -> None:
    with serving(slack):
        slack.mention("U01", "share hosts")

        (shown,) = slack.wait_shown("U01", 1)
        assert not shown.ephemeral


def test_in_direct_messages_an_answer_is_a_message(slack: FakeSlack) -> None:
    answer = Answers()
    with serving(slack, answer):
        slack.direct_message("U01", "hosts")
        (shown,) = slack.wait_direct_messages("U01", 1)

    assert not shown.ephemeral
    assert not answer.requests[0].in_channel


def test_a_slash_command_in_direct_messages_is_answered_by_a_message(slack: FakeSlack) -> None:
    with serving(slack):
        slack.direct_message("U01", "hosts")
        (first,) = slack.wait_direct_messages("U01", 1)
        slack.command("U01", "status", channel=first.channel)

        shown = slack.wait_direct_messages("U01", 2)
        assert [each.ephemeral for each in shown] == [False, False]


def test_its_own_and_edited_messages_are_not_questions(slack: FakeSlack) -> None:
    answer = Answers()
    with serving(slack, answer):
        slack.direct_message("U01", "hosts")
        slack.wait_direct_messages("U01", 1)
        slack.write("U01", "talking among ourselves")
        slack.command("U01", "last")
        slack.wait_shown("U01", 1)

    assert [request.text for request in answer.requests] == ["hosts", "last"]


def test_what_was_typed_arrives_as_it_was_typed(slack: FakeSlack) -> None:
    answer = Answers()
    with serving(slack, answer):
        slack.command("U01", 'report "a & b" <c>')
        slack.mention("U01", "report <web-1>")
        slack.wait_shown("U01", 2)

    assert sorted(request.text for request in answer.requests) == ['report "a & b" <c>', "report <web-1>"]


def test_a_click_on_a_private_answer_replaces_it(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.command("U01", "card")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Top")

        (shown,) = slack.wait_until("U01", lambda seen: "you said: top" in seen[0].plain)
        assert shown.ephemeral


def test_sharing_leaves_the_private_answer_and_tells_the_channel(slack: FakeSlack) -> None:
    slack.add_user("U02", "bob")
    slack.add_channel("C01", "ops", members=("U01", "U02"))

    with serving(slack, answers()):
        slack.command("U01", "card")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Share")

        assert [each.ephemeral for each in slack.wait_shown("U01", 2)] == [True, False]
        assert "report: card" in slack.wait_shown("U02", 1)[0].plain


def test_refresh_replaces_a_message_that_others_see(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.command("U01", "share card")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Refresh")

        (shown,) = slack.wait_until("U01", lambda seen: "card again" in seen[0].plain)
        assert not shown.ephemeral


def test_another_click_on_a_message_that_others_see_is_answered_privately(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.command("U01", "share card")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Top")

        first, second = slack.wait_shown("U01", 2)
        assert "report: card" in first.plain
        assert second.ephemeral


def test_a_refusal_never_takes_the_place_of_a_message(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        for words in ("card", "share card"):
            slack.command("U01", words)
        (private, public) = slack.wait_shown("U01", 2)
        slack.click("U01", private, "Refuse")
        slack.wait_shown("U01", 3)
        slack.click("U01", public, "Refuse")

        shown = slack.wait_shown("U01", 4)
        assert ["report" in each.plain for each in shown] == [True, True, False, False]
        assert all(each.ephemeral for each in shown[2:])


def test_a_no_to_the_question_whether_one_is_sure_says_nothing(slack: FakeSlack) -> None:
    answer = answers()
    with serving(slack, answer):
        slack.command("U01", "card")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Sure", confirm=False)
        slack.click("U01", shown, "Sure", confirm=True)
        slack.wait_until("U01", lambda seen: "you said: said" in seen[0].plain)

    assert [request.text for request in answer.requests] == ["card", "said"]


def test_approving_on_a_card_in_the_channel_asks_first_and_counts_as_a_click(slack: FakeSlack) -> None:
    answer = Answers()
    approve = Button("Approve", "approve 42 k7f3", Emphasis.PRIMARY, confirm="Plan 42 on web-1: stop daphne.")
    with serving(slack, answer, options=options_of(slack, channel="C01")) as served:
        served.chat.announce(Announcement(Message("Plan 42 needs approval", buttons=(approve,)), "k1"))
        (card,) = slack.wait_shown("U01", 1)
        slack.click("U01", card, "Approve", confirm=False)
        slack.click("U01", card, "Approve", confirm=True)
        shown = slack.wait_shown("U01", 2)
        slack.command("U01", "approve 42 k7f3")
        answer.wait(2)

    assert shown[1].ephemeral
    assert [(request.text, request.clicked) for request in answer.requests] == [
        ("approve 42 k7f3", True),
        ("approve 42 k7f3", False),
    ]


def test_a_button_works_after_a_restart(slack: FakeSlack) -> None:
    with serving(slack, answers()):
        slack.command("U01", "card")
        (shown,) = slack.wait_shown("U01", 1)

    with serving(slack, answers()):
        slack.click("U01", shown, "Top")

        slack.wait_until("U01", lambda seen: "you said: top" in seen[0].plain)


def test_a_button_of_another_version_is_told_to_be_one(slack: FakeSlack) -> None:
    with serving(slack):
        old = slack.say("an old message", [OLD_BUTTON])
        slack.click("U01", old, "Old")

        _, shown = slack.wait_shown("U01", 2)
        assert shown.ephemeral
        assert "another version" in shown.plain
        assert "/mem" in shown.plain


@pytest.mark.parametrize(
    ("subtype", "words"),
    [
        ("file_share", ["again", "hosts", "last"]),
        ("thread_broadcast", ["again", "hosts", "last"]),
        ("me_message", ["again", "hosts", "last"]),
        ("message_changed", ["hosts", "last"]),
    ],
)
def test_what_people_write_directly_is_answered_in_whatever_form(
    slack: FakeSlack, subtype: str, words: list[str]
) -> None:
    answer = Answers()
    with serving(slack, answer):
        said = slack.direct_message("U01", "hosts")
        slack.wait_direct_messages("U01", 1)
        event = {**said.payload["event"], "ts": "1.2", "event_ts": "1.2", "subtype": subtype, "text": "again"}
        said.payload = said.payload | {"event": event, "event_id": "EvOther"}
        said.key = "EvOther"
        slack.redeliver(said)
        slack.direct_message("U01", "last")
        slack.wait_direct_messages("U01", len(words))

    assert sorted(request.text for request in answer.requests) == words


def test_a_host_that_slack_makes_a_link_of_is_the_host_that_was_typed(slack: FakeSlack) -> None:
    answer = Answers()
    with serving(slack, answer):
        asked = slack.mention("U01", "report web-1.example.org")
        slack.wait_shown("U01", 1)

    assert "<http://web-1.example.org|" in asked.payload["event"]["text"]
    assert [request.text for request in answer.requests] == ["report web-1.example.org"]


def test_elsewhere_it_says_where_it_answers(slack: FakeSlack) -> None:
    slack.add_channel("C02", "random", members=("U01",))
    answer = Answers()

    with serving(slack, answer, options=options_of(slack, channels=("C01",), channel="C03")):
        slack.command("U01", "hosts", channel="C02")
        (shown,) = slack.wait_shown("U01", 1, "C02")
        slack.command("U01", "hosts")
        slack.wait_shown("U01", 1)
        slack.direct_message("U01", "hosts")
        slack.wait_direct_messages("U01", 1)

    assert shown.ephemeral
    assert "<#C01>, <#C03>" in shown.plain
    assert len(answer.requests) == 2


def test_a_long_private_answer_has_its_file_in_direct_messages(slack: FakeSlack) -> None:
    with serving(slack, Answers({"long": long})):
        slack.command("U01", "long")
        (shown,) = slack.wait_shown("U01", 1)

        (file,) = slack.files
        assert "line 899" in file.text
        assert file.channel == slack.wait_direct_messages("U01", 1)[0].channel
        assert file.name in shown.plain
        assert "direct messages" in shown.plain


def test_a_long_shared_answer_has_its_file_in_its_thread(slack: FakeSlack) -> None:
    with serving(slack, Answers({"long": long})):
        slack.command("U01", "share long")
        answer, thread = slack.wait_shown("U01", 2)

        assert "in the thread" in answer.plain
        assert thread.thread_ts == answer.ts
        assert "line 899" in thread.files[0].text


def test_a_long_shared_answer_where_the_bot_is_not_has_its_file_in_direct_messages(slack: FakeSlack) -> None:
    slack.add_channel("C02", "elsewhere", members=("U01",), bot_is_member=False)

    with serving(slack, Answers({"long": long})):
        slack.command("U01", "share long", channel="C02")
        (shown,) = slack.wait_shown("U01", 1, "C02")

        assert not shown.ephemeral
        assert "direct messages" in shown.plain


def test_where_something_was_said_is_known_so_that_it_can_be_said_there_again(slack: FakeSlack) -> None:
    slack.add_user("U02", "bob")
    slack.add_channel("D99", "directmessage", ("U01", "U02"), bot_is_member=False)
    answer = Answers({"card": card})
    with serving(slack, answer):
        slack.command("U01", "card web-1")
        (shown,) = slack.wait_shown("U01", 1)
        slack.click("U01", shown, "Top")
        slack.mention("U01", "mentioned")
        slack.direct_message("U01", "direct")
        slack.command("U01", "between two others", channel="D99")
        answer.wait(5)

    assert {request.text: request.channel for request in answer.requests} == {
        "card web-1": "C01",
        "top": "C01",
        "mentioned": "C01",
        "direct": "D01",
        "between two others": "",
    }
