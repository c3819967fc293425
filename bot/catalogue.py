"""Reads a folder in which every file is one entry.

A new command, known service or chat platform is a new file; nothing has to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from types import ModuleType

Entry = TypeVar("Entry")


def entries(folder: ModuleType, constant: str, kind: type[Entry]) -> tuple[Entry, ...]:
    """Return what each file of `folder` defines as `constant`, in the order of the file names.

    A file without it, or with something else under that name, is a TypeError: a mistake of ours.
    """
    return tuple(
        _entry(f"{folder.__name__}.{found.name}", constant, kind)
        for found in sorted(pkgutil.iter_modules(folder.__path__), key=lambda m: m.name)
    )


def _entry(module_name: str, constant: str, kind: type[Entry]) -> Entry:
    found = getattr(importlib.import_module(module_name), constant, None)
    if not isinstance(found, kind):
        raise TypeError(f"{module_name} must define {constant}: {kind.__name__}")
    return found
