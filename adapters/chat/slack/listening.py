"""What Bolt hears: it is acknowledged at once, then handed on; nothing that happens then can undo that.

Listeners run inline (`process_before_response`), since all they do is to hand on: Bolt's own pool would poll
for the acknowledgement every 10 ms, and an exception after it would take it back.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import TYPE_CHECKING

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from adapters.chat.slack import asked, buttons, forms
from adapters.chat.slack.payload import at, text_at
from adapters.chat.slack.web import library_logger
from adapters.chat.slack.work import logged_mistake
from bot.modifiers import form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_bolt import Ack
    from slack_sdk.web import WebClient

    from adapters.chat import Offers
    from adapters.chat.slack.conversation import Conversation
    from adapters.chat.slack.identity import Identity
    from adapters.chat.slack.routes import Ask
    from bot.message import Form, Usage

_LOG = logging.getLogger(__name__)

_ANY = re.compile(r"[\s\S]*")


class Listeners:
    """What is done with each kind of event; `usages` are the commands a form can ask for, by name."""

    def __init__(
        self, conversation: Conversation, bot_user: str, usages: Mapping[str, Usage], offers: Offers
    ) -> None:
        self._conversation = conversation
        self._bot_user = bot_user
        self._usages = usages
        self._offers = offers

    def command(self, ack: Ack, body: Mapping[str, object]) -> BoltResponse:
        """Answer a slash command."""
        return _then(
            ack(), lambda: self._take(asked.command(body), _key("command", text_at(body, "trigger_id")))
        )

    def mention(self, ack: Ack, body: Mapping[str, object]) -> BoltResponse:
        """Answer who mentions the bot in a channel."""
        return _then(ack(), lambda: self._take(asked.mention(body, self._bot_user), *_event_keys(body)))

    def message(self, ack: Ack, body: Mapping[str, object]) -> BoltResponse:
        """Answer who writes to the bot directly."""
        return _then(ack(), lambda: self._take(asked.direct(body, self._bot_user), *_event_keys(body)))

    def action(self, ack: Ack, body: Mapping[str, object]) -> BoltResponse:
        """Answer a click."""
        return _then(ack(), lambda: self._clicked(body))

    def options(self, ack: Ack, body: Mapping[str, object]) -> BoltResponse:
        """Complete what is typed in a form; the options are the acknowledgement."""
        try:
            person = self._conversation.typing(text_at(body, "user", "id"), text_at(body, "user", "username"))
            offers = partial(self._offers, person)
            found = forms.options(text_at(body, "action_id"), text_at(body, "value"), offers)
        except Exception as error:  # noqa: BLE001 - a form without completion is still a form
            logged_mistake(error)
            found = []
        return ack(options=found)

    def view(self, ack: Ack, body: Mapping[str, object]) -> BoltResponse:
        """Answer a form that was sent off."""
        return _then(ack(), lambda: self._submitted(body))

    def other(self, ack: Ack) -> BoltResponse:
        """Acknowledge what nobody waits for an answer to."""
        return ack()

    def _take(self, ask: Ask | None, *keys: str) -> None:
        if ask is not None:
            self._conversation.take(ask, *keys)

    def _clicked(self, body: Mapping[str, object]) -> None:
        action = at(body, "actions", 0)
        if text_at(body, "container", "type") == "view":
            return
        place = (text_at(action, "action_ts"), text_at(action, "block_id"), text_at(action, "action_id"))
        keys = (
            _key("click", text_at(body, "trigger_id")),
            _key("action", text_at(body, "user", "id"), *place) if place[0] else "",
        )
        value = text_at(action, "value")
        wanted = form_of(value, self._usages.values())
        if text_at(action, "action_id") == buttons.FORM_ACTION and wanted is not None:
            self._offer_form(body, wanted, *keys)
            return
        click = buttons.clicked(value) if text_at(action, "action_id").startswith(buttons.ACTION) else None
        if click is None:
            self._conversation.refuse_click(asked.clicked(body, buttons.Click("", in_place=False)), *keys)
        else:
            self._conversation.take(asked.clicked(body, click), *keys)

    def _offer_form(self, body: Mapping[str, object], wanted: Form, *keys: str) -> None:
        ask = asked.clicked(body, buttons.Click(wanted.words, in_place=False))
        offered = forms.Offered(wanted.words, ask.channel, ask.thread_ts, ask.response_url, ask.on_private)
        self._conversation.open_form(ask, wanted, offered, text_at(body, "trigger_id"), *keys)

    def _submitted(self, body: Mapping[str, object]) -> None:
        filled = forms.filled(at(body, "view"))
        if filled is None:
            _LOG.warning("A form of another version of memwarden was sent off: nothing was done.")
            return
        key = _key("form", text_at(body, "view", "id"), text_at(body, "view", "hash"))
        self._conversation.take(asked.submitted(body, filled), key)


def bolt_app(client: WebClient, identity: Identity, signing_secret: str, listeners: Listeners) -> App:
    """Return an app that asks Slack nothing on its own: who we are is known."""
    known = AuthorizeResult(
        enterprise_id=identity.enterprise_id or None,
        team_id=identity.team_id,
        bot_user_id=identity.bot_user,
        bot_id=identity.bot_id,
        bot_token=client.token,
    )
    app = App(
        name="memwarden",
        client=client,
        authorize=lambda: known,
        signing_secret=signing_secret,
        logger=library_logger(),
        process_before_response=True,
    )
    app.error(logged_mistake)
    app.command(_ANY)(listeners.command)
    app.event("app_mention")(listeners.mention)
    app.event("message")(listeners.message)
    app.event(_ANY)(listeners.other)
    app.action(_ANY)(listeners.action)
    app.options(_ANY)(listeners.options)
    app.view(_ANY)(listeners.view)
    return app


def _then(acknowledged: BoltResponse, hand_on: Callable[[], None]) -> BoltResponse:
    try:
        hand_on()
    except Exception as error:  # noqa: BLE001 - whatever happens, Slack has its acknowledgement
        logged_mistake(error)
    return acknowledged


def _event_keys(body: Mapping[str, object]) -> tuple[str, str]:
    """Return by what an event is known again: its own id, and the message it is about."""
    message = (text_at(body, "event", "channel"), text_at(body, "event", "ts"))
    return _key("event", text_at(body, "event_id")), _key("message", *message) if all(message) else ""


def _key(kind: str, *parts: str) -> str:
    return " ".join((kind, *parts)) if any(parts) else ""
