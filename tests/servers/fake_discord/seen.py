"""What a test gets to see: messages, files, modals and the calls that the bot made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.fake_discord.markdown import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.servers.fake_discord.wire import JsonObject


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file."""

    name: str
    content: bytes
    description: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that the bot made. `path` is without `/api/v10`, `route` the same with names for the ids.

    `planned` says that a refusal was the test's own doing (`rate_limit`, `fail`, `revoke`).
    """

    method: str
    path: str
    route: str
    body: object
    status: int
    at: float
    answer: object = None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as one person sees it.

    `pings` are the ids of those it notifies (`everyone`, users, roles), after allowed_mentions.
    `allowed_mentions` is what the bot said about that.
    `names` are what mentions of people, roles and channels are read as.
    """

    id: str
    channel: str
    author: str
    content: str
    embeds: tuple[JsonObject, ...]
    components: tuple[JsonObject, ...]
    files: tuple[File, ...]
    ephemeral: bool
    edited: bool
    pings: tuple[str, ...]
    names: Mapping[str, str]
    reply_to: str | None = None
    allowed_mentions: JsonObject | None = None

    @property
    def pictures(self) -> tuple[File, ...]:
        """The files that an embed shows, in the order in which they are seen."""
        shown = [str((embed.get("image") or {}).get("url", "")) for embed in self.embeds]
        files = {f"attachment://{file.name}": file for file in self.files}
        return tuple(files[url] for url in shown if url in files)

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels of the buttons, in reading order; a disabled button is shown and so in here too."""
        return tuple(str(part.get("label", "")) for part in parts(self.components) if part["type"] == 2)

    @property
    def plain(self) -> str:
        """Everything a reader reads, top to bottom, without the markup: text, embeds, file names, buttons."""
        lines = [read(self.content, self.names), *(line for embed in self.embeds for line in self._of(embed))]
        lines += [file.name for file in self.files]
        lines += [f"[{label}]" for label in self.buttons]
        return "\n".join(line for line in lines if line)

    def _of(self, embed: JsonObject) -> Iterator[str]:
        # Author and footer know no markup; titles and names of fields know most of it.
        yield str(embed.get("author", {}).get("name", ""))
        yield read(str(embed.get("title", "")), self.names)
        yield read(str(embed.get("description", "")), self.names)
        for field in embed.get("fields", ()):
            yield read(str(field["name"]), self.names)
            yield read(str(field["value"]), self.names)
        footer = str(embed.get("footer", {}).get("text", ""))
        # The client shows the moment after the footer, in words of the reader's language.
        moment = str(embed.get("timestamp", ""))
        yield " • ".join(part for part in (footer, moment) if part)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something people saw happen: a message was `said`, `edited` or `deleted`, or a `thread` began with it.

    `shown` is the message as it was right after (or, deleted, before), `only_for` the one person who saw it.
    """

    kind: str
    shown: Shown
    only_for: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread; if it began with a message, it has the message's id."""

    id: str
    parent: str
    name: str
    archived: bool
    archived_after_min: int


@dataclass(frozen=True, slots=True)
class Modal:
    """A form that is open in front of a person."""

    id: str
    title: str
    custom_id: str
    components: tuple[JsonObject, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the inputs, in order."""
        return tuple(label for label, _ in self.inputs)

    @property
    def inputs(self) -> tuple[tuple[str, JsonObject], ...]:
        """Each input with its label: a text input in an action row, or anything in a label component."""
        found: list[tuple[str, JsonObject]] = []
        for row in self.components:
            if row["type"] == 18:
                found.append((str(row["label"]), row["component"]))
            elif row["type"] == 1:
                found += [(str(part["label"]), part) for part in row["components"]]
        return tuple(found)


def parts(components: tuple[JsonObject, ...]) -> Iterator[JsonObject]:
    """Yield what is in the action rows."""
    for row in components:
        yield from row.get("components", ())
