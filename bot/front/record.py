"""`memwarden audit`: the record of who did what."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from adapters import wiring
from bot.domain.audit import head_of
from bot.flows import audit as flow
from bot.views import audit as view

if TYPE_CHECKING:
    from pathlib import Path

_FAILED = 1


@click.group()
def audit() -> None:
    """Check or export the record of who did what."""


@audit.command(name="verify")
@click.option(
    "--head",
    metavar="NUMBER:HASH",
    help="A line that was noted, as a plan's card shows it; it must be there.",
)
@click.pass_obj
def verify_(file: Path | None, head: str | None) -> None:
    """Check that no line was changed, left out or put in between, and print the last line's hash.

    Exit status: 1 if the chain is broken, lacks the line of --head, or cannot be read.
    """
    noted = head_of(head) if head is not None else None
    with wiring.existing_store(wiring.setting(file)) as store:
        found = flow.verify(store, noted)
    for line in view.verdict(found):
        click.echo(line)
    sys.exit(_FAILED if found.broken else 0)


@audit.command(name="export")
@click.pass_obj
def export(file: Path | None) -> None:
    """Write all lines as JSON, one a line, with their hashes."""
    with wiring.existing_store(wiring.setting(file)) as store:
        for link in flow.everything(store):
            click.echo(view.json_line(link))
