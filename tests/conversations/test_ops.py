"""The harness itself: what it shows is what was said."""

from __future__ import annotations

from bot.message import Bar, Code, Column, Message, Row, Segment, Shade, Table, Text
from tests.conversations.ops import Ops, text_of


def test_everything_a_message_says_is_shown() -> None:
    message = Message(
        "headline",
        (
            Text("paragraph"),
            Code(("line 1", "line 2")),
            Table((Column("a"), Column("b")), (Row(("1", "2")),), total=Row(("3", "4"))),
            Table((Column(""),), (Row(("untitled",)),)),
            Bar((Segment("nginx", 1, Shade.SOLID), Segment("", 2, Shade.EMPTY))),
        ),
        footnote="footnote",
    )

    assert text_of(message).splitlines() == [
        "headline", "paragraph", "line 1", "line 2", "a  b", "1  2", "3  4", "untitled", "nginx", "footnote",
    ]  # fmt: skip


def test_time_passes_for_the_whole_bot() -> None:
    ops = Ops()

    before = ops.ports.now()
    ops.time_passes(minutes=90)

    assert (ops.ports.now() - before).total_seconds() == 5400
