"""`/mem admin reload`: what concerns memwarden itself."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.audit import AuditEntry
from bot.domain.people import Role
from bot.domain.rule import plain
from bot.errors import ConfigError, StoreError, UserError
from bot.message import Code, Kind, Message, Parameter, Text, Tone, Usage

if TYPE_CHECKING:
    from bot.commands import Call

_RELOAD = "reload"
_LONGEST_NAME = 40


def _run(call: Call) -> Message:
    reload = call.ports.reload
    if reload is None:
        raise UserError("The configuration can only be read again by a memwarden that runs: `memwarden run`.")
    try:
        changes = reload()
    except ConfigError as error:
        _audit(call, f"refused: {error}")
        return Message(
            "The configuration is wrong; the one in force stays.",
            blocks=(Code(tuple(str(error).splitlines())),),
            tone=Tone.WARNING,
            refusal=True,
        )
    _audit(call, "; ".join(changes) or "nothing changed")
    if not changes:
        return Message("The configuration was read again: nothing changed.")
    return Message(
        "The configuration was read again and is in force.",
        blocks=tuple(Text(change) for change in changes),
        tone=Tone.GOOD,
    )


def _audit(call: Call, result: str) -> None:
    """Write down what came of it in more words than the answer's first line has."""
    person, store = call.request.person, call.ports.store
    if store is None:
        return
    who, now = f"{person.platform}:{person.id}", call.ports.now()
    # Where it cannot be written, whoever called this notices, tries it in its own words, and says so.
    with suppress(StoreError), store.changing() as ledger:
        ledger.audit(AuditEntry(now, who, f"admin {_RELOAD}", result, name=plain(person.name, _LONGEST_NAME)))


COMMAND = Command(
    Usage(
        "admin",
        "read memwarden's configuration again",
        (
            Parameter(
                "what",
                Kind.CHOICE,
                "`reload` reads the configuration again",
                required=True,
                choices=(_RELOAD,),
            ),
        ),
        ("admin reload",),
        rare=True,
    ),
    Role.APPROVER,
    _run,
    audited=True,
)
