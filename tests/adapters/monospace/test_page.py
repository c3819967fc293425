from hypothesis import given
from hypothesis import strategies as st

from adapters.monospace.page import Fixed, Limits, Page, Prose, cut_to, length, only_in_the_file, paged
from bot.message import Align, Bar, Code, Column, Row, Segment, Shade, Table, Text, Tone

PHONE = Limits(width=34, longest=300, room=600, cost=lambda part: length(part.text) + 1)
ROWS = Table((Column("name"),), tuple(Row((f"name-{place}",)) for place in range(100)))


def test_what_fits_is_shown_in_order() -> None:
    page = paged((Text("a"), Bar((Segment("b", 1, Shade.SOLID),)), Text("c", Tone.FAINT)), PHONE)
    assert page.parts == (Prose("a"), Fixed(("█" * 34, "█ b")), Prose("c", faint=True))
    assert page.whole


def test_of_a_long_table_the_beginning_is_shown_and_how_much_is_missing() -> None:
    page = paged((ROWS, Text("after it")), PHONE)
    table, more, after = page.parts
    assert isinstance(table, Fixed)
    assert length(table.text) <= 300
    assert more == Prose(
        f"… and {101 - len(table.lines)} more rows: the whole answer is in the file.", faint=True
    )
    assert after == Prose("after it")
    assert not page.whole


def test_where_the_room_ends_the_page_says_so() -> None:
    page = paged((ROWS, ROWS, ROWS, Text("never shown")), PHONE)
    assert page.parts[-1] == Prose("… the rest of this answer is in the file.", faint=True)
    assert sum(map(PHONE.cost, page.parts)) <= PHONE.room
    assert not page.whole


def test_one_missing_row_is_a_row() -> None:
    narrow = Limits(width=34, longest=8, room=600, cost=PHONE.cost)
    page = paged((Code(("12345678", "9")),), narrow)
    assert page.parts[-1] == Prose("… and 1 more line: the whole answer is in the file.", faint=True)


def test_a_long_paragraph_and_a_long_line_are_cut_visibly() -> None:
    page = paged((Text("x" * 500),), PHONE)
    assert page.parts == (Prose("x" * 299 + "…"),)
    assert not page.whole
    assert not paged((Code(("x" * 501,)),), Limits(34, 3_000, 3_000, PHONE.cost)).whole


def test_nothing_is_shown_of_what_is_blank() -> None:
    assert paged((Text("  "), Code(("", " "))), PHONE).parts == ()


def test_every_column_without_room_is_named() -> None:
    columns = (Column("name"), Column("what", dispensable=1))
    page = paged((Table(columns, (Row(("x" * 17, "y" * 17)),)),), PHONE)
    assert page.left_out == ("what",)


def test_a_cell_that_is_cut_is_known() -> None:
    columns = (Column("name"), Column("size", Align.RIGHT))
    (cut, whole) = (paged((Table(columns, (Row(("x" * count, "5 MiB")),)),), PHONE) for count in (50, 10))
    assert (cut.shortened, cut.left_out, cut.has_every_cell) == (True, (), False)
    assert whole.has_every_cell


def test_what_is_only_in_the_file_is_named_once_and_shortly() -> None:
    assert only_in_the_file(Page(), Page(shortened=False)) is None
    pages = (Page(left_out=("swap", "")), Page(left_out=("swap",), shortened=True))
    assert only_in_the_file(*pages) == Prose(
        "Only in the file: “swap”, a column without a title, the whole of what ends in “…”.", faint=True
    )
    endless = only_in_the_file(Page(left_out=tuple("x" * count for count in range(100))))
    assert endless is not None
    assert length(endless.text) == 300


@given(st.text(), st.integers(1, 20))
def test_a_cut_text_is_never_longer_than_asked(text: str, most: int) -> None:
    shown = cut_to(most, text)
    assert length(shown) <= most
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))


def test_an_emoji_counts_as_chats_count_it() -> None:
    assert length("a😀") == 3
