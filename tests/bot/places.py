"""What people do and see in a channel, the same on every platform."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tests.servers.fake_discord import Interaction as DiscordInteraction
from tests.servers.fake_slack import Interaction as SlackInteraction

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.fake_discord import FakeDiscord
    from tests.servers.fake_discord import Shown as ShownOnDiscord
    from tests.servers.fake_slack import FakeSlack
    from tests.servers.fake_slack import Shown as ShownOnSlack

_RECONNECTS_S = 30.0
_ANSWERS_S = 20.0
_POLL_S = 0.005
_ON_SLACK = {"ann": "U01", "bob": "U02"}
_ON_DISCORD = {"ann": "1", "bob": "2"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as somebody sees it, on whatever platform; `version` changes whenever it is replaced."""

    key: str
    plain: str
    buttons: tuple[str, ...]
    private: bool
    version: object

    @property
    def headline(self) -> str:
        """The answer in one line, without the circle before it."""
        return re.sub(r"^[^\w/`]+", "", self.plain.partition("\n")[0])

    @property
    def words(self) -> list[str]:
        """What is read apart from buttons, in no order: lines are broken and columns set differently."""
        return sorted(re.findall(r"[^\s─·]+", re.sub(r"\[[^\]\n]+\]", "", self.plain)))


class Asked(Protocol):
    """A command or a click on its way."""

    @property
    def acknowledged_after_s(self) -> float | None:
        """How long the platform waited; None if in vain."""
        ...


class Place(Protocol):
    """A channel of one platform, with two people in it: "ann" and "bob"."""

    name: str

    def ask(self, command: str, *values: str, share: bool = False, by: str = "ann") -> Asked:
        """Use a command; `values` are those of its parameters, in their order."""
        ...

    def press(self, seen: Seen, label: str, by: str = "ann") -> Asked:
        """Click a button."""
        ...

    def seen(self, by: str = "ann") -> list[Seen]:
        """What somebody sees, oldest first."""
        ...

    def offered(self, command: str, parameter: str, typed: str) -> list[str]:
        """What is offered for a parameter while somebody types."""
        ...

    def fill_in(self, asked: Seen, values: dict[str, str]) -> Asked:
        """Open the form of a message and send it."""
        ...

    def redeliver(self, asked: Asked) -> None:
        """Let the platform send the same once more."""
        ...

    def hang_up(self) -> None:
        """Let the platform end the connection."""
        ...

    def wait_connected(self) -> None:
        """Wait until the program is back after `hang_up`."""
        ...

    def complaints(self) -> list[str]:
        """What the program did that the platform does not like."""
        ...


class OnSlack:
    """A channel of Slack."""

    name = "slack"

    def __init__(self, slack: FakeSlack, number: int) -> None:
        self._slack = slack
        self._channel = f"C{number:05d}"
        self._opened = 0
        slack.add_user("U02", "bob")
        slack.add_channel(self._channel, f"room-{number}", members=("U01", "U02"))

    def ask(self, command: str, *values: str, share: bool = False, by: str = "ann") -> SlackInteraction:
        quoted = (f'"{value}"' if " " in value else value for value in values)
        words = " ".join((*("share",) * share, command, *quoted))
        return self._slack.command(_ON_SLACK[by], words, channel=self._channel)

    def press(self, seen: Seen, label: str, by: str = "ann") -> SlackInteraction:
        return self._slack.click(_ON_SLACK[by], self._shown(seen, by), label)

    def seen(self, by: str = "ann") -> list[Seen]:
        return [
            Seen(one.ts, one.plain, one.buttons, one.ephemeral, str(one.blocks))
            for one in self._slack.shown(_ON_SLACK[by], self._channel)
            if not one.plain.startswith("Looking…")
        ]

    def offered(self, command: str, parameter: str, typed: str) -> list[str]:
        (asked,) = answers(self, lambda: self.ask(command, "local", "local", "local"))
        self.press(asked, "Fill in…")
        view = self._slack.wait_view("U01")
        found = self._slack.suggest("U01", view, parameter, typed)
        self._slack.close_view("U01", view)
        return found

    def fill_in(self, asked: Seen, values: dict[str, str]) -> SlackInteraction:
        self.press(asked, "Fill in…")
        return self._slack.fill_in("U01", self._slack.wait_view("U01"), dict(values))

    def redeliver(self, asked: Asked) -> None:
        assert isinstance(asked, SlackInteraction)
        self._slack.redeliver(asked)

    def hang_up(self) -> None:
        self._opened = self._slack.opened
        self._slack.disconnect()

    def wait_connected(self) -> None:
        self._slack.wait_opened(self._opened + 1, _RECONNECTS_S)
        self._slack.wait_connected(_RECONNECTS_S)

    def complaints(self) -> list[str]:
        refused = [f"{call.method}: {call.error}" for call in self._slack.calls if call.error]
        return self._slack.complaints + refused

    def _shown(self, seen: Seen, by: str) -> ShownOnSlack:
        shown = self._slack.shown(_ON_SLACK[by], self._channel)
        return next(one for one in shown if one.ts == seen.key)


class OnDiscord:
    """A channel of Discord."""

    name = "discord"

    def __init__(self, discord: FakeDiscord, number: int) -> None:
        self._discord = discord
        self._channel = str(1000 + number)
        self._begun = 0
        for name, user in _ON_DISCORD.items():
            discord.add_member(user, name)
        discord.add_channel(self._channel, f"room-{number}")

    def ask(self, command: str, *values: str, share: bool = False, by: str = "ann") -> DiscordInteraction:
        options: dict[str, str | int | bool] = dict(zip(self._names(command), values, strict=False))
        options |= {name: int(value) for name, value in options.items() if name == "n"}
        options |= {"share": True} if share else {}
        return self._discord.command(
            _ON_DISCORD[by], command, options, channel=self._channel, group=self._group(command)
        )

    def press(self, seen: Seen, label: str, by: str = "ann") -> DiscordInteraction:
        return self._discord.click(_ON_DISCORD[by], self._shown(seen, by), label)

    def seen(self, by: str = "ann") -> list[Seen]:
        changes = [call.status for call in self._discord.calls if call.method == "PATCH"]
        return [
            Seen(one.id, one.plain, one.buttons, one.ephemeral, changes)
            for one in self._discord.shown(_ON_DISCORD[by], self._channel)
        ]

    def offered(self, command: str, parameter: str, typed: str) -> list[str]:
        found = self._discord.autocomplete(
            "1", command, parameter, typed, channel=self._channel, group=self._group(command)
        )
        return [str(value) for _, value in found]

    def fill_in(self, asked: Seen, values: dict[str, str]) -> DiscordInteraction:
        self.press(asked, "Fill in…")
        return self._discord.fill_in("1", self._discord.wait_modal("1"), values)

    def redeliver(self, asked: Asked) -> None:
        assert isinstance(asked, DiscordInteraction)
        self._discord.redeliver(asked)

    def hang_up(self) -> None:
        self._begun = self._discord.identifies + self._discord.resumes
        self._discord.disconnect()

    def wait_connected(self) -> None:
        self._discord.wait_connected(_RECONNECTS_S, self._begun + 1)

    def complaints(self) -> list[str]:
        return [f"{call.method} {call.path}: {call.answer}" for call in self._discord.refusals]

    def _group(self, command: str) -> str:
        """Return where the command stands: what is not for every day has a group of its own."""
        return "mem" if command in self._usages("mem") else "mem more"

    def _names(self, command: str) -> list[str]:
        wanted = {"service": ["host", "name"]}
        return wanted.get(command) or self._usages(self._group(command))[command]

    def _usages(self, group: str) -> dict[str, list[str]]:
        """Return the options' names of each command of a group."""
        (level,) = self._discord.commands
        for name in group.split()[1:]:
            (level,) = (each for each in level["options"] if each["name"] == name)
        return {each["name"]: [option["name"] for option in each["options"]] for each in level["options"]}

    def _shown(self, seen: Seen, by: str) -> ShownOnDiscord:
        shown = self._discord.shown(_ON_DISCORD[by], self._channel)
        return next(one for one in shown if one.id == seen.key)


def answers(place: Place, act: Callable[[], Asked], *, by: str = "ann", count: int = 1) -> list[Seen]:
    """Do something and return the messages that somebody sees afterwards and did not see before."""
    before = {one.key for one in place.seen(by)}
    asked = act()
    until = time.monotonic() + _ANSWERS_S
    while len(new := [one for one in place.seen(by) if one.key not in before]) < count:
        assert time.monotonic() < until, f"{place.name}: {asked}: {new}; {place.complaints()}"
        time.sleep(_POLL_S)
    return new


def replaced(place: Place, seen: Seen, act: Callable[[], Asked], *, by: str = "ann") -> Seen:
    """Do something and return what then stands in the place of a message."""
    before = next(one.version for one in place.seen(by) if one.key == seen.key)
    asked = act()
    until = time.monotonic() + _ANSWERS_S
    while (now := next(one for one in place.seen(by) if one.key == seen.key)).version == before:
        assert time.monotonic() < until, f"{place.name}: {asked}: {now}; {place.complaints()}"
        time.sleep(_POLL_S)
    return now
