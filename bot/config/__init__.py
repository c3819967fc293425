"""The configuration: TOML text in, one immutable value out, or every mistake at once.

Nothing here reads a file or an environment variable; `adapters.config_file` and `adapters.secrets` do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from bot.config import consistency, mistakes, watching
from bot.config.alerts import Alerts, Digest, History, Quiet
from bot.config.models import LOCAL, Bot, Check, File, Host, HostThresholds
from bot.config.platforms import Platform, Platforms, roster_findings, unknown_platform
from bot.config.remediation import Actions, OwnService, Remediation, action_findings
from bot.config.rules import Rules, rule_findings
from bot.config.secret import Secret, Variable
from bot.config.section import Section
from bot.config.source import Finding, Source
from bot.domain.people import Roster
from bot.domain.policy import Severity, Thresholds
from bot.domain.route import Destination, Route
from bot.domain.rule import MEMORY, Rule, Settings, memory_settings

__all__ = [
    "LOCAL",
    "TERMINAL",
    "Actions",
    "Alerts",
    "Bot",
    "Check",
    "Config",
    "Digest",
    "History",
    "Host",
    "HostThresholds",
    "OwnService",
    "Platform",
    "Platforms",
    "Quiet",
    "Remediation",
    "Rules",
    "Secret",
    "Section",
    "Variable",
    "default",
    "load",
    "read_section",
]

TERMINAL = "terminal"
"""The platform that is served where none is configured."""

SectionT = TypeVar("SectionT", bound=Section)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the file says, with defaults for what it does not say.

    `chat` has each platform's own table as it stands in the file: the platform reads it by `read_section`.
    Where the configuration came from makes no difference to what it is.
    """

    bot: Bot
    check: Check
    thresholds: Thresholds
    hosts: tuple[Host, ...]
    people: Roster
    alerts: Alerts
    routes: tuple[Route, ...]
    quiet: Quiet
    digest: Digest
    history: History
    remediation: Remediation
    # Not shown: nobody has looked yet whether a secret was written there.
    chat: Mapping[str, Mapping[str, object]] = field(repr=False)
    source: Source = field(repr=False, compare=False)

    def thresholds_of(self, host: Host) -> Thresholds:
        """Return a host's thresholds: its own, and those of all hosts for the rest."""
        return host.thresholds.over(self.thresholds)

    def host(self, name: str) -> Host:
        """Return a configured host. Raises LookupError if there is none of this name."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise LookupError(name)

    def settings_of(self, host: Host, rule: Rule) -> Settings:
        """Return what holds for a rule on a host: the rule's own defaults, for all hosts, then for some."""
        settings = rule.defaults
        if rule.name == MEMORY:
            settings = memory_settings(settings, self.thresholds_of(host))
        tables = [
            self.alerts.rules,
            *(each.rules for each in self.alerts.overrides if each.covers(host.name, host.tags)),
        ]
        for rules in tables:
            if rule.name in rules:
                settings = rules[rule.name].over(settings)
        return settings


def default() -> Config:
    """Return what holds without a configuration file."""
    return load("", "(no file)")


def load(
    text: str,
    file: str,
    platforms: Platforms | None = None,
    rules: Rules | None = None,
    actions: Actions | None = None,
) -> Config:
    """Read a configuration from TOML text; `file` is its name as mistakes show it.

    Where `platforms` is None, what is particular to chat platforms is not looked into: their tables, their
    people and channels; so it is with `rules` and, for the names of remediations, `actions`. Raises
    ConfigError with every mistake; one that makes the text no TOML at all is told alone.
    """
    source = Source(file, text)
    document = source.document()
    read = _read(File, document)
    found = (
        *(read if isinstance(read, tuple) else ()),
        *consistency.findings(document),
        *watching.findings(document),
        *(() if platforms is None else _platform_findings(document, platforms)),
        *(() if rules is None else rule_findings(document, rules)),
        *(() if actions is None else action_findings(document, actions)),
    )
    if isinstance(read, tuple) or found:
        raise source.error(found)
    return Config(
        bot=read.bot,
        check=read.check,
        thresholds=read.thresholds.percents,
        hosts=read.hosts or (Host(name=LOCAL),),
        people=read.people.roster,
        alerts=read.alerts,
        routes=_routes(read),
        quiet=read.quiet,
        digest=read.digest,
        history=read.history,
        remediation=read.remediation,
        chat=read.chat,
        source=source,
    )


def _routes(read: File) -> tuple[Route, ...]:
    """Return the routes; without any, everything is said where each platform is configured to speak."""
    everywhere = tuple(Destination(platform) for platform in read.chat) or (Destination(TERMINAL),)
    return tuple(table.route for table in read.routes) or (Route((), (), (), Severity.NOTICE, everywhere),)


def _platform_findings(document: Mapping[str, object], platforms: Platforms) -> Iterator[Finding]:
    yield from _chat_findings(document.get("chat"), platforms)
    yield from roster_findings(document.get("people"), platforms)
    yield from watching.destination_findings(document, platforms)


def _chat_findings(tables: object, platforms: Platforms) -> Iterator[Finding]:
    for name, table in tables.items() if isinstance(tables, Mapping) else ():
        if unknown := unknown_platform(name, platforms):
            yield ("chat", name), unknown
        elif isinstance(table, Mapping):
            read = _read(platforms[name]().section, table)
            yield from _within(name, read if isinstance(read, tuple) else ())


def _within(platform: str, found: Iterable[Finding]) -> Iterator[Finding]:
    return ((("chat", platform, *place), sentence) for place, sentence in found)


def read_section(model: type[SectionT], config: Config, platform: str) -> SectionT:
    """Read a chat platform's own table, `[chat.<platform>]`; an absent one is read as empty.

    Raises ConfigError with every mistake in it.
    """
    read = _read(model, config.chat.get(platform, {}))
    if isinstance(read, tuple):
        raise config.source.error(_within(platform, read))
    return read


def _read(model: type[SectionT], data: Mapping[str, object]) -> SectionT | tuple[Finding, ...]:
    """Return the data as `model`, or everything that is wrong with it.

    What is wrong is returned, not raised: the error that pydantic raises holds the data, and must not
    become the cause of ours.
    """
    try:
        return model.model_validate(_plain(data))
    except ValidationError as error:
        return mistakes.findings(model, data, error)


def _plain(value: object) -> object:
    """Return mappings as the dictionaries that strict models take."""
    return {key: _plain(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
