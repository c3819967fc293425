"""The tables of the configuration file, each key with its meaning and its default."""

from collections.abc import Mapping
from datetime import tzinfo
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.config.alerts import Alerts, Digest, History, Quiet, RouteTable
from bot.config.fields import (
    Address,
    DatabasePath,
    FilePath,
    Jumps,
    Name,
    PersonEntry,
    Seconds,
    TimeZone,
    User,
    Word,
    zone_of,
)
from bot.config.remediation import OwnService, Remediation
from bot.config.secret import Secret
from bot.config.section import Section, frozen
from bot.domain.people import Roster
from bot.domain.policy import Thresholds

LOCAL = "local"
"""The address, and the name where no host is configured, of the machine that memwarden runs on."""

_CLOSELY_S = 15.0
_DURATION = 'a duration such as 60, "60s", "5m" or "1h",'
_PERCENT = "a number from 0 to 100 (percent of memory available)"
_SAME = 'a list of lists such as [["slack:U01", "discord:123"]]'
_PEOPLE = 'a list such as ["slack:U01", "terminal:*"]'


class Bot(Section):
    """`[bot]`: memwarden itself. `database` is None for a file in the user's state directory."""

    database: DatabasePath | None = Field(default=None, description="the path of an SQLite file")
    time_zone: TimeZone = Field(default="UTC", description='the name of a time zone, such as "Europe/Berlin"')

    @property
    def zone(self) -> tzinfo:
        """The time zone in which people read times."""
        return zone_of(self.time_zone)


class Check(Section):
    """`[check]`: how often hosts are looked at, how long one may take, and how much a deep read may walk.

    `closely_s` is how often while something is wrong with a host, or about to be.
    """

    every_s: Seconds = Field(
        default=60.0, alias="every", ge=5, le=86_400, description=f"{_DURATION} from 5 seconds to 1 day"
    )
    closely_s: Seconds = Field(
        default_factory=lambda given: min(_CLOSELY_S, given["every_s"]),
        alias="closely",
        ge=5,
        le=86_400,
        description=f"{_DURATION} of at least 5 seconds and at most `every`",
    )
    timeout_s: Seconds = Field(
        default=20.0, alias="timeout", ge=1, le=600, description=f"{_DURATION} from 1 second to 10 minutes"
    )
    deep_budget_gib: float = Field(default=16.0, ge=0, le=4096, description="a number of GiB from 0 to 4096")


class ThresholdTable(Section):
    """`[thresholds]`: the least percent of MemTotal available for each level; below the last is critical."""

    good: float = Field(default=30.0, ge=0, le=100, description=_PERCENT)
    acceptable: float = Field(default=20.0, ge=0, le=100, description=_PERCENT)
    warning: float = Field(default=10.0, ge=0, le=100, description=_PERCENT)

    @property
    def percents(self) -> Thresholds:
        """The same as the core knows it."""
        return Thresholds(self.good, self.acceptable, self.warning)


class HostThresholds(Section):
    """`[host.thresholds]`: those of one host; what is None is as for all hosts."""

    good: float | None = Field(default=None, ge=0, le=100, description=_PERCENT)
    acceptable: float | None = Field(default=None, ge=0, le=100, description=_PERCENT)
    warning: float | None = Field(default=None, ge=0, le=100, description=_PERCENT)

    def over(self, base: Thresholds) -> Thresholds:
        """Return the thresholds of this host, given those of all hosts."""
        return Thresholds(
            base.good_percent if self.good is None else self.good,
            base.acceptable_percent if self.acceptable is None else self.acceptable,
            base.warning_percent if self.warning is None else self.warning,
        )


class Host(Section):
    """`[[host]]`: one host and how it is reached.

    What is None is decided by ~/.ssh/config and then by OpenSSH's own defaults; an empty `jump` means
    straight there. A hop is the name of another host here, an alias, or `user@address:port`. Paths are as
    written, `~` and all. `sudo` tells whether a deep read may use `sudo -n`.
    """

    name: Name = Field(description='a name of your choice, such as "web-1"')
    address: Address = Field(
        default_factory=lambda given: str(given["name"]),
        description='a host name, an IP address, an alias of ~/.ssh/config, or "local"',
    )
    port: int | None = Field(default=None, ge=1, le=65535, description="a port number from 1 to 65535")
    user: User | None = Field(default=None, description="a login name")
    key_file: FilePath | None = Field(default=None, description="the path of a private key")
    passphrase: Secret | None = Field(default=None, description="where the secret stands")
    known_hosts: FilePath | None = Field(default=None, description="the path of a known_hosts file")
    jump: Jumps | None = Field(default=None, description='a list of hosts to go through, such as ["bastion"]')
    tags: tuple[Word, ...] = Field(default=(), description='a list of words, such as ["production"]')
    sudo: bool = Field(default=False, description="true or false")
    thresholds: HostThresholds = Field(
        default_factory=HostThresholds, description="a table such as { warning = 5 }"
    )
    services: Annotated[Mapping[Name, OwnService], AfterValidator(frozen)] = Field(
        default_factory=lambda: MappingProxyType({}),
        description='a table such as myapp = { units = ["myapp*.service"] }',
    )

    @property
    def is_local(self) -> bool:
        """Whether this is the machine that memwarden runs on."""
        return self.address == LOCAL


class People(Section):
    """`[people]`: who has which role; each role may do all that the ones before it may.

    `same` lists accounts of one person on several platforms: together they are one voice.
    """

    viewers: tuple[PersonEntry, ...] = Field(default=("*",), description=_PEOPLE)
    operators: tuple[PersonEntry, ...] = Field(default=(), description=_PEOPLE)
    approvers: tuple[PersonEntry, ...] = Field(default=(), description=_PEOPLE)
    same: tuple[tuple[PersonEntry, ...], ...] = Field(default=(), description=_SAME)

    @property
    def roster(self) -> Roster:
        """The same as the core knows it."""
        return Roster(self.viewers, self.operators, self.approvers, self.same)


class File(Section):
    """The whole file. A platform's own table is not looked into here: the platform knows its keys."""

    bot: Bot = Field(default_factory=Bot, description="a table `[bot]`")
    check: Check = Field(default_factory=Check, description="a table `[check]`")
    thresholds: ThresholdTable = Field(default_factory=ThresholdTable, description="a table `[thresholds]`")
    hosts: tuple[Host, ...] = Field(
        default=(), alias="host", description="a table `[[host]]`, in two pairs of brackets, for each host"
    )
    chat: Annotated[Mapping[str, Mapping[str, object]], AfterValidator(frozen)] = Field(
        default_factory=lambda: MappingProxyType({}),
        repr=False,
        description="a table for each chat platform, such as `[chat.terminal]`",
    )
    people: People = Field(default_factory=People, description="a table `[people]`")
    alerts: Alerts = Field(default_factory=Alerts, description="a table `[alerts]`")
    routes: tuple[RouteTable, ...] = Field(
        default=(), alias="route", description="a table `[[route]]`, in two pairs of brackets, for each route"
    )
    quiet: Quiet = Field(default_factory=Quiet, description="a table `[quiet]`")
    digest: Digest = Field(default_factory=Digest, description="a table `[digest]`")
    history: History = Field(default_factory=History, description="a table `[history]`")
    remediation: Remediation = Field(default_factory=Remediation, description="a table `[remediation]`")
