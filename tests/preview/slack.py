"""Block Kit as HTML that looks like Slack's client. Only what our messages use."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Json = Mapping[str, object]

STYLE = """
.slack { background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "Liberation Sans", sans-serif; }
.slack .name { font-weight: 900; } .slack .name i { background: #e8e8e8; border-radius: 2px; color: #616061;
  font: 700 10px sans-serif; padding: 1px 3px; margin-left: 4px; }
.slack .seen { color: #616061; font-size: 12px; }
.slack pre { background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; margin: 4px 0;
  font: 12px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; word-break: break-all; }
.slack p { margin: 4px 0; white-space: pre-wrap; } .slack .context { color: #616061; font-size: 13px; }
.slack button { background: #fff; border: 1px solid #bbb; border-radius: 4px; color: #1d1c1d; padding: 0 12px;
  font: 700 13px/28px Lato, "Liberation Sans", sans-serif; margin: 4px 8px 4px 0; }
.slack button.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
.slack button.danger { border-color: #e01e5a; color: #e01e5a; }
.slack img { display: block; width: 100%; border-radius: 4px; margin: 4px 0; }
.slack hr { border: 0; border-top: 1px solid #ddd; }
"""


def html(payload: Json) -> str:
    """Draw the blocks of a message."""
    return "".join(_block(block) for block in _list(payload["blocks"]))


def _block(block: Json) -> str:
    match block["type"]:
        case "rich_text":
            return "".join(_rich(element) for element in _list(block["elements"]))
        case "header" | "section" as kind:
            text = _text(block["text"])
            return f"<p><b>{text}</b></p>" if kind == "header" else f"<p>{text}</p>"
        case "context":
            return f"<p class=context>{' '.join(_text(each) for each in _list(block['elements']))}</p>"
        case "actions":
            return f"<div>{''.join(_button(each) for each in _list(block['elements']))}</div>"
        case "divider":
            return "<hr>"
        case "image":
            return f"<img src='{_source(block)}' alt='{escape(str(block['alt_text']))}'>"
        case other:
            raise ValueError(f"the preview does not know the block {other}")


def _source(block: Json) -> str:
    file = block["slack_file"]
    return escape(str(file["id"])) if isinstance(file, dict) else ""


def _rich(element: Json) -> str:
    inner = "".join(_span(span) for span in _list(element["elements"]))
    return f"<pre>{inner}</pre>" if element["type"] == "rich_text_preformatted" else f"<p>{inner}</p>"


def _span(span: Json) -> str:
    text = escape(str(span["fallback" if span["type"] == "date" else "text"]))
    style = span.get("style")
    if isinstance(style, dict) and style.get("bold"):
        return f"<b>{text}</b>"
    return text


def _button(button: Json) -> str:
    return f"<button class='{escape(str(button.get('style', '')))}'>{_text(button['text'])}</button>"


def _text(text: object) -> str:
    if not isinstance(text, dict):
        raise TypeError("a text object was expected")
    return escape(str(text["text"]))


def _list(items: object) -> Iterable[Json]:
    if not isinstance(items, list):
        raise TypeError("a list was expected")
    return items
