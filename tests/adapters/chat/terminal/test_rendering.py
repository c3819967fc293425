import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.chat.terminal.rendering import render
from adapters.chat.terminal.screen import Screen
from bot.message import (
    Align,
    Bar,
    Code,
    Column,
    Message,
    Row,
    Segment,
    Shade,
    Table,
    Text,
    Tone,
)
from tests.adapters.chat.any_message import MESSAGES
from tests.adapters.chat.terminal.samples import REPORT, STATUS, table_of

GOLDEN = Path(__file__).parents[3] / "golden" / "terminal"


def plain(message: Message, width: int = 100) -> str:
    return render(message, Screen(width))


@pytest.mark.parametrize("width", [100, 80, 40])
@pytest.mark.parametrize(("name", "message"), [("status", STATUS), ("report", REPORT)])
def test_cards_look_as_agreed(name: str, message: Message, width: int) -> None:
    golden = GOLDEN / f"{name}-{width}.txt"
    shown = plain(message, width)
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("message", [STATUS, REPORT])
@pytest.mark.parametrize("width", range(40, 101, 5))
def test_no_number_is_torn_from_its_unit_or_cut(message: Message, width: int) -> None:
    shown = plain(message, width)
    assert not re.search(r"\d\n *(%|[KMG]iB)", shown)
    assert not re.search(r"\d(?! %)( [KMGT]?i?)?…", shown)


def test_colour_says_nothing_that_words_do_not() -> None:
    coloured = render(REPORT, Screen(80, colour=True))
    assert "\x1b[1;31m" in coloured
    assert re.sub(r" *\n", "\n", re.sub(r"\x1b\[[0-9;]*m", "", coloured)) == plain(REPORT, 80)


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    before = plain(STATUS, 80)
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "30", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert plain(STATUS, 80) == before
    assert "\x1b[" in render(STATUS, Screen(80, colour=True))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "koi8-r", "shift_jis"])
def test_a_report_can_be_written_in_any_encoding(encoding: str) -> None:
    shown = render(REPORT, Screen(80, encoding=encoding))
    assert shown.encode(encoding)
    assert max(map(cell_len, shown.splitlines())) <= 80


def test_markup_links_and_emoji_codes_are_only_text() -> None:
    text = "[bold red]x[/] :warning: https://x.example 1234 'quoted' [link=http://e]y[/link]"
    message = Message("x", (Text(text), *table_of(text).blocks, Code((text,))), footnote=text)
    shown = render(message, Screen(200, colour=True))
    assert shown.count(text) == 4
    assert "\x1b]8" not in shown


def test_a_cell_stays_on_one_line() -> None:
    assert plain(table_of("a\nroot 0", "b\tc")).splitlines()[-1] == r"a\nroot 0  b\tc"


def test_columns_stay_aligned_beside_wide_characters() -> None:
    message = Message(
        "x",
        (
            Table(
                (Column(""), Column("", Align.RIGHT)),
                (Row(("日本語", "1")), Row(("ab", "2")), Row(("😀", "3"))),
            ),
        ),
    )
    lines = plain(message).splitlines()[1:]
    assert [cell_len(line) for line in lines] == [9, 9, 9]


def test_a_table_too_wide_for_the_screen_is_told_one_cell_after_the_other() -> None:
    table = Table(
        (Column("level"), Column("figures", Align.RIGHT), Column("swap", Align.RIGHT)),
        (Row(("critical", "96 of 961 MiB available (10 %)", "212 MiB"), Tone.CRITICAL),),
        total=Row(("total", "0.10 of 0.94 GiB available (10 %)", "")),
    )
    assert plain(Message("x", (table,)), 40).splitlines() == [
        "x",
        "  level  figures  swap",
        "● critical",
        "    96 of 961 MiB available (10 %)",
        "    212 MiB",
        "─" * 40,
        "  total",
        "    0.10 of 0.94 GiB available (10 %)",
    ]


def test_a_log_line_keeps_its_indentation_and_tabs() -> None:
    assert plain(Message("x", (Code(("  a\tb",)),))).splitlines()[1] == "    a     b"


def test_paragraphs_stand_together_and_apart_from_tables() -> None:
    message = Message("x", (Text("a"), Text("b"), *table_of("c").blocks, Text("d")))
    assert plain(message) == "x\na\nb\n\n0\nc\n\nd\n"


def test_an_empty_table_shows_its_titles() -> None:
    assert plain(Message("x", (Table((Column("pid"), Column("memory")), ()),))) == "x\npid  memory\n"


def test_a_bar_of_nothing_is_empty() -> None:
    assert plain(Message("x", (Bar((Segment("free", 0, Shade.EMPTY),)),))) == "x\n\n· free\n"


@settings(max_examples=80, deadline=None)
@given(MESSAGES, st.integers(20, 130), st.sampled_from(["utf-8", "ascii", "cp437"]))
def test_nothing_in_a_message_controls_the_terminal(message: Message, width: int, encoding: str) -> None:
    shown = render(message, Screen(width, encoding=encoding))
    lines = shown.removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines)
    assert shown.encode(encoding)
    assert max(map(cell_len, lines)) <= width


@settings(max_examples=80, deadline=None)
@given(MESSAGES)
def test_with_colour_the_only_controls_are_our_own(message: Message) -> None:
    shown = render(message, Screen(80, colour=True))
    without = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert all(line.isprintable() for line in without.split("\n"))
