"""What can be wrong between parts of the file that are each right by themselves.

Looks at the data as it was read, so that these mistakes are told together with those of single values;
what is not of the right kind is left to the models.
"""

import unicodedata
from collections.abc import Iterator, Mapping

from bot.config.models import LOCAL, ThresholdTable
from bot.config.source import Finding

Hosts = Mapping[int, Mapping[str, object]]
"""The tables `[[host]]` by their place in the file."""

_OF_SSH = ("port", "user", "key_file", "passphrase", "known_hosts", "jump")
_LEVELS = ("good", "acceptable", "warning")


def findings(document: Mapping[str, object]) -> Iterator[Finding]:
    """Name everything that contradicts something else in the file."""
    tables = document.get("host")
    listed = enumerate(tables) if isinstance(tables, tuple) else ()
    hosts = {index: table for index, table in listed if isinstance(table, Mapping)}
    yield from _names_given_twice(hosts)
    yield from _meaningless_for_local(hosts)
    yield from _circles_of_jumps(hosts)
    yield from _thresholds_out_of_order(document, hosts)
    yield from _accounts_of_two_people(document.get("people"))


def _same(name: object) -> str:
    """Return the form in which names are compared: people do not hear upper and lower case."""
    return unicodedata.normalize("NFC", name).casefold() if isinstance(name, str) else ""


def _names_given_twice(hosts: Hosts) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, host in hosts.items():
        name = _same(host.get("name"))
        if name and first.setdefault(name, index) != index:
            yield ("host", index, "name"), f"host[{first[name]}] has this name already"


def _meaningless_for_local(hosts: Hosts) -> Iterator[Finding]:
    for index, host in hosts.items():
        if host.get("address", host.get("name")) == LOCAL:
            for key in _OF_SSH:
                if key in host:
                    yield ("host", index, key), "has no meaning for this machine, which is read without SSH"


def _circles_of_jumps(hosts: Hosts) -> Iterator[Finding]:
    ways = {_same(host.get("name")): _hops(host.get("jump")) for host in hosts.values()}
    for index, host in hosts.items():
        name = _same(host.get("name"))
        if name and name in _reached(name, ways):
            yield ("host", index, "jump"), "the way to this host leads through itself"


def _hops(jump: object) -> tuple[str, ...]:
    hops = jump.split(",") if isinstance(jump, str) else jump
    return tuple(_same(hop) for hop in hops) if isinstance(hops, list | tuple) else ()


def _reached(name: str, ways: Mapping[str, tuple[str, ...]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(ways[name])
    while waiting:
        hop = waiting.pop()
        if hop not in reached:
            reached.add(hop)
            waiting += ways.get(hop, ())
    return reached


def _thresholds_out_of_order(document: Mapping[str, object], hosts: Hosts) -> Iterator[Finding]:
    general = _numbers(ThresholdTable().model_dump()) | _numbers(document.get("thresholds"))
    if sentence := _disorder(general):
        # A host inherits these: what it says of its own cannot be judged.
        yield ("thresholds",), sentence
        return
    for index, host in hosts.items():
        if sentence := _disorder(general | _numbers(host.get("thresholds"))):
            yield ("host", index, "thresholds"), sentence


def _accounts_of_two_people(people: object) -> Iterator[Finding]:
    listed = people.get("same") if isinstance(people, Mapping) else None
    first: dict[str, int] = {}
    for index, accounts in enumerate(listed) if isinstance(listed, tuple) else ():
        for place, account in enumerate(accounts) if isinstance(accounts, tuple) else ():
            if not isinstance(account, str):
                continue
            if "*" in account or "-" in account.partition(":")[0]:
                yield ("people", "same", index, place), 'expected one account, such as "slack:U01", no group'
            elif first.setdefault(account, index) != index:
                yield ("people", "same", index, place), f"same[{first[account]}] has this account already"


def _numbers(table: object) -> dict[str, float]:
    given = table.items() if isinstance(table, Mapping) else ()
    return {
        str(level): value
        for level, value in given
        if level in _LEVELS and isinstance(value, int | float) and not isinstance(value, bool)
    }


def _disorder(percents: Mapping[str, float]) -> str | None:
    good, acceptable, warning = (percents[level] for level in _LEVELS)
    if good > acceptable > warning:
        return None
    return f"good, acceptable and warning must descend, but are {good:g}, {acceptable:g} and {warning:g}"
