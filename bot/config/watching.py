"""What can be wrong with the tables about watching that are each right by themselves.

Like `consistency`, this looks at the data as it was read and leaves what is not of the right kind to the
models.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from bot.config.alerts import History
from bot.config.models import LOCAL
from bot.config.platforms import Platforms, entry_finding, unknown_platform
from bot.config.raw import duration, hint, mapping, tables, texts
from bot.config.source import Finding

_TERMINAL = "terminal"
_RETENTION = ("full", "five_minutes", "hourly")


def findings(document: Mapping[str, object]) -> Iterator[Finding]:
    """Name everything that contradicts something else in the file."""
    yield from _closely(document.get("check"))
    yield from _unknown_hosts_and_tags(document)
    yield from _half_of_quiet(document.get("quiet"))
    yield from _retention(document.get("history"))


def destination_findings(document: Mapping[str, object], platforms: Platforms) -> Iterator[Finding]:
    """Name every destination of a route, and everybody to be notified, that nobody could ever reach."""
    served = tuple(mapping(document.get("chat"))) or (_TERMINAL,)
    for place, table in tables(document.get("route"), "route"):
        for key in ("to", "escalate_to"):
            for index, to in texts(table.get(key)):
                if sentence := _unserved(to.partition(":")[0], served, platforms):
                    yield (*place, key, index), sentence
        for key in ("mention", "escalate_mention"):
            for index, entry in texts(table.get(key)):
                if entry == "*" or entry.endswith(":*"):
                    yield (*place, key, index), "everybody cannot be notified: name a person or a group"
                elif sentence := entry_finding(entry, platforms):
                    yield (*place, key, index), sentence


def _unserved(name: str, served: tuple[str, ...], platforms: Platforms) -> str | None:
    if unknown := unknown_platform(name, platforms):
        return unknown
    if name in served:
        return None
    return f"this platform is not served: there is no table `[chat.{name}]`"


def _closely(check: object) -> Iterator[Finding]:
    table = mapping(check)
    every, closely = duration(table.get("every", 60.0)), duration(table.get("closely"))
    if every is not None and closely is not None and closely > every:
        yield ("check", "closely"), "must not be longer than `every`"


def _unknown_hosts_and_tags(document: Mapping[str, object]) -> Iterator[Finding]:
    own = [table for _, table in tables(document.get("host"), "host")]
    hosts = _normal(table["name"] for table in own if "name" in table) or {LOCAL}
    tags = _normal(tag for table in own for _, tag in texts(table.get("tags")))
    overrides = tables(mapping(document.get("alerts")).get("for"), "alerts", "for")
    for place, table in (*overrides, *tables(document.get("route"), "route")):
        for key, known, what in (("hosts", hosts, "name"), ("tags", tags, "tag")):
            for index, word in texts(table.get(key)):
                if unicodedata.normalize("NFC", word) not in known:
                    yield (*place, key, index), f"no host has this {what}; {hint(word, known)}"


def _normal(names: Iterable[object]) -> set[str]:
    return {unicodedata.normalize("NFC", name) for name in names if isinstance(name, str)}


def _half_of_quiet(quiet: object) -> Iterator[Finding]:
    table = mapping(quiet)
    if len(given := table.keys() & {"from", "to"}) == 1:
        (key,) = given
        yield ("quiet", key), f"without `{'to' if key == 'from' else 'from'}` there are no quiet hours"
    elif table.get("from") is not None and table.get("from") == table.get("to"):
        yield ("quiet", "to"), "is the same as `from`: these hours would have no length"


def _retention(history: object) -> Iterator[Finding]:
    table = mapping(history)
    kept = {key: duration(table.get(key, _default(key))) for key in _RETENTION}
    for shorter, longer in pairwise(_RETENTION):
        first, second = kept[shorter], kept[longer]
        if first is not None and second is not None and first > second:
            key = longer if longer in table else shorter
            yield ("history", key), f"`{longer}` must not be shorter than `{shorter}`"


def _default(key: str) -> object:
    return History.model_fields[f"{key}_s"].default
