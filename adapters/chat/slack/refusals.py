"""What Slack refused or did not answer, in one sentence with the remedy.

Codes as in Slack's reference of each method (https://docs.slack.dev/reference/methods).
"""

from __future__ import annotations

import re

from bot.errors import ChatError

_SCOPE = re.compile(r"[a-z_.]+(?::[a-z_.]+)*")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_ ]{1,60}")

NO_ENTRY = frozenset(
    (
        "account_inactive",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    )
)
"""A token is wrong: nothing that is sent with it will ever be accepted."""

NOT_TAKEN = frozenset(
    (
        "block_mismatch",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "msg_blocks_too_long",
        "msg_too_long",
        "too_many_blocks",
    )
)
"""The message is not as Slack wants it, so that a plainer one may be."""

GONE = frozenset(("cant_update_message", "edit_window_closed", "message_not_found"))
"""The message cannot be changed any more: it was deleted, or is too old, or is not ours."""

THREAD_GONE = frozenset(("cannot_reply_to_message", "message_not_found", "thread_not_found"))
"""The message that begins the thread was deleted, or nobody can answer it."""

RATE_LIMITED = "ratelimited"
"""Also what chat.postMessage calls `rate_limited`."""

MAYBE_DONE = frozenset(("fatal_error", "internal_error", "update_failed"))
"""Slack stumbled, perhaps only after it had done what was asked."""

TRANSIENT = MAYBE_DONE | {"request_timeout", "service_unavailable", "team_added_to_org"}
"""Slack cannot do it now, but will be able to."""

OPEN_CONNECTION = "apps.connections.open"

_BOT_PAGE = "the app's settings, OAuth & Permissions > Bot User OAuth Token"
_APP_PAGE = "the app's settings, Basic Information > App-Level Tokens"
_INVITE = "write /invite @memwarden there"

# What it means and what to do; {token} and {place} are the token that was sent and where it is found.
_MEANINGS = {
    "account_inactive": ("The Slack app was removed from the workspace", "install it again"),
    "invalid_auth": ("Slack does not accept the {token}", "copy it again from {place}"),
    "not_authed": ("Slack does not accept the {token}", "copy it again from {place}"),
    "not_allowed_token_type": ("Slack wants another kind of token than the {token}", "copy it from {place}"),
    "token_expired": ("The {token} has expired", "take a new one from {place}"),
    "token_revoked": ("The {token} was revoked", "take a new one from {place}"),
    "not_in_channel": ("The bot is not in the channel", _INVITE),
    "channel_not_found": (
        "There is no channel of this id, or it is private and the bot is not in it",
        f"check the id, and {_INVITE}",
    ),
    "is_archived": ("The channel is archived", "choose another"),
    "expired_url": ("The question can no longer be answered at its place", "ask again"),
    "used_url": ("The question can no longer be answered at its place", "ask again"),
    **dict.fromkeys(
        (
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_non_threadable_channel",
        ),
        ("The workspace does not let the bot post in this channel", "ask its administrators"),
    ),
    "restricted_action_thread_locked": ("The thread is locked", "ask the workspace's administrators"),
    **dict.fromkeys(
        ("message_not_found", "thread_not_found", "cannot_reply_to_message"),
        ("The message is not there any more", "it has to be said anew"),
    ),
    **dict.fromkeys(
        ("cant_update_message", "edit_window_closed"),
        ("The message cannot be changed any more", "it has to be said anew"),
    ),
    RATE_LIMITED: ("Slack does not take more calls for now", "try again in a minute"),
    **dict.fromkeys(TRANSIENT, ("Slack cannot do this for now", "try again in a minute")),
}


class SlackRefused(ChatError):
    """Slack answered no.

    `code` is Slack's word for it, `hints` what it says about the message, `retry_after_s` how long to wait.
    `meaning` and `remedy` are the two halves of the sentence.
    """

    def __init__(
        self,
        call: str,
        code: str,
        *,
        needed: str = "",
        retry_after_s: float = 0.0,
        hints: tuple[str, ...] = (),
    ) -> None:
        self.call = call
        self.code = code if _CODE.fullmatch(code) else "unknown"
        self.hints = hints
        self.meaning, self.remedy = _meaning(call, self.code, needed if _SCOPE.fullmatch(needed) else "")
        permanent = self.code not in {RATE_LIMITED, *TRANSIENT}
        super().__init__(f"{self.meaning}: {self.remedy}.", permanent=permanent, retry_after_s=retry_after_s)

    @property
    def is_about_a_picture(self) -> bool:
        """Whether Slack does not know a picture of the message, as it may for a moment after its upload."""
        return self.code in NOT_TAKEN and any("slack_file" in hint for hint in self.hints)

    @property
    def is_final(self) -> bool:
        """Whether a token is wrong, so that nothing else will work either."""
        return self.code in NO_ENTRY or (self.code == "missing_scope" and self.call == OPEN_CONNECTION)


class SlackUnreachable(ChatError):
    """Slack did not answer; `maybe_heard` tells whether it may have done what was asked all the same."""

    def __init__(self, call: str, reason: str, *, maybe_heard: bool) -> None:
        self.meaning = f"Slack does not answer {call} ({reason})"
        self.remedy = "check the network, HTTPS_PROXY and NO_PROXY, and `api_url`"
        self.reason = reason
        self.maybe_heard = maybe_heard
        super().__init__(f"{self.meaning}: {self.remedy}.", permanent=False)


def _meaning(call: str, code: str, needed: str) -> tuple[str, str]:
    about_app_token = call == OPEN_CONNECTION
    if code == "missing_scope":
        return _missing_scope(call, needed)
    meaning, remedy = _MEANINGS.get(
        code, (f"Slack refused {call}", f"look the word {code} up in Slack's documentation of it")
    )
    words = {
        "token": "app token" if about_app_token else "bot token",
        "place": _APP_PAGE if about_app_token else _BOT_PAGE,
    }
    return f"{meaning.format(**words)} ({code})", remedy.format(**words)


def _missing_scope(call: str, needed: str) -> tuple[str, str]:
    if call == OPEN_CONNECTION:
        return (
            "The app token lacks the scope connections:write (missing_scope)",
            f"make a new one with it in {_APP_PAGE}",
        )
    return (
        f"The Slack app lacks the scope {needed or 'that it needs'} for {call} (missing_scope)",
        "add it in the app's settings, OAuth & Permissions > Bot Token Scopes, and install the app again",
    )
