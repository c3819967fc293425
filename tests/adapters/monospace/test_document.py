from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.monospace.document import attachment, document
from bot.message import Code, Column, Message, Row, Table, Text
from tests.adapters.chat.terminal.samples import REPORT


def test_a_document_says_all_there_is() -> None:
    moment = datetime(2026, 3, 2, 14, 2, 31, tzinfo=UTC)
    text = document(replace(REPORT, measured_at=moment))
    assert text.startswith("web-1 is critical: 96 of 961 MiB available (10 %)\n\n█")
    assert "as of 2026-03-02 14:02:31 UTC\n14:02:31 UTC · up 41 d" in text
    for row in (block for block in REPORT.blocks if isinstance(block, Table)):
        assert all(cell in text for line in row.rows for cell in line.cells)


def test_no_cell_of_a_document_is_cut() -> None:
    command = "/usr/bin/java " + "-Dsome.option=1 " * 50
    table = Table((Column("pid"), Column("command", elastic=True, dispensable=1)), (Row(("1", command)),))
    assert command.strip() in document(Message("x", (table,)))


def test_nothing_in_a_document_acts() -> None:
    text = document(Message("\x1b[2J", (Text("\u202e"), Code(("\ud800",))), footnote="\x07"))
    assert text == "\\x1b[2J\n\n\\u202e\n\n\\ud800\n\n\\x07\n"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("top web-1 1000", "memwarden-top-web-1-1000.txt"),
        ("", "memwarden.txt"),
        ("../../etc/passwd\n", "memwarden-etc-passwd.txt"),
        ("日本", "memwarden.txt"),
        ("x" * 300, f"memwarden-{'x' * 40}.txt"),
    ],
)
def test_a_file_is_named_after_what_was_asked(words: str, name: str) -> None:
    assert attachment(Message("x"), words).name == name
