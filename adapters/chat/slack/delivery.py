"""One message to Slack, by one way, with the file that holds what did not fit."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from adapters.chat.slack.blocks import small_print
from adapters.chat.slack.escaping import literal
from adapters.chat.slack.payload import text_at
from adapters.chat.slack.pictures import Drawn
from adapters.chat.slack.refusals import SlackRefused
from adapters.chat.slack.rendering import Sheet
from adapters.chat.slack.routes import Means
from bot.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.chat.slack.people import DirectMessages
    from adapters.chat.slack.rendering import Attachment, JsonObject
    from adapters.chat.slack.routes import Ask, Route
    from adapters.chat.slack.web import Patience, Web

_LOG = logging.getLogger(__name__)
_MOST_BLOCKS = 50


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that everybody in a channel can see."""

    channel: str
    ts: str


@dataclass(slots=True)
class Enclosed:
    """What goes with an answer, and what its readers are told of it once it was uploaded: only once.

    An answer may be tried by several ways, and as plain text.
    """

    note: str = ""
    drawn: Drawn = field(default_factory=Drawn)


class Delivery:
    """Hands messages to Slack. Every method raises ChatError."""

    def __init__(self, web: Web, direct: DirectMessages) -> None:
        self._web = web
        self._direct = direct

    def give(self, ask: Ask, sheet: Sheet, way: Route, patience: Patience, enclosed: Enclosed) -> None:
        """Deliver an answer."""
        if sheet.file is None:
            self._send(ask, with_note(sheet, enclosed.note), way, patience)
        elif way.public and not way.replaces and not enclosed.note:
            self._give_in_thread(ask, sheet, way, patience, enclosed)
        else:
            self._give_with_note(ask, sheet, way, patience, enclosed)

    def post(
        self,
        channel: str,
        sheet: Sheet,
        patience: Patience,
        *,
        thread_ts: str = "",
        mark: Mapping[str, object] | None = None,
    ) -> Posted:
        """Say something to everybody in the channel; what did not fit is a file in its thread.

        `mark` is what Slack keeps with the message.
        """
        noted = sheet if sheet.file is None else with_note(sheet, "The whole of it is a file in the thread.")
        posted = self._post(channel, noted, patience, thread_ts, mark)
        if sheet.file is not None:
            self._add_file(posted, sheet.file, patience, thread_ts or posted.ts)
        return posted

    def edit(self, posted: Posted, sheet: Sheet, patience: Patience) -> None:
        """Put something in the place of what was posted; what Slack keeps with that stays."""
        shown = sheet if sheet.file is None else with_note(sheet, "The whole of it does not fit here.")
        self._web.call(
            "chat.update",
            lambda client: client.chat_update(
                channel=posted.channel, ts=posted.ts, text=shown.text, blocks=list(shown.blocks)
            ),
            replace(patience, repeatable=True),
        )

    def remove(self, posted: Posted, patience: Patience) -> None:
        """Delete what was posted."""
        self._web.call(
            "chat.delete",
            lambda client: client.chat_delete(channel=posted.channel, ts=posted.ts),
            replace(patience, repeatable=True),
        )

    def _add_file(self, posted: Posted, file: Attachment, patience: Patience, thread_ts: str) -> None:
        """Put the file into the thread of what was posted, or say there why it is missing."""
        try:
            try:
                self._upload(posted.channel, file, patience, thread_ts)
            except ChatError as error:
                _LOG.warning("A file could not be attached: %s", error)
                missing = Sheet(literal(f"The file is missing: {error}"), ())
                self._post(posted.channel, missing, patience, thread_ts)
        except ChatError as error:
            _LOG.warning("Nor could that be said: %s", error)

    def _give_in_thread(
        self, ask: Ask, sheet: Sheet, way: Route, patience: Patience, enclosed: Enclosed
    ) -> None:
        """Post it, as only that tells its thread; where we may not post, the file goes to the asker."""
        try:
            self.post(ask.channel, sheet, patience, thread_ts=ask.thread_ts)
        except SlackRefused as error:
            if way.means is not Means.RESPONSE_URL:
                raise
            _LOG.info("An answer with a file is given without a thread: %s", error)
            self._give_with_note(ask, sheet, way, patience, enclosed)

    def _give_with_note(
        self, ask: Ask, sheet: Sheet, way: Route, patience: Patience, enclosed: Enclosed
    ) -> None:
        """Give the file to the asker alone, and the answer with a note where it is."""
        if sheet.file is not None and not enclosed.note:
            enclosed.note = self._file_to_asker(ask, sheet.file, patience)
        self._send(ask, with_note(sheet, enclosed.note), way, patience)

    def _file_to_asker(self, ask: Ask, file: Attachment, patience: Patience) -> str:
        """Upload the file where only the asker finds it, and return the words that say where."""
        try:
            channel = self._direct.channel_of(ask.user, patience)
            thread_ts = ask.thread_ts if channel == ask.channel else ""
            self._upload(channel, file, patience, thread_ts)
        except ChatError as error:
            _LOG.warning("A file could not be attached: %s", error)
            return f"The whole of it could not be attached: {error}"
        if channel == ask.channel:
            return f"The whole of it is the file {file.name}."
        return f"The whole of it is the file {file.name} in your direct messages with the bot."

    def _send(self, ask: Ask, sheet: Sheet, way: Route, patience: Patience) -> None:
        match way.means:
            case Means.RESPONSE_URL:
                self._web.respond(ask.response_url, _response(ask, sheet, way), patience)
            case Means.POST:
                self._post(ask.channel, sheet, patience, ask.thread_ts)
            case Means.UPDATE:
                self.edit(Posted(ask.channel, ask.message_ts), sheet, patience)
            case Means.WHISPER:
                self._whisper(ask, sheet, patience)
            case Means.DIRECT_MESSAGE:
                self._post(self._direct.channel_of(ask.user, patience), sheet, patience, "")

    def _post(
        self,
        channel: str,
        sheet: Sheet,
        patience: Patience,
        thread_ts: str,
        mark: Mapping[str, object] | None = None,
    ) -> Posted:
        answer = self._web.call(
            "chat.postMessage",
            lambda client: client.chat_postMessage(
                channel=channel,
                text=sheet.text,
                blocks=list(sheet.blocks) or None,
                thread_ts=thread_ts or None,
                metadata=dict(mark) if mark else None,
                unfurl_links=False,
                unfurl_media=False,
            ),
            patience,
        )
        return Posted(text_at(answer.data, "channel") or channel, text_at(answer.data, "ts"))

    def _whisper(self, ask: Ask, sheet: Sheet, patience: Patience) -> None:
        self._web.call(
            "chat.postEphemeral",
            lambda client: client.chat_postEphemeral(
                channel=ask.channel,
                user=ask.user,
                text=sheet.text,
                blocks=list(sheet.blocks) or None,
                thread_ts=ask.thread_ts or None,
            ),
            patience,
        )

    def _upload(self, channel: str, file: Attachment, patience: Patience, thread_ts: str) -> None:
        self._web.call(
            "files.upload",
            lambda client: client.files_upload_v2(
                channel=channel,
                content=file.content,
                filename=file.name,
                title=file.name,
                thread_ts=thread_ts or None,
            ),
            patience,
        )


def with_note(sheet: Sheet, note: str) -> Sheet:
    """Return the message with one more line at its end."""
    if not note:
        return sheet
    if not sheet.blocks or len(sheet.blocks) >= _MOST_BLOCKS:
        return replace(sheet, text=f"{sheet.text}\n{literal(note)}")
    return replace(sheet, blocks=(*sheet.blocks, small_print(note)))


def _response(ask: Ask, sheet: Sheet, way: Route) -> JsonObject:
    body: JsonObject = {
        "text": sheet.text,
        "response_type": "in_channel" if way.public else "ephemeral",
        "replace_original": way.replaces,
    }
    if sheet.blocks:
        body["blocks"] = list(sheet.blocks)
    if ask.thread_ts:
        body["thread_ts"] = ask.thread_ts
    return body
