"""What the file says of rules, against those there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.config.lines import Place
from bot.config.raw import hint, mapping, number, tables, texts
from bot.config.source import Finding
from bot.domain.rule import MEMORY, Rule

Rules = Callable[[], Iterable[Rule]]
"""The rules there are; asked for only if the file speaks of one."""

_FALLING = (MEMORY, "exhaustion")
_VALUES = ("warning", "critical", "warning_clear", "critical_clear")


def rule_findings(document: Mapping[str, object], rules: Rules) -> Iterator[Finding]:
    """Name everything that does not go with the rules there are."""
    named, own = tuple(_rules_of_routes(document)), tuple(_rule_tables(document))
    if not named and not own:
        return
    known = {rule.name: rule for rule in rules()}
    for place, name in (*named, *((place, name) for place, name, _ in own)):
        if name not in known:
            yield place, f"there is no such rule; {hint(name, known)}"
    for place, name, table in own:
        if rule := known.get(name):
            yield from (((*place, key), sentence) for key, sentence in _values(rule, table))


def _rules_of_routes(document: Mapping[str, object]) -> Iterator[tuple[Place, str]]:
    for place, table in tables(document.get("route"), "route"):
        for index, name in texts(table.get("rules")):
            yield (*place, "rules", index), name


def _rule_tables(document: Mapping[str, object]) -> Iterator[tuple[Place, str, Mapping[str, object]]]:
    alerts = mapping(document.get("alerts"))
    for place, outer in ((("alerts",), alerts), *tables(alerts.get("for"), "alerts", "for")):
        for name, table in mapping(outer.get("rules")).items():
            if isinstance(table, Mapping):
                yield (*place, "rules", name), name, table


def _values(rule: Rule, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Name the values of one table that make no sense for its rule, or with one another."""
    for key in _VALUES:
        if isinstance(table.get(key), str) and rule.name != MEMORY:
            yield key, f"expected a number: the rule `{rule.name}` is about {rule.unit}, not about sizes"
    yield from _disorder(
        {key: value for key in _VALUES if (value := number(table.get(key))) is not None}, rule
    )


def _disorder(numbers: Mapping[str, float], rule: Rule) -> Iterator[tuple[str, str]]:
    falling = _is_falling(rule)
    if falling is None:
        return
    for first, second in (("warning", "critical"), ("warning_clear", "critical_clear")):
        if (
            first in numbers
            and second in numbers
            and not _beyond(numbers[second], numbers[first], falling=falling)
        ):
            yield second, f"must be {'less' if falling else 'more'} than `{first}`"
    for begin in ("warning", "critical"):
        end = f"{begin}_clear"
        if begin in numbers and end in numbers and _beyond(numbers[end], numbers[begin], falling=falling):
            yield end, f"must not be {'less' if falling else 'more'} than `{begin}`"


def _is_falling(rule: Rule) -> bool | None:
    """Tell whether a lower value is worse; None where the rule does not show it.

    A rule whose two values fall though more is worse measures each of them in another way.
    """
    if rule.name in _FALLING:
        return True
    warning, critical = rule.defaults.warning, rule.defaults.critical
    return False if warning is not None and critical is not None and warning < critical else None


def _beyond(value: float, other: float, *, falling: bool) -> bool:
    return value < other if falling else value > other
