"""What a message may hold. Lengths are of code points, after trimming."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.servers.fake_discord.errors import Problems
    from tests.servers.fake_discord.wire import JsonObject

_MESSAGE = frozenset(
    [
        "content",
        "nonce",
        "enforce_nonce",
        "tts",
        "embeds",
        "allowed_mentions",
        "message_reference",
        "components",
        "attachments",
        "flags",
    ]
)
_EMBED = frozenset(
    [
        "title",
        "type",
        "description",
        "url",
        "timestamp",
        "color",
        "footer",
        "image",
        "thumbnail",
        "author",
        "fields",
        "flags",
    ]
)
_PARTS = {
    "footer": ("text", 2048, frozenset({"text", "icon_url", "proxy_icon_url"})),
    "author": ("name", 256, frozenset({"name", "url", "icon_url", "proxy_icon_url"})),
}
_FIELD = frozenset({"name", "value", "inline"})
_ALLOWED_MENTIONS = frozenset({"parse", "roles", "users", "replied_user"})
_SETTABLE_FLAGS = 1 << 2 | 1 << 6 | 1 << 12
_CONTENT, _EMBEDS, _TITLE, _DESCRIPTION, _FIELDS, _NAME, _VALUE, _TOTAL = (
    2000,
    10,
    256,
    4096,
    25,
    256,
    1024,
    6000,
)
_NONCE = 25
_COLOURS = 0xFFFFFF
_SCHEMES = {"http", "https", "attachment"}


def check_message(problems: Problems, body: JsonObject, files: set[str]) -> None:
    """Note what is wrong with a message, but for its components. `files` are the names it may refer to."""
    problems.only("", body, _MESSAGE)
    problems.length("content", body.get("content") or "", 0, _CONTENT)
    problems.length("nonce", str(body.get("nonce") or ""), 0, _NONCE)
    flags = body.get("flags") or 0
    if not isinstance(flags, int) or flags & ~_SETTABLE_FLAGS:
        # With components of the second version (1 << 15) a message is something else; the fake has none.
        problems.add("flags", "MESSAGE_FLAGS_INVALID", "These flags cannot be set.")
    _check_mentions(problems, body.get("allowed_mentions"))
    embeds = body.get("embeds") or []
    if not problems.most("embeds", embeds, _EMBEDS):
        return
    for number, embed in enumerate(embeds):
        _check_embed(problems, f"embeds.{number}", embed, files)
    if sum(map(_size, embeds)) > _TOTAL:
        problems.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {_TOTAL}")


def _check_mentions(problems: Problems, allowed: JsonObject | None) -> None:
    if allowed is None:
        return
    problems.only("allowed_mentions", allowed, _ALLOWED_MENTIONS)
    parse = allowed.get("parse") or []
    for number, kind in enumerate(parse):
        if kind not in {"roles", "users", "everyone"}:
            message = "Value must be one of ('users', 'roles', 'everyone')."
            problems.add(f"allowed_mentions.parse.{number}", "BASE_TYPE_CHOICES", message)
    for kind in ("roles", "users"):
        problems.most(f"allowed_mentions.{kind}", allowed.get(kind) or [], 100)
        if kind in parse and allowed.get(kind):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            problems.add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _check_embed(problems: Problems, path: str, embed: JsonObject, files: set[str]) -> None:
    problems.only(path, embed, _EMBED)
    problems.length(f"{path}.title", embed.get("title") or "", 0, _TITLE)
    problems.length(f"{path}.description", embed.get("description") or "", 0, _DESCRIPTION)
    for name, (key, most, known) in _PARTS.items():
        part = embed.get(name)
        if part is not None:
            problems.only(f"{path}.{name}", part, known)
            problems.length(f"{path}.{name}.{key}", part.get(key), 1, most)
    fields = embed.get("fields") or []
    if problems.most(f"{path}.fields", fields, _FIELDS):
        for number, field in enumerate(fields):
            problems.only(f"{path}.fields.{number}", field, _FIELD)
            problems.length(f"{path}.fields.{number}.name", field.get("name"), 1, _NAME)
            problems.length(f"{path}.fields.{number}.value", field.get("value"), 1, _VALUE)
    colour = embed.get("color") or 0
    if not isinstance(colour, int) or not 0 <= colour <= _COLOURS:
        message = f"int value should be less than or equal to {_COLOURS}."
        problems.add(f"{path}.color", "NUMBER_TYPE_MAX", message)
    _check_timestamp(problems, f"{path}.timestamp", embed.get("timestamp"))
    for place, url in _urls(embed):
        _check_url(problems, f"{path}.{place}", url, files)
    if not any(
        embed.get(key) for key in ("title", "description", "fields", "footer", "author", "image", "thumbnail")
    ):
        problems.add(f"{path}.description", "BASE_TYPE_REQUIRED", "This field is required")


def _check_timestamp(problems: Problems, path: str, timestamp: object) -> None:
    if timestamp is None:
        return
    try:
        datetime.fromisoformat(str(timestamp))
    except ValueError:
        message = f"Could not parse {timestamp}. Should be ISO8601."
        problems.add(path, "DATE_TIME_TYPE_PARSE", message)


def _urls(embed: JsonObject) -> list[tuple[str, str]]:
    found = [("url", embed.get("url"))]
    found += [(f"{name}.url", (embed.get(name) or {}).get("url")) for name in ("image", "thumbnail")]
    found += [(f"{name}.icon_url", (embed.get(name) or {}).get("icon_url")) for name in ("footer", "author")]
    return [(place, url) for place, url in found if url is not None]


def _check_url(problems: Problems, path: str, url: str, files: set[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        message = f"Scheme \"{parts.scheme}\" is not supported. Scheme must be one of ('http', 'https')."
        problems.add(path, "URL_TYPE_INVALID_SCHEME", message)
    elif parts.scheme == "attachment" and parts.netloc + parts.path not in files:
        # The real API takes it and shows no picture.
        problems.add(path, "ATTACHMENT_NOT_FOUND", "There is no such file.")


def _size(embed: JsonObject) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or ():
        texts += [field.get("name"), field.get("value")]
    return sum(len(str(text).strip()) for text in texts if text)
