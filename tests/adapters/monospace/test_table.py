from rich.cells import cell_len

from adapters.monospace.table import drawn
from bot.message import Align, Column, Row, Table, Tone

FLEET = Table(
    (
        Column("level"),
        Column("host", elastic=True),
        Column("memory taken", dispensable=2),
        Column("available", Align.RIGHT),
        Column("swap", Align.RIGHT, dispensable=1),
    ),
    (
        Row(("critical", "web-1", "▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░", "96 of 961 MiB (10 %)", ""), Tone.CRITICAL),
        Row(("good", "db-2", "▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░", "2 of 4 GiB (50 %)", ""), Tone.GOOD),
    ),
)


def test_columns_are_aligned_and_each_row_has_its_mark() -> None:
    assert drawn(FLEET, 80).lines == (
        "  level     host   memory taken                       available",
        "● critical  web-1  ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░  96 of 961 MiB (10 %)",
        "○ good      db-2   ▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░     2 of 4 GiB (50 %)",
    )


def test_on_a_telephone_every_row_has_lines_of_its_own() -> None:
    assert drawn(FLEET, 34).lines == (
        "● critical  web-1",
        "    96 of 961 MiB (10 %)",
        "○ good  db-2  2 of 4 GiB (50 %)",
    )


def test_a_column_without_room_is_named_and_one_without_words_is_no_loss() -> None:
    assert drawn(FLEET, 34).left_out == ("memory taken",)
    assert drawn(FLEET, 80).left_out == ()


def test_the_total_is_set_apart_by_a_rule() -> None:
    table = Table(
        (Column("where"), Column("size", Align.RIGHT)),
        (Row(("gunicorn", "358 MiB")),),
        Row(("total", "961 MiB")),
    )
    assert drawn(table, 34).lines == (
        "where        size",
        "gunicorn  358 MiB",
        "─────────────────",
        "total     961 MiB",
    )


def test_sentences_are_broken_where_there_is_no_room_beside_the_name() -> None:
    table = Table(
        (Column("command"), Column("what it does", elastic=True)),
        (Row(("top", "the processes that hold most memory")),),
    )
    assert drawn(table, 34).lines == ("top", "    the processes that hold most", "    memory")
    assert drawn(table, 100).lines == (
        "command  what it does",
        "top      the processes that hold most memory",
    )


def test_an_empty_table_shows_its_titles() -> None:
    assert drawn(Table((Column("pid"), Column("memory")), ()), 34).lines == ("pid  memory",)


def test_wide_characters_and_controls_keep_their_columns() -> None:
    table = Table(
        (Column(""), Column("", Align.RIGHT)), (Row(("日本語", "1")), Row(("\x1b", "2")), Row(("😀", "3")))
    )
    assert [cell_len(line) for line in drawn(table, 34).lines] == [9, 9, 9]
