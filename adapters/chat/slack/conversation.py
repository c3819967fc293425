"""From what was asked to its answer: once, by whoever asked, in a place where we may answer."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.chat.slack.forms import form
from adapters.chat.slack.routes import Origin
from adapters.chat.slack.web import Patience
from bot.domain.people import Person
from bot.errors import ChatError
from bot.message import Chart, Message, Request, Tone

if TYPE_CHECKING:
    from adapters.chat.slack.forms import Offered
    from adapters.chat.slack.groups import Groups
    from adapters.chat.slack.people import Colleagues, DirectMessages, Names
    from adapters.chat.slack.replies import Replies
    from adapters.chat.slack.routes import Ask
    from adapters.chat.slack.web import Web
    from adapters.chat.slack.work import Alarms, Workers
    from adapters.seen import Seen
    from bot.message import Form
    from bot.ports import Answer

_LOG = logging.getLogger(__name__)

NAME = "slack"

# A trigger_id holds for 3 s.
_TRIGGER_S = 2.5
_BUSY = Message(
    "Too many questions are being answered right now: nothing was done. Ask again in a minute.",
    tone=Tone.WARNING,
    refusal=True,
)
_LATE = Message(
    "The form could not be opened in time: press the button again.", tone=Tone.WARNING, refusal=True
)


_STRANGER = "memwarden answers only people of the organisation that it belongs to."


@dataclass(frozen=True, slots=True)
class Staff:
    """Who does what: `answering` works on questions, `quick` on what must not wait behind them."""

    answering: Workers
    quick: Workers
    alarms: Alarms
    seen: Seen
    replies: Replies
    names: Names
    groups: Groups
    direct: DirectMessages
    colleagues: Colleagues


@dataclass(frozen=True, slots=True)
class Manners:
    """Where questions are answered (empty: everywhere), the command's name, when to ask for patience."""

    channels: tuple[str, ...]
    command: str
    patience_s: float


class Conversation:
    """Takes what was asked and returns at once; answers come later, from threads of `staff`."""

    def __init__(self, answer: Answer, staff: Staff, manners: Manners, web: Web) -> None:
        self._answer = answer
        self._staff = staff
        self._manners = manners
        self._web = web

    def take(self, ask: Ask, *keys: str) -> None:
        """Answer, unless something with one of these keys was taken before."""
        if not self._staff.seen.is_new(*keys):
            return
        if ask.origin is Origin.DIRECT:
            self._staff.direct.learn(ask.user, ask.channel)
        answered = threading.Event()
        if ask.origin is Origin.COMMAND:
            self._ask_for_patience(ask, answered)
        if not self._staff.answering.take(lambda: self._work(ask, answered)):
            answered.set()
            self._refuse(ask, _BUSY)

    def refuse_click(self, ask: Ask, *keys: str) -> None:
        """Say that the button is of another version."""
        if self._staff.seen.is_new(*keys):
            sentence = (
                "This button is from another version of memwarden and does nothing any more:"
                f" type {self._manners.command} to ask anew."
            )
            self._refuse(ask, Message(sentence, tone=Tone.WARNING, refusal=True))

    def open_form(self, ask: Ask, wanted: Form, offered: Offered, trigger: str, *keys: str) -> None:
        """Open the form for a command's words."""
        if not self._staff.seen.is_new(*keys):
            return

        def show() -> None:
            if not self._staff.colleagues.has(ask.user, ask.team):
                self._staff.replies.say_privately(ask, _STRANGER)
                return
            try:
                self._web.call(
                    "views.open",
                    lambda client: client.views_open(trigger_id=trigger, view=form(wanted, offered)),
                    Patience(ask.asked_at + _TRIGGER_S),
                )
            except ChatError as error:
                _LOG.warning("A form could not be opened: %s", error)
                self._staff.replies.answer(ask, _LATE, alone=False)

        if not self._staff.quick.take(show):
            self._refuse(ask, _BUSY)

    def _work(self, ask: Ask, answered: threading.Event) -> None:
        try:
            if not self._staff.colleagues.has(ask.user, ask.team):
                self._staff.replies.say_privately(ask, _STRANGER)
                return
            alone = ask.origin is Origin.DIRECT or self._staff.direct.is_own(ask.user, ask.channel)
            if not self._is_open(ask.channel, alone=alone):
                self._staff.replies.say_privately(ask, self._elsewhere())
                return
            message = self._answer(self._request(ask, alone=alone))
            if not any(isinstance(block, Chart) for block in message.blocks):
                # Charts take their time to be drawn.
                answered.set()
            self._staff.replies.answer(ask, message, alone=alone)
        finally:
            answered.set()

    def typing(self, user: str, name: str) -> Person:
        """Return who types, by what is known of them now: nobody waits for more before each letter."""
        return Person(NAME, user, name, self._staff.groups.known_of(user))

    def _request(self, ask: Ask, *, alone: bool) -> Request:
        person = Person(
            NAME,
            ask.user,
            self._staff.names.of(ask.user, ask.user_name),
            self._staff.groups.of(ask.user),
        )
        # A conversation between two others, where a command can be typed but nothing be posted.
        is_closed = ask.channel.startswith("D") and not alone
        return Request(
            person,
            ask.words,
            in_channel=not alone,
            group_names=self._staff.groups.names,
            channel="" if is_closed else ask.channel,
            clicked=ask.clicked,
        )

    def _is_open(self, channel: str, *, alone: bool) -> bool:
        return alone or not self._manners.channels or channel in self._manners.channels

    def _elsewhere(self) -> str:
        # The ids are from our own configuration; Slack shows the channels' names to who knows them.
        places = ", ".join(f"<#{channel}>" for channel in self._manners.channels)
        return f"memwarden does not answer here. It does in {places}, and in direct messages with it."

    def _refuse(self, ask: Ask, message: Message) -> None:
        alone = ask.origin is Origin.DIRECT
        if not self._staff.quick.take(lambda: self._staff.replies.answer(ask, message, alone=alone)):
            _LOG.warning("Too much to do: a question got no answer.")

    def _ask_for_patience(self, ask: Ask, answered: threading.Event) -> None:
        def note() -> None:
            if not answered.is_set():
                self._staff.replies.say_privately(ask, "Looking… the answer takes a moment longer.")

        def ring() -> None:
            if not answered.is_set():
                self._staff.quick.take(note)

        self._staff.alarms.set(self._manners.patience_s, ring)
