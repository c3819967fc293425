"""Configurations, and chat platforms that never were."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import adapters.chat
from adapters import wiring
from tests.fakes.birds import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def _birds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(adapters.chat, "__path__", list(adapters.chat.__path__))
    settle()
    yield
    for bird in ("pigeon", "wren"):
        sys.modules.pop(f"adapters.chat.{bird}", None)
        vars(adapters.chat).pop(bird, None)


@pytest.fixture
def configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _birds: None
) -> Callable[[str], wiring.Setting]:
    """Write a configuration; `state` and `letters` stand beside it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> wiring.Setting:
        file = tmp_path / "config.toml"
        file.write_text(text)
        return wiring.setting(file)

    return write
