"""`/mem admin reload`: what concerns memwarden itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command
from bot.domain.audit import AuditEntry
from bot.domain.people import Role
from bot.errors import ConfigError, StoreError, UserError
from bot.message import Code, Kind, Message, Parameter, Text, Tone, Usage

if TYPE_CHECKING:
    from bot.commands import Call

_RELOAD = "reload"


def _run(call: Call) -> Message:
    reload = call.ports.reload
    if reload is None:
        raise UserError("The configuration can only be read again by a memwarden that runs: `memwarden run`.")
    try:
        changes = reload()
    except ConfigError as error:
        note = _audit(call, f"refused: {error}")
        return Message(
            "The configuration is wrong; the one in force stays.",
            blocks=(Code(tuple(str(error).splitlines())), *note),
            tone=Tone.WARNING,
            refusal=True,
        )
    note = _audit(call, "; ".join(changes) or "nothing changed")
    if not changes:
        return Message("The configuration was read again: nothing changed.", blocks=note)
    return Message(
        "The configuration was read again and is in force.",
        blocks=(*(Text(change) for change in changes), *note),
        tone=Tone.GOOD,
    )


def _audit(call: Call, result: str) -> tuple[Text, ...]:
    """Write down who did what; return what to say where that is not possible."""
    person, store = call.request.person, call.ports.store
    if store is None:
        return ()
    entry = AuditEntry(call.ports.now(), f"{person.platform}:{person.id}", f"admin {_RELOAD}", result)
    try:
        with store.changing() as ledger:
            ledger.audit(entry)
    except StoreError as error:
        return (Text(f"This could not be written to the audit: {error}", Tone.WARNING),)
    return ()


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
    ),
    Role.APPROVER,
    _run,
)
