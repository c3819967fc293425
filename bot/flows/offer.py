"""What people can ask for on a host: what buttons offer is never what would always be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import consent
from bot.domain.remedy import NOTHING, Offer

if TYPE_CHECKING:
    from bot.ports import Ports


def offered(ports: Ports, host: str) -> Offer:
    """Return what can be asked for on a configured host: nothing where nobody can approve it or keep it."""
    config, approvers = ports.config, consent.approvers(ports.config.people)
    if ports.store is None or not ports.lasting:
        return NOTHING
    return Offer(
        tuple(
            each
            for each in ports.remediations
            if approvers is None or approvers >= config.remediation.quorum_of(each.name)
        ),
        known=ports.known_services,
        forbidden={
            name.casefold(): frozenset(table.forbid) for name, table in config.host(host).services.items()
        },
        most_workers=config.remediation.most_workers,
        sizes_mib=config.remediation.sizes_mib,
    )
