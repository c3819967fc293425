"""The tables about watching: alerts, rules, routes, quiet hours, digests, history."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.config.fields import (
    ClockTime,
    CronTime,
    Name,
    PersonEntry,
    Place,
    Seconds,
    SeverityWord,
    Size,
    Word,
    severity_of,
)
from bot.config.section import Section, frozen
from bot.domain.history import Retention
from bot.domain.policy import Severity
from bot.domain.route import Destination, Route
from bot.domain.rule import Settings

_DURATION = 'a duration such as 60, "60s", "5m" or "1h"'
_VALUE = 'a number in the unit of the rule, or for memory a size such as "200 MiB"'
_PLACES = 'a list such as ["slack", "discord:1122334455667788991"]'
_PEOPLE = 'a list such as ["slack:U01", "slack-group:S01"]'


class RuleTable(Section):
    """`[alerts.rules.NAME]`: what is None is as for all hosts, and there as the rule itself has it.

    A size stands for a number of bytes of memory available, where the rule has percents.
    """

    enabled: bool | None = Field(default=None, description="true or false")
    warning: float | Size | None = Field(default=None, description=_VALUE)
    critical: float | Size | None = Field(default=None, description=_VALUE)
    warning_clear: float | Size | None = Field(default=None, description=_VALUE)
    critical_clear: float | Size | None = Field(default=None, description=_VALUE)
    hold_s: Seconds | None = Field(default=None, alias="hold", ge=0, le=86_400, description=_DURATION)
    critical_hold_s: Seconds | None = Field(
        default=None, alias="critical_hold", ge=0, le=86_400, description=_DURATION
    )
    clear_hold_s: Seconds | None = Field(
        default=None, alias="clear_hold", ge=0, le=86_400, description=_DURATION
    )

    def over(self, base: Settings) -> Settings:
        """Return the settings that result where this table stands over others."""
        own = {name: value for name, value in self if value is not None}
        return Settings(**{**{name: getattr(base, name) for name in Settings.__slots__}, **own})


def _no_rules() -> Mapping[str, RuleTable]:
    return MappingProxyType({})


Rules = Annotated[Mapping[Word, RuleTable], AfterValidator(frozen)]


class Override(Section):
    """`[[alerts.for]]`: rules of some hosts alone; later tables stand over earlier ones."""

    hosts: tuple[Name, ...] = Field(default=(), description='a list of hosts such as ["web-1"]')
    tags: tuple[Word, ...] = Field(default=(), description='a list of tags such as ["production"]')
    rules: Rules = Field(
        default_factory=lambda: MappingProxyType({}),
        description="tables such as { memory = { warning = 15 } }",
    )

    def covers(self, name: str, tags: Collection[str]) -> bool:
        """Tell whether a host is meant."""
        return name in self.hosts or not set(self.tags).isdisjoint(tags)


class Alerts(Section):
    """`[alerts]`: when people are told, and told again."""

    repeat_every_s: Seconds = Field(
        default=4 * 3600.0,
        alias="repeat_every",
        ge=0,
        le=30 * 86_400,
        description=f"{_DURATION}; 0 for never",
    )
    escalate_after_s: Seconds = Field(
        default=1800.0, alias="escalate_after", ge=60, le=7 * 86_400, description=_DURATION
    )
    reopen_within_s: Seconds = Field(
        default=1800.0, alias="reopen_within", ge=0, le=86_400, description=_DURATION
    )
    gather_s: Seconds = Field(default=5.0, alias="gather", ge=0, le=300, description=_DURATION)
    storm_hosts: int = Field(default=5, ge=2, le=10_000, description="a number of hosts, 2 or more")
    storm_within_s: Seconds = Field(
        default=180.0, alias="storm_within", ge=10, le=3600, description=_DURATION
    )
    give_up_after_s: Seconds = Field(
        default=86_400.0, alias="give_up_after", ge=600, le=30 * 86_400, description=_DURATION
    )
    rules: Rules = Field(
        default_factory=lambda: MappingProxyType({}),
        description="a table for each rule, `[alerts.rules.memory]`",
    )
    overrides: tuple[Override, ...] = Field(
        default=(),
        alias="for",
        description="a table `[[alerts.for]]`, in two pairs of brackets, for some hosts",
    )


class RouteTable(Section):
    """`[[route]]`: which incidents go where; an incident goes every way that takes it."""

    hosts: tuple[Name, ...] = Field(default=(), description='a list of hosts such as ["web-1"]')
    tags: tuple[Word, ...] = Field(default=(), description='a list of tags such as ["production"]')
    rules: tuple[Word, ...] = Field(default=(), description='a list of rules such as ["memory"]')
    least: SeverityWord = Field(default="notice", description='"notice", "warning" or "critical"')
    to: tuple[Place, ...] = Field(description=_PLACES)
    mention: tuple[PersonEntry, ...] = Field(default=(), description=_PEOPLE)
    escalate_to: tuple[Place, ...] = Field(default=(), description=_PLACES)
    escalate_mention: tuple[PersonEntry, ...] = Field(default=(), description=_PEOPLE)

    @property
    def route(self) -> Route:
        """The same as the core knows it."""
        return Route(
            hosts=self.hosts,
            tags=self.tags,
            rules=self.rules,
            least=severity_of(self.least),
            to=tuple(map(destination, self.to)),
            mention=self.mention,
            escalate_to=tuple(map(destination, self.escalate_to)),
            escalate_mention=self.escalate_mention,
        )


class Quiet(Section):
    """`[quiet]`: hours in which what is less severe than `least` waits for their end; none without both."""

    begins: ClockTime | None = Field(default=None, alias="from", description='a time such as "22:00"')
    ends: ClockTime | None = Field(default=None, alias="to", description='a time such as "07:00"')
    least: SeverityWord = Field(default="critical", description='"warning" or "critical"')

    @property
    def severity(self) -> Severity:
        """The least severity that is said all the same."""
        return severity_of(self.least)


class Digest(Section):
    """`[digest]`: when the time behind us is summed up, as five fields of cron in the bot's time zone."""

    daily: CronTime = Field(default="0 8 * * *", description='five fields of cron such as "0 8 * * *", or ""')
    weekly: CronTime = Field(
        default="0 9 * * mon", description='five fields of cron such as "0 9 * * mon", or ""'
    )


class History(Section):
    """`[history]`: how long samples are kept: all, then the worst of 5 minutes, then the worst of an hour."""

    full_s: Seconds = Field(default=7 * 86_400.0, alias="full", ge=86_400, description=_DURATION)
    five_minutes_s: Seconds = Field(
        default=30 * 86_400.0, alias="five_minutes", ge=86_400, description=_DURATION
    )
    hourly_s: Seconds = Field(default=730 * 86_400.0, alias="hourly", ge=86_400, description=_DURATION)

    @property
    def retention(self) -> Retention:
        """The same as the core knows it."""
        return Retention(
            timedelta(seconds=self.full_s),
            timedelta(seconds=self.five_minutes_s),
            timedelta(seconds=self.hourly_s),
        )


def destination(place: str) -> Destination:
    """Return what `slack:C01`, or `slack` for its own channel, means."""
    platform, _, channel = place.partition(":")
    return Destination(platform, channel)
