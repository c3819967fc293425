"""The limits of rich_text blocks. Lengths of their texts are not documented, only those of whole messages."""

from __future__ import annotations

import re

from tests.servers.fake_slack.schema import (
    Findings,
    Shape,
    array,
    boolean,
    integer,
    one_of,
    string,
    thing,
    typed,
)

_LONGEST = 40_000
_MOST = 10_000
_DATE_TOKENS = frozenset(
    (
        "day_divider_pretty", "date_num", "date_slash", "date_long", "date_long_full", "date_long_pretty",
        "date", "date_pretty", "date_short", "date_short_pretty", "time", "time_secs", "ago",
    )
)  # fmt: skip


def _style(*more: str) -> Shape:
    return thing({}, dict.fromkeys(("bold", "italic", "strike", "underline", *more), boolean))


def _date_format(found: Findings, value: object, pointer: str) -> None:
    string(_LONGEST, 1)(found, value, pointer)
    tokens = re.findall(r"\{(.*?)\}", value) if isinstance(value, str) else []
    # What Slack does with unknown tokens, or with none, is not documented; both are mistakes.
    if not tokens or not _DATE_TOKENS.issuperset(tokens):
        found.report(f"invalid date format: {value}", pointer)


_TEXT = string(_LONGEST, 1)
_ID = string(30, 1)
_MENTION = {"style": _style("highlight", "client_highlight", "unlink")}
_TEXT_ELEMENT = thing({"text": _TEXT}, {"style": _style("code")})
_LINK = thing({"url": string(3000, 1)}, {"text": _TEXT, "unsafe": boolean, "style": _style("code")})
_DATE = thing(
    {"timestamp": integer(0, 2**40), "format": _date_format},
    {"timezone": _TEXT, "url": string(3000, 1), "fallback": _TEXT, "style": _style("highlight")},
)
_INLINE = typed(
    {
        "text": _TEXT_ELEMENT,
        "link": _LINK,
        "date": _DATE,
        "emoji": thing(
            {"name": string(100, 1)}, {"unicode": _TEXT, "skin_tone": integer(1, 6), "style": _style()}
        ),
        "user": thing({"user_id": _ID}, _MENTION),
        "channel": thing({"channel_id": _ID}, _MENTION),
        "usergroup": thing({"usergroup_id": _ID}, _MENTION),
        "broadcast": thing({"range": one_of("here", "channel", "everyone")}, _MENTION),
        "color": thing({"value": string(9, 1)}, {"style": _style()}),
    }
)
_SECTION = thing({"elements": array(_INLINE, _MOST)})
_BORDER = one_of(0, 1)
# Dates belong into sections, lists and quotes; preformatted text has only texts and links.
_PREFORMATTED = thing(
    {"elements": array(typed({"text": _TEXT_ELEMENT, "link": _LINK}), _MOST)},
    {"border": _BORDER, "language": _TEXT},
)
RICH_TEXT_ELEMENT = typed(
    {
        "rich_text_section": _SECTION,
        "rich_text_preformatted": _PREFORMATTED,
        "rich_text_quote": thing({"elements": array(_INLINE, _MOST)}, {"border": _BORDER}),
        "rich_text_list": thing(
            {
                "style": one_of("bullet", "ordered"),
                "elements": array(typed({"rich_text_section": _SECTION}), _MOST),
            },
            {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": _BORDER},
        ),
    }
)
RICH_TEXT = {"elements": array(RICH_TEXT_ELEMENT, _MOST)}
