"""How Slack says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.servers.fake_slack.shapes import Json


class Refused(Exception):
    """A call that is answered with `{"ok": false, "error": …}`.

    `messages` go to response_metadata; `extra` is put beside `error`; `status` is the HTTP status where it is
    not the usual one.
    """

    def __init__(
        self, error: str, *, messages: Sequence[str] = (), status: int = 0, extra: Json | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.messages = list(messages)
        self.status = status
        self.extra = extra or {}

    def json(self) -> Json:
        body: Json = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            body["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
            body["response_metadata"] = {"messages": self.messages}
        return body
