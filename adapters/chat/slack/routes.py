"""Where an answer goes: to whom it is shown, by which means, and whether it takes a message's place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.message import Message


class Origin(Enum):
    """How something was asked."""

    COMMAND = auto()
    MENTION = auto()
    DIRECT = auto()
    CLICK = auto()


@dataclass(frozen=True, slots=True)
class Ask:
    """Something a person asked, and where.

    A filled-in form counts as a click on the message that offered it. `message_ts`, `in_place` and
    `on_private` are about clicks: the message that was clicked on, whether the button's answer takes its
    place, and whether only the clicker sees it. `clicked` tells that nothing was typed. `asked_at` is the
    monotonic clock. `team` is the workspace that the person is of, empty where Slack does not say so,
    which it always does in channels that are shared with another organisation.
    """

    origin: Origin
    user: str
    user_name: str
    channel: str
    words: str
    asked_at: float
    team: str = ""
    thread_ts: str = ""
    message_ts: str = ""
    # Whoever has it can write to the channel.
    response_url: str = field(default="", repr=False)
    in_place: bool = False
    on_private: bool = False
    clicked: bool = False


class Means(Enum):
    """How a message gets to Slack."""

    RESPONSE_URL = auto()
    POST = auto()
    UPDATE = auto()
    WHISPER = auto()
    DIRECT_MESSAGE = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an answer. `public` shows it to everybody in the channel; `replaces` the clicked message."""

    means: Means
    public: bool
    replaces: bool = False

    @property
    def shows_pictures(self) -> bool:
        """Whether a picture can stand in it: not in what only one person sees, nor by a response_url."""
        return self.means in (Means.POST, Means.UPDATE, Means.DIRECT_MESSAGE)


def route(ask: Ask, answer: Message, *, alone: bool) -> Route:
    """Return the way of the answer; `alone` is the person's own conversation with the bot."""
    public = alone or not answer.private
    match ask.origin:
        case Origin.COMMAND:
            return Route(Means.RESPONSE_URL, public=public)
        case Origin.MENTION | Origin.DIRECT:
            return Route(Means.POST if public else Means.WHISPER, public=public)
        case Origin.CLICK:
            return _after_click(ask, answer, alone=alone)


def with_pictures(ask: Ask, first: Route) -> tuple[Route, ...]:
    """Return by which other way than the first everybody would see the same, and pictures in it."""
    if first.means is not Means.RESPONSE_URL or not first.public:
        return ()
    if not first.replaces:
        return (Route(Means.POST, public=True),)
    if ask.message_ts and not ask.on_private:
        return (Route(Means.UPDATE, public=True, replaces=True),)
    return ()


def fallbacks(ask: Ask, first: Route) -> tuple[Route, ...]:
    """Return where else the answer may go if the first way is closed: out of the thread, to the asker."""
    whisper = (Route(Means.WHISPER, public=False),)
    can_whisper = not ask.channel.startswith("D") and (first.means is not Means.WHISPER or ask.thread_ts)
    return (*(whisper if can_whisper else ()), Route(Means.DIRECT_MESSAGE, public=False))


def _after_click(ask: Ask, answer: Message, *, alone: bool) -> Route:
    means = Means.RESPONSE_URL if ask.response_url else Means.WHISPER
    if answer.refusal:
        return Route(means, public=alone)
    if ask.on_private or alone:
        shared = not answer.private and not alone
        return Route(means, public=shared or alone, replaces=not shared)
    if ask.in_place:
        return Route(means, public=True, replaces=True)
    return Route(means, public=not answer.private)
