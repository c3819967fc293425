import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.slack.buttons import (
    ACTION,
    FORM_ACTION,
    Click,
    clicked,
    rows,
    value_of,
)
from bot.message import Button, Emphasis, Form, Usage
from bot.usage import words as read
from tests.adapters.chat.any_message import HOSTILE


@given(HOSTILE, st.booleans())
def test_a_click_says_what_its_button_carries(words: str, in_place: bool) -> None:  # noqa: FBT001 - as hypothesis gives it
    value = value_of(Button("x", words, in_place=in_place))
    halves = any("\ud800" <= character <= "\udfff" for character in words)
    assert clicked(value) == Click(re.sub("[\ud800-\udfff]", "\ufffd", words), in_place)
    assert halves or clicked(value) == Click(words, in_place)
    assert value.isascii()


@pytest.mark.parametrize("words", ["service \ud83d\ude00", "service \udcff"])
def test_half_a_character_is_clicked_as_it_is_typed(words: str) -> None:
    click = clicked(value_of(Button("x", words)))
    assert click is not None
    assert read(click.words) == read(words)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "report web-1",
        "{",
        "[]",
        "null",
        "1",
        '{"v":2,"say":"status","in_place":false}',
        '{"v":"1","say":"status","in_place":false}',
        '{"say":"status","in_place":false}',
        '{"v":1,"say":["status"],"in_place":false}',
        '{"v":1,"say":"status","in_place":1}',
        '{"v":1,"say":"status"}',
        '{"v":1,"in_place":true}',
        "[" * 1_999,
        json.dumps({"v": 1, "say": "x" * 2_000, "in_place": False}),
    ],
)
def test_a_click_on_a_button_of_another_version_says_nothing(value: str) -> None:
    assert clicked(value) is None


@given(st.text())
def test_no_value_is_too_damaged_to_be_read(value: str) -> None:
    assert clicked(value) is None or '"say"' in value


def test_a_button_that_asks_first_has_a_dialog() -> None:
    button = Button("Stop daphne", "stop web-1 daphne", Emphasis.DANGER, confirm="Real-time updates end.")
    ((element,),) = (row["elements"] for row in rows((button,), None) if isinstance(row["elements"], list))
    assert element["action_id"] == f"{ACTION}-0"
    assert element["style"] == "danger"
    assert element["confirm"] == {
        "title": {"type": "plain_text", "text": "Are you sure?", "emoji": False},
        "text": {"type": "plain_text", "text": "Real-time updates end.", "emoji": False},
        "confirm": {"type": "plain_text", "text": "Stop daphne", "emoji": False},
        "deny": {"type": "plain_text", "text": "Cancel", "emoji": False},
        "style": "danger",
    }


SERVICE = Usage("service", "one service closely")


def test_the_form_button_stands_first_and_names_its_command() -> None:
    (row,) = rows((Button("Help", "help"),), Form(SERVICE))
    elements = row["elements"]
    assert isinstance(elements, list)
    assert [element["action_id"] for element in elements] == [FORM_ACTION, f"{ACTION}-0"]
    assert elements[0]["value"] == "service"


@pytest.mark.parametrize("before", [(), ("share",), ("share", "wide"), ("wide", "share")])
def test_the_form_button_says_what_stood_before_the_command(before: tuple[str, ...]) -> None:
    form = Form(SERVICE, before)
    (row,) = rows((), form)
    assert isinstance(row["elements"], list)
    assert row["elements"][0]["value"] == form.words


def test_five_buttons_stand_beside_one_another() -> None:
    shown = rows([Button(str(place), "status") for place in range(7)], None)
    assert [len(row["elements"]) for row in shown if isinstance(row["elements"], list)] == [5, 2]


def test_a_long_label_is_cut_visibly() -> None:
    (row,) = rows((Button("x" * 100, "status"),), None)
    assert isinstance(row["elements"], list)
    assert row["elements"][0]["text"]["text"] == "x" * 74 + "…"


def test_a_button_that_slack_would_refuse_is_left_out() -> None:
    assert rows((Button("x", "x" * 2_000),), None) == []
