"""What happens when somebody types a command, clicks, or sends a form.

Everything is acknowledged first, because Discord waits 3 seconds for that, and answered then, for which it
waits 15 minutes.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import discord

from adapters.chat.discord import forms
from adapters.chat.discord.acknowledgement import (
    Taken,
    acknowledge,
    defer,
    is_acknowledged,
    is_thinking,
    think,
)
from adapters.chat.discord.components import MODAL_PREFIX, words_of, yes_or_no
from adapters.chat.discord.delivery import add, put, withdraw
from adapters.chat.discord.outgoing import Outgoing, outgoing
from adapters.chat.discord.questions import Questions
from adapters.chat.discord.trouble import TROUBLE, reason
from bot.message import Message, Request, Tone
from bot.modifiers import form_of, shares

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from adapters.chat.discord.commands import Interaction
    from adapters.chat.discord.components import Press
    from adapters.chat.discord.options import Options
    from adapters.chat.discord.people import People
    from adapters.chat.discord.threads import Workers
    from adapters.chat.discord.under_way import UnderWay
    from adapters.seen import Seen
    from bot.message import Kind
    from bot.ports import Answer

_LOG = logging.getLogger(__name__)

_OUTDATED = Message(
    "That button is of an older version of memwarden, or its words were forgotten: type the command instead.",
    tone=Tone.WARNING,
    refusal=True,
)
_UNREGISTERED = Message(
    "This command was registered by another version of memwarden. Try again in a minute; if that does not"
    " help, `memwarden doctor` tells why.",
    tone=Tone.WARNING,
    refusal=True,
)
_MISTAKE = Message(
    "That is a mistake of ours, not of yours. The log tells more about it.", tone=Tone.CRITICAL, refusal=True
)
_DECLINED = Message("Nothing was done.", tone=Tone.FAINT)
_ENDING = Message("memwarden is ending; ask again in a minute.", tone=Tone.WARNING, refusal=True)
_FOR_ONE = "The answer is for you alone."
_FOR_ALL = "The answer is for everybody here."

Words = Callable[[], str | None]
"""Tells what was said; None if that is not known any more. It may read from a disk."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Answers what people do.

    `answering` does the work that may take long, `looking` what has to be quick; `under_way` knows what is
    not answered yet.
    """

    options: Options
    surroundings: Surroundings
    answer: Answer
    people: People
    seen: Seen
    answering: Workers
    looking: Workers
    under_way: UnderWay
    questions: Questions = field(default_factory=Questions)

    async def typed(self, interaction: Interaction, words: str) -> None:
        """Answer a command."""
        await self._guarded(
            interaction, partial(self._respond, interaction, lambda: words, shared=shares(words))
        )

    async def pressed(self, interaction: Interaction, press: Press) -> None:
        """Answer a click on a button, or ask the question that comes before."""
        if press.declines:
            respond = partial(self._declined, interaction)
        elif press.asks:
            respond = partial(self._ask, interaction, press)
        elif press.once:
            respond = partial(self._confirmed, interaction, press)
        else:
            respond = partial(
                self._respond,
                interaction,
                lambda: self._kept(press)[0],
                in_place=press.in_place,
                shared=press.shares,
                clicked=True,
            )
        await self._guarded(interaction, respond)

    async def form_wanted(self, interaction: Interaction, words: str) -> None:
        """Open the form that goes on from these words."""
        await self._guarded(interaction, partial(self._open_form, interaction, words))

    async def form_sent(self, interaction: Interaction, custom_id: str) -> None:
        """Answer a form as if its words had been typed."""
        form = form_of(custom_id.removeprefix(MODAL_PREFIX), self.surroundings.usages)
        words = forms.said(form, interaction.data) if form else None
        shared = form is not None and shares(form.words)
        await self._guarded(interaction, partial(self._respond, interaction, lambda: words, shared=shared))

    async def outdated(self, interaction: Interaction) -> None:
        """Tell somebody that what they clicked on is too old."""
        await self._guarded(interaction, partial(self._tell, interaction, _OUTDATED))

    async def unregistered(self, interaction: Interaction) -> None:
        """Tell somebody that Discord offered a command that we do not have."""
        if interaction.type is discord.InteractionType.autocomplete:
            with suppress(*TROUBLE):
                await interaction.response.autocomplete([])
            return
        await self._guarded(interaction, partial(self._tell, interaction, _UNREGISTERED))

    async def suggest(self, interaction: Interaction, kind: Kind, typed: str) -> Sequence[str]:
        """Return the words that an option can be, given what is typed of it."""
        if not _is_welcome(self.options, interaction):
            return ()
        person = self.people.known(interaction)
        return await self.looking.do(partial(self.surroundings.offers, person, kind, typed))

    async def _guarded(self, interaction: Interaction, respond: Callable[[], Awaitable[None]]) -> None:
        """Respond once, and only where we answer; whatever goes wrong costs one line of the log."""
        if not self.seen.is_new(str(interaction.id)):
            return
        with self.under_way.one(interaction.client, partial(self._say_farewell, interaction)):
            await self._attempted(interaction, respond)

    async def _attempted(self, interaction: Interaction, respond: Callable[[], Awaitable[None]]) -> None:
        try:
            if _is_welcome(self.options, interaction):
                await respond()
            else:
                await self._send_elsewhere(interaction)
        except Taken:
            _LOG.info("another process with this token answers")
        except TROUBLE as error:
            _LOG.warning("somebody was left without an answer: %s", reason(error))
        except Exception as error:  # noqa: BLE001 - a mistake of ours must cost one answer, not the bot
            _LOG.error("mistake while answering: %s", _place(error))
            # A RuntimeError: the connection was given up meanwhile.
            with suppress(*TROUBLE, RuntimeError):
                await self._tell(interaction, _MISTAKE)

    async def _respond(
        self,
        interaction: Interaction,
        words: Words,
        *,
        in_place: bool = False,
        shared: bool = False,
        clicked: bool = False,
    ) -> None:
        company = _has_company(interaction)
        if in_place or (_is_own_message(interaction) and not shared):
            await defer(interaction)
            message = await self._answered(interaction, words, clicked=clicked)
            if message.refusal:
                await add(interaction, message, private=company)
            elif company and not message.private and not in_place:
                await add(interaction, message, private=False)
            else:
                await put(interaction, message)
            return
        private = company and not shared
        await think(interaction, private=private)
        message = await self._answered(interaction, words, clicked=clicked)
        if company and message.private != private:
            # Who may see the answer was promised before it was known; the promise is taken back.
            await withdraw(interaction, _FOR_ONE if message.private else _FOR_ALL)
            await add(interaction, message, private=message.private)
        else:
            await put(interaction, message)

    async def _answered(self, interaction: Interaction, words: Words, *, clicked: bool) -> Outgoing:
        person = await self.people.person(interaction)
        names = self.people.group_names(interaction.client)

        def work() -> Outgoing:
            said = words()
            if said is None:
                return self._outgoing(_OUTDATED)
            request = Request(
                person,
                said,
                in_channel=_has_company(interaction),
                group_names=names,
                channel=_open_channel(interaction),
                clicked=clicked,
            )
            return self._outgoing(self.answer(request), said)

        return await self.answering.do(work)

    async def _ask(self, interaction: Interaction, press: Press) -> None:
        # A promise about the message that was clicked on: so it can still be changed after the answer.
        await defer(interaction)

        def question() -> Outgoing:
            words, asked = self._kept(press)
            if words is None:
                return self._outgoing(_OUTDATED)
            made = self._outgoing(Message(asked, tone=Tone.WARNING))
            keep = self.surroundings.keep_words
            return replace(made, controls=yes_or_no(words, keep, in_place=press.in_place))

        asked = await self.looking.do(question)
        self.questions.asked(await add(interaction, asked, private=_has_company(interaction)), interaction)

    async def _confirmed(self, interaction: Interaction, press: Press) -> None:
        """Answer a yes, the first one to its question."""
        if not self.questions.is_open(interaction):
            await defer(interaction)
            return
        await acknowledge(interaction, partial(interaction.response.edit_message, view=None))
        message = await self._answered(interaction, lambda: self._kept(press)[0], clicked=True)
        click = self.questions.click(interaction)
        if press.in_place and not message.refusal and click and await _renewed(click, message):
            with suppress(*TROUBLE):
                await interaction.delete_original_response()
        elif _has_company(interaction) and not message.private and not press.in_place:
            await add(interaction, message, private=False)
        else:
            await put(interaction, message)

    async def _declined(self, interaction: Interaction) -> None:
        await defer(interaction)
        if self.questions.is_open(interaction):
            await put(interaction, self._outgoing(_DECLINED))

    async def _open_form(self, interaction: Interaction, words: str) -> None:
        form = form_of(words, self.surroundings.usages)
        if form is None:
            await self._tell(interaction, _OUTDATED)
            return
        person, offers = self.people.known(interaction), self.surroundings.offers
        choices = await self.looking.do(
            lambda: [p.choices or offers(person, p.kind, "") for p in form.usage.parameters]
        )
        await acknowledge(interaction, lambda: interaction.response.send_modal(forms.modal(form, choices)))

    async def _tell(self, interaction: Interaction, message: Message | Outgoing) -> None:
        """Say something short to the person alone."""
        company = _has_company(interaction)
        made = message if isinstance(message, Outgoing) else self._outgoing(message)
        if is_acknowledged(interaction):
            await add(interaction, made, private=company)
        else:
            await think(interaction, private=company)
            await put(interaction, made)

    async def _say_farewell(self, interaction: Interaction) -> None:
        """Tell somebody who waits that there will be no answer."""
        with suppress(*TROUBLE, RuntimeError):
            if is_thinking(interaction):
                await put(interaction, self._outgoing(_ENDING))
            elif is_acknowledged(interaction):
                await add(interaction, self._outgoing(_ENDING), private=_has_company(interaction))

    async def _send_elsewhere(self, interaction: Interaction) -> None:
        places = " or ".join(f"<#{channel}>" for channel in self.options.channels)
        sentence = f"memwarden does not answer here, only in {places or 'its own server'}."
        await self._tell(interaction, Outgoing(sentence))

    def _outgoing(self, message: Message, words: str = "") -> Outgoing:
        return outgoing(message, self.surroundings, words=words)

    def _kept(self, press: Press) -> tuple[str | None, str]:
        return words_of(self.surroundings.kept_words(press.key))


async def _renewed(click: Interaction, message: Outgoing) -> bool:
    """Put the message in the place of the one that was clicked on, and tell whether that could be done."""
    try:
        await put(click, message)
    except (*TROUBLE, RuntimeError):  # the latter: the connection that it came by was given up
        return False
    return True


def _has_company(interaction: Interaction) -> bool:
    """Tell whether others could read what is answered."""
    return interaction.guild_id is not None or isinstance(interaction.channel, discord.GroupChannel)


def _open_channel(interaction: Interaction) -> str:
    """Return the id of where it was said, or nothing where the bot itself can say nothing."""
    channel, allowed = interaction.channel, interaction.app_permissions
    if interaction.channel_id is None or isinstance(channel, discord.GroupChannel):
        return ""
    if interaction.guild_id is not None:
        is_thread = isinstance(channel, discord.Thread)
        may_speak = allowed.send_messages_in_threads if is_thread else allowed.send_messages
        if not (allowed.view_channel and may_speak):
            return ""
    return str(interaction.channel_id)


def _is_own_message(interaction: Interaction) -> bool:
    """Tell whether what was clicked on is seen by the person alone."""
    message = interaction.message
    return message is not None and (message.flags.ephemeral or not _has_company(interaction))


def _is_welcome(options: Options, interaction: Interaction) -> bool:
    """Tell whether we answer there: in the configured server and channels, and in direct messages."""
    if not _has_company(interaction):
        return True
    if options.guild is not None and str(interaction.guild_id) != options.guild:
        return False
    channel = interaction.channel
    above = channel.parent_id if isinstance(channel, discord.Thread) else None
    places = {str(place) for place in (interaction.channel_id, above) if place is not None}
    return not options.channels or not places.isdisjoint(options.channels)


def _place(error: Exception) -> str:
    """Name the mistake and where it happened, without what it was about."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join([type(error).__name__, *(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))])
