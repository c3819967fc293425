"""Message -> what Discord shows: an embed, what stands above it, and a file where it is too long. Pure.

Whatever a host or a person wrote is escaped (`escaping`), or stands where Discord parses nothing: in a code
block, in a footer, on a button.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adapters.chat.discord import limits
from adapters.chat.discord.escaping import fenced, literal
from adapters.monospace.document import WIDTH, Attachment, attachment
from adapters.monospace.marks import CIRCLES
from adapters.monospace.page import Fixed, Limits, Page, cut, cut_to, length, only_in_the_file, paged
from adapters.plain_text import visible
from bot.message import Button, Chart, Text, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from adapters.monospace.page import Part
    from bot.message import Message

JsonObject = dict[str, object]

__all__ = ["Attachment", "JsonObject", "Sheet", "rendered"]

_COLOURS = {
    Tone.CRITICAL: 0xD92D20,
    Tone.WARNING: 0xF79009,
    Tone.ACCEPTABLE: 0xEAC54F,
    Tone.GOOD: 0x2DA44E,
    Tone.UNKNOWN: 0x98A2B3,
}

_MEASURED_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is posted. `form` are the words up to those that a form may ask for, or empty.

    `file` is the whole answer where the rest is not all of it.
    """

    content: str
    embeds: tuple[JsonObject, ...]
    buttons: tuple[Button, ...] = ()
    form: str = ""
    file: Attachment | None = None


def rendered(
    message: Message,
    *,
    words: str = "",
    announced: bool = False,
    mentioning: str = "",
    pictures: Mapping[Chart, str] | None = None,
) -> Sheet:
    """Render a message; `words` are what was asked, to offer the columns that a phone has no room for.

    An embed is narrow even on a large screen, so the tables of a `wide` answer stand above it. The headline
    of what is `announced` does so too, since notifications show no embeds; `mentioning` is the line of
    mentions below it. `pictures` are the names of the files in which charts were drawn; the others are lines
    of characters.
    """
    pictures = pictures or {}
    drawn = [block for block in message.blocks if isinstance(block, Chart) and block in pictures]
    said = replace(
        message,
        blocks=tuple(block for block in message.blocks if block not in drawn),
        headline=visible(message.headline).strip() or "…",
        footnote=visible(message.footnote).strip(),
    )
    short = replace(
        said,
        headline=cut(said.headline, lambda text: length(literal(text)) <= limits.HEADLINE),
        footnote=cut_to(limits.FOOTER, said.footnote),
    )
    first = _first_line(short) if announced or message.wide else ""
    heading = {} if first else _heading(short)
    first = "\n".join(filter(None, (first, mentioning)))
    above, below = _pages(short, limits.CONTENT - length(first), _room(heading))
    every_cell = above.has_every_cell and below.has_every_cell
    return Sheet(
        content="\n".join(filter(None, (first, *map(_markdown, above.parts)))),
        embeds=_illustrated(
            tuple(_embeds(short, heading, below.parts)), [pictures[chart] for chart in dict.fromkeys(drawn)]
        ),
        buttons=tuple(_buttons(message, "" if every_cell else words)),
        form=message.form.words if message.form else "",
        file=None if above.whole and below.whole and short == said else attachment(message, words),
    )


def _first_line(message: Message) -> str:
    circle = f"{CIRCLES[message.tone]} " if message.tone in CIRCLES else ""
    return circle + literal(message.headline)


def _heading(message: Message) -> dict[str, str]:
    """Return the headline as an embed's title or, where it is too long for that, as its first paragraph."""
    headline = literal(message.headline)
    if length(headline) <= limits.TITLE:
        return {"title": headline}
    return {"description": f"**{headline}**"}


def _room(heading: dict[str, str]) -> int:
    return limits.DESCRIPTION - length(heading.get("description", "")) - _MEASURED_LENGTH


def _pages(message: Message, room_above: int, room_below: int) -> tuple[Page, Page]:
    if not message.wide:
        return Page(), paged(message.blocks, _limits(limits.COLUMNS, room_below))
    fixed = [block for block in message.blocks if not isinstance(block, Text)]
    texts = [block for block in message.blocks if isinstance(block, Text)]
    above = paged(fixed, _limits(WIDTH, room_above))
    note = only_in_the_file(above)
    if note is None:
        return above, paged(texts, _limits(WIDTH, room_below))
    limits_below = _limits(WIDTH, room_below)
    below = paged(texts, replace(limits_below, room=room_below - limits_below.cost(note)))
    return above, replace(below, parts=(*below.parts, note), whole=False)


def _limits(width: int, room: int) -> Limits:
    return Limits(width, longest=limits.FIXED, room=room, cost=lambda part: 1 + length(_markdown(part)))


def _markdown(part: Part) -> str:
    if isinstance(part, Fixed):
        return fenced(part.text)
    return f"-# {literal(part.text)}" if part.faint else literal(part.text)


def _embeds(message: Message, heading: dict[str, str], parts: tuple[Part, ...]) -> Iterator[JsonObject]:
    measured = [_measured(message.measured_at)] if message.measured_at else []
    description = "\n".join(filter(None, (heading.get("description"), *map(_markdown, parts), *measured)))
    embed: JsonObject = dict(heading)
    if description:
        embed["description"] = description
    if message.footnote:
        embed["footer"] = {"text": message.footnote}
    if embed:
        yield embed | ({"color": _COLOURS[message.tone]} if message.tone in _COLOURS else {})


def _illustrated(embeds: tuple[JsonObject, ...], files: list[str]) -> tuple[JsonObject, ...]:
    """Show the pictures, the first below the text: an embed has room for one."""
    pictures: list[JsonObject] = [{"image": {"url": f"attachment://{file}"}} for file in files]
    if embeds and pictures:
        return (embeds[0] | pictures[0], *pictures[1:])
    return (*embeds, *pictures)


def _measured(moment: datetime) -> str:
    """Say in the reader's own time zone when it was measured, and how long ago as time goes by."""
    seconds = int(moment.timestamp())
    return f"-# as of <t:{seconds}:T>, <t:{seconds}:R>"


def _buttons(message: Message, words: str) -> Iterator[Button]:
    more = [Button("All columns", f"wide {words}")] if words and not message.wide else []
    most = limits.BUTTONS - (message.form is not None)
    for button in [*message.buttons, *more][:most]:
        yield replace(button, label=cut_to(limits.BUTTON_LABEL, visible(button.label).strip()) or "…")
