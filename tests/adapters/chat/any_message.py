"""Messages of every shape, whose every text is what somebody hostile would write."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.message import (
    Align,
    Bar,
    Block,
    Button,
    Code,
    Column,
    Emphasis,
    Form,
    Message,
    Row,
    Segment,
    Shade,
    Table,
    Text,
    Tone,
    Usage,
)

MARKUP = (
    "[red]x[/red]",
    ":boom:",
    ":smile::skin-tone-2:",
    "\x1b[2J",
    "</b>@everyone",
    "@here",
    "<!channel>",
    "<!here|here>",
    "<@U123>",
    "<@123456789012345678>",
    "<@&123456789012345678>",
    "<#C123|general>",
    "<#123456789012345678>",
    "<!subteam^S123>",
    "<!date^1392734382^{date}|x>",
    "<t:1618953630:R>",
    "</mem report:816437322781949972>",
    "<:boom:123456789012345678>",
    "<id:customize>",
    "https://x.example/?a=1",
    "<https://x.example|y>",
    "[y](https://x.example)",
    "discord.gg/abc",
    "steam://run/1",
    "x.example",
    "mailto:a@x.example",
    "```",
    "```sh\nx\n```",
    "``x``",
    "`x`",
    "*x*",
    "**x**",
    "_x_",
    "__x__",
    "~x~",
    "~~x~~",
    "||x||",
    "> x",
    ">>> x",
    "# x",
    "### x",
    "-# x",
    "- x",
    "* x",
    "+ x",
    "1. x",
    "1) x",
    "&lt;!channel&gt;",
    "\\*x\\*",
    "\\",
    "x\u202ey\u200dz",
    "e\u0301\u0301\u0301\u0301\u0301",
    "\ud800",
    "\udcff",
    "😀👩\u200d👩\u200d👧",
    "日本語",
    "10 %",
)

HOSTILE = (
    st.text(
        st.characters(categories=None)
        | st.sampled_from("\x1b\x9b\x07\n\r\t\u202e\u200d\ufe0f\ud800\u0301[]<>@#:/\\`*_~|.!&()+- 日1a"),
        max_size=30,
    )
    | st.sampled_from(MARKUP)
    | st.lists(st.sampled_from(MARKUP), min_size=2, max_size=4).map(" ".join)
    | st.lists(st.sampled_from(MARKUP), min_size=2, max_size=4).map("".join)
)
ENDLESS = st.builds(lambda text, times: text * times, HOSTILE, st.sampled_from([30, 300]))
ANY_TEXT = st.integers(0, 19).flatmap(lambda odds: HOSTILE if odds else ENDLESS)

TONES = st.sampled_from(Tone)


def rows(count: int, text: st.SearchStrategy[str] = HOSTILE) -> st.SearchStrategy[Row]:
    return st.builds(Row, st.tuples(*[text] * count), TONES)


def tables(count: int) -> st.SearchStrategy[Table]:
    column = st.builds(Column, HOSTILE, st.sampled_from(Align), st.integers(0, 2), st.booleans())
    few = st.lists(rows(count, ANY_TEXT), max_size=3)
    many = st.lists(rows(count), max_size=3).map(lambda some: some * 150)
    return st.builds(
        Table,
        st.tuples(*[column] * count),
        st.integers(0, 9).flatmap(lambda odds: few if odds else many).map(tuple),
        st.none() | rows(count),
    )


BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, ANY_TEXT, TONES),
    st.builds(Code, st.lists(ANY_TEXT, max_size=3).map(tuple)),
    st.integers(1, 4).flatmap(tables),
    st.builds(
        Bar,
        st.lists(st.builds(Segment, HOSTILE, st.integers(-5, 1000), st.sampled_from(Shade)), max_size=4).map(
            tuple
        ),
    ),
)
MESSAGES = st.builds(
    Message,
    ANY_TEXT,
    st.lists(BLOCKS, max_size=3).map(tuple),
    st.lists(
        st.builds(Button, HOSTILE, ANY_TEXT, st.sampled_from(Emphasis), HOSTILE, st.booleans()), max_size=30
    ).map(tuple),
    ANY_TEXT,
    TONES,
    measured_at=st.none() | st.just(datetime(2026, 3, 2, 14, 2, 31, tzinfo=UTC)),
    wide=st.booleans(),
    form=st.none()
    | st.builds(
        Form,
        st.just(Usage("service", "one service closely")),
        st.sampled_from([(), ("share",), ("share", "wide")]),
    ),
)
