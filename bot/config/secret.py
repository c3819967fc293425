"""A secret as the configuration names it: where it stands, never what it is."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bot.config.fields import path_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOW = 'write `{ env = "NAME" }` for an environment variable or `{ file = "path" }` for a file'


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Secret:
    """The place of a secret: `{ env = "NAME" }` or `{ file = "path" }` in the configuration file.

    It never holds the secret itself, so there is nothing that a log, a traceback, `repr` or a pickle could
    tell. `adapters.secrets.reveal` reads it at the moment it is needed.
    """

    place: Variable | Path

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._read)

    @classmethod
    def _read(cls, value: object) -> Self:
        # No sentence here repeats the value: it may be the secret, written where it must not stand.
        match value:
            case {"env": str(name), **others} if not others:
                if _NAME.fullmatch(name):
                    return cls(Variable(name))
                raise ValueError("`env` takes the name of an environment variable, not what it holds")
            case {"file": str(path), **others} if not others:
                return cls(path_of(path))
            case str():
                raise ValueError(f"a secret never stands in this file: {_HOW}")
        raise ValueError(f"expected where the secret stands: {_HOW}")
