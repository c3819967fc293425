"""Buttons: what they carry, how they look, and how a click finds its words again.

A button's custom id holds a few flags and a key under which its words are kept, so it works for as long as
the words are kept, whatever process has made it. Nothing of it can be read, or made up, as words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import discord

from adapters.chat.discord.limits import BUTTON_LABEL, BUTTONS
from adapters.monospace.page import cut_to
from bot.message import Button, Emphasis
from bot.modifiers import shares

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from adapters.chat.discord.commands import Interaction

FORM_LABEL = "Fill in…"
MODAL_PREFIX = "mw1m:"

_FORM_PREFIX = "mw1f:"
_SAY = re.compile(r"mw1:(?P<flags>[cinos]*)(?P<place>[0-9]+):(?P<key>[A-Za-z0-9_-]{1,64})")
_FORM = re.compile(rf"{_FORM_PREFIX}(?P<words>[^\r\n]{{1,95}})")
_STYLES = {
    Emphasis.NORMAL: discord.ButtonStyle.secondary,
    Emphasis.PRIMARY: discord.ButtonStyle.primary,
    Emphasis.DANGER: discord.ButtonStyle.danger,
}


@dataclass(frozen=True, slots=True)
class Press:
    """A click: the key of the button's words, and what has to be known before they are looked up.

    `in_place`: the answer takes the place of the message. `asks`: a question comes first. `shares`:
    everybody in the channel will see the answer. `declines`: it says no to a question, and nothing else.
    `once`: it says yes to a question.
    """

    key: str
    in_place: bool = False
    asks: bool = False
    declines: bool = False
    once: bool = False
    shares: bool = False

    @classmethod
    def of(cls, found: re.Match[str]) -> Self:
        """Return what a custom id says."""
        flags = found["flags"]
        return cls(
            found["key"],
            in_place="i" in flags,
            asks="c" in flags,
            declines="n" in flags,
            once="o" in flags,
            shares="s" in flags,
        )

    def custom_id(self, place: int) -> str:
        """Return how Discord keeps it; `place` tells buttons of one message apart."""
        said = {"i": self.in_place, "c": self.asks, "n": self.declines, "o": self.once, "s": self.shares}
        flags = "".join(flag for flag, holds in said.items() if holds)
        return f"mw1:{flags}{place}:{self.key}"


@dataclass(frozen=True, slots=True)
class Control:
    """A button as Discord wants it."""

    label: str
    emphasis: Emphasis
    custom_id: str


def controls(buttons: Iterable[Button], form: str, keep: Callable[[str], str]) -> tuple[Control, ...]:
    """Return the buttons, their words kept; `form` are the words that one more button asks to complete."""
    made = [_control(button, place, keep) for place, button in enumerate(buttons)]
    if _FORM.fullmatch(f"{_FORM_PREFIX}{form}"):
        made.insert(0, Control(FORM_LABEL, Emphasis.PRIMARY, f"{_FORM_PREFIX}{form}"))
    return tuple(made[:BUTTONS])


def yes_or_no(words: str, keep: Callable[[str], str], *, in_place: bool) -> tuple[Control, Control]:
    """Return what answers a question; yes means these words."""
    yes = Press(keep(words), in_place=in_place, shares=shares(words), once=True)
    no = Press("-", declines=True)
    return (
        Control("Yes", Emphasis.DANGER, yes.custom_id(0)),
        Control("No", Emphasis.NORMAL, no.custom_id(1)),
    )


def kept_text(button: Button) -> str:
    """Return what is kept for a button: its words and, on a line of its own, the question before them."""
    return f"{button.words}\n{button.confirm}" if button.confirm else button.words


def words_of(kept: str | None) -> tuple[str | None, str]:
    """Return the words and the question that were kept for a button; None for words that were not."""
    if kept is None:
        return None, ""
    words, _, question = kept.partition("\n")
    return words, question


def view(shown: Iterable[Control]) -> discord.ui.View | None:
    """Return the buttons as a message carries them, None if there are none."""
    made = discord.ui.View(timeout=None)
    for control in shown:
        made.add_item(
            discord.ui.Button(
                label=cut_to(BUTTON_LABEL, control.label),
                style=_STYLES[control.emphasis],
                custom_id=control.custom_id,
            )
        )
    # It need not listen, the dynamic items do; and discord.py forgets those together with a private message's
    # view that it listened to, after 15 minutes.
    made.stop()
    return made if made.children else None


def is_known(custom_id: str) -> bool:
    """Tell whether a button of this version has this custom id."""
    return bool(_SAY.fullmatch(custom_id) or _FORM.fullmatch(custom_id))


class Item(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=_SAY):
    """What discord.py makes of the button that was clicked on, whatever process has sent it."""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: Interaction,  # noqa: ARG003 - the library's signature
        item: discord.ui.Item[discord.ui.View],
        match: re.Match[str],  # noqa: ARG003 - the library's signature
        /,
    ) -> Self:
        """Return the button."""
        return cls(_button(item))


def say_button(pressed: Callable[[Interaction, Press], Awaitable[None]]) -> type[Item]:
    """Return what discord.py calls for every button that carries words."""

    class SayButton(Item, template=_SAY):
        async def callback(self, interaction: Interaction) -> None:
            if found := _SAY.fullmatch(self.custom_id):
                await pressed(interaction, Press.of(found))

    return SayButton


def form_button(pressed: Callable[[Interaction, str], Awaitable[None]]) -> type[Item]:
    """Return what discord.py calls for every button that opens a form."""

    class FormButton(Item, template=_FORM):
        async def callback(self, interaction: Interaction) -> None:
            await pressed(interaction, self.custom_id.removeprefix(_FORM_PREFIX))

    return FormButton


def _control(button: Button, place: int, keep: Callable[[str], str]) -> Control:
    press = Press(
        keep(kept_text(button)),
        in_place=button.in_place,
        asks=bool(button.confirm),
        shares=shares(button.words),
    )
    return Control(button.label, button.emphasis, press.custom_id(place))


def _button(item: discord.ui.Item[discord.ui.View]) -> discord.ui.Button[discord.ui.View]:
    if not isinstance(item, discord.ui.Button):
        raise TypeError("only buttons have these custom ids")
    return item
