"""response_urls: five uses within half an hour, for one person in one channel.

Documented: the limits, `response_type`, `replace_original`, `delete_original`, `thread_ts`. Not documented,
taken from reports of others: the HTTP status and words of the errors ("Expired url" is what getsentry/sentry
met), that a command's URL replaces nothing and says its message as a new one, and that replacing an ephemeral
message which its reader dismissed is answered with "ok".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.fake_slack.limits import check_message
from tests.servers.fake_slack.payloads import with_block_ids
from tests.servers.fake_slack.pictures import pictures_of
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.web_api import cut
from tests.servers.fake_slack.workspace import BOT_USER, TEAM, Post

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Json
    from tests.servers.fake_slack.trouble import Trouble
    from tests.servers.fake_slack.workspace import Channel, User, Workspace

USES = 5
LASTS_S = 30 * 60
NAME = "response_url"
_FIELDS = frozenset(
    ("text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts",
     "mrkdwn", "unfurl_links", "unfurl_media", "metadata")
)  # fmt: skip


@dataclass
class Hook:
    """One response_url; `original` is the message that was clicked on."""

    user: str
    channel: str
    original: Post | None
    made_at: float
    uses: int = 0


class Hooks:
    """All response_urls that were handed out."""

    def __init__(self, workspace: Workspace, trouble: Trouble) -> None:
        self._workspace = workspace
        self._trouble = trouble
        self._hooks: dict[str, Hook] = {}

    def make(self, user: User, channel: Channel, original: Post | None) -> str:
        """Return the path of a new response_url."""
        kind = "actions" if original else "commands"
        path = f"/{kind}/{TEAM}/{self._workspace.number()}/{token_urlsafe(12)}"
        self._hooks[path] = Hook(user.id, channel.id, original, self._workspace.now())
        return path

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self._trouble.is_too_early(NAME):
            self._workspace.complain(f"called a {NAME} again before Retry-After was over")
        wait_s = self._trouble.wait_s(NAME)
        if wait_s is not None:
            self._workspace.record(NAME, {}, "ratelimited")
            return _refusal(429, "ratelimited", {"Retry-After": str(wait_s)})
        body: Json = {}
        try:
            body = _parsed(request.content_type, await request.text())
            hook = self._hook(request.path)
            self._trouble.check(NAME)
            self._use(hook, body)
        except Refused as refused:
            self._workspace.record(NAME, body, refused.error)
            return _refusal(refused.status or 400, refused.error, {})
        self._workspace.record(NAME, body, "")
        if self._trouble.loses_answer(NAME):
            cut(request)
        return web.Response(text="ok")

    def _hook(self, path: str) -> Hook:
        hook = self._hooks.get(path)
        if hook is None:
            raise Refused("invalid_url", status=404)
        if self._workspace.now() > hook.made_at + LASTS_S:
            raise Refused("Expired url", status=404)
        if hook.uses >= USES:
            raise Refused("used_url", status=404)
        return hook

    def _use(self, hook: Hook, body: Json) -> None:
        if unknown := sorted(body.keys() - _FIELDS):
            # Slack passes over them; here a slip of the pen shall show.
            raise Refused("invalid_payload", messages=[f"unknown field {name}" for name in unknown])
        if body.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
            raise Refused("invalid_payload", messages=["response_type"])
        if body.get("delete_original"):
            hook.uses += 1
            if hook.original is not None:
                self._workspace.remove(hook.original)
            return
        check_message(body)
        pictures_of(self._workspace, body.get("blocks", []), for_everybody=False)
        hook.uses += 1
        if body.get("replace_original") and hook.original is not None:
            self._replace(hook.original, body)
        else:
            self.say(hook.user, hook.channel, body)

    def say(self, user: str, channel: str, body: Json) -> Post:
        """Put the message into the channel: for this person, or for everybody."""
        public = body.get("response_type") == "in_channel"
        return self._workspace.post(
            Post(
                ts=self._workspace.ts(),
                channel=channel,
                author=BOT_USER,
                text=body.get("text", ""),
                blocks=with_block_ids(self._workspace, body.get("blocks", [])),
                attachments=body.get("attachments", []),
                only_for="" if public else user,
                thread_ts=body.get("thread_ts"),
            )
        )

    def _replace(self, post: Post, body: Json) -> None:
        if post not in self._workspace.posts:
            if not post.only_for:
                raise Refused("message_not_found", status=404)
            return
        post.text = body.get("text", "")
        post.blocks = with_block_ids(self._workspace, body.get("blocks", []))
        post.attachments = body.get("attachments", [])
        post.edited = True
        self._workspace.tell("changed", post)


def _parsed(content_type: str, text: str) -> Json:
    if content_type != "application/json":
        raise Refused("invalid_payload")
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refused("invalid_payload") from error
    if not isinstance(body, dict):
        raise Refused("invalid_payload")
    return body


def _refusal(status: int, error: str, headers: dict[str, str]) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=status, headers=headers)
