"""A form for the words that a command is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import discord

from adapters.chat.discord import limits
from adapters.chat.discord.commands import words
from adapters.chat.discord.components import MODAL_PREFIX
from adapters.monospace.page import cut_to, length
from bot.message import Kind
from bot.usage import LARGEST_COUNT

if TYPE_CHECKING:
    from bot.message import Form, Parameter

_LONGEST_WORD = 200
# What is typed freely, and how.
_SUCH_AS = {
    Kind.COUNT: f"a whole number from 1 to {LARGEST_COUNT}",
    Kind.INCIDENT: "its number, such as 12",
    Kind.PLAN: "its number, such as 42",
    Kind.CODE: "the letters and digits on its card, such as k7f3",
    Kind.DURATION: "such as 30m, 2h or 1d",
    Kind.SIZE: "such as 64mb or 1gb",
    Kind.TEXT: "any words",
}


def modal(form: Form, choices: Sequence[Sequence[str]]) -> discord.ui.Modal:
    """Return a form with an input for each parameter of the command; `choices` are the words each can be."""
    usage = form.usage
    made = discord.ui.Modal(
        title=cut_to(limits.FORM_TITLE, f"{form.words}: {usage.help}"),
        custom_id=f"{MODAL_PREFIX}{form.words}",
    )
    for place, (parameter, offered) in enumerate(zip(usage.parameters, choices, strict=True)):
        made.add_item(
            discord.ui.Label(
                text=cut_to(limits.FORM_LABEL, parameter.name),
                description=cut_to(limits.FORM_HELP, parameter.help),
                component=_input(parameter, f"p{place}", offered),
            )
        )
    # Submissions are read from the interaction itself: discord.py would keep every form that was ever opened.
    made.stop()
    return made


def said(form: Form, data: object) -> str:
    """Return the words that a submitted form stands for."""
    usage = form.usage
    filled = dict(_inputs(data))
    given = {p.name: filled.get(f"p{place}", "").strip() for place, p in enumerate(usage.parameters)}
    return " ".join((*form.before, words(usage, given)))


def _input(
    parameter: Parameter, custom_id: str, offered: Sequence[str]
) -> discord.ui.Select[discord.ui.View] | discord.ui.TextInput[discord.ui.View]:
    choices = () if parameter.kind in _SUCH_AS else tuple(dict.fromkeys(offered))
    if 0 < len(choices) <= limits.CHOICES and all(0 < length(word) <= limits.CHOICE for word in choices):
        return discord.ui.Select(
            custom_id=custom_id,
            options=[discord.SelectOption(label=word, value=word) for word in choices],
            required=parameter.required,
            min_values=1 if parameter.required else 0,
        )
    return discord.ui.TextInput(
        custom_id=custom_id,
        placeholder=_SUCH_AS.get(parameter.kind),
        required=parameter.required,
        max_length=limits.LINE if parameter.kind is Kind.TEXT else _LONGEST_WORD,
    )


def _inputs(data: object) -> Iterator[tuple[str, str]]:
    """Find the inputs' values wherever they stand: in labels, in rows, or by themselves."""
    match data:
        case {"custom_id": str(name), "value": str(value)}:
            yield name, value
        case {"custom_id": str(name), "values": [str(value), *_]}:
            yield name, value
        case Mapping():
            for key in ("components", "component"):
                yield from _inputs(data.get(key))
        case list():
            for inner in data:
                yield from _inputs(inner)
