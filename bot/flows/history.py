"""How one host, or one service of it, did: what was kept of its checks, and what happened meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.course import course, least_step, step_of
from bot.errors import StoreError, UnknownService
from bot.usage import did_you_mean, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.course import Course
    from bot.domain.history import Sample
    from bot.domain.incident import Incident
    from bot.ports import Ports, Store


def history(ports: Ports, host: str, span: timedelta, service: str | None = None) -> Course:
    """Return how a host did over the `span` up to now. Raises StoreError, UnknownService."""
    store, config = kept(ports), ports.config
    until = ports.now()
    since = until - span
    least = least_step(span, timedelta(seconds=config.check.every_s), config.history.retention)
    if service:
        samples = store.samples(host, since, until)
        step, named = step_of(samples, least), _named(host, samples, service)
    else:
        (samples, step), named = drawable(store, host, since, until, least), ""
    found = course(
        samples,
        since.astimezone(config.bot.zone),
        until.astimezone(config.bot.zone),
        host=host,
        thresholds=config.thresholds_of(config.host(host)),
        step=step,
        service=named,
    )
    return replace(
        found,
        incidents=_of(host, store.incidents(since), since, until),
        events=store.events(host, since, until),
    )


def drawable(
    store: Store, host: str, since: datetime, until: datetime, least: timedelta
) -> tuple[tuple[Sample, ...], timedelta]:
    """Return samples whose services are those of a picture's points, and how long a point is, at least.

    Raises StoreError.
    """
    samples = store.samples(host, since, until, services_every=least)
    step = step_of(samples, least)
    if step > least:
        samples = store.samples(host, since, until, services_every=step)
    return samples, step


def kept(ports: Ports) -> Store:
    """Return the store. Raises StoreError where nothing is remembered."""
    if ports.store is None:
        raise StoreError("Nothing is remembered here, so there is no history: `memwarden run` remembers.")
    return ports.store


def _of(host: str, incidents: Sequence[Incident], since: datetime, until: datetime) -> tuple[Incident, ...]:
    return tuple(
        each
        for each in incidents
        if each.host == host and each.opened_at < until and (each.resolved_at or until) >= since
    )


def _named(host: str, samples: Sequence[Sample], wanted: str) -> str:
    """Return a service's name as it was kept, however its letters are cased."""
    names = list(dict.fromkeys(each.name for sample in reversed(samples) for each in sample.services))
    same = [name for name in names if name.casefold() == wanted.casefold()]
    if wanted in names or same:
        return wanted if wanted in names else same[0]
    near = did_you_mean(wanted, names)
    raise UnknownService(
        f"No service {quoted(wanted)} was seen on {host} in that time.{near} Seen: {listed(names)}."
    )
