"""A message in Discord's terms, and ever plainer ways to say the same where Discord refuses one."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord

from adapters.chat.discord import mentions
from adapters.chat.discord.components import Control, controls
from adapters.chat.discord.escaping import fenced
from adapters.chat.discord.limits import BARE, HEADLINE
from adapters.chat.discord.pictures import Picture, drawn
from adapters.chat.discord.rendering import Attachment, Sheet, rendered
from adapters.monospace.document import attachment, document
from adapters.monospace.page import cut_to
from adapters.plain_text import visible

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from adapters.chat.discord.rendering import JsonObject
    from bot.message import Message


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message in Discord's terms, and what it was made of, if anything.

    `mentions` are the roster entries of those whom it notifies; `mark` is an address by which it is found
    again, and which nobody sees.
    """

    content: str
    embeds: tuple[JsonObject, ...] = ()
    controls: tuple[Control, ...] = ()
    file: Attachment | None = None
    pictures: tuple[Picture, ...] = ()
    private: bool = True
    refusal: bool = False
    message: Message | None = None
    words: str = ""
    announced: bool = False
    mentions: tuple[str, ...] = ()
    mark: str = ""

    def plainer(self, *, forbidden: bool) -> Outgoing | None:
        """Return the same with less of what Discord can refuse; None if there is nothing left to leave out.

        `forbidden` tells that it was refused for want of a permission.
        """
        if self.message is None:
            return replace(self, embeds=(), controls=(), file=None) if self.embeds or self.controls else None
        if self.pictures:
            return self._without_pictures(self.message)
        if forbidden:
            return self._bare(self.message) if self.embeds or self.file else None
        return self._plain(self.message) if self.embeds or self.controls else None

    def texts(self) -> frozenset[str]:
        """Return what stands in the message, whichever of these ways it was said in."""
        if self.message is None:
            return frozenset({self.content})
        ways = (
            self,
            self._without_pictures(self.message),
            self._plain(self.message),
            self._bare(self.message),
        )
        return frozenset(way.content.strip() for way in ways)

    def shown_embeds(self) -> list[discord.Embed]:
        """Return the embeds as discord.py sends them."""
        marks = [self.mark or None, *(None for _ in self.embeds)]
        return [
            discord.Embed.from_dict(embed if mark is None else embed | {"url": mark})
            for embed, mark in zip(self.embeds, marks, strict=False)
        ]

    def files(self) -> list[discord.File]:
        """Return the files as discord.py sends them, each of which can be sent once."""
        files = [
            discord.File(io.BytesIO(picture.png), filename=picture.name, description=picture.text)
            for picture in self.pictures
        ]
        if self.file is not None:
            files.append(discord.File(io.BytesIO(self.file.content.encode()), filename=self.file.name))
        return files

    def _without_pictures(self, message: Message) -> Outgoing:
        """Draw the charts in characters."""
        sheet = _sheet(message, self.words, self.mentions, (), announced=self.announced)
        return replace(self, content=sheet.content, embeds=sheet.embeds, file=sheet.file, pictures=())

    def _plain(self, message: Message) -> Outgoing:
        """Show the headline without any layout, and all of it as a file."""
        more = message.blocks or message.footnote
        return replace(
            self,
            content=self._addressed(fenced(_headline(message))),
            embeds=(),
            controls=(),
            file=attachment(message, self.words) if more else None,
            pictures=(),
        )

    def _bare(self, message: Message) -> Outgoing:
        """Show as much as fits in the text alone, which needs no permission but to write."""
        text = fenced(cut_to(BARE, document(message).strip() or _headline(message)))
        return replace(self, content=self._addressed(text), embeds=(), file=None, pictures=())

    def _addressed(self, text: str) -> str:
        return "\n".join(filter(None, (text, mentions.line(self.mentions))))


def outgoing(
    message: Message,
    surroundings: Surroundings,
    *,
    words: str = "",
    announced: bool = False,
    mentions: tuple[str, ...] = (),
    mark: str = "",
    pictures: tuple[Picture, ...] | None = None,
) -> Outgoing:
    """Return the message in Discord's terms; the words of its buttons are kept, which takes a moment.

    Its charts are drawn unless their `pictures` are given; that may take some seconds.
    """
    if pictures is None:
        pictures = drawn(message, surroundings)
    sheet = _sheet(message, words, mentions, pictures, announced=announced)
    return Outgoing(
        content=sheet.content,
        embeds=sheet.embeds,
        controls=controls(sheet.buttons, sheet.form, surroundings.keep_words),
        file=sheet.file,
        pictures=pictures,
        private=message.private,
        refusal=message.refusal,
        message=message,
        words=words,
        announced=announced,
        mentions=mentions,
        mark=mark,
    )


def _sheet(
    message: Message,
    words: str,
    entries: tuple[str, ...],
    pictures: tuple[Picture, ...],
    *,
    announced: bool,
) -> Sheet:
    files = {picture.chart: picture.name for picture in pictures}
    return rendered(
        message, words=words, announced=announced, mentioning=mentions.line(entries), pictures=files
    )


def _headline(message: Message) -> str:
    return cut_to(HEADLINE, visible(message.headline).strip() or "…")
