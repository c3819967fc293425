"""The tables about approved remediation: `[remediation]`, and what `[host.services.NAME]` allows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bot.config.fields import HealthUrl, ProgramPattern, Seconds, Size, UnitPattern, Word
from bot.config.lines import Place
from bot.config.raw import hint, mapping, tables, texts
from bot.config.section import Section, frozen
from bot.config.source import Finding
from bot.domain.rule import Bytes
from bot.domain.units import MIB

Actions = Callable[[], Iterable[str]]
"""The names of the remediations there are; asked for only if the file speaks of one."""

_DURATION = 'a duration such as 60, "60s", "5m" or "1h"'
_QUORUM = "a number of people, from 1 to 10"
_ACTIONS = 'a list of remediations such as ["stop_service"]'
_SIZES_MIB = (16, 32, 64, 128, 256, 512, 1024)

Quorum = Annotated[int, Field(ge=1, le=10)]


class Remediation(Section):
    """`[remediation]`: how many people it takes to have something done to a host, and what follows.

    `quorum` people have to approve, of some remediations as many as `quorums` says. With `four_eyes` nobody
    approves what he asked for himself, as soon as there are two who may approve; where there is one alone he
    waits `solo_delay_s` and types the code. `watch_s` is how long what was done is looked after;
    `undo_unhealthy` takes it back by itself if it did not help or something is not well then.
    `most_workers` and `sizes` bound what can be asked for.
    """

    expires_s: Seconds = Field(default=900.0, alias="expires", ge=60, le=86_400, description=_DURATION)
    quorum: Quorum = Field(default=1, description=_QUORUM)
    quorums: Annotated[Mapping[Word, Quorum], AfterValidator(frozen)] = Field(
        default_factory=lambda: MappingProxyType({}), description="a table such as { stop_service = 2 }"
    )
    four_eyes: bool = Field(default=True, description="true or false")
    solo_delay_s: Seconds = Field(default=30.0, alias="solo_delay", ge=0, le=3600, description=_DURATION)
    watch_s: Seconds = Field(default=300.0, alias="watch", ge=30, le=86_400, description=_DURATION)
    undo_unhealthy: bool = Field(default=False, description="true or false")
    most_workers: int = Field(default=16, ge=1, le=128, description="a number of workers from 1 to 128")
    sizes: tuple[Size, ...] = Field(
        default=tuple(Bytes(size * MIB) for size in _SIZES_MIB),
        min_length=1,
        max_length=32,
        description='a list of sizes such as ["64 MiB", "1 GiB"]',
    )

    @model_validator(mode="after")
    def _whole_mebibytes(self) -> Self:
        if any(size < MIB or size % MIB for size in self.sizes):
            raise ValueError("expected `sizes` of whole MiB")
        return self

    @property
    def sizes_mib(self) -> tuple[int, ...]:
        """The sizes in MiB, the smallest first."""
        return tuple(sorted({int(size / MIB) for size in self.sizes}))

    def quorum_of(self, action: str) -> int:
        """Return how many people have to approve a remediation."""
        return self.quorums.get(action, self.quorum)


class OwnService(Section):
    """`[host.services.NAME]`: a service of one's own, and what may be done to one, known or own.

    It is recognised by shell patterns of `units` or `programs`; without both NAME is a service that memwarden
    knows. `allow` names remediations that are possible though the service is essential, `forbid` those that
    never are; `health` is asked after something was done to it.
    """

    units: tuple[UnitPattern, ...] = Field(default=(), description='a list such as ["myapp*.service"]')
    programs: tuple[ProgramPattern, ...] = Field(default=(), description='a list such as ["myapp-worker"]')
    allow: tuple[Word, ...] = Field(default=(), description=_ACTIONS)
    forbid: tuple[Word, ...] = Field(default=(), description=_ACTIONS)
    health: HealthUrl | None = Field(
        default=None, description='an address such as "https://example.org/health"'
    )

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if not (self.units or self.programs or self.allow or self.forbid or self.health):
            raise ValueError('expected `units`, `programs` or both, as in { units = ["myapp*.service"] }')
        return self

    @property
    def is_recognised(self) -> bool:
        """Whether it is described here, and not only spoken of."""
        return bool(self.units or self.programs)


def action_findings(document: Mapping[str, object], actions: Actions) -> Iterator[Finding]:
    """Name every remediation that does not exist."""
    named = tuple(_named(document))
    known = tuple(actions()) if named else ()
    for place, name in named:
        if name not in known:
            yield place, f"there is no such remediation; {hint(name, known)}"


def _named(document: Mapping[str, object]) -> Iterator[tuple[Place, str]]:
    for name in mapping(mapping(document.get("remediation")).get("quorums")):
        yield ("remediation", "quorums", name), name
    for place, host in tables(document.get("host"), "host"):
        for service, table in mapping(host.get("services")).items():
            for key in ("allow", "forbid"):
                for index, name in texts(mapping(table).get(key)):
                    yield (*place, "services", service, key, index), name
