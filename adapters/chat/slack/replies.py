"""Giving an answer: by the way it should go, else by the next best; it always arrives, and arrives once."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.chat.slack.delivery import Enclosed, with_note
from adapters.chat.slack.plain import plain, raise_unless_layout
from adapters.chat.slack.refusals import SlackRefused
from adapters.chat.slack.rendering import Sheet, rendered
from adapters.chat.slack.routes import Means, Origin, Route, fallbacks, route, with_pictures
from adapters.chat.slack.web import Patience
from bot.errors import ChatError

if TYPE_CHECKING:
    from adapters.chat.slack.delivery import Delivery
    from adapters.chat.slack.pictures import Pictures
    from adapters.chat.slack.routes import Ask
    from bot.message import Message

_LOG = logging.getLogger(__name__)

# A response_url lives for 30 minutes; nobody waits for an answer longer than that anyway.
_LIFETIME_S = 29 * 60.0
_NOTE_S = 10.0
_UPLOAD_S = 15.0


class Replies:
    """Answers people."""

    def __init__(self, delivery: Delivery, pictures: Pictures) -> None:
        self._delivery = delivery
        self._pictures = pictures

    def answer(self, ask: Ask, message: Message, *, alone: bool) -> None:
        """Give the answer; what cannot be delivered is one line in the log.

        `alone` tells that nobody but the person and the bot reads the channel.
        """
        first = route(ask, message, alone=alone)
        patience = Patience(ask.asked_at + _LIFETIME_S)
        refused: SlackRefused | None = None
        outside = replace(ask, thread_ts="")
        enclosed = Enclosed(drawn=self._pictures.of(message))
        ways = (*(with_pictures(ask, first) if enclosed.drawn.pngs else ()), first)
        for place, way in (*((ask, way) for way in ways), *((outside, way) for way in fallbacks(ask, first))):
            try:
                self._give(place, message, way, patience, enclosed)
            except SlackRefused as error:
                refused = refused or error
                if error.is_final:
                    break
            except ChatError as error:
                _LOG.warning("An answer may not have arrived: %s", error)
                return
            else:
                return
        _LOG.warning("An answer could not be given: %s", refused)

    def say_privately(self, ask: Ask, text: str) -> None:
        """Say one sentence of our own, which may be markup; worth a few seconds of trying, no more."""
        means = Means.RESPONSE_URL if ask.response_url else Means.WHISPER
        if ask.origin is Origin.DIRECT:
            means = Means.POST
        try:
            way = Route(means, public=False)
            self._delivery.give(ask, Sheet(text, ()), way, Patience.of(_NOTE_S), Enclosed())
        except ChatError as error:
            _LOG.warning("A note could not be given: %s", error)

    def _give(self, ask: Ask, message: Message, way: Route, patience: Patience, enclosed: Enclosed) -> None:
        if time.monotonic() > patience.until:
            raise ChatError("The time to answer is over.", permanent=True)
        if way.shows_pictures and self._give_with_pictures(ask, message, way, patience, enclosed):
            return
        where = (
            ""
            if way.public or way.shows_pictures
            else self._pictures.for_asker(enclosed.drawn, ask.user, patience)
        )
        try:
            sheet = with_note(rendered(message, words=ask.words), where)
            self._delivery.give(ask, sheet, way, patience, enclosed)
        except SlackRefused as error:
            raise_unless_layout(error)
            self._delivery.give(ask, with_note(plain(message, ask.words), where), way, patience, enclosed)

    def _give_with_pictures(
        self, ask: Ask, message: Message, way: Route, patience: Patience, enclosed: Enclosed
    ) -> bool:
        """Give the answer with its charts as pictures; False if there are none, or Slack does not take it."""
        soon = Patience(min(patience.until, time.monotonic() + _UPLOAD_S), repeatable=True)
        files = self._pictures.for_channel(enclosed.drawn, soon)
        if not files:
            return False
        sheet = rendered(message, words=ask.words, pictures=files)
        try:
            self._pictures.once_ready(lambda: self._delivery.give(ask, sheet, way, patience, enclosed))
        except SlackRefused as error:
            raise_unless_layout(error)
            return False
        return True
