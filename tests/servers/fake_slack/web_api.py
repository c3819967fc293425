"""The Web API's door: tokens, scopes, arguments, rate limits; the methods themselves are elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.fake_slack.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.servers.fake_slack.modals import Modals
    from tests.servers.fake_slack.shapes import Json
    from tests.servers.fake_slack.sockets import Sockets
    from tests.servers.fake_slack.triggers import Triggers
    from tests.servers.fake_slack.trouble import Trouble
    from tests.servers.fake_slack.workspace import Workspace

_STRUCTURED = ("blocks", "attachments", "view", "files", "metadata")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class Credentials:
    """The app's tokens and what they may do."""

    bot_token: str
    app_token: str
    scopes: set[str]
    app_scopes: set[str] = field(default_factory=lambda: {"connections:write"})
    revoked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Backend:
    """What methods work with."""

    workspace: Workspace
    modals: Modals
    triggers: Triggers
    sockets: Sockets
    credentials: Credentials
    url: Callable[[str], str]


@dataclass(frozen=True)
class Method:
    """One method: who may call it with which arguments, and what it does."""

    carry_out: Callable[[Backend, Json], Json]
    scope: str = ""
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    token: str = "bot"


class WebApi:
    """Answers calls."""

    def __init__(self, backend: Backend, methods: Mapping[str, Method], trouble: Trouble) -> None:
        self._backend = backend
        self._methods = methods
        self._trouble = trouble

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        arguments: Json = {}
        if self._trouble.is_too_early(name):
            self._backend.workspace.complain(f"called {name} again before Retry-After was over")
        if self._trouble.loses_call(name):
            self._backend.workspace.record(name, arguments, "lost")
            cut(request)
            return web.Response()
        if self._trouble.garbles(name):
            self._backend.workspace.record(name, arguments, "garbled")
            return web.Response(text="<html>Please stand by.</html>", content_type="text/html")
        wait_s = self._trouble.wait_s(name)
        status, headers = 200, {}
        try:
            if wait_s is not None:
                status, headers = 429, {"Retry-After": str(wait_s)}
                raise Refused("ratelimited")  # noqa: TRY301 - one place makes the answer
            arguments = await _arguments(request)
            token = _token(request, arguments)
            self._trouble.check(name)
            headers = self._scope_headers(name)
            answer = {"ok": True} | self._carried_out(name, token, arguments)
        except Refused as refused:
            answer, status = refused.json(), refused.status or status
        self._backend.workspace.record(name, arguments, str(answer.get("error", "")))
        if self._trouble.loses_answer(name):
            cut(request)
        return web.json_response(answer, status=status, headers=headers)

    def _carried_out(self, name: str, token: str, arguments: Json) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise Refused("unknown_method", extra={"req_method": name})
        self._authorize(method, token)
        # Bolt says the team with every call.
        known = {*method.required, *method.optional, "team_id"}
        if missing := [each for each in method.required if arguments.get(each) in (None, "")]:
            raise Refused(
                "invalid_arguments", messages=[f"[ERROR] missing required field: {each}" for each in missing]
            )
        if unknown := sorted(arguments.keys() - known):
            # Slack passes over arguments it does not know; here a slip of the pen shall show.
            raise Refused(
                "invalid_arguments", messages=[f"[ERROR] unknown argument: {each}" for each in unknown]
            )
        return method.carry_out(self._backend, arguments)

    def _authorize(self, method: Method, token: str) -> None:
        credentials = self._backend.credentials
        if not token:
            raise Refused("not_authed")
        if token in credentials.revoked:
            raise Refused("token_revoked")
        if token not in (credentials.bot_token, credentials.app_token):
            raise Refused("invalid_auth")
        kind = "bot" if token == credentials.bot_token else "app"
        if method.token not in (kind, "any"):
            raise Refused("not_allowed_token_type")
        provided = credentials.scopes if kind == "bot" else credentials.app_scopes
        require(method.scope, provided)

    def _scope_headers(self, name: str) -> dict[str, str]:
        method = self._methods.get(name)
        if method is None or method.token == "app":
            return {}
        return {
            "x-oauth-scopes": ",".join(sorted(self._backend.credentials.scopes)),
            "x-accepted-oauth-scopes": method.scope,
        }


def cut(request: web.Request) -> None:
    """Break the connection, unless the app has already done so."""
    if request.transport is not None:
        request.transport.abort()


def require(scope: str, provided: set[str]) -> None:
    """Raise Refused unless the scope is granted."""
    if scope and scope not in provided:
        raise Refused("missing_scope", extra={"needed": scope, "provided": ",".join(sorted(provided))})


def _token(request: web.Request, arguments: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else str(arguments.pop("token", ""))


async def _arguments(request: web.Request) -> Json:
    try:
        return await _parsed(request)
    except ValueError as error:
        raise Refused("invalid_json") from error


async def _parsed(request: web.Request) -> Json:
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        arguments |= json.loads(body) if body else {}
    elif request.content_type in _FORMS:
        arguments |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for key in _STRUCTURED:
        if isinstance(arguments.get(key), str):
            arguments[key] = json.loads(arguments[key])
    return arguments
