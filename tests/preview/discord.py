"""Embeds and components as HTML that looks like Discord's client. Only what our messages use."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Json = Mapping[str, object]

STYLE = """
.discord { background: #313338; color: #dbdee1;
  font: 15px/1.375 "Noto Sans", "Liberation Sans", sans-serif; }
.discord .name { color: #f2f3f5; font-weight: 600; }
.discord .name i { background: #5865f2; color: #fff;
  border-radius: 3px; font: 500 10px sans-serif; padding: 1px 4px; margin-left: 4px; }
.discord .seen { color: #949ba4; font-size: 12px; }
.discord .embed { background: #2b2d31; border-left: 4px solid; border-radius: 4px;
  padding: 8px 14px 12px 12px; max-width: 516px; font-size: 14px; margin: 4px 0; }
.discord .title { color: #f2f3f5; font-weight: 600; font-size: 16px; margin: 4px 0; }
.discord pre { background: #1e1f22; border: 1px solid #1e1f22; border-radius: 4px; margin: 6px 0;
  padding: 7px; font: 13px/1.35 "DejaVu Sans Mono", monospace; white-space: pre-wrap; word-break: break-all; }
.discord .text { margin: 2px 0; white-space: pre-wrap; }
.discord .sub, .discord .footer { color: #949ba4; font-size: 12px; margin-top: 6px; }
.discord img { display: block; width: 100%; border-radius: 4px; margin: 6px 0; }
.discord .time { background: #4e505866; border-radius: 3px; padding: 0 2px; }
.discord button { border: 0; border-radius: 3px; color: #fff; background: #4e5058; padding: 0 14px;
  font: 500 13px/32px "Noto Sans", "Liberation Sans", sans-serif; margin: 4px 8px 4px 0; }
.discord button.primary { background: #5865f2; } .discord button.danger { background: #da373c; }
"""

_ZONE = ZoneInfo("Europe/Berlin")
_MARKUP = re.compile(
    r"""\n?```(?:\n)?(?P<code>.*?)```\n?|<t:(?P<time>\d+)(?::(?P<form>[tTdDfFR]))?>|\\(?P<plain>[^0-9A-Za-z\s])"""
    r"""|\*\*(?P<bold>.*?)\*\*|^-\#\ (?P<sub>[^\n]*)(?:\n|$)|(?P<rest>.|\n)""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def html(payload: Json) -> str:
    """Draw the content, the embeds and the buttons of a message."""
    parts = [
        f"<div class=text>{markdown(str(payload.get('content') or ''))}</div>"
        if payload.get("content")
        else ""
    ]
    parts += [_embed(embed) for embed in _list(payload.get("embeds", []))]
    buttons = _list(payload.get("buttons", []))
    parts += [f"<button class={b['emphasis']}>{escape(str(b['label']))}</button>" for b in buttons]
    return "".join(parts)


def _embed(embed: Json) -> str:
    colour = embed.get("color")
    edge = f"#{colour:06x}" if isinstance(colour, int) else "#1e1f22"
    title = f"<div class=title>{markdown(str(embed['title']))}</div>" if embed.get("title") else ""
    footer = embed.get("footer")
    below = f"<div class=footer>{escape(str(footer['text']))}</div>" if isinstance(footer, dict) else ""
    described = markdown(str(embed.get("description", "")))
    # No paragraph: that would end where a code block begins, and the lines after it would run together.
    shown = f"<div class=text>{described}</div>{_image(embed)}{below}"
    return f"<div class=embed style='border-color:{edge}'>{title}{shown}</div>"


def _image(embed: Json) -> str:
    image = embed.get("image")
    if not isinstance(image, dict):
        return ""
    return f"<img src='{escape(str(image['url']).removeprefix('attachment://'))}'>"


def markdown(text: str) -> str:
    """Draw Discord's markdown: code blocks, escapes, bold, small print, times."""
    # A line of small print ends where its line does.
    return "".join(_markup(found) for found in _MARKUP.finditer(text))


def _markup(found: re.Match[str]) -> str:
    if (code := found["code"]) is not None:
        return f"<pre>{escape(code.rstrip(chr(10)))}</pre>"
    if found["time"] is not None:
        return f"<span class=time>{_moment(int(found['time']), found['form'])}</span>"
    if (bold := found["bold"]) is not None:
        return f"<b>{markdown(bold)}</b>"
    if (sub := found["sub"]) is not None:
        return f"<div class=sub>{markdown(sub)}</div>"
    return escape(found["plain"] or found["rest"])


def _moment(seconds: int, form: str) -> str:
    at = datetime.fromtimestamp(seconds, _ZONE)
    return "just now" if form == "R" else f"{at:%H:%M:%S}"


def _list(items: object) -> Iterable[Json]:
    if not isinstance(items, list):
        raise TypeError("a list was expected")
    return items
