"""FakeSlack: what tests use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from adapters.chat.slack.manifest import SCOPES
from tests.servers.fake_slack.http_mode import signed
from tests.servers.fake_slack.loop_thread import LoopThread
from tests.servers.fake_slack.payloads import with_block_ids, written
from tests.servers.fake_slack.rooms import Rooms
from tests.servers.fake_slack.shapes import View
from tests.servers.fake_slack.trouble_makers import TroubleMakers
from tests.servers.fake_slack.web_api import Credentials
from tests.servers.fake_slack.workspace import BOT_USER, TEAM, Channel, Group, Post, User, shown_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from tests.servers.fake_slack.shapes import Call, Happened, Interaction, Json, Shown, UploadedFile


class FakeSlack(TroubleMakers):
    """A Slack workspace on 127.0.0.1, for `with`; all methods are synchronous and thread-safe.

    People, channels and the app exist as soon as they are added; `U01` ("ann") and the channel `C01` ("ops"),
    with her and the app in it, are there from the start. Strict about everything Slack documents; what Slack
    passes over in silence but is a mistake of the app stands in `complaints`. The app has the scopes that its
    manifest asks for.
    """

    def __init__(self, *, scopes: frozenset[str] = frozenset(SCOPES)) -> None:
        self.bot_user = BOT_USER
        self.bot_token = "xoxb-1-fake-bot-token"
        self.app_token = "xapp-1-A01-1-fake-app-token"
        self.signing_secret = "0123456789abcdef0123456789abcdef"
        self._credentials = Credentials(self.bot_token, self.app_token, set(scopes))
        self._rooms = Rooms(self._credentials, self.signing_secret)
        self._loop = LoopThread()

    def __enter__(self) -> Self:
        self._loop.start()
        self._loop.run(self._rooms.open())
        self.add_user("U01", "ann")
        self.add_channel("C01", "ops", members=("U01",))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        try:
            self._loop.run(self._rooms.close())
        finally:
            self._loop.stop()

    # --- where it is and who is there

    @property
    def api_url(self) -> str:
        """The Web API's address, as WebClient(base_url=…) wants it."""
        return self._rooms.url("/api/")

    @property
    def scopes(self) -> set[str]:
        """The scopes of the bot token; take one away and calls that need it answer missing_scope."""
        return self._credentials.scopes

    @property
    def app_scopes(self) -> set[str]:
        """The scopes of the app-level token."""
        return self._credentials.app_scopes

    def add_user(self, user: str, name: str, team: str = TEAM, enterprise: str = "") -> None:
        """Add a person; they have direct messages with the app from now on. Other teams are strangers."""
        self._call(lambda: self._add_user(User(user, name, team, enterprise)))

    def add_channel(
        self,
        channel: str,
        name: str,
        members: Sequence[str] = (),
        *,
        bot_is_member: bool = True,
        private: bool = False,
        archived: bool = False,
    ) -> None:
        """Add a channel, or set up anew one that is there."""
        inside = {*members, BOT_USER} if bot_is_member else set(members)
        added = Channel(channel, name, inside, private=private, archived=archived)
        self._call(lambda: self._rooms.workspace.channels.update({channel: added}))

    def add_group(self, group: str, handle: str, members: Sequence[str]) -> None:
        """Add a user group (`S01`, `oncall`), or change one that is there."""
        added = Group(group, handle, tuple(members))
        self._call(lambda: self._rooms.workspace.groups.update({group: added}))

    # --- the connection

    def wait_connected(self, timeout_s: float = 15, count: int = 1) -> None:
        """Wait until this many Socket Mode connections are open that are not deaf."""
        self._until(
            lambda: sum(not each.deaf for each in self._rooms.sockets.connections) >= count,
            timeout_s,
            lambda: f"{self.connections} connections, not {count}",
        )

    def wait_opened(self, count: int, timeout_s: float = 15) -> None:
        """Wait until this many connections were opened since the start: 2 after one reconnect."""
        self._until(
            lambda: self._rooms.sockets.opened >= count, timeout_s, lambda: f"{self.opened} were opened"
        )

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return self._call(lambda: len(self._rooms.sockets.connections))

    @property
    def opened(self) -> int:
        """How many Socket Mode connections were ever opened."""
        return self._call(lambda: self._rooms.sockets.opened)

    @property
    def pings(self) -> int:
        """How many pings of the app were answered."""
        return self._call(lambda: self._rooms.sockets.pings)

    def wait_pings(self, count: int, timeout_s: float = 15) -> None:
        """Wait until this many pings of the app were answered since the start."""
        self._until(lambda: self._rooms.sockets.pings >= count, timeout_s, lambda: f"{self.pings} pings")

    @property
    def request_url(self) -> str:
        """Set it to the app's own address, and everything is POSTed there, signed, instead (HTTP mode)."""
        return self._rooms.http.url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._rooms.http.url = url

    def sign(self, body: str, timestamp: int | None = None) -> dict[str, str]:
        """Return the headers that make this body Slack's own; `timestamp` is now unless said."""
        return signed(self.signing_secret, body, int(time.time()) if timestamp is None else timestamp)

    def post_to_app(self, body: str, headers: dict[str, str]) -> tuple[int, str]:
        """POST this to the request URL as it is (forged, replayed); return the answer's status and text."""
        status, text, _ = self._loop.run(self._rooms.http.send(body, headers))
        return status, text

    # --- what people do

    def command(self, user: str, text: str, *, channel: str = "C01", command: str = "/mem") -> Interaction:
        """Type a slash command, in any channel that the person is in (the app need not be)."""
        return self._loop.run(self._rooms.people.command(user, text, channel, command))

    def mention(
        self, user: str, text: str, channel: str = "C01", *, thread_ts: str | None = None
    ) -> Interaction:
        """Write `@memwarden <text>`; it reaches the app escaped and with links, as Slack does it."""

        async def mentioned() -> Interaction:
            post = self._rooms.people.write(user, f"<@{BOT_USER}> {written(text)}", channel, thread_ts)
            await self._rooms.events.written(post)
            return await self._rooms.events.mentioned(post)

        return self._loop.run(mentioned())

    def direct_message(self, user: str, text: str) -> Interaction:
        """Write to the app in its direct messages."""
        return self.write(user, text, channel=self._dm(user))

    def write(self, user: str, text: str, channel: str = "C01") -> Interaction:
        """Write a message that mentions nobody; outside direct messages the app usually hears nothing."""

        async def wrote() -> Interaction:
            return await self._rooms.events.written(self._rooms.people.write(user, written(text), channel))

        return self._loop.run(wrote())

    def click(self, user: str, shown: Shown | View, label: str, *, confirm: bool = True) -> Interaction:
        """Click the button with this label; `confirm=False` says no to its confirm dialog, if it has one."""
        if isinstance(shown, View):
            return self._loop.run(self._rooms.modals.click(user, shown.id, label))
        return self._loop.run(self._rooms.people.click(user, shown, label, confirm=confirm))

    def fill_in(self, user: str, view: View, values: dict[str, object]) -> Interaction:
        """Fill in the inputs with these labels and submit.

        In a select the value is what is typed and then chosen: the text or value of an option. Raises
        AssertionError where Slack's client would not let the person do so. Once the app has acknowledged,
        the view is closed or shows what the app said (`views`).
        """
        return self._loop.run(self._rooms.modals.fill_in(user, view.id, values))

    def suggest(self, user: str, view: View, label: str, typed: str) -> list[str]:
        """Return the texts of the options offered for what is typed in this select."""
        return self._loop.run(self._rooms.modals.suggest(user, view.id, label, typed))

    def close_view(self, user: str, view: View) -> Interaction | None:
        """Cancel the modal; returns None where the app did not ask to be told."""
        return self._loop.run(self._rooms.modals.close(user, view.id))

    # --- what people see

    def shown(self, user: str, channel: str = "C01", *, everything: bool = False) -> list[Shown]:
        """Return the app's messages that this person sees now in the channel, oldest first.

        Ephemeral ones are among them; with `everything`, also what people wrote.
        """
        visible = self._call(lambda: shown_of(self._rooms.workspace.visible_to(user, channel)))
        return [each for each in visible if each.from_app or everything]

    def timeline(self, channel: str = "C01") -> list[Happened]:
        """Return what happened to messages in the channel, oldest first: posted, changed, deleted."""
        return self._call(
            lambda: [each for each in self._rooms.workspace.happened if each.shown.channel == channel]
        )

    def thread(self, user: str, shown: Shown) -> list[Shown]:
        """Return what this person sees in the message's thread, oldest first."""
        return [
            each for each in self.shown(user, shown.channel, everything=True) if each.thread_ts == shown.ts
        ]

    def direct_messages(self, user: str) -> list[Shown]:
        """Return what the app wrote to this person."""
        return self.shown(user, self._dm(user))

    def wait_shown(self, user: str, count: int, channel: str = "C01", timeout_s: float = 15) -> list[Shown]:
        """Wait until the person sees this many messages of the app, and return them."""
        self._until(
            lambda: len(self._now_shown(user, channel)) >= count,
            timeout_s,
            lambda: f"{user} sees {[each.plain for each in self.shown(user, channel)]}",
        )
        return self.shown(user, channel)

    def wait_direct_messages(self, user: str, count: int, timeout_s: float = 15) -> list[Shown]:
        """Wait until the app has written this many direct messages to the person, and return them."""
        return self.wait_shown(user, count, self._dm(user), timeout_s)

    def wait_until(
        self, user: str, seen: Callable[[list[Shown]], bool], channel: str = "C01", timeout_s: float = 15
    ) -> list[Shown]:
        """Wait until what the person sees fulfils the condition (a message was replaced), and return it."""
        self._until(
            lambda: seen(self._now_shown(user, channel)),
            timeout_s,
            lambda: f"{user} sees {[each.plain for each in self.shown(user, channel)]}",
        )
        return self.shown(user, channel)

    def views(self, user: str) -> list[View]:
        """Return the modals that the person has open, the topmost last."""
        return self._call(lambda: self._rooms.modals.seen(user))

    def wait_view(self, user: str, timeout_s: float = 15) -> View:
        """Wait for a modal to open and return the topmost."""
        self._until(lambda: bool(self._rooms.modals.seen(user)), timeout_s, lambda: "no modal was opened")
        return self.views(user)[-1]

    def wait_no_view(self, user: str, timeout_s: float = 15) -> None:
        """Wait until the person has no modal open."""
        self._until(lambda: not self._rooms.modals.seen(user), timeout_s, lambda: f"{self.views(user)}")

    @property
    def files(self) -> list[UploadedFile]:
        """All files that were uploaded to the end."""
        return self._call(lambda: list(self._rooms.workspace.files))

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API and of response_urls, oldest first."""
        return self._call(lambda: list(self._rooms.workspace.calls))

    def called(self, method: str) -> list[Call]:
        """The calls of this method."""
        return [call for call in self.calls if call.method == method]

    def wait_called(self, method: str, count: int = 1, timeout_s: float = 15) -> None:
        """Wait until this method was called so often since the start."""
        self._until(
            lambda: sum(call.method == method for call in self._rooms.workspace.calls) >= count,
            timeout_s,
            lambda: f"{self.called(method)}",
        )

    @property
    def interactions(self) -> list[Interaction]:
        """Everything that was sent to the app, oldest first, echoes of its own messages too."""
        return self._call(lambda: list(self._rooms.workspace.interactions))

    @property
    def complaints(self) -> list[str]:
        """Mistakes of the app that Slack passes over: acknowledged twice, too late, with a wrong payload."""
        return self._call(lambda: list(self._rooms.workspace.complaints))

    def wait_complaints(self, count: int, timeout_s: float = 15) -> None:
        """Wait until this many complaints were noted."""
        self._until(
            lambda: len(self._rooms.workspace.complaints) >= count, timeout_s, lambda: f"{self.complaints}"
        )

    def say(
        self, text: str, blocks: Sequence[Json] = (), *, channel: str = "C01", only_for: str = ""
    ) -> Shown:
        """Put a message of the app there as another version of it might have, for clicks on old messages."""
        return self._call(lambda: self._said(text, list(blocks), channel, only_for))

    # --- inside

    def _dm(self, user: str) -> str:
        return self._call(lambda: self._rooms.workspace.im(user).id)

    def _add_user(self, user: User) -> None:
        self._rooms.workspace.users[user.id] = user
        self._rooms.workspace.im(user.id)

    def _said(self, text: str, blocks: list[Json], channel: str, only_for: str) -> Shown:
        workspace = self._rooms.workspace
        blocks = with_block_ids(workspace, blocks)
        post = Post(workspace.ts(), channel, BOT_USER, text, blocks, only_for=only_for)
        return workspace.post(post).shown()

    def _now_shown(self, user: str, channel: str) -> list[Shown]:
        visible = self._rooms.workspace.visible_to(user, channel)
        return shown_of(post for post in visible if post.from_app)
