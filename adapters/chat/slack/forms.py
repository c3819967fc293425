"""The form for a command's words: a modal whose inputs complete, as a slash command cannot.

Everything that is needed to go on is kept in the form itself, so that a restart in between loses nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from adapters.chat.slack.blocks import plain_text
from adapters.chat.slack.payload import at, items_at, mapping_at, text_at
from adapters.monospace.page import cut_to
from adapters.plain_text import visible
from bot.message import Kind
from bot.usage import said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.chat.slack.rendering import JsonObject
    from bot.message import Form, Parameter

CALLBACK = "memwarden-form"
_OFFERS = "memwarden-offers"
_COUNT = "memwarden-count"
_CHOICE = "memwarden-choice"
_LINE = "memwarden-line"
_SUCH_AS = {
    Kind.INCIDENT: "Its number, such as 12",
    Kind.PLAN: "Its number, such as 42",
    Kind.CODE: "The letters and digits on its card, such as k7f3",
    Kind.DURATION: "Such as 30m, 2h or 1d",
    Kind.SIZE: "Such as 64mb or 1gb",
}
_TYPED = (Kind.CHOICE, Kind.TEXT, *_SUCH_AS)
_LONGEST_LINE = 300
_VERSION = 1
_LONGEST_TITLE, _LONGEST_HINT, _LONGEST_OPTION, _MOST_OPTIONS = 24, 150, 75, 100
_LONGEST_PLACE = 3000


@dataclass(frozen=True, slots=True)
class Offered:
    """Where a form was offered, the message whose button opened it, and the words it goes on from."""

    words: str
    channel: str
    thread_ts: str
    response_url: str = field(repr=False)
    on_private: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was sent off: the words it stands for."""

    offered: Offered
    words: str


def form(wanted: Form, offered: Offered) -> JsonObject:
    """Return the view that asks for the command's parameters."""
    usage = wanted.usage
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": _kept(offered),
        "title": _text(wanted.words, _LONGEST_TITLE),
        "submit": _text("Ask"),
        "close": _text("Cancel"),
        "blocks": [
            {"type": "context", "elements": [_text(usage.help, _LONGEST_HINT)]},
            *(_input(index, parameter) for index, parameter in enumerate(usage.parameters)),
        ],
    }


def filled(view: object) -> Filled | None:
    """Return what was filled in, or None if the form is none of ours, or of another version."""
    offered = _offered(text_at(view, "private_metadata"))
    if offered is None or text_at(view, "callback_id") != CALLBACK:
        return None
    values = mapping_at(view, "state", "values")
    blocks = [text_at(block, "block_id") for block in items_at(view, "blocks")]
    words = [_value(values.get(block)) for block in blocks if block in values]
    return Filled(offered, f"{offered.words} {said(filter(None, words))}".rstrip())


def options(action: str, typed: str, offers: Callable[[Kind, str], Sequence[str]]) -> list[JsonObject]:
    """Return what a select of the form offers for what is typed so far.

    A service need not be known to anybody, so the typed word itself is offered too.
    """
    prefix, _, kind = action.rpartition(".")
    if prefix.partition(".")[0] != _OFFERS or kind not in {known.value for known in Kind}:
        return []
    typed = typed.strip()
    words = list(offers(Kind(kind), typed))
    if kind == Kind.SERVICE and typed and typed not in words:
        words.append(typed)
    short = [word for word in dict.fromkeys(words) if 0 < len(word) <= _LONGEST_OPTION]
    return [_option(word) for word in short[:_MOST_OPTIONS]]


def _input(index: int, parameter: Parameter) -> JsonObject:
    return {
        "type": "input",
        "block_id": f"memwarden-{index}",
        "optional": not parameter.required,
        "label": _text(parameter.name),
        "hint": _text(parameter.help, _LONGEST_HINT),
        "element": _element(index, parameter),
    }


def _element(index: int, parameter: Parameter) -> JsonObject:
    match parameter.kind:
        case Kind.COUNT:
            return _number()
        case Kind.CHOICE if 0 < len(parameter.choices) <= _MOST_OPTIONS:
            return _choice(parameter.choices)
        case kind:
            return _line(kind) if kind in _TYPED else _select(index, kind)


def _choice(choices: Sequence[str]) -> JsonObject:
    return {
        "type": "static_select",
        "action_id": _CHOICE,
        "placeholder": _text("Choose"),
        "options": [_option(choice) for choice in choices],
    }


def _line(kind: Kind) -> JsonObject:
    return {
        "type": "plain_text_input",
        "action_id": _LINE,
        "max_length": _LONGEST_LINE,
        "placeholder": _text(_SUCH_AS.get(kind, "Any words")),
    }


def _number() -> JsonObject:
    return {"type": "number_input", "action_id": _COUNT, "is_decimal_allowed": False, "min_value": "1"}


def _select(index: int, kind: Kind) -> JsonObject:
    return {
        "type": "external_select",
        "action_id": f"{_OFFERS}.{index}.{kind.value}",
        "min_query_length": 0,
        "placeholder": _text(f"Type to search: {kind.value}"),
    }


def _option(word: str) -> JsonObject:
    return {"text": _text(word, _LONGEST_OPTION), "value": word}


def _text(text: str, longest: int = _LONGEST_HINT) -> JsonObject:
    return plain_text(cut_to(longest, visible(text) or "-"))


def _value(actions: object) -> str:
    """Return what was chosen or typed in the only element of an input."""
    for state in mapping_at(actions).values():
        return text_at(state, "selected_option", "value") or text_at(state, "value")
    return ""


def _kept(offered: Offered) -> str:
    kept = json.dumps(
        {
            "version": _VERSION,
            "words": offered.words,
            "channel": offered.channel,
            "thread": offered.thread_ts,
            "url": offered.response_url,
            "private": offered.on_private,
        }
    )
    if len(kept) <= _LONGEST_PLACE:
        return kept
    return _kept(replace(offered, response_url=""))


def _offered(kept: str) -> Offered | None:
    try:
        place: object = json.loads(kept)
    except ValueError:
        return None
    words, channel = text_at(place, "words"), text_at(place, "channel")
    if at(place, "version") != _VERSION or not words or not channel:
        return None
    return Offered(
        words, channel, text_at(place, "thread"), text_at(place, "url"), at(place, "private") is True
    )
