"""Slack as a chat platform: listens, answers, and speaks up in the configured channel."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.chat.slack.announcing import Announcer
from adapters.chat.slack.connection import SocketMode, Watch
from adapters.chat.slack.conversation import NAME, Conversation, Manners, Staff
from adapters.chat.slack.delivery import Delivery
from adapters.chat.slack.groups import Groups, Pace
from adapters.chat.slack.http_mode import HttpMode
from adapters.chat.slack.identity import app_token, bot_token, identify, signing_secret
from adapters.chat.slack.listening import Listeners, bolt_app
from adapters.chat.slack.people import Colleagues, DirectMessages, Names
from adapters.chat.slack.pictures import Pictures
from adapters.chat.slack.refusals import SlackRefused, SlackUnreachable
from adapters.chat.slack.replies import Replies
from adapters.chat.slack.web import Patience, Web
from adapters.chat.slack.work import Alarms, Workers
from adapters.hearing import Hearing
from adapters.seen import Seen
from bot.errors import ChatError

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from adapters.chat.slack.identity import Identity
    from adapters.chat.slack.options import Options
    from bot.message import Announcement
    from bot.ports import Answer

_CALM_S = 0.05


@dataclass(frozen=True, slots=True)
class Timing:
    """Everything about time that a test may want otherwise, and how much may be done at once."""

    watch: Watch = field(default_factory=Watch)
    groups: Pace = field(default_factory=Pace)
    patience_s: float = 3.0
    announcing_s: float = 8.0
    threads: int = 16
    most: int = 200


class SlackChat:
    """One workspace, by the app whose tokens are configured."""

    def __init__(self, options: Options, surroundings: Surroundings, timing: Timing | None = None) -> None:
        self._options = options
        self._surroundings = surroundings
        self._timing = timing or Timing()
        self._closed = threading.Event()
        self._final: SlackRefused | None = None
        self._lock = threading.Lock()
        self._made: Web | None = None

    def serve(self, answer: Answer) -> None:
        """Listen and answer until `close`. Raises ChatError if the tokens are wrong or were revoked."""
        web = self._web()
        hearing = Hearing(
            NAME, self._surroundings.now, self._surroundings.tell_others, self._timing.watch.deaf_s
        )
        identity = self._identity(web, hearing)
        if identity is None:
            return
        with ExitStack() as stack:
            listeners = self._listeners(answer, web, identity, stack)
            self._listen(web, identity, listeners, hearing)

    def announce(self, announcement: Announcement) -> str:
        """Say something that nobody asked for, in the configured channel unless it names another.

        Returns `channel:ts`. May take some seconds. Raises ChatError, MessageGone.
        """
        channel = announcement.channel or self._options.channel
        if not (channel or announcement.edits or announcement.thread):
            raise ChatError(
                "There is no channel to post to: set `channel` under [chat.slack] to the channel's id.",
                permanent=True,
            )
        web = self._web()
        direct = DirectMessages(web)
        pictures = Pictures(self._surroundings, web, direct)
        announcer = Announcer(
            web,
            Delivery(web, direct),
            pictures,
            self._surroundings.now,
            patience_s=self._timing.announcing_s,
        )
        return announcer.announce(announcement, channel or "")

    def close(self) -> None:
        """End `serve` from another thread."""
        self._closed.set()
        with self._lock:
            if self._made is not None:
                self._made.close()

    def _web(self) -> Web:
        with self._lock:
            if self._made is None:
                token = bot_token(self._options.bot_token, self._surroundings.reveal)
                self._made = Web(token, self._options.api_url, on_final=self._end)
                if self._closed.is_set():
                    self._made.close()
            return self._made

    def _end(self, refused: SlackRefused) -> None:
        self._final = refused

    def _raise_if_final(self) -> None:
        if self._final is not None:
            raise self._final

    def _identity(self, web: Web, hearing: Hearing) -> Identity | None:
        """Ask Slack who we are until it answers; None if we were closed before."""
        watch = self._timing.watch
        pause_s, not_before = watch.pause_s, 0.0
        while not self._closed.is_set():
            try:
                return identify(web, Patience.of(0))
            except SlackUnreachable as error:
                hearing.reason = error.reason
            except SlackRefused as error:
                if error.is_final:
                    raise
                hearing.reason = f"Slack: {error.code}"
                not_before = time.monotonic() + error.retry_after_s
            until = max(time.monotonic() + pause_s, not_before)
            while time.monotonic() < until and not self._closed.wait(watch.look_s):
                hearing.look()
            pause_s = min(2 * pause_s, watch.longest_pause_s)
        return None

    def _listeners(self, answer: Answer, web: Web, identity: Identity, stack: ExitStack) -> Listeners:
        answering = Workers(
            "slack-answers", threads=self._timing.threads, most=self._timing.most, calm_s=_CALM_S
        )
        quick = Workers("slack-quick", threads=4, most=self._timing.most)
        alarms, groups = Alarms(), Groups(web, self._surroundings.groups, self._timing.groups)
        for each in (answering, quick, alarms, groups):
            stack.callback(each.close)
        groups.start()
        direct = DirectMessages(web)
        staff = Staff(
            answering=answering,
            quick=quick,
            alarms=alarms,
            seen=Seen(),
            replies=Replies(Delivery(web, direct), Pictures(self._surroundings, web, direct)),
            names=Names(web, quick),
            groups=groups,
            direct=direct,
            colleagues=Colleagues(web, identity.team_id, identity.enterprise_id),
        )
        manners = Manners(self._options.answers_in, self._options.command, self._timing.patience_s)
        return Listeners(
            Conversation(answer, staff, manners, web),
            identity.bot_user,
            {usage.name: usage for usage in self._surroundings.usages},
            self._surroundings.offers,
        )

    def _listen(self, web: Web, identity: Identity, listeners: Listeners, hearing: Hearing) -> None:
        options, reveal = self._options, self._surroundings.reveal
        if options.app_token is not None:
            app = bolt_app(web.client, identity, "", listeners)
            token = app_token(options.app_token, reveal)
            SocketMode(app, token, web, hearing, self._timing.watch).run(self._closed, self._raise_if_final)
        elif options.signing_secret is not None:
            secret = signing_secret(options.signing_secret, reveal)
            # Slack answers: whether its requests reach us is not ours to see.
            hearing.heard()
            hearing.look()
            app = bolt_app(web.client, identity, secret, listeners)
            HttpMode(app, options.listen_address, secret).run(self._closed, self._raise_if_final)
