"""All parts of the fake put together behind one port."""

from __future__ import annotations

from aiohttp import web

from tests.servers.fake_slack import methods_chat, methods_history, methods_lookup, methods_views
from tests.servers.fake_slack.delivery import Delivery
from tests.servers.fake_slack.events import Events
from tests.servers.fake_slack.hooks import Hooks
from tests.servers.fake_slack.http_mode import HttpMode
from tests.servers.fake_slack.methods_files import Uploads
from tests.servers.fake_slack.modals import Modals
from tests.servers.fake_slack.people import People
from tests.servers.fake_slack.sockets import Sockets
from tests.servers.fake_slack.triggers import Triggers
from tests.servers.fake_slack.trouble import Trouble
from tests.servers.fake_slack.web_api import Backend, Credentials, WebApi
from tests.servers.fake_slack.workspace import Workspace

_LARGEST_BODY = 16 * 2**20


class Rooms:
    """The parts, and the server that lets the app in."""

    def __init__(self, credentials: Credentials, signing_secret: str) -> None:
        self.port = 0
        self.workspace = Workspace()
        self.trouble = Trouble()
        self.sockets = Sockets(self.workspace)
        self.http = HttpMode(self.workspace, signing_secret)
        self.delivery = Delivery(self.workspace, self.sockets, self.http)
        triggers = Triggers(self.workspace)
        self.hooks = Hooks(self.workspace, self.trouble)
        self.people = People(self.workspace, self.delivery, triggers, self.hooks, self.url)
        self.modals = Modals(self.workspace, self.delivery, triggers, self.people)
        self.events = Events(self.workspace, self.delivery, credentials.scopes)
        self._uploads = Uploads(self.workspace)
        backend = Backend(self.workspace, self.modals, triggers, self.sockets, credentials, self.url)
        methods = {
            **methods_chat.METHODS,
            **methods_history.METHODS,
            **methods_lookup.METHODS,
            **methods_views.METHODS,
            **self._uploads.methods,
        }
        self._web_api = WebApi(backend, methods, self.trouble)
        self._runner: web.AppRunner | None = None

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def open(self) -> None:
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_route("*", "/api/{method}", self._web_api.handle)
        app.router.add_get("/link", self.sockets.handle)
        app.router.add_post("/commands/{rest:.*}", self.hooks.handle)
        app.router.add_post("/actions/{rest:.*}", self.hooks.handle)
        app.router.add_post("/upload/v1/{rest}", self._uploads.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        await self.sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
