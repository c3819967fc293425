"""What a person reads of blocks: their text in order, without the markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tests.servers.fake_slack.shapes import Json, UploadedFile


_MENTIONS = {"user": "user_id", "channel": "channel_id", "usergroup": "usergroup_id", "broadcast": "range"}
# What stands in angle brackets, and bare URLs.
_MARK = re.compile(r"<([^<>]+)>|https?://[^\s<>|]+")


def plain_text(
    text: str, blocks: Sequence[Json], attachments: Sequence[Json], files: Sequence[UploadedFile]
) -> str:
    """Return all lines a reader reads. Of a message with blocks, `text` is not shown."""
    lines = [line for block in blocks for line in block_lines(block)]
    if not blocks and text:
        lines.append(unescaped(text))
    for attachment in attachments:
        lines += _attachment_lines(attachment)
    lines += [file.title for file in files]
    return "\n".join(lines)


def button_labels(blocks: Sequence[Json], attachments: Sequence[Json] = ()) -> tuple[str, ...]:
    """Return the labels of all buttons, in order."""
    return tuple(str(button["text"]["text"]) for _, button in buttons(blocks, attachments))


def buttons(blocks: Sequence[Json], attachments: Sequence[Json] = ()) -> Iterator[tuple[Json, Json]]:
    """Yield each button with the block it stands in."""
    inner = [block for attachment in attachments for block in attachment.get("blocks", ())]
    for block in (*blocks, *inner):
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            if element.get("type") == "button":
                yield block, element


def block_lines(block: Json) -> list[str]:
    """Return the lines of one block."""
    readers: dict[str, Callable[[], list[str]]] = {
        "rich_text": lambda: "".join(_rich_text(block)).rstrip("\n").split("\n"),
        "table": lambda: _table_lines(block),
        "data_table": lambda: [str(block["caption"]), *_table_lines(block)],
        "actions": lambda: [" · ".join(filter(None, map(_element_text, block["elements"])))],
        "context": lambda: [" ".join(filter(None, map(_element_text, block["elements"])))],
        "input": lambda: [_text(block["label"]), _text(block.get("hint"))],
        "image": lambda: [_text(block.get("title")), str(block["alt_text"])],
        "markdown": lambda: [str(block["text"])],
    }
    read = readers.get(str(block["type"]), lambda: _section_lines(block))
    return [line for line in read() if line or block["type"] == "rich_text"]


def markup(text: str, blocks: Sequence[Json], attachments: Sequence[Json]) -> tuple[str, ...]:
    """Return what a client makes mentions and links of."""
    return (*_marks_in(text), *_marks_of([*blocks, *attachments]))


def _marks_of(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _marks_of(each)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind in _MENTIONS:
            yield f"@{value[_MENTIONS[str(kind)]]}"
        if kind == "link" or (kind == "date" and value.get("url")):
            yield str(value["url"])
        # The texts of attachments are mrkdwn too, unless they say otherwise.
        if kind in ("mrkdwn", "markdown", None) and isinstance(value.get("text"), str):
            yield from _marks_in(value["text"])
        for each in value.values():
            yield from _marks_of(each)


def _marks_in(mrkdwn: str) -> Iterator[str]:
    for match in _MARK.finditer(mrkdwn):
        yield match[1] or match[0]


def _table_lines(block: Json) -> list[str]:
    return [" | ".join(_cell(cell) for cell in row) for row in block["rows"]]


def _section_lines(block: Json) -> list[str]:
    texts = [_text(part) for part in (block.get("text"), *block.get("fields", ()))]
    return [*texts, _element_text(block.get("accessory") or {})]


def _attachment_lines(attachment: Json) -> list[str]:
    own = [
        unescaped(str(attachment[key]))
        for key in ("pretext", "title", "text", "footer")
        if attachment.get(key)
    ]
    lines = [line for block in attachment.get("blocks", ()) for line in block_lines(block)]
    return lines or own or [str(attachment.get("fallback", ""))]


def _text(text: Json | None) -> str:
    if not text:
        return ""
    return unescaped(str(text["text"])) if text["type"] == "mrkdwn" else str(text["text"])


def unescaped(mrkdwn: str) -> str:
    """Return the text as it is read: only these three are escaped in mrkdwn."""
    return mrkdwn.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _element_text(element: Json) -> str:
    if element.get("type") in ("mrkdwn", "plain_text"):
        return _text(element)
    if element.get("type") == "image":
        return str(element["alt_text"])
    if element.get("type") == "button":
        return f"[{_text(element['text'])}]"
    return _text(element.get("placeholder"))


def _cell(cell: Json) -> str:
    if cell["type"] == "rich_text":
        return "".join(_rich_text(cell)).strip("\n")
    return str(cell.get("text", cell.get("value")))


def _rich_text(block: Json) -> Iterator[str]:
    for section in block["elements"]:
        if section["type"] == "rich_text_list":
            yield from _list_lines(section)
        else:
            yield _line(section["elements"])


def _list_lines(section: Json) -> Iterator[str]:
    for number, item in enumerate(section["elements"], start=1 + section.get("offset", 0)):
        mark = f"{number}." if section["style"] == "ordered" else "•"
        yield f"{'  ' * section.get('indent', 0)}{mark} {_line(item['elements'])}"


def _line(elements: Iterable[Json]) -> str:
    line = "".join(_inline(element) for element in elements)
    return line if line.endswith("\n") else f"{line}\n"


def _inline(element: Json) -> str:
    kind = element["type"]
    if kind == "date":
        # How a client shows a date depends on its reader; the fallback is what the app knows.
        return str(element.get("fallback") or element["format"])
    if kind == "link":
        return str(element.get("text") or element["url"])
    if kind in _MENTIONS:
        return f"@{element[_MENTIONS[kind]]}"
    if kind == "emoji":
        return f":{element['name']}:"
    return str(element.get("text") or element.get("value") or "")
