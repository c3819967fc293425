"""What a person typed, as they typed it: Slack hands it out with entities, links and mentions of its own.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re

_MARKED = re.compile(r"<(?P<sign>[@#!]?)(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_SCHEME = re.compile(r"^(?:https?://|mailto:)")
# What phones make of typed quotes.
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"'})


def said(text: str, *, to: str = "") -> str:
    """Return the words; the first mention of the user `to` is left out, as it only addresses them."""
    if to:
        text = re.sub(rf"<@{re.escape(to)}(?:\|[^<>]*)?>[:,]?", " ", text, count=1)
    text = _MARKED.sub(_typed, text)
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return text.translate(_QUOTES).strip()


def _typed(found: re.Match[str]) -> str:
    """Return what was typed where Slack put a link (`web-1.example.org`), a mention or a channel."""
    sign, target, label = found["sign"], found["target"], found["label"]
    if sign == "":
        return label or _SCHEME.sub("", target)
    if sign == "!":
        return label or f"@{target.partition('^')[0]}"
    return f"{sign}{label or target}"
