"""What nobody asked for: posted once, then changed in place, its notes in its thread."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.chat.slack import lookup
from adapters.chat.slack.delivery import Posted
from adapters.chat.slack.lookup import Place
from adapters.chat.slack.mentions import addressed
from adapters.chat.slack.plain import plain, raise_unless_layout
from adapters.chat.slack.refusals import (
    GONE,
    MAYBE_DONE,
    THREAD_GONE,
    SlackRefused,
    SlackUnreachable,
)
from adapters.chat.slack.rendering import rendered
from adapters.chat.slack.web import Patience
from adapters.plain_text import visible
from bot.errors import ChatError, MessageGone

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from adapters.chat.slack.delivery import Delivery
    from adapters.chat.slack.pictures import Pictures
    from adapters.chat.slack.rendering import Sheet
    from adapters.chat.slack.web import Web
    from bot.message import Announcement

_LOG = logging.getLogger(__name__)

# How far to look back where nobody knows when the first try was.
_LOOK_BACK = timedelta(days=1)
_REF = re.compile(r"(?P<channel>[A-Z0-9]+):(?P<ts>[0-9]+\.[0-9]+)")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}")


class Announcer:
    """Says what nobody asked for."""

    def __init__(
        self,
        web: Web,
        delivery: Delivery,
        pictures: Pictures,
        now: Callable[[], datetime],
        *,
        patience_s: float,
    ) -> None:
        self._web = web
        self._delivery = delivery
        self._pictures = pictures
        self._now = now
        self._patience_s = patience_s

    def announce(self, announcement: Announcement, channel: str) -> str:
        """Say it, in the channel unless it belongs to another message, and return `channel:ts`.

        Raises ChatError, MessageGone.
        """
        edits = _place(announcement.edits)
        thread = _place(announcement.thread)
        if not (edits or thread):
            check_channel(channel)
        channel = (edits or thread or Posted(channel, "")).channel
        try:
            if edits:
                posted = self._shown(announcement, lambda sheet: self._edit(edits, sheet))
            else:
                place = Place(channel, thread.ts if thread else "")
                posted = self._said_before(announcement, place) or self._shown(
                    announcement, lambda sheet: self._post(announcement, place, sheet)
                )
        except SlackRefused as error:
            gone = GONE if edits else THREAD_GONE if thread else frozenset()
            raise _refused(error, channel, gone, can_be_there=not edits) from error
        except SlackUnreachable as error:
            in_doubt = error.maybe_heard and not edits
            raise ChatError(
                f"Slack channel {channel}: {error}", permanent=False, in_doubt=in_doubt
            ) from error
        return f"{posted.channel}:{posted.ts}"

    def _shown(self, announcement: Announcement, show: Callable[[Sheet], Posted]) -> Posted:
        """Show it as it was designed; without its pictures or as plain text where Slack does not take it."""
        message, mentions = announcement.message, announcement.mentions
        files = self._pictures.for_channel(self._pictures.of(message), self._patience(repeatable=True))
        if files:
            pictured = addressed(rendered(message, pictures=files), mentions)
            try:
                return self._pictures.once_ready(lambda: show(pictured))
            except SlackRefused as error:
                raise_unless_layout(error)
        try:
            return show(addressed(rendered(message), mentions))
        except SlackRefused as error:
            raise_unless_layout(error)
        return show(addressed(plain(message, ""), mentions))

    def _post(self, announcement: Announcement, place: Place, sheet: Sheet) -> Posted:
        mark = lookup.marked(announcement.key)
        patience = self._patience(repeatable=False)
        return self._delivery.post(place.channel, sheet, patience, thread_ts=place.thread_ts, mark=mark)

    def _edit(self, posted: Posted, sheet: Sheet) -> Posted:
        self._delivery.edit(posted, sheet, self._patience(repeatable=True))
        return posted

    def _said_before(self, announcement: Announcement, place: Place) -> Posted | None:
        """Return what an earlier try has said; where Slack does not let us look, it is rather said twice."""
        if not announcement.doubtful:
            return None
        since = announcement.since or self._now() - _LOOK_BACK
        try:
            patience = self._patience(repeatable=True)
            ts = lookup.find(self._web, place, announcement.key, since, patience)
        except SlackRefused as error:
            gone = THREAD_GONE if place.thread_ts else frozenset()
            if not error.permanent or error.is_final or error.code in gone:
                raise _refused(error, place.channel, gone, in_doubt=True) from error
            _LOG.warning("It is not known whether Slack has a message already; it is sent again: %s", error)
            return None
        except ChatError as error:
            sentence = f"Slack channel {place.channel}: {error}"
            raise ChatError(sentence, permanent=False, in_doubt=True) from error
        return Posted(place.channel, ts) if ts else None

    def _patience(self, *, repeatable: bool) -> Patience:
        return Patience.of(self._patience_s, repeatable=repeatable)


def _refused(
    error: SlackRefused,
    channel: str,
    gone: frozenset[str],
    *,
    can_be_there: bool = False,
    in_doubt: bool = False,
) -> ChatError:
    """Return what a refusal means to whoever wanted something said."""
    sentence = f"Slack channel {channel}: {error}"
    if error.code in gone:
        return MessageGone(sentence, permanent=True)
    return ChatError(
        sentence,
        permanent=error.permanent,
        retry_after_s=error.retry_after_s,
        in_doubt=in_doubt or (can_be_there and error.code in MAYBE_DONE),
    )


def check_channel(named: str) -> None:
    """Raise ChatError unless this can be an id: by a name Slack posts, but does not let us look or edit."""
    if not _CHANNEL.fullmatch(named):
        raise ChatError(
            f"“{visible(named)[:60]}” is no id of a channel of Slack: correct the route.", permanent=True
        )


def _place(ref: str) -> Posted | None:
    """Read a reference that `announce` returned. Raises MessageGone if it is none."""
    if not ref:
        return None
    if found := _REF.fullmatch(ref):
        return Posted(found["channel"], found["ts"])
    raise MessageGone("The message to change is none of Slack's: it has to be said anew.", permanent=True)
