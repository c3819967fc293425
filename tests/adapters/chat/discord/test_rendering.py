from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chat.discord.rendering import Sheet, rendered
from bot.message import Align, Button, Code, Column, Form, Message, Row, Table, Text, Tone, Usage
from tests.adapters.chat.any_message import MESSAGES
from tests.adapters.chat.discord.markup import found_in
from tests.adapters.chat.terminal.samples import REPORT, STATUS
from tests.servers.fake_discord.errors import Problems
from tests.servers.fake_discord.limits import check_message

FENCED = re.compile(r"```\n([^`]+)\n```(?=\n|\Z)")
MEASURED = "-# as of <t:1772460151:T>, <t:1772460151:R>"
LONG = Table(
    (Column("pid", Align.RIGHT), Column("service")),
    tuple(Row((str(pid), f"service-{pid}")) for pid in range(1, 1001)),
)


def embed(sheet: Sheet) -> dict[str, object]:
    (only,) = sheet.embeds
    return only


def said(sheet: Sheet, field: str) -> str:
    return "".join(str(each.get(field, "")) for each in sheet.embeds)


def size(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def without_our_own_markup(text: str) -> str:
    """Leave out code blocks, the moment of measurement, and what makes a line small or bold."""
    lines = FENCED.sub("", text).replace(MEASURED, "").split("\n")
    return "\n".join(line.removeprefix("-# ") for line in lines)


@settings(max_examples=60, deadline=None)
@given(MESSAGES, st.booleans())
def test_any_message_is_within_discords_limits(message: Message, announced: bool) -> None:  # noqa: FBT001 - as hypothesis gives it
    sheet = rendered(message, words="report web-1", announced=announced)
    assert json.dumps(sheet.embeds, ensure_ascii=False).encode()
    assert len(sheet.content.encode()) >= len(sheet.content)
    assert sheet.content or sheet.embeds
    problems = Problems()
    check_message(problems, {"content": sheet.content, "embeds": list(sheet.embeds)}, set())
    problems.raise_any()
    assert size(sheet.content) <= 2_000
    footers = re.findall(r"\A\{'text': (.*)\}\Z", said(sheet, "footer"), re.DOTALL)
    assert all(0 < size(footer) <= 2_048 for footer in footers)
    assert size(said(sheet, "title")) <= 256
    assert size(said(sheet, "description")) <= 4_096
    assert size(said(sheet, "title") + said(sheet, "description") + "".join(footers)) <= 6_000
    assert all(each.get("title") or each.get("description") or each.get("footer") for each in sheet.embeds)
    assert len(sheet.buttons) + bool(sheet.form) <= 25
    assert all(1 <= size(button.label) <= 80 for button in sheet.buttons)
    assert sheet.file is None or sheet.file.content.encode()


@settings(max_examples=60, deadline=None)
@given(MESSAGES, st.booleans())
def test_no_text_of_a_message_is_markup(message: Message, announced: bool) -> None:  # noqa: FBT001 - as hypothesis gives it
    sheet = rendered(message, announced=announced)
    description = said(sheet, "description")
    heading, _, rest = description.partition("\n")
    if heading.startswith("**") and heading.endswith("**"):
        description = f"{heading[2:-2]}\n{rest}"
    for text in (sheet.content, said(sheet, "title"), description):
        assert found_in(without_our_own_markup(text)) == []
        assert all(line.isprintable() for line in text.replace("\u2060", "").split("\n"))


def test_a_report_reads_from_the_headline_to_the_footnote() -> None:
    sheet = rendered(replace(REPORT, measured_at=datetime(2026, 3, 2, 14, 2, 31, tzinfo=UTC)))
    assert embed(sheet)["title"] == "web-1 is critical: 96 of 961 MiB available (10 %)"
    assert said(sheet, "description").endswith(MEASURED)
    assert embed(sheet)["footer"] == {"text": REPORT.footnote}
    assert embed(sheet)["color"] == 0xD92D20
    assert sheet.content == ""
    assert sheet.file is None


def test_what_is_neither_good_nor_bad_has_no_colour() -> None:
    assert embed(rendered(Message("What you can say"))) == {"title": "What you can say"}


def test_an_announcement_says_its_headline_where_notifications_show_it() -> None:
    sheet = rendered(Message("web-1 is @everyone", (Text("more"),), tone=Tone.CRITICAL), announced=True)
    assert sheet.content == "🔴 web-1 is \\@\u2060everyone"
    assert embed(sheet) == {"description": "more", "color": 0xD92D20}


def test_no_line_of_a_table_is_wider_than_a_telephone() -> None:
    for message in (REPORT, STATUS):
        table = re.findall(r"```\n(.*?)\n```", said(rendered(message), "description"), re.DOTALL)[-2:][0]
        assert max(map(len, table.splitlines())) <= 34


def test_a_wide_table_stands_above_the_embed_which_is_always_narrow() -> None:
    sheet = rendered(replace(REPORT, wide=True), words="wide report web-1")
    assert sheet.content.startswith("🔴 web-1 is critical: 96 of 961 MiB")
    assert "measured by" in sheet.content
    assert "title" not in embed(sheet)
    assert said(sheet, "description").startswith("What helps most")
    assert [button.label for button in sheet.buttons] == [button.label for button in REPORT.buttons]


def test_columns_without_room_are_one_click_away() -> None:
    assert rendered(STATUS, words="status").buttons[-1] == Button("All columns", "wide status")
    assert rendered(STATUS).buttons[-1].label == "Refresh"


def test_a_narrow_answer_with_a_cell_cut_short_can_be_widened() -> None:
    table = Table((Column("unit"), Column("memory", Align.RIGHT)), (Row(("x" * 50, "5 MiB")),))
    assert rendered(Message("x", (table,)), words="top").buttons == (Button("All columns", "wide top"),)
    assert rendered(Message("x", (table,)), words="top").file is None


BROAD = Table(
    (Column("pid", Align.RIGHT), Column("command", elastic=True), Column("what for", dispensable=1)),
    (Row(("1" * 40, "x" * 200, "y" * 70)),),
)


def test_of_a_wide_answer_nothing_is_lost() -> None:
    sheet = rendered(Message("x", (BROAD, Text("That is all.")), wide=True), words="wide top")
    assert "y" not in sheet.content
    assert said(sheet, "description") == (
        "That is all.\n-# Only in the file: “what for”, the whole of what ends in “…”."
    )
    assert sheet.file is not None
    assert sheet.file.name == "memwarden-wide-top.txt"
    assert f"{'x' * 200}  {'y' * 70}" in sheet.file.content
    assert sheet.buttons == ()


def test_a_wide_answer_with_every_cell_needs_no_file() -> None:
    sheet = rendered(replace(STATUS, wide=True), words="wide status")
    assert sheet.file is None
    assert "Only in the file" not in said(sheet, "description")


def test_of_a_long_table_the_first_rows_are_shown_and_the_file_has_all() -> None:
    sheet = rendered(Message("1,000 processes", (LONG, Text("That is all."))), words="top web-1 1000")
    (table,) = FENCED.findall(said(sheet, "description"))
    missing = 1000 - len(table.splitlines()) + 1
    assert said(sheet, "description").endswith(
        f"\n-# … and {missing} more rows: the whole answer is in the file.\nThat is all."
    )
    assert sheet.file is not None
    assert sheet.file.name == "memwarden-top-web-1-1000.txt"
    assert sheet.file.content.splitlines()[-3:] == ["1000  service-1000", "", "That is all."]


@pytest.mark.parametrize(
    ("headline", "title", "description"),
    [("x" * 256, "x" * 256, ""), ("x" * 257, "", f"**{'x' * 257}**")],
)
def test_a_headline_too_long_for_a_title_stands_in_the_text(
    headline: str, title: str, description: str
) -> None:
    sheet = rendered(Message(headline))
    assert (said(sheet, "title"), said(sheet, "description")) == (title, description)


def test_faint_paragraphs_are_small() -> None:
    assert said(rendered(Message("x", (Text("a"), Text("b", Tone.FAINT)))), "description") == "a\n-# b"


def test_a_log_that_closes_its_fence_does_not() -> None:
    shown = said(rendered(Message("x", (Code(("```", "@everyone", "```")),))), "description")
    assert shown.count("```") == 2


def test_blank_lines_alone_make_no_code_block() -> None:
    assert embed(rendered(Message("x", (Code(("", "")),)))) == {"title": "x"}


def test_a_form_is_named_by_its_words() -> None:
    usage = Usage("service", "one service closely")
    assert rendered(Message("x", form=Form(usage))).form == "service"
    assert rendered(Message("x", form=Form(usage, ("share", "wide")))).form == "share wide service"
