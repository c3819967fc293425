"""Charts as pictures: drawn, uploaded, and shown once Slack is ready to.

A picture can stand in a message that everybody in a channel sees. In one that only one person sees, Slack
shows no file (slackapi/node-slack-sdk#1790), nor does it take one by a response_url
(slackapi/java-slack-sdk#1349): there the chart is a line of characters, and the picture goes to the person's
direct messages.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from adapters.chat.slack import limits
from adapters.chat.slack.payload import items_at, text_at
from adapters.chat.slack.refusals import SlackRefused
from adapters.monospace import sparkline
from adapters.monospace.page import cut_to
from adapters.plain_text import visible
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.chat import Surroundings
    from adapters.chat.slack.people import DirectMessages
    from adapters.chat.slack.web import Patience, Web
    from bot.message import Chart, Message

_LOG = logging.getLogger(__name__)

Result = TypeVar("Result")

# Slack looks at a file after its upload, for about a second (slackapi/python-slack-sdk#1521).
_PAUSES_S = (0.25, 0.5, 1.0, 2.0, 2.0)
_LONGEST_NAME = 60


@dataclass(slots=True)
class Drawn:
    """The pictures of one message, and what became of them, over all the ways it may be tried.

    `files` are the ids of those that were uploaded for channels. `note` tells the asker where they are.
    """

    pngs: Mapping[Chart, bytes] = field(default_factory=dict)
    files: Mapping[Chart, str] | None = None
    note: str = ""
    failed: bool = False


class Pictures:
    """Draws charts and hands them to Slack; what cannot be drawn or uploaded is left out, and logged."""

    def __init__(self, surroundings: Surroundings, web: Web, direct: DirectMessages) -> None:
        self._surroundings = surroundings
        self._web = web
        self._direct = direct

    def of(self, message: Message) -> Drawn:
        """Draw the charts of a message, which may take some seconds."""
        return Drawn(self._surroundings.drawn(message))

    def for_channel(self, drawn: Drawn, patience: Patience) -> Mapping[Chart, str]:
        """Return the files for `rendered`: uploaded, but not shared; the message they are in does that."""
        if drawn.files is None and not drawn.failed:
            try:
                drawn.files = {
                    chart: self._uploaded(chart, png, patience) for chart, png in drawn.pngs.items()
                }
            except ChatError as error:
                drawn.failed = True
                _LOG.warning("A chart could not be uploaded: %s", error)
        return drawn.files or {}

    def for_asker(self, drawn: Drawn, user: str, patience: Patience) -> str:
        """Share the pictures where only the asker finds them, and return the words that say where."""
        if drawn.pngs and not drawn.note:
            try:
                channel = self._direct.channel_of(user, patience)
                for chart, png in drawn.pngs.items():
                    self._uploaded(chart, png, patience, channel)
            except ChatError as error:
                _LOG.warning("A chart could not be uploaded: %s", error)
                drawn.note = f"The chart could not be uploaded: {error}"
            else:
                drawn.note = "The chart as a picture is in your direct messages with the bot."
        return drawn.note

    def once_ready(self, show: Callable[[], Result]) -> Result:
        """Show a message with pictures, again and again as long as Slack does not know them yet."""
        for pause_s in _PAUSES_S:
            try:
                return show()
            except SlackRefused as error:
                if not error.is_about_a_picture:
                    raise
                self._web.pause(pause_s)
        return show()

    def _uploaded(self, chart: Chart, png: bytes, patience: Patience, channel: str | None = None) -> str:
        title = cut_to(limits.PICTURE_TITLE, visible(chart.title).strip()) or "Chart"
        answer = self._web.call(
            "files.upload",
            lambda client: client.files_upload_v2(
                channel=channel,
                content=png,
                filename=_name(title),
                title=title,
                alt_txt=cut_to(limits.PICTURE_TEXT, sparkline.described(chart)),
            ),
            patience,
        )
        (file,) = items_at(answer.data, "files")[:1] or ("",)
        return text_at(file, "id")


def _name(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.lower())[:_LONGEST_NAME].strip("-")
    return f"memwarden-{words}.png" if words else "memwarden.png"
