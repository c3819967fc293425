from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from adapters.chat.slack.rendering import Sheet, rendered
from bot.message import Align, Button, Code, Column, Form, Message, Row, Table, Text, Tone, Usage
from tests.adapters.chat.any_chart import CHARTS, FALLING
from tests.adapters.chat.any_message import MARKUP, MESSAGES
from tests.adapters.chat.terminal.samples import REPORT, STATUS
from tests.bot.views.test_golden_chats import GOLDEN, assert_same
from tests.servers.fake_slack.limits import check_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.message import Chart

LITERAL = {
    *("rich_text", "rich_text_section", "rich_text_preformatted", "text", "date"),
    *("context", "plain_text", "actions", "button"),
}
LONG = Table(
    (Column("pid", Align.RIGHT), Column("service")),
    tuple(Row((str(pid), f"service-{pid}")) for pid in range(1, 1001)),
)


def objects(value: object) -> Iterator[dict[str, object]]:
    """Every JSON object in a value, itself included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from objects(inner)


def texts(sheet: Sheet, kind: str) -> list[str]:
    """The text of each element of this type."""
    return [
        "".join(str(inner.get("text") or inner.get("fallback") or "") for inner in objects(found["elements"]))
        for found in objects(sheet.blocks)
        if found.get("type") == kind
    ]


def labels(sheet: Sheet) -> list[str]:
    return [str(next(objects(b["text"]))["text"]) for b in objects(sheet.blocks) if b.get("type") == "button"]


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_any_message_is_within_slacks_limits(message: Message) -> None:
    sheet = rendered(message, words="report web-1")
    check_message({"text": sheet.text, "blocks": list(sheet.blocks)})
    whole = json.dumps(sheet.blocks, ensure_ascii=False)
    assert whole.encode()
    assert len(whole.encode("utf-16-le")) // 2 <= 12_000
    assert 1 <= len(sheet.blocks) <= 50
    assert 1 <= len(sheet.text) <= 3_000
    assert sheet.text.encode()
    found = list(objects(sheet.blocks))
    assert all(0 < len(str(each["text"])) <= 3_000 for each in found if isinstance(each.get("text"), str))
    actions = [each["action_id"] for each in found if "action_id" in each]
    assert len(actions) == len(set(actions)) <= 25
    assert all(len(str(each["value"])) <= 2_000 for each in found if "value" in each)
    for label in labels(sheet):
        assert 1 <= len(label) <= 75
    assert all(each["elements"] for each in found if "elements" in each)
    assert sheet.file is None or sheet.file.content.encode()


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_slack_parses_nothing_in_a_block(message: Message) -> None:
    found = list(objects(rendered(message).blocks))
    assert {str(each["type"]) for each in found if "type" in each} <= LITERAL
    assert all(each["emoji"] is False for each in found if each.get("type") == "plain_text")
    said = [each["text"] for each in found if isinstance(each.get("text"), str)]
    assert all(line.isprintable() for text in said for line in str(text).split("\n"))


@settings(max_examples=40, deadline=None)
@given(MESSAGES, CHARTS, CHARTS)
def test_any_chart_is_within_slacks_limits_drawn_or_not(message: Message, one: Chart, other: Chart) -> None:
    charted = replace(message, blocks=(one, *message.blocks, other))
    for pictures in ({}, {one: "F01"}, {one: "F01", other: "F02"}):
        sheet = rendered(charted, words="history web-1", pictures=pictures)
        check_message({"text": sheet.text, "blocks": list(sheet.blocks)})
        assert len(json.dumps(sheet.blocks, ensure_ascii=False).encode("utf-16-le")) // 2 <= 12_000
        shown = [each["slack_file"] for each in sheet.blocks if each["type"] == "image"]
        assert {str(each) for each in shown} == {str({"id": file}) for file in pictures.values()}


def test_a_picture_stands_where_its_chart_does() -> None:
    message = Message("History", (Text("before"), FALLING, Text("after")), (Button("7 d", "history 7d"),))

    drawn = rendered(message, pictures={FALLING: "F01"})

    assert [block["type"] for block in drawn.blocks] == ["rich_text", "image", "rich_text", "actions"]
    assert drawn.blocks[1] == {
        "type": "image",
        "slack_file": {"id": "F01"},
        "alt_text": FALLING.text,
        "title": {"type": "plain_text", "text": FALLING.title, "emoji": False},
    }
    assert drawn.file is None


def test_a_chart_without_a_picture_is_shown_as_agreed() -> None:
    message = Message(
        "web-1: 410 of 961 MiB available (43 %)", (FALLING,), tone=Tone.GOOD, footnote="one value each minute"
    )
    sheet = rendered(message, words="history web-1")
    assert_same(
        GOLDEN / "slack" / "chart.json", {"text": sheet.text, "blocks": sheet.blocks, "file": sheet.file}
    )


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_the_notification_is_only_text(text: str) -> None:
    shown = rendered(Message(text, (Text(text),), footnote=text)).text
    assert "<" not in shown
    assert ">" not in shown


def test_the_headline_comes_first_with_its_level_as_a_colour() -> None:
    sheet = rendered(REPORT)
    assert texts(sheet, "rich_text_section")[0].startswith("🔴 web-1 is critical: 96 of 961 MiB")
    assert sheet.text.startswith("🔴 web-1 is critical\N{COLON} 96 of 961 MiB available (10 %)\n")


def test_what_is_neither_good_nor_bad_has_no_colour() -> None:
    assert texts(rendered(Message("What you can say")), "rich_text_section") == ["What you can say"]


def test_no_line_is_wider_than_a_telephone() -> None:
    for message in (REPORT, STATUS):
        (*_, table) = (t for t in texts(rendered(message), "rich_text_preformatted") if "Booting" not in t)
        assert max(map(len, table.splitlines())) <= 36


def test_columns_without_room_are_one_click_away() -> None:
    more = rendered(STATUS, words="status production")
    assert labels(more)[-1] == "All columns"
    values = [str(each["value"]) for each in objects(more.blocks) if each.get("type") == "button"]
    assert json.loads(values[-1])["say"] == "wide status production"


def test_a_wide_answer_has_every_column() -> None:
    sheet = rendered(replace(STATUS, wide=True), words="wide status")
    assert "All columns" not in labels(sheet)
    assert "memory taken" in texts(sheet, "rich_text_preformatted")[0]


def test_a_narrow_answer_with_a_cell_cut_short_can_be_widened() -> None:
    table = Table((Column("unit"), Column("memory", Align.RIGHT)), (Row(("x" * 50, "5 MiB")),))
    more = rendered(Message("x", (table,)), words="top")
    assert labels(more) == ["All columns"]
    assert more.file is None
    assert labels(rendered(Message("x", (table,), wide=True), words="wide top")) == []


BROAD = Table(
    (Column("pid", Align.RIGHT), Column("command", elastic=True), Column("what for", dispensable=1)),
    (Row(("1" * 40, "x" * 200, "y" * 70)),),
)


def test_of_a_wide_answer_nothing_is_lost() -> None:
    sheet = rendered(Message("x", (BROAD, Text("That is all.")), wide=True), words="wide top")
    assert "y" not in texts(sheet, "rich_text_preformatted")[0]
    assert texts(sheet, "context") == ["Only in the file: “what for”, the whole of what ends in “…”."]
    assert sheet.file is not None
    assert sheet.file.name == "memwarden-wide-top.txt"
    assert f"{'x' * 200}  {'y' * 70}" in sheet.file.content


def test_a_wide_answer_with_every_cell_needs_no_file() -> None:
    sheet = rendered(replace(STATUS, wide=True), words="wide status")
    assert sheet.file is None
    assert not any("Only in the file" in text for text in texts(sheet, "context"))


def test_of_a_long_table_the_first_rows_are_shown_and_the_file_has_all() -> None:
    sheet = rendered(Message("1,000 processes", (LONG, Text("That is all."))), words="top web-1 1000")
    (table,) = texts(sheet, "rich_text_preformatted")
    shown = len(table.splitlines()) - 1
    assert texts(sheet, "context") == [f"… and {1000 - shown} more rows: the whole answer is in the file."]
    assert texts(sheet, "rich_text_section")[-1] == "That is all."
    assert sheet.file is not None
    assert sheet.file.name == "memwarden-top-web-1-1000.txt"
    assert sheet.file.content.splitlines()[-3:] == ["1000  service-1000", "", "That is all."]


def test_a_short_answer_needs_no_file() -> None:
    assert rendered(REPORT, words="report web-1").file is None


def test_a_headline_of_any_length_is_cut_visibly_and_whole_in_the_file() -> None:
    sheet = rendered(Message("x" * 5_000))
    assert texts(sheet, "rich_text_section") == ["x" * 499 + "…"]
    assert sheet.file is not None
    assert sheet.file.content.replace("\n", "") == "x" * 5_000


def test_the_time_of_measurement_is_the_readers_own(measured: Message) -> None:
    (date,) = (each for each in objects(rendered(measured).blocks) if each.get("type") == "date")
    assert date["timestamp"] == 1_772_460_151
    assert date["fallback"] == "as of 14:02:31 UTC"


@pytest.fixture
def measured() -> Message:
    return replace(REPORT, measured_at=datetime(2026, 3, 2, 14, 2, 31, tzinfo=UTC))


def test_small_print_stands_below_what_is_read(measured: Message) -> None:
    faint = replace(measured, blocks=(Text("read"), Text("faint", Tone.FAINT)))
    kinds = [block["type"] for block in rendered(faint).blocks]
    assert kinds == ["rich_text", "context", "actions"]
    assert texts(rendered(faint), "rich_text_section")[0].endswith("\nread\nas of 14:02:31 UTC")
    assert texts(rendered(faint), "context")[0].startswith("faint\n")


def test_a_form_is_offered_where_words_are_missing() -> None:
    sheet = rendered(Message("Which service?", form=Form(Usage("service", "one service closely"))))
    assert labels(sheet) == ["Fill in…"]


def test_a_log_line_keeps_its_backticks_and_fences() -> None:
    (log,) = texts(rendered(Message("x", (Code(("```", "\tx")),))), "rich_text_preformatted")
    assert log == "```\n        x"


def test_many_buttons_leave_room_for_what_is_said() -> None:
    buttons = tuple(Button("x" * 75, "x" * 1_500) for _ in range(25))
    sheet = rendered(Message("x", (Text("said"),), buttons))
    assert texts(sheet, "rich_text_section") == ["x\nsaid"]
