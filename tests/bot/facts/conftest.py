"""A made-up machine and every awk to read it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.awks import AWKS, host_with
from tests.fakes.proc import FakeProc

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path / "root")


@pytest.fixture(params=AWKS)
def awk(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The directory of a host that has this awk."""
    return host_with(str(request.param), tmp_path / "bin")


@pytest.fixture
def any_awk(tmp_path: Path) -> Path:
    """The directory of a host that has one of the awks, for what does not depend on which."""
    return host_with(AWKS[0], tmp_path / "bin")
