"""The fake refuses what Slack refuses: every documented limit of messages and views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.fake_slack.limits import LARGEST_BLOCKS, check_message, check_options, check_view, size
from tests.servers.fake_slack.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.servers.fake_slack.shapes import Json


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "hello") -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def button(text: str = "Refresh", **more: object) -> Json:
    return {"type": "button", "text": plain(text), **more}


def actions(*elements: Json, **more: object) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def line(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def date(**more: object) -> Json:
    return {"type": "date", "timestamp": 1720710212, "format": "{time}", "fallback": "15:03", **more}


def table(rows: int, columns: int, text: str = "1") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def entry(element: Json, label: str = "Host") -> Json:
    return {"type": "input", "label": plain(label), "element": element}


def option(text: str = "web-1", value: str = "web-1") -> Json:
    return {"text": plain(text), "value": value}


def modal(*blocks: Json, **more: object) -> Json:
    shown = {"title": plain("Report"), "submit": plain("Show")}
    return {"type": "modal", **shown, "blocks": list(blocks) or [section()], **more}


def confirm(**more: object) -> Json:
    whole = {
        "title": plain("Sure?"),
        "text": plain("It restarts."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    return whole | more


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3000)] * 4,
        [{"type": "header", "text": plain("x" * 150)}],
        [{"type": "divider"}] * 50,
        [{"type": "context", "elements": [mrkdwn("x")] * 10}],
        [actions(*[button()] * 25)],
        [actions(button("x" * 75, value="v" * 2000, style="danger", confirm=confirm()))],
        [rich(line({"type": "text", "text": "at ", "style": {"bold": True}}, date()))],
        [
            rich(
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "a\nb"}],
                    "border": 0,
                }
            )
        ],
        [rich({"type": "rich_text_list", "style": "bullet", "elements": [line(date())]})],
        [rich({"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U01"}]})],
        [table(100, 20) | {"column_settings": [{"align": "right", "is_wrapped": True}]}],
        [entry({"type": "plain_text_input", "action_id": "a", "multiline": True})],
        [{"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a chart"}],
    ],
)
def test_what_is_within_the_limits_is_taken(blocks: Sequence[Json]) -> None:
    check_message({"text": "summary", "blocks": list(blocks)})

    assert size(list(blocks)) <= LARGEST_BLOCKS


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([{"type": "section"}], "must have text or fields [json-pointer:/blocks/0]"),
        (
            [{"type": "section", "fields": [mrkdwn("x")] * 11}],
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        (
            [{"type": "header", "text": plain("x" * 151)}],
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            [{"type": "header", "text": mrkdwn("x")}],
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([{"type": "fancy"}], "unsupported type: fancy [json-pointer:/blocks/0/type]"),
        ([{"type": "divider", "size": 3}], "invalid additional property: size [json-pointer:/blocks/0]"),
        (
            [{"type": "context", "elements": [mrkdwn("x")] * 11}],
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        ([actions(*[button()] * 26)], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
        ([actions()], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
        (
            [actions(button("x" * 76))],
            "less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            [actions(button(value="v" * 2001))],
            "less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            [actions(button(action_id="a" * 256))],
            "less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
        ),
        ([actions(button(style="loud"))], "value must be one of primary, danger"),
        ([actions(button(confirm=confirm(title=plain("x" * 101))))], "less than 101 characters"),
        ([actions(button(confirm=confirm(text=plain("x" * 301))))], "less than 301 characters"),
        ([actions(button(confirm=confirm(deny=plain("x" * 31))))], "less than 31 characters"),
        ([actions(button(action_id="a"), button(action_id="a"))], "`action_id` a already exists"),
        ([section() | {"block_id": "b"}, section() | {"block_id": "b"}], "`block_id` b already exists"),
        ([section() | {"block_id": "b" * 256}], "less than 256 characters [json-pointer:/blocks/0/block_id]"),
        (
            [rich(line(date(timestamp="1720710212")))],
            "must provide an integer [json-pointer:/blocks/0/elements/0/elements/0/timestamp]",
        ),
        ([rich(line(date(format="at 3")))], "invalid date format"),
        ([rich({"type": "rich_text_preformatted", "elements": [date()]})], "unsupported type: date"),
        ([rich(line({"type": "text", "text": ""}))], "must be more than 0 characters"),
        ([rich(line({"type": "text", "text": "x", "style": {"loud": True}}))], "additional property: loud"),
        (
            [rich({"type": "rich_text_list", "style": "bullet", "elements": [date()]})],
            "unsupported type: date",
        ),
        ([table(101, 1)], "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
        ([table(1, 21)], "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
        ([table(10, 10, "x" * 101)], "must be less than 10001 characters in all cells"),
        ([table(1, 1, "")], "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_with_its_place(blocks: list[Json], message: str) -> None:
    with pytest.raises(Refused, match="invalid_blocks") as refused:
        check_message({"text": "summary", "blocks": blocks})

    assert any(message in each for each in refused.value.messages), refused.value.messages
    assert refused.value.json()["response_metadata"]["messages"][0].startswith("[ERROR] ")


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({}, "no_text"),
        ({"text": "", "blocks": []}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"blocks": [table(1, 1), table(1, 1)]}, "invalid_attachments"),
        ({"attachments": [{"colour": "red"}]}, "invalid_attachments"),
        ({"attachments": [{"color": "#ff0000", "blocks": [section("x" * 3001)]}]}, "invalid_attachments"),
    ],
)
def test_whole_messages_have_limits_too(message: Json, error: str) -> None:
    with pytest.raises(Refused, match=f"^{error}$"):
        check_message(message)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        (modal(close=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
        (
            modal(private_metadata="x" * 3001),
            "less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (modal(callback_id="x" * 256), "less than 256 characters [json-pointer:/view/callback_id]"),
        (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(table(1, 1)), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
        (modal(entry({"type": "number_input"})), "missing required field: is_decimal_allowed"),
        (modal(entry({"type": "external_select", "options": []})), "invalid additional property: options"),
        (
            modal(entry({"type": "external_select", "placeholder": plain("x" * 151)})),
            "less than 151 characters",
        ),
        (modal(entry({"type": "static_select"})), "must have either options or option_groups"),
        (modal(entry({"type": "checkboxes", "options": [option()] * 11})), "no more than 10 items allowed"),
        (modal(entry({"type": "plain_text_input"}, label="x" * 2001)), "less than 2001 characters"),
        (modal(entry({"type": "button", "text": plain("x")})), "unsupported type: button"),
        ({"type": "modal", "title": plain("x"), "blocks": [entry({"type": "plain_text_input"})]}, "submit"),
    ],
)
def test_views_have_limits_of_their_own(view: Json, message: str) -> None:
    with pytest.raises(Refused, match="invalid_arguments") as refused:
        check_view(view)

    assert any(message in each for each in refused.value.messages), refused.value.messages


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"options": [option()] * 101},
        {"options": [option(text="x" * 76)]},
        {"options": [option(value="x" * 151)]},
        {"options": [option(text="")]},
        {"options": [option()], "option_groups": []},
    ],
)
def test_suggestions_beyond_a_limit_show_nothing(answer: Json) -> None:
    with pytest.raises(Refused, match="invalid_options"):
        check_options(answer)
