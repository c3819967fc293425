"""The fake Discord as a test uses it: what people do, what they see, and what the bot did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads, people
from tests.servers.fake_discord.interaction import PATIENCE_S as ACKNOWLEDGED_WITHIN_S
from tests.servers.fake_discord.interaction import Interaction
from tests.servers.fake_discord.markdown import mentions
from tests.servers.fake_discord.mischief import Mischief
from tests.servers.fake_discord.seen import Thread
from tests.servers.fake_discord.server import PATIENCE_S
from tests.servers.fake_discord.state import Post
from tests.servers.fake_discord.visible import as_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.servers.fake_discord.seen import Call, Happened, Modal, Shown
    from tests.servers.fake_discord.state import Ask
    from tests.servers.fake_discord.wire import JsonObject


class FakeDiscord(Mischief):
    """Discord on loopback; a context manager.

    People and roles and channels are named by their ids, strings of digits as Discord's are. What a test may
    set at any time is in `Surroundings`, what it may let go wrong in `Mischief`.
    """

    # What the bot did

    @property
    def commands(self) -> list[JsonObject]:
        """The registered commands as the API holds them: the guild's, then the global ones."""
        return self._do(lambda: [*self._world.guild_commands.values(), *self._world.global_commands.values()])

    @property
    def syncs(self) -> int:
        """How often all commands were registered at once."""
        return self._do(lambda: self._world.syncs)

    @property
    def calls(self) -> list[Call]:
        """Every request of the bot, oldest first."""
        return self._do(lambda: list(self._world.calls))

    @property
    def refusals(self) -> list[Call]:
        """The requests that broke a rule: every 4xx that the test did not plan itself."""
        return [call for call in self.calls if 400 <= call.status < 500 and not call.planned]

    @property
    def connections(self) -> int:
        """How often the gateway was connected to, successfully or not."""
        return self._do(lambda: self._world.connections)

    @property
    def identifies(self) -> int:
        """How many sessions were begun."""
        return self._do(lambda: self._world.identifies)

    @property
    def resumes(self) -> int:
        """How many sessions were taken up again."""
        return self._do(lambda: self._world.resumes)

    @property
    def connected(self) -> bool:
        """Whether a session is connected now."""
        return self._do(self._gateway.connected)

    def wait_connected(self, timeout_s: float = PATIENCE_S, count: int = 1) -> None:
        """Wait until the bot is connected and has identified or resumed `count` times, or TimeoutError."""

        def there() -> bool:
            return self.connected and self.identifies + self.resumes >= count

        if not self.wait_until(there, timeout_s):
            raise TimeoutError(f"no bot connected {count} times within {timeout_s} s")

    @property
    def heartbeats(self) -> int:
        """How many heartbeats were answered or, while deaf, not."""
        return self._do(lambda: self._world.heartbeats)

    # What a person does

    def command(
        self,
        user: str,
        name: str,
        options: Mapping[str, str | int | float | bool] | None = None,
        *,
        channel: str = "100",
        group: str | None = None,
    ) -> Interaction:
        """Use a command, or a subcommand of `group`. Raises NotOffered where the client would not let them.

        `channel` may be `direct_channel(user)`. Waits until the bot has registered its commands.
        """
        self.wait_until(lambda: bool(self.commands))
        return self._act(
            lambda: people.command(self._world, user, channel, people.named(group, name), options or {})
        )

    def autocomplete(
        self,
        user: str,
        name: str,
        option: str,
        typed: str,
        *,
        others: Mapping[str, str | int | float | bool] | None = None,
        channel: str = "100",
        group: str | None = None,
        patience_s: float = ACKNOWLEDGED_WITHIN_S,
    ) -> list[tuple[str, str | int | float]]:
        """Type in an option and return the choices offered: (name, value).

        `others` are options filled in before.

        Raises TimeoutError if there is no answer within `patience_s` ("Loading options failed").
        """
        self.wait_until(lambda: bool(self.commands))
        path = people.named(group, name)
        asked = self._act(
            lambda: people.autocomplete(
                self._world, user, channel, path, name=option, typed=typed, others=others or {}
            ),
            patience_s,
        )
        if asked.acknowledged_after_s is None:
            raise TimeoutError(f"no choices offered for {option}")
        return list(asked._ask.choices)

    def click(self, user: str, shown: Shown, label: str) -> Interaction:
        """Click the button with this label. Raises NotOffered if it is not there or disabled."""
        return self._act(lambda: people.click(self._world, user, shown.id, label))

    def select(self, user: str, shown: Shown, placeholder: str, values: Sequence[str]) -> Interaction:
        """Choose from a select menu by the labels of its options. Raises NotOffered."""
        return self._act(lambda: people.select(self._world, user, shown.id, placeholder, values))

    def fill_in(self, user: str, modal: Modal, values: Mapping[str, str]) -> Interaction:
        """Submit the form, values by the labels of its inputs (of a select: its option's label or value).

        Inputs that are left out keep what they are filled with beforehand. Raises NotOffered.
        """
        return self._act(lambda: people.fill_in(self._world, user, modal.id, values))

    def dismiss(self, user: str, modal: Modal) -> None:
        """Close the form without submitting it; Discord tells nobody."""
        self._do(lambda: self._world.close_form(user, modal.id))

    def say(self, user: str, text: str, *, channel: str = "100") -> None:
        """Write a message; the bot hears of it as far as its intents go."""

        def put() -> None:
            post = Post(self._world.new_id(), channel, user, content=text, pings=tuple(mentions(text)))
            self._world.keep(post)
            self._gateway.dispatch("MESSAGE_CREATE", payloads.message_event(self._world, post))

        self._do(put)

    def _act(self, make: Callable[[], Ask], patience_s: float = ACKNOWLEDGED_WITHIN_S) -> Interaction:
        def act() -> Ask:
            ask = make()
            self._gateway.deliver(ask)
            return ask

        ask = self._do(act)
        return Interaction(ask.id, ask.user, ask.channel, ask.token, ask, self.wait_until, patience_s)

    # What a person sees

    def shown(self, user: str, channel: str = "100") -> list[Shown]:
        """The messages this person sees in the channel now, oldest first, without any 'thinking…'."""
        return self._do(
            lambda: [
                as_seen(self._world, post)
                for post in self._world.posts_in(channel)
                if post.visible_to in {None, user} and not post.loading
            ]
        )

    def wait_shown(
        self, user: str, count: int, channel: str = "100", timeout_s: float = PATIENCE_S
    ) -> list[Shown]:
        """Return what the person sees as soon as it is at least `count` messages. Raises TimeoutError."""
        if not self.wait_until(lambda: len(self.shown(user, channel)) >= count, timeout_s):
            seen = [message.plain for message in self.shown(user, channel)]
            raise TimeoutError(
                f"not {count} messages within {timeout_s} s but {seen}; refused: {self.refusals}"
            )
        return self.shown(user, channel)

    @property
    def timeline(self) -> list[Happened]:
        """Everything that people saw happen to messages, in all channels and threads, in order."""
        return self._do(lambda: list(self._world.timeline))

    @property
    def threads(self) -> list[Thread]:
        """The threads, oldest first; what is said in one is in `shown(user, channel=thread.id)`."""

        def told() -> list[Thread]:
            return [
                Thread(place.id, place.parent or "", place.name, place.archived, place.archived_after_min)
                for place in self._world.threads()
            ]

        return self._do(told)

    def thinking(self, user: str, channel: str = "100") -> int:
        """How many messages say "thinking…" to this person."""
        return self._do(
            lambda: sum(
                post.loading and post.visible_to in {None, user} for post in self._world.posts_in(channel)
            )
        )

    def modals(self, user: str) -> list[Modal]:
        """The forms that are open in front of this person."""
        return self._do(lambda: [form.modal for form in self._world.forms if form.user == user])

    def wait_modal(self, user: str, timeout_s: float = PATIENCE_S) -> Modal:
        """Return the form that opens in front of this person. Raises TimeoutError."""
        if not self.wait_until(lambda: bool(self.modals(user)), timeout_s):
            raise TimeoutError(f"no form within {timeout_s} s; refused: {self.refusals}")
        return self.modals(user)[-1]
