"""A chat on Discord that runs as in earnest: the real discord.py on a thread of its own, and the fake."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.chat import Surroundings
from adapters.chat.discord.chat import DiscordChat
from adapters.chat.discord.options import Options
from adapters.chat.discord.supervision import Patience
from bot.config import Secret, Variable
from bot.errors import BotError
from bot.message import Announcement, Form, Kind, Message, Parameter, Usage, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bot.domain.outage import Outage
    from bot.domain.people import Person
    from bot.message import Chart, Request
    from tests.servers.fake_discord import FakeDiscord

HOST = Parameter("host", Kind.HOST, "the host; may be left out where there is only one")
USAGES = (
    Usage("help", "what you can say", (Parameter("command", Kind.COMMAND, "the command"),)),
    Usage("report", "where all of a host's memory is, adding up to its RAM", (HOST,)),
    Usage(
        "service",
        "one service closely",
        (HOST, Parameter("name", Kind.SERVICE, "the service", required=True)),
    ),
    Usage("status", "how much memory every host has left", (Parameter("hosts", Kind.HOSTS, "which"),)),
    Usage(
        "silence",
        "say nothing for a while",
        (
            Parameter("what", Kind.TARGET, "a host, a tag or a rule", required=True),
            Parameter("how_long", Kind.DURATION, "for how long"),
            Parameter("reason", Kind.TEXT, "why"),
        ),
    ),
    Usage(
        "history",
        "how it went",
        (
            HOST,
            Parameter("period", Kind.CHOICE, "of which time", choices=("24h", "7d", "30d")),
        ),
    ),
    Usage("ack", "look after an incident", (Parameter("number", Kind.INCIDENT, "which", required=True),)),
    Usage(
        "maxmemory",
        "limit what a service holds",
        (
            Parameter("service", Kind.SERVICE, "the service", required=True),
            Parameter("size", Kind.SIZE, "how much", required=True),
        ),
    ),
    Usage(
        "approve",
        "say yes to a plan",
        (
            Parameter("plan", Kind.PLAN, "its number", required=True),
            Parameter("code", Kind.CODE, "its code", required=True),
        ),
    ),
    Usage("top", "the processes that hold most memory", (HOST, Parameter("n", Kind.COUNT, "how many"))),
)
WORDS = {
    Kind.HOST: ("web-1", "web-2", "db 1"),
    Kind.HOSTS: ("web-1", "web-2", "db 1", "production"),
    Kind.SERVICE: tuple(f"service-{number}" for number in range(40)),
    Kind.COMMAND: tuple(usage.name for usage in USAGES),
    Kind.COUNT: (),
    Kind.TARGET: ("web-1", "production", "oom_kills"),
    Kind.DURATION: ("30m", "1h", "2h"),
    Kind.INCIDENT: (),
    Kind.PLAN: (),
    Kind.CODE: (),
    Kind.SIZE: ("64mb", "128mb"),
    Kind.CHOICE: (),
    Kind.TEXT: (),
}
QUICK = Patience(first_retry_s=0.05, longest_retry_s=0.2, deaf_s=30)
IMPATIENT = Patience(first_retry_s=0.05, longest_retry_s=0.2, deaf_s=2)


def offers(kind: Kind, typed: str) -> list[str]:
    return [word for word in WORDS[kind] if typed.casefold() in word]


def echo(request: Request) -> Message:
    """Repeat what was asked, to all if it was to be shared."""
    return Message(f"you said {request.text}", private=not request.text.startswith("share"))


def asking_for(usage: Usage) -> Callable[[Request], Message]:
    """Return what answers `status` with the form of this command, and repeats all else."""

    def answer(request: Request) -> Message:
        if request.text == "status":
            return Message("Which?", form=Form(usage), refusal=True)
        return echo(request)

    return answer


def said(
    message: Message,
    key: str = "k1",
    *,
    channel: str = "",
    edits: str = "",
    thread: str = "",
    mentions: tuple[str, ...] = (),
    doubtful: bool = False,
    since: datetime | None = None,
) -> Announcement:
    """Something to say that nobody asked for."""
    return Announcement(
        message,
        key,
        channel=channel,
        edits=edits,
        thread=thread,
        mentions=mentions,
        doubtful=doubtful,
        since=since,
    )


@dataclass
class Memory:
    """What outlives a process: the state folder and the words of buttons."""

    folder: Path
    words: dict[str, str] = field(default_factory=dict)

    def keep(self, words: str) -> str:
        self.words[key_of(words)] = words
        return key_of(words)


@dataclass
class Served:
    """A chat that is being served; `error` is what ended it, `outages` what the others were told."""

    chat: DiscordChat
    thread: threading.Thread
    requests: list[Request]
    outages: list[Outage]
    errors: list[BotError]
    typists: list[Person]

    def ended(self, timeout_s: float = 15) -> bool:
        self.thread.join(timeout_s)
        return not self.thread.is_alive()


def options_of(discord: FakeDiscord, **given: object) -> Options:
    return Options.model_validate(
        {
            "token": {"env": "TOKEN"},
            "guild": discord.guild_id,
            "channel": "100",
            "api_url": discord.api_url,
            "gateway_url": discord.gateway_url,
            "cdn_url": discord.cdn_url,
            **given,
        }
    )


def surroundings_of(
    memory: Memory,
    token: str,
    *,
    groups: Sequence[str] = (),
    places: tuple[str, ...] = (),
    mentioned: tuple[str, ...] = (),
    outages: list[Outage] | None = None,
    typists: list[Person] | None = None,
    usages: tuple[Usage, ...] = USAGES,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    draw: Callable[[Chart], bytes | None] = lambda _: None,
) -> Surroundings:
    def reveal(secret: Secret) -> str:
        assert secret == Secret(Variable("TOKEN"))
        return token

    def offered(person: Person, kind: Kind, typed: str) -> list[str]:
        if typists is not None:
            typists.append(person)
        return offers(kind, typed)

    return Surroundings(
        usages=usages,
        complete=lambda _line: (),
        offers=offered,
        groups=tuple(groups),
        state_folder=memory.folder,
        reveal=reveal,
        keep_words=memory.keep,
        kept_words=memory.words.get,
        tell_others=(outages if outages is not None else []).append,
        now=now,
        draw=draw,
        places=places,
        mentioned=mentioned,
    )


@contextmanager
def served(
    discord: FakeDiscord,
    memory: Memory,
    answer: Callable[[Request], Message] = echo,
    *,
    token: str | None = None,
    groups: Sequence[str] = (),
    usages: tuple[Usage, ...] = USAGES,
    patience: Patience = QUICK,
    connected: bool = True,
    draw: Callable[[Chart], bytes | None] = lambda _: None,
    **options: object,
) -> Iterator[Served]:
    """Serve until the end of the block, and see to it that nothing is left behind."""
    requests: list[Request] = []
    outages: list[Outage] = []
    errors: list[BotError] = []
    typists: list[Person] = []

    def heard(request: Request) -> Message:
        requests.append(request)
        return answer(request)

    def serve() -> None:
        try:
            chat.serve(heard)
        except BotError as error:
            errors.append(error)

    surroundings = surroundings_of(
        memory,
        token or discord.token,
        groups=groups,
        outages=outages,
        typists=typists,
        usages=usages,
        draw=draw,
    )
    chat = DiscordChat(options_of(discord, **options), surroundings, patience)
    before = discord.identifies + discord.resumes
    thread = threading.Thread(target=serve, name="discord-chat")
    thread.start()
    try:
        if connected:
            discord.wait_connected(count=before + 1)
        yield Served(chat, thread, requests, outages, errors, typists)
    finally:
        chat.close()
        thread.join(15)
    assert not thread.is_alive()
