"""The names that words can mean: hosts, tags and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.errors import BadArgument, UnknownHost
from bot.usage import did_you_mean, known_host, listed, quoted, same_names

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Fleet:
    """The configured hosts in their order, for each tag its hosts, and the rules that hosts are judged by."""

    hosts: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every word that means some hosts: the hosts themselves, then the tags."""
        return tuple(dict.fromkeys((*self.hosts, *self.tags)))

    @property
    def targets(self) -> tuple[str, ...]:
        """Every word that means some hosts or a rule."""
        return tuple(dict.fromkeys((*self.names, *self.rules)))


@dataclass(frozen=True, slots=True)
class Target:
    """A host, all hosts with a tag, or a rule on all hosts: one of the three, the others are empty."""

    host: str = ""
    tag: str = ""
    rule: str = ""


def meant_hosts(word: str, fleet: Fleet) -> tuple[str, ...]:
    """Return the host that the word names, else all with that tag, in the fleet's order.

    What is written exactly goes before what differs in upper and lower case. Raises UnknownHost.
    """
    if same_names(word, fleet.hosts) and (word in fleet.hosts or word not in fleet.tags):
        return (known_host(word, fleet.hosts),)
    tags = same_names(word, tuple(fleet.tags))
    if not tags:
        raise _no_such_hosts(word, fleet)
    tagged = {host for tag in tags for host in fleet.tags[tag]}
    return tuple(host for host in fleet.hosts if host in tagged)


def meant_target(word: str, fleet: Fleet) -> Target:
    """Return what the word names: a host, else a tag, else a rule.

    What is written exactly goes before what differs in upper and lower case. Raises UnknownHost, and
    BadArgument where only the case tells two names apart.
    """
    names = {"host": fleet.hosts, "tag": tuple(fleet.tags), "rule": fleet.rules}
    same = {kind: same_names(word, known) for kind, known in names.items()}
    exact = [kind for kind in names if word in names[kind]]
    alike = [kind for kind in names if same[kind]]
    for kind in (exact or alike)[:1]:
        if len(same[kind]) > 1:
            raise BadArgument(f"{quoted(word)} can be {listed(same[kind], 'or')}: write it exactly.")
        return Target(**{kind: same[kind][0]})
    raise _no_such_target(word, fleet)


def _no_such_hosts(word: str, fleet: Fleet) -> UnknownHost:
    near = did_you_mean(word, fleet.names)
    what = "host or tag" if fleet.tags else "host"
    return UnknownHost(f"There is no {what} {quoted(word)}.{near} {_known(fleet)}")


def _no_such_target(word: str, fleet: Fleet) -> UnknownHost:
    near = did_you_mean(word, fleet.targets)
    what = "host, tag or rule" if fleet.tags else "host or rule"
    rules = f" Rules: {listed(fleet.rules)}." if fleet.rules else ""
    return UnknownHost(f"There is no {what} {quoted(word)}.{near} {_known(fleet)}{rules}")


def _known(fleet: Fleet) -> str:
    tags = f" Known tags: {listed(fleet.tags)}." if fleet.tags else ""
    return f"Known hosts: {listed(fleet.hosts)}.{tags}"
