"""What contradicts something else in what the file says about watching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.config import Section, load
from bot.domain.rule import Bytes, Rule, Settings
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.config import Platforms

FLEET = """
[[host]]
name = "web-1"
tags = ["production"]
[[host]]
name = "db-1"
[chat.slack]
"""


@dataclass(frozen=True)
class Known:
    section: type[Section]
    group: str = ""


PLATFORMS: Platforms = {
    "terminal": lambda: Known(Section),
    "slack": lambda: Known(Section, "group"),
    "discord": lambda: Known(Section, "role"),
}


def rule(name: str, unit: str, warning: float | None, critical: float | None) -> Rule:
    return Rule(name, "", unit, Settings(warning=warning, critical=critical), lambda _seen, _settings: ())


RULES = (
    rule("memory", "percent of memory available", None, None),
    rule("swap_in", "MiB per second", 1.0, 10.0),
    rule("exhaustion", "minutes", 60.0, 15.0),
    rule("reboot", "reboots", 1.0, None),
    rule("pressure", "percent", 20.0, 10.0),
)


def said(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(FLEET + text, "config.toml", PLATFORMS, lambda: RULES)
    return [f"{mistake.path}: {mistake.sentence}" for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[check]\nclosely = 90", "check.closely: must not be longer than `every`"),
        (
            '[alerts.rules.memry]\nhold = "1m"',
            "alerts.rules.memry: there is no such rule; did you mean `memory`?",
        ),
        (
            "[[alerts.for]]\nhosts = ['web-1']\nrules.zzz.hold = 1",
            (
                "alerts.for[0].rules.zzz: there is no such rule;"
                " known are `exhaustion`, `memory`, `pressure`, `reboot`, `swap_in`"
            ),
        ),
        (
            '[[route]]\nto = ["slack"]\nrules = ["memory", "swapin"]',
            "route[0].rules[1]: there is no such rule; did you mean `swap_in`?",
        ),
        (
            '[alerts.rules.swap_in]\nwarning = "5 MiB"',
            (
                "alerts.rules.swap_in.warning: expected a number: the rule `swap_in` is about MiB per second,"
                " not about sizes"
            ),
        ),
        (
            "[alerts.rules.memory]\nwarning = 10\ncritical = 20",
            "alerts.rules.memory.critical: must be less than `warning`",
        ),
        (
            "[alerts.rules.swap_in]\nwarning = 10\ncritical = 5",
            "alerts.rules.swap_in.critical: must be more than `warning`",
        ),
        (
            "[alerts.rules.exhaustion]\nwarning = 10\ncritical = 50",
            "alerts.rules.exhaustion.critical: must be less than `warning`",
        ),
        (
            "[alerts.rules.memory]\nwarning = 20\nwarning_clear = 15",
            "alerts.rules.memory.warning_clear: must not be less than `warning`",
        ),
        (
            '[[route]]\nto = ["slack"]\nhosts = ["web-2"]',
            "route[0].hosts[0]: no host has this name; did you mean `web-1`?",
        ),
        (
            '[[alerts.for]]\ntags = ["prodution"]',
            "alerts.for[0].tags[0]: no host has this tag; did you mean `production`?",
        ),
        (
            '[[route]]\nto = ["slak:C01"]',
            "route[0].to[0]: there is no such chat platform; did you mean `slack`?",
        ),
        (
            '[[route]]\nto = ["slack"]\nescalate_to = ["discord:5"]',
            "route[0].escalate_to[0]: this platform is not served: there is no table `[chat.discord]`",
        ),
        (
            '[[route]]\nto = ["slack"]\nmention = ["slack-role:S01"]',
            "route[0].mention[0]: groups of slack are written `slack-group:ID`",
        ),
        (
            '[[route]]\nto = ["slack"]\nescalate_mention = ["slack:*"]',
            "route[0].escalate_mention[0]: everybody cannot be notified: name a person or a group",
        ),
        ('[quiet]\nfrom = "22:00"', "quiet.from: without `to` there are no quiet hours"),
        (
            '[quiet]\nfrom = "22:00"\nto = "22:00"',
            "quiet.to: is the same as `from`: these hours would have no length",
        ),
        (
            '[history]\nfull = "90d"',
            "history.full: `five_minutes` must not be shorter than `full`",
        ),
        (
            '[history]\nhourly = "20d"',
            "history.hourly: `hourly` must not be shorter than `five_minutes`",
        ),
        (
            '[digest]\ndaily = "0 25 * * *"',
            (
                "digest.daily: the hour is no number from 0 to 23, nor a list, range or step of them such as"
                ' "1-5", "1,15" or "*/2"'
            ),
        ),
    ],
)
def test_each_contradiction_is_told_with_its_place(text: str, sentence: str) -> None:
    assert said(text) == [sentence]


def test_all_of_them_are_told_at_once_with_their_lines() -> None:
    text = """[quiet]
from = "22:00"
[[route]]
to = ["discord"]
hosts = ["web-9"]
rules = ["nothing"]
[history]
full = "60d"
"""
    with pytest.raises(ConfigError) as caught:
        load(FLEET.lstrip() + text, "config.toml", PLATFORMS, lambda: RULES)

    assert [(mistake.line, mistake.path) for mistake in caught.value.mistakes] == [
        (8, "quiet.from"),
        (10, "route[0].to[0]"),
        (11, "route[0].hosts[0]"),
        (12, "route[0].rules[0]"),
        (14, "history.full"),
    ]


def test_what_goes_together_is_no_mistake() -> None:
    config = load(
        FLEET
        + """
[check]
every = "10s"
[alerts.rules]
memory = { warning = "200 MiB", critical = 5, critical_clear = 8 }
swap_in = { warning = 5, critical = 20, warning_clear = 2 }
reboot = { enabled = false }
pressure = { warning = 10, critical = 20, warning_clear = 5 }
[[alerts.for]]
hosts = ["db-1"]
tags = ["production"]
rules.memory.warning = 12.5
[[route]]
to = ["slack:C01", "slack"]
mention = ["slack-group:S01", "slack:U01"]
""",
        "config.toml",
        PLATFORMS,
        lambda: RULES,
    )

    assert config.check.closely_s == 10.0
    assert isinstance(config.alerts.rules["memory"].warning, Bytes)


def test_rules_are_not_asked_for_where_the_file_speaks_of_none() -> None:
    def never() -> tuple[Rule, ...]:
        raise AssertionError

    assert load(FLEET, "config.toml", PLATFORMS, never).hosts[0].name == "web-1"


def test_what_is_of_the_wrong_kind_is_one_mistake() -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            'alerts = 3\nroute = "x"\nquiet = 1\nhistory.full = "often"\ncheck.closely = "x"',
            "config.toml",
            PLATFORMS,
            lambda: RULES,
        )

    assert [mistake.path for mistake in caught.value.mistakes] == [
        "alerts",
        "route",
        "quiet",
        "history.full",
        "check.closely",
    ]
