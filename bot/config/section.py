"""What every table of the configuration file has in common."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file, checked strictly: unknown keys are mistakes, and nothing is converted silently.

    Lists of the file arrive as tuples, so a field is `tuple[str, ...]`, never `list[str]`. A field's
    `description` completes the sentence "expected …" that a person reads when the value is of another kind;
    its default is what holds when the key is left out. A validator raises ValueError with a sentence of its
    own, which must not repeat the value.
    """

    # hide_input_in_errors: a value in the wrong place may be a secret.
    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True
    )


def frozen(value: object) -> object:
    """Return mappings, at any depth, as mappings that nobody can change."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(inner) for key, inner in value.items()})
    return value
