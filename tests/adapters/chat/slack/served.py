"""A SlackChat that serves a fake Slack in the background of a test."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.chat import Surroundings
from adapters.chat.slack.chat import SlackChat, Timing
from adapters.chat.slack.connection import Watch
from adapters.chat.slack.groups import Pace
from adapters.chat.slack.options import Options
from bot.config import Secret, Variable
from bot.errors import ChatError
from bot.message import Code, Kind, Message, Parameter, Request, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.outage import Outage
    from bot.domain.people import Person
    from bot.message import Chart
    from tests.servers.fake_slack import FakeSlack

REPORT = Usage("report", "where the memory goes", (Parameter("host", Kind.HOST, "the host", required=True),))
TOP = Usage(
    "top",
    "the largest processes",
    (
        Parameter("service", Kind.SERVICE, "only of this service"),
        Parameter("count", Kind.COUNT, "how many"),
    ),
)

QUICK = Timing(
    watch=Watch(look_s=0.02, silent_s=10, deaf_s=20, pause_s=0.05, longest_pause_s=0.2),
    groups=Pace(every_s=0.2, again_s=0.1, kept_s=60.0),
    patience_s=60,
)
"""For tests in which the connection is well, however busy the machine is."""

WATCHFUL = replace(
    QUICK,
    watch=Watch(
        look_s=0.02, ping_s=0.1, silent_s=0.5, deaf_s=0.8, renewal_s=1.0, pause_s=0.05, longest_pause_s=0.2
    ),
)
"""For tests in which it is not."""


PNG = b"\x89PNG\r\n\x1a\n and so on"


def long(request: Request) -> Message:
    """Answer with more than fits into a message, to all if it was to be shared."""
    lines = tuple(f"line {number} of a very long answer, longer than a screen" for number in range(900))
    return Message("a long answer", (Code(lines),), private=not request.text.startswith("share "))


@dataclass
class Answers:
    """What the bot says: to each first word its answer, to all else the words themselves."""

    by_word: dict[str, Callable[[Request], Message]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def wait(self, count: int) -> list[str]:
        """Wait until so many questions have arrived, and return all that did, sorted."""
        until = time.monotonic() + 15
        while len(self.requests) < count:
            assert time.monotonic() < until, self.requests
            time.sleep(0.01)
        return sorted(request.text for request in self.requests)

    def __call__(self, request: Request) -> Message:
        self.requests.append(request)
        shared = request.text.startswith("share ")
        word = request.text.removeprefix("share ").partition(" ")[0]
        if word in self.by_word:
            return self.by_word[word](request)
        return Message(f"you said: {request.text}", private=not shared)


@dataclass
class World:
    """The surroundings that a test looks at afterwards."""

    outages: list[Outage] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ("web-1", "web-2", "db-1")
    typists: list[Person] = field(default_factory=list)
    usages: tuple[Usage, ...] = (REPORT, TOP)
    places: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    png: bytes | None = PNG
    drawn: list[Chart] = field(default_factory=list)

    def reveal(self, secret: Secret) -> str:
        assert isinstance(secret.place, Variable)
        return self.secrets[secret.place.name]

    def offers(self, person: Person, kind: Kind, typed: str) -> list[str]:
        self.typists.append(person)
        known = self.hosts if kind in {Kind.HOST, Kind.HOSTS} else ("gunicorn", "nginx")
        return [name for name in known if name.startswith(typed)]

    def draw(self, chart: Chart) -> bytes | None:
        self.drawn.append(chart)
        return self.png

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            usages=self.usages,
            complete=lambda _line: [],
            offers=self.offers,
            groups=self.groups,
            state_folder=Path("unused"),
            reveal=self.reveal,
            keep_words=lambda _words: "",
            kept_words=lambda _key: None,
            tell_others=self.outages.append,
            now=lambda: datetime.now(UTC),
            draw=self.draw,
            places=self.places,
            mentioned=self.mentioned,
        )


def world_of(
    slack: FakeSlack,
    *,
    groups: tuple[str, ...] = (),
    places: tuple[str, ...] = (),
    mentioned: tuple[str, ...] = (),
) -> World:
    secrets = {"BOT": slack.bot_token, "APP": slack.app_token, "SIGNING": slack.signing_secret}
    return World(secrets=secrets, groups=groups, places=places, mentioned=mentioned)


def options_of(slack: FakeSlack, **more: object) -> Options:
    """Socket Mode, unless a test says otherwise (`app_token=None`)."""
    given: dict[str, object] = {
        "bot_token": {"env": "BOT"},
        "app_token": {"env": "APP"},
        "api_url": slack.api_url,
    } | more
    return Options.model_validate({key: value for key, value in given.items() if value is not None})


@dataclass
class Served:
    """A chat that runs; `error` is what ended it."""

    chat: SlackChat
    thread: threading.Thread
    ended: list[ChatError]

    def wait_ended(self, timeout_s: float = 15) -> ChatError:
        self.thread.join(timeout_s)
        assert not self.thread.is_alive(), "it still serves"
        assert self.ended, "it ended without an error"
        return self.ended[0]

    def stop(self) -> None:
        self.chat.close()
        self.thread.join(15)
        assert not self.thread.is_alive(), "it still serves"


def started(chat: SlackChat, answer: Callable[[Request], Message]) -> Served:
    ended: list[ChatError] = []

    def run() -> None:
        try:
            chat.serve(answer)
        except ChatError as error:
            ended.append(error)

    thread = threading.Thread(target=run, name="serve", daemon=True)
    thread.start()
    return Served(chat, thread, ended)


@contextmanager
def serving(
    slack: FakeSlack,
    answer: Callable[[Request], Message] | None = None,
    *,
    world: World | None = None,
    options: Options | None = None,
    timing: Timing = QUICK,
) -> Iterator[Served]:
    """Serve in Socket Mode, connected, until the end of the block."""
    options = options or options_of(slack)
    chat = SlackChat(options, (world or world_of(slack)).surroundings, timing)
    served = started(chat, answer or Answers())
    try:
        if options.is_socket_mode:
            slack.wait_connected()
        yield served
    finally:
        served.stop()
        until = time.monotonic() + 15
        while slack.connections:
            assert time.monotonic() < until, "it is still connected"
            time.sleep(0.005)
